"""One papka command at a time writes an archive; the lock lies outside git's own folder.

Invariants: the lock is the operating system's, so a killed command leaves none behind.
`clear_stale` is only for who holds it. Absent on purpose: waiting without end.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from papka.core.errors import LockHeld

LOCK = ".papka/lock"
OLD = 600.0
"""Seconds after which a git lock is stale where running programs cannot be listed."""
_PROCESSES = Path("/proc")


@contextmanager
def archive_lock(root: Path, *, seconds: float = 5.0) -> Iterator[None]:
    """Holds the archive for this command; raises LockHeld after waiting `seconds`."""
    from filelock import FileLock, Timeout  # noqa: PLC0415  # only where something is written

    path = root / LOCK
    path.parent.mkdir(exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=seconds)
    except Timeout as error:
        raise LockHeld(LOCK) from error
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
    if not found or _git_works_in(root):
        return ()
    removed = []
    for path in found:
        if _PROCESSES.is_dir() or time.time() - path.stat().st_mtime > OLD:
            path.unlink(missing_ok=True)
            removed.append(path.relative_to(root).as_posix())
    return tuple(removed)


def _git_works_in(root: Path) -> bool:
    """Whether a running git has its working folder in the archive."""
    home = root.resolve()
    for process in _PROCESSES.glob("[0-9]*"):
        try:
            name = (process / "comm").read_text().strip()
            place = (process / "cwd").readlink()
        except OSError:
            continue  # it has ended, or is somebody else's
        if name.startswith("git") and (place == home or home in place.parents):
            return True
    return False
