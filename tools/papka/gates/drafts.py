"""Drafts: the files of a unit that waits for its number, kept outside history and the records.

Invariants: they lie in `.papka/drafts/<name>/`, which git ignores; a draft is whole (its folder
appears by one rename) or not there; a mark beside this person's memory says which of them papka
made here and has not numbered yet, so a planted, changed or repeated one is known for what it is.
Absent on purpose: numbers, and what the files mean.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from papka.gates import dot_papka, durable, worktree
from papka.gates.own_key import authenticate, state_folder

_FOLDER = f"{dot_papka.FOLDER}/drafts"
_PURPOSE = "papka draft"
_NAME = re.compile(r"[1-9][0-9]{0,5}")
_LARGEST, _MOST = 64 << 10, 20
"""Bytes of a file and number of files: all of it is shown to the person who signs it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`files`: path -> bytes; `trouble`: why it is none of papka's, empty when it may be."""

    name: str
    files: Mapping[str, bytes]
    trouble: str = ""

    @property
    def place(self) -> str:
        """Where it lies, from the archive's folder."""
        return f"{_FOLDER}/{self.name}"


def keep(root: Path, files: Mapping[str, bytes]) -> str:
    """Keeps the files; returns the draft's name. Raises Refused when the folder is a link."""
    folder = dot_papka.make_folder(root, _FOLDER)
    taken = [int(name) for name in _names(root)]
    name = f"{max(taken, default=0) + 1}"
    unfinished = f"new-{name}"
    dot_papka.remove(root, f"{_FOLDER}/{unfinished}")
    for path, data in files.items():
        worktree.write(folder / unfinished, path, data)
    _mark(root, files)
    (folder / unfinished).rename(folder / name)
    durable.sync_folder(folder)
    return name


def kept(root: Path) -> tuple[Draft, ...]:
    """All drafts, the oldest first."""
    return tuple(_read(root, name) for name in sorted(_names(root), key=int))


def is_own(root: Path, draft: Draft) -> bool:
    """Whether papka made it here for this person, just so, and it has no number yet."""
    mark = _mark_of(root, draft.files)
    return mark is not None and mark.is_file()


def drop(root: Path, draft: Draft) -> None:
    """Takes a draft away: it has its number now."""
    mark = _mark_of(root, draft.files)
    if mark is not None:
        mark.unlink(missing_ok=True)
    dot_papka.remove(root, draft.place)


def _names(root: Path) -> list[str]:
    return [e.name for e in dot_papka.entries(root, _FOLDER) if _NAME.fullmatch(e.name)]


def _read(root: Path, name: str) -> Draft:
    files: dict[str, bytes] = {}
    for path in _below(root, f"{_FOLDER}/{name}"):
        data = dot_papka.read(root, path, most=_LARGEST)
        if data is None:
            return Draft(name, {}, f"{path}: это не файл или он больше, чем бывает в черновике")
        files[path.removeprefix(f"{_FOLDER}/{name}/")] = data
        if len(files) > _MOST:
            return Draft(name, {}, f"в нём больше файлов, чем бывает в черновике ({_MOST})")
    return Draft(name, files, "" if files else "в нём ничего нет")


def _below(root: Path, folder: str) -> Iterator[str]:
    for entry in dot_papka.entries(root, folder):
        path = f"{folder}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _below(root, path)
        else:
            yield path


def _mark(root: Path, files: Mapping[str, bytes]) -> None:
    """Without a mark, it is shown and asked about before it is signed: nothing is lost."""
    mark = _mark_of(root, files)
    if mark is not None:
        with suppress(OSError):
            mark.parent.mkdir(mode=0o700, exist_ok=True)
            mark.touch(mode=0o600)


def _mark_of(root: Path, files: Mapping[str, bytes]) -> Path | None:
    """Its name tells nothing to anybody without the key. A moved archive has none."""
    parts = [os.fsencode(root.resolve())]
    for path in sorted(files):
        parts += [path.encode("utf-8", "surrogateescape"), files[path]]
    code = authenticate(_PURPOSE, parts)
    return None if code is None else state_folder() / "drafts" / code
