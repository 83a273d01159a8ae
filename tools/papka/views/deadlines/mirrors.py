"""Mirrors that have not taken what was saved, or were not looked at, for long.

Invariants: nothing is asked of a mirror, only what is remembered of it; a mirror that nobody ever
looked at counts from the archive's first day. Absent on purpose: how many mirrors there must be (a
copy for checks has none; two media are asked about by the journal).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from papka.core.codes import calendar as codes
from papka.core.findings import Code, Location
from papka.views.deadlines.deadline import Deadline
from papka.views.wording import day

UNSENT = (dt.timedelta(days=7), dt.timedelta(days=31))
"""So long may something saved wait; after the first it is a warning, after the second an error."""
SILENT = (dt.timedelta(days=31), dt.timedelta(days=92))
"""So long may a mirror that has everything not answer."""
UNSEEN = (dt.timedelta(days=92), dt.timedelta(days=366))
"""So long may a mirror not be read whole."""


@dataclass(frozen=True, slots=True)
class MirrorSeen:
    """What is remembered of a mirror. `unsent`: the day of the first commit it is not known to
    have; `parted`: it confirmed a commit that is not in our history; `heard`: the last day it
    answered, `looked`: the last day it was read whole and found sound; `since`: the day of the
    archive's first commit."""

    name: str
    since: dt.date
    unsent: dt.date | None = None
    parted: bool = False
    heard: dt.date | None = None
    looked: dt.date | None = None


def mirrors(on: dt.date, seen: tuple[MirrorSeen, ...]) -> Iterator[Deadline]:
    for mirror in seen:
        yield from _sent(mirror, on)
        since = mirror.looked or mirror.since
        is_late = on - since > UNSEEN[1]
        if on - since > UNSEEN[0]:
            told = f"с {day(mirror.looked)}" if mirror.looked else "ещё ни разу"
            yield _deadline(
                "зеркало не проверено",
                mirror,
                f"целиком не проверялось {told}",
                since + UNSEEN[1],
                codes.MIRROR_CHECK_OVERDUE if is_late else codes.MIRROR_CHECK_DUE,
            )


def _sent(mirror: MirrorSeen, on: dt.date) -> Iterator[Deadline]:
    if mirror.parted:
        told = "подтвердило запись, которой в здешней истории нет"
        yield _deadline("зеркало разошлось", mirror, told, None, codes.MIRROR_PARTED)
        return
    if mirror.unsent is not None:
        since, limits = mirror.unsent, UNSENT
        told = f"сохранённое с {day(since)} на него не отправлено"
    else:
        since, limits = mirror.heard or mirror.since, SILENT
        told = (
            f"последний раз отвечало {day(since)}"
            if mirror.heard
            else "когда отвечало, здесь не известно"
        )
    if on - since > limits[0]:
        is_late = on - since > limits[1]
        yield _deadline(
            "зеркало отстало" if mirror.unsent else "зеркало молчит",
            mirror,
            told,
            since + limits[1],
            codes.MIRROR_SEND_OVERDUE if is_late else codes.MIRROR_SEND_DUE,
        )


def _deadline(
    about: str, mirror: MirrorSeen, text: str, last: dt.date | None, code: Code
) -> Deadline:
    return Deadline(about, mirror.name, text, last, Location(), code)
