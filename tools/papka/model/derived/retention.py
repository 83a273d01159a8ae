"""When a personal file's term of keeping ends, and what still forbids destroying it (R-6.4).

Invariants: while anyone studies, no term runs; a return starts it anew; nothing is destroyed by
the table alone: an unconfirmed term, a hold in force or a need not declared ended each forbid it.
Absent on purpose: destruction itself.
"""

from __future__ import annotations

import datetime as dt
from calendar import isleap
from dataclasses import dataclass
from typing import Literal

from papka.model.archive import Archive
from papka.model.person import Hold
from papka.model.school import UNCONFIRMED, Retention
from papka.model.student import Student

PERSONAL_FILE = "личное дело"
Obstacle = Literal[
    "обучение не окончено",
    "нет срока хранения",
    "срок хранения не подтверждён",
    "срок хранения не истёк",
    "действует запрет",
    "надобность не признана миновавшей",
]


@dataclass(frozen=True, slots=True)
class Keeping:
    """`until` is the last day of the term, None while it does not run; `obstacles` are all that
    forbids destruction on the day asked about, none left means it is due."""

    since: dt.date | None
    until: dt.date | None
    rule: Retention | None
    holds: tuple[Hold, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def due(self) -> bool:
        return not self.obstacles


def keeping(archive: Archive, student: Student, on: dt.date) -> Keeping:
    """How the folder stands on a date."""
    school, person = archive.organization, student.person
    rules = school.retention if school else ()
    rule = next((item for item in rules if item.unit == PERSONAL_FILE), None)
    since = studied_until(student)
    until = _after(since, rule.years) if since and rule else None
    holds = tuple(hold for hold in (person.holds if person else ()) if _holds(hold, on))
    ended = person.need_ended if person else None
    found: list[Obstacle] = []
    if since is None or since > on:
        found.append("обучение не окончено")
    if rule is None:
        found.append("нет срока хранения")
    elif rule.source == UNCONFIRMED:
        found.append("срок хранения не подтверждён")
    if until is not None and until >= on:
        found.append("срок хранения не истёк")
    if holds:
        found.append("действует запрет")
    if ended is None or ended.date > on:
        found.append("надобность не признана миновавшей")
    return Keeping(since, until, rule, holds, tuple(found))


def studied_until(student: Student) -> dt.date | None:
    """The day the last enrolment ended; None while one goes on or there has been none."""
    ends = [enrolment.ended.date for enrolment in student.enrolments if enrolment.ended]
    return max(ends) if ends and len(ends) == len(student.enrolments) else None


def _holds(hold: Hold, on: dt.date) -> bool:
    return hold.since <= on and (hold.until is None or hold.until >= on)


def _after(day: dt.date, years: int) -> dt.date:
    """The same day so many years later; the end of the calendar is the latest."""
    year = day.year + years
    if year > dt.MAXYEAR:
        return dt.date.max
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return dt.date(year, 2, 28)
    return day.replace(year=year)
