"""Locks that a killed git left in a store: with them the next write fails.

Invariants: a lock of a git that works in the folder is not listed. Absent on purpose: removing
them, which is for who holds the archive (`gates/lock.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from papka.gates.lock import is_left_behind, works_in

_FOLDERS = ("", "objects/info", "objects/info/commit-graphs", "objects/pack", "info", "worktrees")


def stale_locks(own: Path, common: Path, tree: Path | None) -> tuple[str, ...]:
    """Names of the locks below the store."""
    found = {path: path.relative_to(base) for base in (own, common) for path in _locks(base)}
    if not found or works_in(tree or common):
        return ()
    # Asked after they were seen: one of a git that ended meanwhile has gone with it.
    left = {name.as_posix() for path, name in found.items() if is_left_behind(path)}
    return tuple(sorted(left))


def _locks(base: Path) -> Iterator[Path]:
    for name in _FOLDERS:
        yield from (base / name).glob("*.lock")
    yield from (base / "refs").rglob("*.lock")
