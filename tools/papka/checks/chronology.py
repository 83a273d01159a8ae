"""Dates in an order that can have happened: birth, enrolment, result, end (R-1.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION, RECORDS
from papka.model.archive import Archive
from papka.model.person import Person
from papka.model.student import AnyEntry, Student

_Step = tuple[dt.date | None, str, dt.date | None, str, AnyEntry | Person, tuple[str | int, ...]]
"""earlier, its name, later, its name, whose field the later one is, which field."""


def check(archive: Archive) -> Iterator[Finding]:
    for index, period in enumerate(archive.organization.periods if archive.organization else ()):
        if period.end < period.start:
            where = Location(ORGANIZATION, f"/periods/{index}/end")
            yield _finding(where, period.start, "начало периода", period.end, "Конец периода")
    for key, approval in archive.approvals.items():
        closed = archive.periods.get(key)
        if closed is not None and approval.closed < closed.start:
            where = Location(f"{RECORDS}/approvals/{key}.yaml", "/closed")
            yield _finding(
                where, closed.start, "начало периода", approval.closed, "Закрытие периода"
            )
    for student in archive.students.values():
        for earlier, earlier_name, later, later_name, owner, fields in _steps(archive, student):
            if earlier is not None and later is not None and later < earlier:
                where = student.where(owner, *fields)
                yield _finding(where, earlier, earlier_name, later, later_name)


def _steps(archive: Archive, student: Student) -> Iterator[_Step]:
    person = student.person
    born = person.birth_date if person else None
    for enrolment in student.enrolments:
        yield born, "рождение", enrolment.start, "Зачисление", enrolment, ("start",)
        ended = enrolment.ended.date if enrolment.ended else None
        yield enrolment.start, "зачисление", ended, "Окончание", enrolment, ("ended", "date")
        order = archive.orders.get(enrolment.order or "")
        if order is not None:
            yield (
                order.date,
                "приказ о зачислении",
                enrolment.start,
                "Зачисление",
                enrolment,
                ("start",),
            )
    starts = {entry.id: entry.start for entry in student.enrolments}
    by_id = {entry.id: entry for _, entry in student.results if entry.id}
    for _, result in student.results:
        start = starts.get(result.enrolment)
        yield start, "зачисление", result.date, "Результат", result, ("date",)
        yield result.date, "результат", result.resit_by, "Срок пересдачи", result, ("resit_by",)
        first = by_id.get(result.resits or "")
        if first is not None:
            yield first.date, "первая попытка", result.date, "Пересдача", result, ("date",)
    for consent in student.consents:
        revoked = consent.revoked.date if consent.revoked else None
        yield consent.date, "согласие", revoked, "Отзыв согласия", consent, ("revoked", "date")
        until = consent.valid_until
        yield consent.date, "согласие", until, "Срок согласия", consent, ("valid_until",)
    for award in student.awards:
        yield born, "рождение", award.date, "Поощрение", award, ("date",)
    for lending in person.paper.lendings if person and person.paper else ():
        returned = lending.returned
        yield lending.date, "выдача дела", returned, "Возврат дела", lending, ("returned",)


def _finding(
    where: Location, earlier: dt.date, earlier_name: str, later: dt.date, later_name: str
) -> Finding:
    return codes.DATE_ORDER.at(
        where,
        later_name=later_name,
        later=f"{later:%d.%m.%Y}",
        earlier_name=earlier_name,
        earlier=f"{earlier:%d.%m.%Y}",
    )
