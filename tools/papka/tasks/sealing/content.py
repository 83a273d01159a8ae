"""What a seal lists: a digest of every unit and of every other file of a commit.

Invariants: it follows from the commit alone, never from the work tree; what coreutils could not
repeat (an odd name, a link) is refused. Shares with the judge of seals only where lines begin
(`core.seals`), so that neither repeats the other's mistakes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import Refused
from papka.core.seals import TRUST, is_plain, is_plain_mode, unit_folder
from papka.gates.git.objects import Objects
from papka.gates.git.reading import listed


@dataclass(frozen=True, slots=True)
class Listed:
    """`text` is the list as it is kept; `trust` the digest of the folder of trust in hex."""

    text: bytes
    count: int
    trust: str


def list_content(folder: Path, commit: str) -> Listed:
    """Of a commit of the repository in `folder`; raises Refused for what cannot be sealed."""
    files = dict(_hashed(folder, commit))
    lines: dict[str, str] = {}
    units: dict[str, list[str]] = {}
    trust: list[str] = []
    for path, digest in files.items():
        unit = unit_folder(path)
        if unit is None:
            lines[path] = digest
        else:
            units.setdefault(unit, []).append(_inside(unit, path, digest))
        if path.startswith(f"{TRUST}/"):
            trust.append(_inside(TRUST, path, digest))
    lines |= {unit: _folder(inside) for unit, inside in units.items()}
    text = "".join(f"{lines[path]}  {path}\n" for path in sorted(lines))
    return Listed(text.encode("ascii"), len(lines), _folder(trust))


def _hashed(folder: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of every file, sorted by path; equal files are read once."""
    entries = dict(listed(folder, commit))
    for path, entry in entries.items():
        if not is_plain(path) or not is_plain_mode(path, entry.mode):
            shown = path.encode("ascii", "backslashreplace").decode()
            raise Refused(
                f"Файл {shown} под печать не поставить: у него недопустимое имя или вид",
                "Переименуйте его (латинские буквы, цифры, точка, дефис), сохраните и повторите",
            )
    ids = list(dict.fromkeys(entry.id for entry in entries.values()))
    found = Objects(folder).read_many(ids)
    digests = {id_: hashlib.sha256(data).hexdigest() for id_, _, data in found}
    for path in sorted(entries):
        yield path, digests[entries[path].id]


def _inside(folder: str, path: str, digest: str) -> str:
    return f"{digest}  .{path.removeprefix(folder)}\n"


def _folder(lines: list[str]) -> str:
    """`sha256sum` of what `sha256sum` prints of the files, which stand sorted by name."""
    return hashlib.sha256("".join(lines).encode("ascii")).hexdigest()
