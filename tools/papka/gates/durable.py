"""Brings new names to the disk: a file may be whole there while the folder has not heard of it.

Invariants: what a name leads to is synced before the name; git syncs files, never folders, so that
a branch could reach the disk before the objects it names, or be forgotten after it was told.
Absent on purpose: a sync of the whole disk, which waits for everybody else's writing.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_COARSE = 2.0
"""Seconds that a disk may round the time of a folder by."""


def moment() -> float:
    """From when on a folder counts as changed."""
    return time.time() - _COARSE


def sync_folder(folder: Path) -> None:
    """The names in one folder."""
    if os.name == "nt":
        return  # Windows has no handle on a folder to flush
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(file: Path) -> None:
    """The bytes of one file, whoever wrote them."""
    handle = os.open(file, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_objects(objects: Path, since: float) -> None:
    """The names of the objects that a store got since a `moment`."""
    with os.scandir(objects) as entries:
        changed = [e.path for e in entries if e.is_dir() and e.stat().st_mtime >= since]
    for path in changed:
        sync_folder(Path(path))
    if changed:
        sync_folder(objects)


def sync_branches(common: Path) -> None:
    """Where the branches of a store stand."""
    sync_folder(common / "refs" / "heads")


def write_whole(target: Path, data: bytes, *, aside: Path) -> None:
    """Replaces a file in one step; `aside`, on the same disk, is where it is written first."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(target)
    sync_folder(target.parent)


def forget(file: Path) -> None:
    """Makes the system read a file from the disk next time, as far as it can be made to."""
    if not hasattr(os, "posix_fadvise"):
        return
    handle = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)
