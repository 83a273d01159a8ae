"""Whom the files belong to: what holds personal data is for its owner alone, 0700 and 0600.

Invariants: bits are only taken away, never given; a link is never followed; a file system that
knows no modes (FAT, Windows) refuses nothing. What a command makes is closed from the start, by
the umask that `cli.main` sets; here is what others made, or an earlier version.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

FOLDER, FILE, PROGRAM = 0o700, 0o600, 0o700
PAPERS = "print"
"""The folder of an archive for what is printed and given out."""
_OTHERS = 0o077


def file_mode(target: str | Path) -> int:
    """The mode a file gets that is written in place of `target`."""
    try:
        return os.stat(target).st_mode & PROGRAM | FILE  # noqa: PTH116 - for thousands: half the time
    except FileNotFoundError:
        return FILE


def set_mode(path: Path, mode: int) -> None:
    with suppress(OSError):  # disks that know no modes; a disk that is gone says so elsewhere
        path.chmod(mode)


def tighten(place: Path) -> None:
    """Takes a folder with all that is in it, or a file, away from others, if it is open to them.

    Below a closed folder nothing is looked at: nobody gets there.
    """
    if os.name == "nt" or not _is_open(place):
        return
    _close(place)
    for folder, folders, names in os.walk(place):
        for name in (*folders, *names):
            _close(Path(folder, name))


def paper_folder(root: Path) -> Path:
    """Where an archive's papers and packages are laid when no place is named."""
    folder = root / PAPERS
    tighten(folder)
    return folder


def _is_open(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return bool(mode & _OTHERS) and (stat.S_ISDIR(mode) or stat.S_ISREG(mode))


def _close(path: Path) -> None:
    if _is_open(path):
        with suppress(OSError):  # another's, or on a disk that cannot be written to
            set_mode(path, stat.S_IMODE(path.lstat().st_mode) & ~_OTHERS)
