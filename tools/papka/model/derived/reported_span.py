"""The days a report is about: a calendar year, a school year or a study period (R-3.5, R-2.2.12).

Invariant: a school year begins on the day the school declares, on or before its first period.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.derived.enrolled import Span


@dataclass(frozen=True, slots=True)
class Reported:
    """`periods` are the study periods whose results are counted."""

    span: Span
    periods: frozenset[str]


def calendar_year(year: int) -> Span:
    return Span(dt.date(year, 1, 1), dt.date(year, 12, 31))


def years(archive: Archive) -> list[int]:
    """School years that have a study period."""
    return sorted({period.school_year for period in archive.periods.values()})


def reported(archive: Archive, name: str) -> Reported | None:
    """A study period by its code or a school year by its number; None when there is none."""
    period = archive.periods.get(name)
    if period is not None:
        return Reported(Span(period.start, period.end), frozenset({name}))
    inside = [each for each in archive.periods.values() if str(each.school_year) == name]
    if not inside:
        return None
    first, last = min(each.start for each in inside), max(each.end for each in inside)
    starts = archive.organization.school_year.starts if archive.organization else "01-01"
    start = _starts(first.year, starts)
    if start > first:
        start = _starts(first.year - 1, starts)
    end = _starts(start.year + 1, starts) - dt.timedelta(days=1)
    return Reported(Span(start, max(end, last)), frozenset(each.period for each in inside))


def _starts(year: int, month_and_day: str) -> dt.date:
    """29 February of a common year is its 1 March."""
    month, day = (int(part) for part in month_and_day.split("-"))
    return dt.date(year, month, 1) + dt.timedelta(days=day - 1)
