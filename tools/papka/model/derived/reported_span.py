"""The days a report is about: a calendar year, a school year or a study period (R-3.5, R-2.2.12).

Invariant: a school year begins on the day the school declares, on or before its first period.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.derived.copies import end_of, first_day, school_year
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
    year = school_year(archive, first)
    span = Span(first_day(archive, year), max(end_of(archive, year), last))
    return Reported(span, frozenset(each.period for each in inside))
