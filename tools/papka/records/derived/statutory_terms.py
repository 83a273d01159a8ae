"""When a term that the law gives is over, by the table of the school or else the program's own.

The day of the event itself is not counted (ГК ст. 191). Days off that were moved are known only for
the years of which the school wrote them down; of other years that is said. Then a day is rather
counted as worked than not, so that what is told is never later than the law.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from typing import NamedTuple

from papka.core.phrases import count_phrase
from papka.records.school import UNCONFIRMED, Organization, StatutoryName, WorkCalendar


class Term(NamedTuple):
    """The last day of a term, and its length and source in words."""

    last: dt.date
    said: str


def end_of_term(school: Organization, name: StatutoryName, since: dt.date) -> Term:
    """Return when a term ends that began on the day `since`; hours count as whole days."""
    row = school.statutory(name)
    if row.months is not None:
        return Term(_add_months(since, row.months), row.source)
    days = row.days if row.days is not None else (row.hours or 0) // 24
    if row.counted == "календарные":
        return Term(since + dt.timedelta(days=days), row.source)
    calendar = school.work_calendar
    last = since
    for _ in range(days):
        last += dt.timedelta(days=1)
        while not is_worked(calendar, last):
            last += dt.timedelta(days=1)
    said = count_phrase(days, "рабочий день", "рабочих дня", "рабочих дней")
    return Term(last, "; ".join((said, row.source, *_name_unknown(calendar, since, last))))


def _add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day so many months later; the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def is_worked(calendar: WorkCalendar, day: dt.date) -> bool:
    """Whether a day is worked: none of a weekend or holiday, unless the school says otherwise."""
    if day in calendar.working:
        return True
    is_off = day in calendar.days_off or f"{day:%m-%d}" in calendar.holidays
    return not is_off and day.weekday() < _SATURDAY


_SATURDAY = 5


def _name_unknown(calendar: WorkCalendar, since: dt.date, last: dt.date) -> list[str]:
    """Say of which years of a term nobody wrote down the days off that were moved."""
    years = [f"{y}" for y in range(since.year, last.year + 1) if y not in calendar.years]
    if not years:
        return []
    return [f"переносы выходных за {' и '.join(years)} год не внесены, {UNCONFIRMED}"]
