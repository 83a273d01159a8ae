"""A result comes after its enrolment, its event, its period's start and what it re-sits.

It belongs to the period in which the work was due, so it may be dated after the period's end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.checks.date_order import late
from papka.core.findings import Finding
from papka.model.archive import Archive
from papka.model.results import Result
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        starts = {entry.id: entry.start for entry in student.enrolments}
        for period, results in student.periods.items():
            declared = archive.periods.get(period)
            opened = declared.start if declared else dt.date.min
            for result in results:
                start = starts.get(result.enrolment)
                if start is not None and result.date < start:
                    yield _late(student, result, start, "зачисление")
                elif result.date < opened:
                    yield _late(student, result, opened, "начало периода")
                if result.event or result.resits or result.resit_by:
                    yield from _linked(archive, student, result)


def _linked(archive: Archive, student: Student, result: Result) -> Iterator[Finding]:
    day = result.date
    event = archive.events.get(result.event or "")
    if event is not None and day < event.date:
        yield _late(student, result, event.date, "мероприятие")
    if result.resit_by is not None and result.resit_by < day:
        where = student.where(result, "resit_by")
        yield late(where, day, "результат", result.resit_by, "Срок пересдачи")
    for _, first in student.results if result.resits else ():
        if first.id == result.resits and day < first.date:
            yield _late(student, result, first.date, "первая попытка")


def _late(student: Student, result: Result, earlier: dt.date, name: str) -> Finding:
    later = "Пересдача" if name == "первая попытка" else "Результат"
    return late(student.where(result, "date"), earlier, name, result.date, later)
