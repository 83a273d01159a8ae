"""What is due and what is overdue on a day: one rule a kind of deadline, gathered here.

Invariants: overdue is what a person has already failed to do; everything else is told beforehand or
left to a decision (R-6.4). Absent on purpose: the clock, and asking git or a mirror anything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from papka.model.archive import Archive
from papka.views.deadlines.deadline import Deadline
from papka.views.deadlines.mirrors import MirrorSeen, mirrors
from papka.views.deadlines.people import consents, debts, lendings, retention
from papka.views.deadlines.school import SealSeen, acts, copies, periods, seals
from papka.views.sequence import natural

__all__ = ["Deadline", "MirrorSeen", "SealSeen", "deadlines"]

Rule = Callable[[Archive, dt.date], Iterator[Deadline]]
RULES: tuple[Rule, ...] = (debts, lendings, consents, retention, acts, periods, copies)


def deadlines(
    archive: Archive,
    on: dt.date,
    *,
    seal: SealSeen | None = None,
    seen: tuple[MirrorSeen, ...] = (),
) -> tuple[Deadline, ...]:
    """The overdue first, then by day and by number. `seal`: the last one there was on the day."""
    found = [deadline for rule in RULES for deadline in rule(archive, on)]
    found += [*seals(archive, on, seal), *mirrors(on, seen)]
    return tuple(
        sorted(
            found,
            key=lambda d: (not d.overdue, d.day or dt.date.max, d.about, natural(d.address)),
        )
    )
