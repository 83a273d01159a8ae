"""Which school years still lack their two media on a day, and what is wrong with each medium.

Invariants: a medium counts when a copy on it was made after the year's end and after the last
period of the year was closed, was read back, and was restored once (R-6.3); a later copy holds all
earlier years, so at most two years are asked about; what was done after the day does not count yet.
Absent on purpose: a demand for years before the school's first study period.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from papka.model.archive import Archive
from papka.model.derived.copies import NEEDED, by_medium, day_in, first_day, school_year
from papka.model.safekeeping import Copy

Fault = Literal["рано", "до закрытия", "не перечитана", "не восстановлена"]
_FAULTS: tuple[Fault, ...] = ("рано", "до закрытия", "не перечитана", "не восстановлена")
"""From the worst: a medium is as good as its best copy."""


@dataclass(frozen=True, slots=True)
class YearOfCopies:
    """A school year that ended and is not on two media. `by`: the last day to copy it; `good`: so
    many media hold it; `lacking`: the others, by label, and what each still needs."""

    year: int
    by: dt.date
    good: int
    lacking: tuple[tuple[str, Fault], ...]


def copies_due(archive: Archive, on: dt.date) -> Iterator[YearOfCopies]:
    """The older year first; the year before the last is asked about until the last one is late."""
    last = school_year(archive, on) - 1
    years = (last - 1, last) if on <= backup_by(archive, last) else (last,)
    for year in years:
        if any(period.school_year <= year for period in archive.periods.values()):
            found = _standing(archive, year, on)
            if found.good < NEEDED:
                yield found


def backup_by(archive: Archive, year: int) -> dt.date:
    """The last day to make the copies of a school year: the first such day after its end."""
    after, declared = first_day(archive, year + 1), archive.organization
    named = declared.school_year.backup_by if declared else "01-25"
    found = day_in(after.year, named)
    return found if found >= after else day_in(after.year + 1, named)


def _standing(archive: Archive, year: int, on: dt.date) -> YearOfCopies:
    made = [c for media in archive.media.values() for c in media.copies if c.date <= on]
    good, lacking = 0, []
    for group in by_medium(sorted(made, key=lambda copy: copy.date)):
        faults = [fault for copy in group if (fault := _fault(archive, year, copy, on))]
        if len(faults) < len(group):
            good += 1
        elif (least := max(faults, key=_FAULTS.index)) != "рано":
            lacking.append((group[-1].medium, least))
    return YearOfCopies(year, backup_by(archive, year), good, tuple(lacking))


def _fault(archive: Archive, year: int, copy: Copy, on: dt.date) -> Fault | None:
    """What keeps the copy from holding the year; None when it does."""
    if copy.date < first_day(archive, year + 1):
        return "рано"
    if copy.date < _last_closed(archive, year, on):
        return "до закрытия"
    if copy.verified is None or copy.verified > on:
        return "не перечитана"
    if copy.restored is None or copy.restored > on:
        return "не восстановлена"
    return None


def _last_closed(archive: Archive, year: int, on: dt.date) -> dt.date:
    """The day the last period of the year was closed."""
    inside = {period.period for period in archive.periods.values() if period.school_year == year}
    closed = [act.closed for act in archive.approvals.values() if act.period in inside]
    return max((each for each in closed if each <= on), default=dt.date.min)
