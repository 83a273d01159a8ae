"""What lies directly in one folder of the work tree: the names, nothing below them.

For questions about a few known files among a hundred thousand, where listing everything
(`worktree.WorktreeSnapshot`) would cost more than the answer.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path


def names_in(root: Path, folder: str) -> tuple[str, ...]:
    """Sorted names of the folder's entries, hidden ones too; nothing where there is no folder."""
    try:
        return tuple(sorted(entry.name for entry in (root / folder).iterdir()))
    except (FileNotFoundError, NotADirectoryError):
        return ()


def files_below(root: Path, folder: str) -> tuple[str, ...]:
    """Every file below a folder as a path from the root, sorted; links are never followed."""
    place = root / folder
    if not place.is_dir() or place.is_symlink():
        return ()
    return tuple(
        sorted(
            path.relative_to(root).as_posix()
            for path in place.rglob("*")
            if path.is_file() and not path.is_symlink()
        )
    )


def read_present(root: Path, paths: tuple[str, ...] | list[str]) -> dict[str, bytes]:
    """The bytes of those paths that are plain files."""
    found = {}
    base = f"{root}/"
    for path in paths:
        try:
            with open(base + path, "rb", buffering=0, opener=_unblocked) as file:
                found[path] = file.readall() or b""
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            continue
    return found


def _unblocked(path: str, flags: int) -> int:
    """A pipe in place of a file is not waited for, and a device without end is not read."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise FileNotFoundError(path)
