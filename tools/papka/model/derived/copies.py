"""Which copies of a school year stand on different media (R-6.3).

Invariants: two copies are on one medium when its label is the same, or the file system is; a copy
holds a year when it was made after the year's end and not before its last period was closed.
Absent on purpose: the calendar's demands (`copies_due`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from papka.model.archive import Archive
from papka.model.safekeeping import Copy

NEEDED = 2
"""So many different media keep every school year."""


def by_medium(copies: Iterable[Copy]) -> tuple[tuple[Copy, ...], ...]:
    """The copies of each medium, in the order of the first."""
    groups: list[list[Copy]] = []
    for copy in copies:
        same = [group for group in groups if any(_is_one(copy, other) for other in group)]
        joined = [each for group in same for each in group]
        groups = [group for group in groups if group not in same]
        groups.append([*joined, copy])
    return tuple(tuple(group) for group in groups)


def day_in(year: int, month_and_day: str) -> dt.date:
    """A day that the month lacks this year (29 February) is the first one after it."""
    month, number = (int(part) for part in month_and_day.split("-"))
    return dt.date(year, month, 1) + dt.timedelta(days=number - 1)


def first_day(archive: Archive, year: int) -> dt.date:
    """The day a school year begins; years are called by the calendar year they begin in."""
    declared = archive.organization
    return day_in(year, declared.school_year.starts if declared else "01-01")


def end_of(archive: Archive, year: int) -> dt.date:
    """The last day of a school year."""
    return first_day(archive, year + 1) - dt.timedelta(days=1)


def school_year(archive: Archive, day: dt.date) -> int:
    """The school year a day is in."""
    return day.year if day >= first_day(archive, day.year) else day.year - 1


def holding(archive: Archive, year: int) -> tuple[tuple[Copy, ...], ...]:
    """Re-read copies of the whole year, by medium: the journal's own and those of later years,
    which hold it too."""
    inside = {period.period for period in archive.periods.values() if period.school_year == year}
    acts = [act.closed for act in archive.approvals.values() if act.period in inside]
    since = max([first_day(archive, year + 1), *acts])
    found = [
        copy
        for key in sorted(archive.media)
        if key.isdecimal() and int(key) >= year
        for copy in archive.media[key].copies
        if copy.date >= since and copy.verified is not None
    ]
    return by_medium(found)


def year_for(archive: Archive, day: dt.date) -> int:
    """Whose journal a copy made this day belongs to: the year that ended last until it has its two
    media, then the one that goes on."""
    current = school_year(archive, day)
    was_taught = any(period.school_year == current - 1 for period in archive.periods.values())
    if was_taught and len(holding(archive, current - 1)) < NEEDED:
        return current - 1
    return current


def _is_one(first: Copy, second: Copy) -> bool:
    same_disk = first.device is not None and first.device == second.device
    return first.medium == second.medium or same_disk
