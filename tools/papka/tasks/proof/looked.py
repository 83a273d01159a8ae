"""Which mirrors were read whole and found sound, kept in memory for `status --due`.

Invariants: a mirror with an error, or one that was not reached, is not kept; nothing is kept of an
archive that this computer has not verified. Absent on purpose: believing it in `verify`; the day
alone is remembered, for the calendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from papka.core.codes.memory import MEMORY_NOT_KEPT
from papka.core.findings import Finding, Location, Severity, worst
from papka.core.memory import Receipt
from papka.gates.memory import Memory, MemoryTrouble
from papka.tasks.proof.mirrors import MirrorVerified


def remember_looked(
    memory: Memory, root: str, found: Sequence[MirrorVerified], now: datetime
) -> tuple[Finding, ...]:
    """`root`: the archive's first commit. Says why what was seen could not be kept."""
    new = [_receipt(each, now) for each in found if each.head and _is_sound(each)]
    if not new or not root:
        return ()
    try:
        with memory.held():
            known = memory.known(root)
            if known is not None:
                urls = {each.store for each in new}
                kept = [each for each in known.looked if each.store not in urls]
                memory.keep(replace(known, looked=(*kept, *new)), memory.stores())
    except MemoryTrouble as error:
        return (MEMORY_NOT_KEPT.at(Location(), path=error.path, reason=error.reason),)
    return ()


def _is_sound(mirror: MirrorVerified) -> bool:
    grave = worst(mirror.findings)
    return grave is None or grave < Severity.ERROR


def _receipt(mirror: MirrorVerified, now: datetime) -> Receipt:
    return Receipt(mirror.remote.url, mirror.head, int(now.timestamp()))
