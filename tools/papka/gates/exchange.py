"""Swaps a store for the one built beside it, so that at any moment one of them is in place.

Invariants: where the system can, both names change at once; where it cannot (FAT, Windows) there is
a moment without a store, and `settle` then puts the new one in place; what was in place is never
deleted but moved aside. Of two stores the new one is told by a mark within it.
Absent on purpose: knowing what a store is.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path
from typing import Literal

from papka.gates.plain_file import SMALL, NotPlain, read_plain

UNDER_WAY = ".papka/healing"
"""Where the new store is built, from the archive's folder."""
MARK = "papka-healing"
"""A file in the new store: "building", then "verified"; taken away at the very end."""
_HERE = -100
"""AT_FDCWD of Linux and macOS differ, but full paths ignore it."""
_SWAP = 2
"""RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS."""

Settled = Literal["nothing", "thrown away", "finished"]


def begin(new: Path) -> None:
    """Makes the folder in which the new store is built."""
    new.mkdir(parents=True)
    _write(new / MARK, "building")


def swap(old: Path, new: Path, aside: Path) -> None:
    """Puts the store `new`, whole on the disk and verified, in the place of `old`."""
    for folder, _, names in os.walk(new, topdown=False):
        for name in names:
            _sync(Path(folder) / name)
        _sync(Path(folder))
    _write(new / MARK, "verified")
    if not os.path.lexists(old):
        new.rename(old)
    elif not _exchanged(old, new):
        aside.parent.mkdir(parents=True, exist_ok=True)
        old.rename(aside)
        new.rename(old)
    _sync(old.parent)
    settle(old, new, aside)


def settle(old: Path, new: Path, aside: Path) -> Settled:
    """Ends what a killed command had begun; the names are those of `swap`."""
    if (old / MARK).exists():
        if os.path.lexists(new):
            aside.parent.mkdir(parents=True, exist_ok=True)
            new.rename(aside)
            _sync(aside.parent)
        (old / MARK).unlink()
        _sync(old)
        return "finished"
    if not os.path.lexists(new):
        return "nothing"
    mark = _read(new / MARK)
    if not os.path.lexists(old) and mark == "verified":
        new.rename(old)
        _sync(old.parent)
        return settle(old, new, aside)
    if mark or not any(new.iterdir()):
        shutil.rmtree(new)
        return "thrown away"
    aside.parent.mkdir(parents=True, exist_ok=True)
    new.rename(aside)  # not ours to throw away
    return "nothing"


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the system could change both names at once."""
    names = (os.fsencode(one.resolve()), os.fsencode(other.resolve()))
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*names, ctypes.c_uint(_SWAP)) == 0)
        return bool(library.renameat2(_HERE, names[0], _HERE, names[1], ctypes.c_uint(_SWAP)) == 0)
    except (OSError, AttributeError, TypeError):
        return False


def _read(file: Path) -> str:
    try:
        return read_plain(file, most=SMALL).decode("ascii", "replace")
    except (OSError, NotPlain):
        return ""


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="ascii") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    _sync(file.parent)


def _sync(path: Path) -> None:
    """A file or a folder, to the disk."""
    if sys.platform == "win32":
        return  # neither a folder nor what is open only for reading can be synced there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
