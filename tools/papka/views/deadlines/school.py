"""Deadlines of the school itself: acts to adopt, periods to close, media to copy to, seals to put.

Invariants: until the day named in organization.yaml the end of a school year warns, after it is an
error (R-6.3); a period that was closed without its seal is an error at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from papka.core.codes import calendar as codes
from papka.core.findings import Location
from papka.core.layout import ORGANIZATION, RECORDS
from papka.core.seals import SEALS
from papka.model.archive import Archive
from papka.model.derived.copies import NEEDED, first_day, school_year
from papka.model.derived.copies_due import YearOfCopies, backup_by, copies_due
from papka.views.deadlines.deadline import Deadline
from papka.views.wording import day

_LACKS = {
    "рано": "сделана до конца года",
    "до закрытия": "сделана раньше, чем закрыли период",
    "не перечитана": "не перечитана",
    "не восстановлена": "не восстановлена на пробу",
}


@dataclass(frozen=True, slots=True)
class SealSeen:
    """The last seal there was on a day: what it was put for, when, and which periods' acts of
    approval are under it."""

    period: str
    date: dt.date
    closed: frozenset[str]


def acts(archive: Archive, _: dt.date) -> Iterator[Deadline]:
    """Drafts that the head is to confirm; no day is set for it."""
    for key, act in archive.regulations.items():
        for index, edition in enumerate(act.editions):
            if not edition.is_adopted:
                yield Deadline(
                    "акт не принят",
                    key,
                    f"редакция {edition.edition} — проект: впишите protocol и since",
                    None,
                    Location(f"{RECORDS}/regulations/{key}/regulation.yaml", f"/editions/{index}"),
                )


def periods(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    at = {period.period: index for index, period in enumerate(archive.periods.values())}
    for period in archive.periods.values():
        if period.end < on and period.period not in archive.approvals:
            yield Deadline(
                "период не закрыт",
                period.period,
                f"закончился {day(period.end)}",
                period.end,
                Location(ORGANIZATION, f"/periods/{at[period.period]}"),
                codes.PERIOD_NOT_CLOSED,
            )


def copies(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    for found in copies_due(archive, on):
        is_late = on > found.by
        yield Deadline(
            "копии за год",
            str(found.year),
            f"хороших носителей {found.good} из {NEEDED}, "
            f"{'срок был' if is_late else 'срок'} {day(found.by)}{_lacking(found)}",
            found.by,
            Location(f"{RECORDS}/media/{found.year}.yaml"),
            codes.COPIES_OVERDUE if is_late else codes.COPIES_DUE,
        )


def _lacking(found: YearOfCopies) -> str:
    told = [f"{medium}: {_LACKS[fault]}" for medium, fault in found.lacking]
    return f"; {', '.join(told)}" if told else ""


def seals(archive: Archive, on: dt.date, last: SealSeen | None) -> Iterator[Deadline]:
    under = last.closed if last else frozenset()
    for act in archive.approvals.values():
        if act.period not in under and act.closed <= on:
            yield Deadline(
                "нет печати",
                act.period,
                f"период закрыт {day(act.closed)}",
                act.closed,
                Location(SEALS),
                codes.SEAL_OVERDUE,
            )
    year = school_year(archive, on) - 1
    if not any(period.school_year <= year for period in archive.periods.values()):
        return
    ended, by = first_day(archive, year + 1), backup_by(archive, year)
    if last is None or (last.date < ended and last.period != str(year)):
        is_late = on > by
        yield Deadline(
            "нет печати",
            str(year),
            f"учебный год кончился, {'срок был' if is_late else 'срок'} {day(by)}",
            by,
            Location(SEALS),
            codes.SEAL_OVERDUE if is_late else codes.SEAL_DUE,
        )
