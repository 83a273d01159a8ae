"""Archives as earlier editions of the program made them.

`tests/archives/editions/` holds one list of `sha256sum` for each edition (what `init` laid out,
records included) and, by digest, every text that is not what the program lays out today.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from papka.core.layout import ALLOWED_SIGNERS
from papka.gates import worktree
from papka.gates.git import repository, writing
from papka.gates.signing import generate_key
from papka.tasks.actor import find_actor, remember_actor
from papka.tasks.edition import shipped
from papka.tasks.init import HEAD, allowed_signers
from papka.tasks.save import modes_of
from tests.support.school import NOW, Archive

FOLDER = Path(__file__).resolve().parents[1] / "archives" / "editions"
TEXTS = FOLDER / "texts"


def editions() -> tuple[str, ...]:
    """Their names, the oldest first."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.txt")))


def listed(edition: str) -> dict[str, str]:
    """Path -> digest of all that the edition's `init` laid out."""
    lines = (FOLDER / f"{edition}.txt").read_text("utf-8").splitlines()
    return {path: digest for digest, _, path in (line.partition("  ") for line in lines)}


def laid_out(edition: str) -> dict[str, bytes]:
    """The files themselves; a KeyError names a text that is nowhere."""
    return {path: _text(digest, path) for path, digest in listed(edition).items()}


def _text(digest: str, path: str) -> bytes:
    kept = TEXTS / digest
    if kept.exists():
        return kept.read_bytes()
    if digest in _today():
        return _today()[digest]
    raise KeyError(f"{path}: no text {digest}")


@cache
def _today() -> dict[str, bytes]:
    return {sha256(data).hexdigest(): data for data in shipped().values()}


def archive_of(edition: str, folder: Path) -> Archive:
    """A school's archive made by that edition: its files, two head keys, one signed commit."""
    root, keys = folder / "archive", folder / "keys"
    keys.mkdir(parents=True)
    daily, recovery = (generate_key(keys / name, name) for name in ("head", "recovery"))
    files = laid_out(edition) | {ALLOWED_SIGNERS: allowed_signers(daily, recovery, {})}
    root.mkdir()
    repository.init(root)
    repository.write_settings(root, repository.SAFE_ARCHIVE)
    remember_actor(root, HEAD, keys / "head", main=True)
    worktree.lay_out(root, files.items())
    writing.commit(
        root, files, "Архив создан", author=HEAD, now=NOW, sign=find_actor(root).sign,
        expected_parent=None, modes=modes_of(files),
    )  # fmt: skip
    return Archive(root, keys)
