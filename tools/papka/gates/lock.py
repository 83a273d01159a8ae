"""One papka command at a time writes an archive; the lock lies outside git's own folder.

Invariants: the lock is the operating system's, so a killed command leaves none behind.
`clear_stale` is only for who holds it. Absent on purpose: waiting without end.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from papka.core.errors import LockHeld, Refused
from papka.gates.dot_papka import make_folder
from papka.gates.private import FILE, tighten

LOCK = ".papka/lock"
OLD = 600.0
"""Seconds after which a git lock is stale where running programs cannot be listed."""
_PROCESSES = Path("/proc")


@contextmanager
def archive_lock(root: Path, *, seconds: float = 5.0) -> Iterator[None]:
    """Holds the archive for this command; raises LockHeld after waiting `seconds`."""
    with own_lock(root, LOCK, seconds):
        yield


@contextmanager
def own_lock(root: Path, path: str, seconds: float) -> Iterator[None]:
    """Holds a lock below `.papka/`; raises LockHeld, and Refused where a link lies in its place."""
    make_folder(root, path.rpartition("/")[0])
    tighten(root / path.rpartition("/")[0])
    with file_lock(root / path, path, seconds):
        yield


@contextmanager
def file_lock(path: Path, shown: str, seconds: float) -> Iterator[None]:
    """Holds one lock file in a folder that is there; raises LockHeld, naming it as `shown`."""
    from filelock import FileLock, Timeout  # noqa: PLC0415  # only where something is written

    if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        raise Refused(
            f"{shown} должен быть файлом, а это ссылка, канал или папка",
            "papka такого не делает: посмотрите, что это, и уберите его",
        )
    lock = FileLock(path, mode=FILE)
    try:
        lock.acquire(timeout=seconds)
    except Timeout as error:
        raise LockHeld(shown) from error
    try:
        yield
    finally:
        lock.release()


def clear_stale(root: Path) -> tuple[str, ...]:
    """Removes the locks a killed git left behind; call it holding `archive_lock`.

    Nothing is touched while a git program works in the archive. Returns the paths removed.
    """
    folder = root / ".git"
    found = sorted([*folder.glob("*.lock"), *(folder / "refs").rglob("*.lock")])
    if not found or works_in(root):
        return ()
    removed = []
    for path in found:
        if is_left_behind(path):
            path.unlink(missing_ok=True)
            removed.append(path.relative_to(root).as_posix())
    return tuple(removed)


def is_left_behind(path: Path) -> bool:
    """Whether a lock is stale, given that no running git is known; False when it has gone."""
    try:
        age = time.time() - path.stat().st_mtime
    except OSError:
        return False
    return _PROCESSES.is_dir() or age > OLD


def works_in(root: Path) -> bool:
    """Whether a running git has its working folder in the archive, but for this command's own:
    those only read while it asks."""
    home = root.resolve()
    for process in _PROCESSES.glob("[0-9]*"):
        try:
            name, _, about = (process / "stat").read_text().partition("(")[2].rpartition(")")
            place = (process / "cwd").readlink()
        except OSError:
            continue  # it has ended, or is somebody else's
        is_own = int(about.split()[1]) == os.getpid()
        if name.startswith("git") and not is_own and (place == home or home in place.parents):
            return True
    return False
