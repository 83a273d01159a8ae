"""Archives as earlier editions of the program made them.

`tests/archives/editions/` holds one list of `sha256sum` for each edition (what `init` laid out,
records included) and, by digest, every text that is not what the program lays out today.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path

from papka.core import installation
from papka.core.places import ALLOWED_SIGNERS, ORGANIZATION
from papka.desk.edition import (
    EDITION,
    HEAD_STAFF,
    SCAFFOLD,
    School,
    edition_files,
    first_records,
    shipped_files,
)
from papka.desk.new_archive import allowed_signers
from papka.desk.saving import modes_of
from papka.repository import commit_writing, handle, worktree
from papka.repository.signing import find_actor, generate_key, remember_actor
from tests.support.school import NOW, Archive

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "tests" / "archives" / "editions"
TEXTS = FOLDER / "texts"
SHIPPED = Path(installation.__file__).with_name("editions.txt")
YEAR = 2025
"""In which the school of the lists began."""


def editions() -> tuple[str, ...]:
    """Their names, the oldest first."""
    return tuple(sorted(file.stem for file in FOLDER.glob("[0-9]*.txt")))


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
    return {sha256(data).hexdigest(): data for data in shipped_files().values()}


def archive_of(edition: str, folder: Path, year: int = YEAR) -> Archive:
    """A school's archive made by that edition: its files, two head keys, one signed commit.

    `year`: in which the school began.
    """
    root, keys = folder / "archive", folder / "keys"
    keys.mkdir(parents=True)
    daily, recovery = (generate_key(keys / name, name) for name in ("head", "recovery"))
    files = laid_out(edition) | {ALLOWED_SIGNERS: allowed_signers(daily, recovery, {})}
    files[ORGANIZATION] = files[ORGANIZATION].replace(f"{YEAR}".encode(), f"{year}".encode())
    root.mkdir()
    handle.init(root)
    handle.write_settings(root, handle.SAFE_ARCHIVE)
    remember_actor(root, HEAD_STAFF, keys / "head", main=True)
    worktree.lay_out(root, files.items())
    commit_writing.commit(
        root, files, "Архив создан", author=HEAD_STAFF, now=NOW, sign=find_actor(root).sign,
        expected_parent=None, modes=modes_of(files),
    )  # fmt: skip
    return Archive(root, keys)


def today() -> dict[str, bytes]:
    """What `init` lays out today for the school of the lists."""
    school = School(
        "Индивидуальный предприниматель Ландышева Зоя Зиновьевна", "ИП Ландышева З. З.",
        "г. Москва", "109000, г. Москва, ул. Садовая, д. 1", "Ландышева Зоя Зиновьевна",
        "Индивидуальный предприниматель",
    )  # fmt: skip
    return edition_files() | first_records(school, date(YEAR, 1, 1))


def list_of(files: Mapping[str, bytes]) -> str:
    """Lines of `sha256sum`."""
    return "".join(f"{sha256(data).hexdigest()}  {path}\n" for path, data in sorted(files.items()))


def known_list() -> str:
    """All that editions laid out around their records: what the program ships as its memory."""
    own = ("records/", EDITION)
    lines = {
        (path, digest)
        for edition in editions()
        for path, digest in listed(edition).items()
        if not path.startswith(own)
    }
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(lines))


def keep_today() -> None:
    """Makes today's edition the newest in the list; one that is not committed yet is replaced.

    Texts of earlier editions that today's lacks are found in this repository's history.
    """
    last = editions()[-1]
    if not _git("ls-files", "--error-unmatch", f"{FOLDER / last}.txt"):
        (FOLDER / f"{last}.txt").unlink()
        last = editions()[-1]
    if (FOLDER / f"{last}.txt").read_text("utf-8") != list_of(today()):
        (FOLDER / f"{int(last[:2]) + 1:02}.txt").write_text(list_of(today()), "utf-8")
    SHIPPED.write_text(known_list(), "ascii")
    wanted = {digest: path for each in editions() for path, digest in listed(each).items()}
    for digest, path in wanted.items():
        if digest in _today() or (TEXTS / digest).exists():
            continue
        made = today().get(path)
        is_of_today = made is not None and sha256(made).hexdigest() == digest
        (TEXTS / digest).write_bytes(made if made and is_of_today else _from_history(path, digest))
    for file in TEXTS.iterdir():
        if file.name not in wanted:
            file.unlink()


def _from_history(path: str, digest: str) -> bytes:
    source = path
    if not path.startswith(("schema/", "templates/", "proof/")):
        source = SCAFFOLD + "/".join(
            f"dot-{part[1:]}" if part.startswith(".") else part for part in path.split("/")
        )
    for commit in _git("rev-list", "HEAD", "--", source).decode().split():
        data = _git("show", f"{commit}:{source}")
        if sha256(data).hexdigest() == digest:
            return data
    raise KeyError(f"{path}: no text {digest} in this clone's history")


def _git(*words: str) -> bytes:
    return subprocess.run(("git", *words), cwd=PROJECT, capture_output=True, check=False).stdout
