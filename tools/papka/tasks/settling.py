"""The folder put right before anybody reads it to write on: what a killed command left half done.

Invariant: only while nobody writes. Absent on purpose: settling for those who only look.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from papka.core.errors import LockHeld
from papka.gates import unfinished
from papka.gates.lock import archive_lock


def settle(root: Path) -> None:
    """Takes back what a killed command had begun; waits for one that is alive."""
    if not unfinished.is_left(root):
        return
    with suppress(LockHeld), archive_lock(root):
        unfinished.settle(root)
