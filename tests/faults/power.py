"""A power cut, made of what a killed program did: what it did not bring to the disk is taken back.

Three disks, each losing whatever it may:
`data` keeps every name, but files written and not synced since end where they last were synced (a
new one is empty), as journals of names alone do it; `journal` also forgets the names given and
taken since anything was last synced; `strict` forgets each name whose own folder was not synced
after it, whatever else was.
Absent on purpose: half of a sector, and names forgotten in an order no journal has.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tests.faults.injection import Act

Disk = Literal["data", "journal", "strict"]
DISKS: tuple[Disk, ...] = ("data", "journal", "strict")

_NAMES = frozenset({"create", "rename", "renamedir", "link", "unlink", "mkdir", "rmdir"})
_SYNCS = frozenset({"sync", "syncdir", "syncall"})


def cut(acts: Sequence[Act], graves: Path, disk: Disk) -> int:
    """Takes back what such a disk loses; how many files and names that was."""
    lost = [*_emptied(acts, graves)]
    if disk != "data":
        lost += [
            act.path
            for act in reversed(acts[_since(acts, disk) :])
            if _undone(act, acts, graves, disk)
        ]
    return len(lost)


def _since(acts: Sequence[Act], disk: Disk) -> int:
    """From which act on names may be forgotten."""
    if disk == "strict":
        return 0
    return max((place + 1 for place, act in enumerate(acts) if act.word in _SYNCS), default=0)


def _emptied(acts: Sequence[Act], graves: Path) -> list[str]:
    """Cuts unsynced files; the last name each had."""
    safe: dict[int, int] = {}
    dirty: dict[int, str] = {}
    named: dict[int, set[str]] = {}
    for act in acts:
        if act.word in ("create", "trunc"):
            safe[act.inode] = 0
            dirty[act.inode] = act.path
        elif act.word == "write":
            safe.setdefault(act.inode, act.size)
            dirty[act.inode] = act.path
        elif act.word == "sync":
            safe[act.inode] = act.size
            dirty.pop(act.inode, None)
        elif act.word == "syncall":
            safe |= dict.fromkeys(safe, 1 << 62)
            dirty.clear()
        named.setdefault(act.inode, set()).update({act.path, act.other} - {""})
    found = []
    for inode, last in dirty.items():
        for path in (*map(Path, sorted(named[inode])), graves / str(inode)):
            if path.is_file() and not path.is_symlink() and path.stat().st_ino == inode:
                if path.stat().st_size > safe[inode]:
                    _truncate(path, safe[inode])
                    found.append(last)
                break
    return found


def _truncate(path: Path, size: int) -> None:
    mode = path.stat().st_mode
    path.chmod(0o600)
    os.truncate(path, size)
    path.chmod(mode & 0o777)


def _undone(act: Act, acts: Sequence[Act], graves: Path, disk: Disk) -> bool:
    if act.word not in _NAMES:
        return False
    name = Path(act.other or act.path)
    if disk == "strict" and _is_kept(act, str(name.parent), acts):
        return False
    return _undo(act, Path(act.path), name, graves)


def _is_kept(act: Act, folder: str, acts: Sequence[Act]) -> bool:
    place = next(place for place, each in enumerate(acts) if each is act)
    return any(
        later.word == "syncall"
        or (later.word == "syncdir" and os.path.normpath(later.path) == folder)
        for later in acts[place + 1 :]
    )


def _undo(act: Act, old: Path, name: Path, graves: Path) -> bool:  # noqa: C901, PLR0912 - a table
    """Back to how it was before the act, as far as nothing later stands on it."""
    inode = name.lstat().st_ino if os.path.lexists(name) else 0
    if act.word in ("create", "link"):
        if inode != act.inode:
            return False
        name.unlink()
    elif act.word == "mkdir":
        if not name.is_dir() or any(name.iterdir()):
            return False
        name.rmdir()
    elif act.word == "unlink":
        if inode or not _dig(graves, act.inode, name):
            return False
    elif act.word == "rmdir":
        if inode or not name.parent.is_dir():
            return False
        name.mkdir()
    elif act.word == "renamedir":
        if inode != act.inode or old.exists() or not old.parent.is_dir():
            return False
        name.rename(old)
    else:
        if inode != act.inode:
            return False
        if not os.path.lexists(old):
            _dig(graves, act.inode, old)
        name.unlink()
        if act.victim:
            _dig(graves, act.victim, name)
    return True


def _dig(graves: Path, inode: int, name: Path) -> bool:
    grave = graves / str(inode)
    if not grave.exists() or not name.parent.is_dir():
        return False
    os.link(grave, name)
    return True
