"""A personal file's dates in an order that can have happened: birth, order, enrolment, award,
end (R-1.3). Results have a rule of their own (chronology_results)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.checks.date_order import late
from papka.core.findings import Finding
from papka.model.archive import Archive
from papka.model.person import Person
from papka.model.student import AnyEntry, Student

_Step = tuple[dt.date | None, str, dt.date | None, str, AnyEntry | Person, tuple[str | int, ...]]
"""earlier, its name, later, its name, whose field the later one is, which field."""


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        for steps in (_enrolments, _standing, _lendings):
            for earlier, earlier_name, later, later_name, owner, fields in steps(archive, student):
                if earlier is not None and later is not None and later < earlier:
                    where = student.where(owner, *fields)
                    yield late(where, earlier, earlier_name, later, later_name)


def _enrolments(archive: Archive, student: Student) -> Iterator[_Step]:
    person = student.person
    born = person.birth_date if person else None
    for enrolment in student.enrolments:
        start = enrolment.start
        yield born, "рождение", start, "Зачисление", enrolment, ("start",)
        ordered = _ordered(archive, enrolment.order)
        yield ordered, "приказ о зачислении", start, "Зачисление", enrolment, ("start",)
        ended = enrolment.ended.date if enrolment.ended else None
        yield start, "зачисление", ended, "Окончание", enrolment, ("ended", "date")
    for credit in student.credits:
        ordered = _ordered(archive, credit.order)
        yield credit.applied, "заявление", ordered, "Приказ о зачёте", credit, ("order",)


def _standing(archive: Archive, student: Student) -> Iterator[_Step]:
    person = student.person
    born = person.birth_date if person else None
    for consent in student.consents:
        day = consent.date
        since = _declared(archive, consent.purpose, consent.edition)
        yield since, "текст согласия", day, "Согласие", consent, ("date",)
        revoked = consent.revoked.date if consent.revoked else None
        yield day, "согласие", revoked, "Отзыв согласия", consent, ("revoked", "date")
        yield day, "согласие", consent.valid_until, "Срок согласия", consent, ("valid_until",)
    for award in student.awards:
        day = award.date
        yield born, "рождение", day, "Поощрение", award, ("date",)
        yield _ordered(archive, award.order), "приказ", day, "Поощрение", award, ("date",)
        event = archive.events.get(award.event or "")
        held = event.date if event else None
        yield held, "мероприятие", day, "Поощрение", award, ("date",)
    for notice in student.notices:
        period = archive.periods.get(notice.period or "")
        start = period.start if period else None
        yield start, "начало периода", notice.date, "Уведомление", notice, ("date",)


def _lendings(_archive: Archive, student: Student) -> Iterator[_Step]:
    person = student.person
    for lending in person.paper.lendings if person and person.paper else ():
        day = lending.date
        yield day, "выдача дела", lending.returned, "Возврат дела", lending, ("returned",)
        yield day, "выдача дела", lending.due, "Срок возврата дела", lending, ("due",)


def _ordered(archive: Archive, key: str | None) -> dt.date | None:
    order = archive.orders.get(key) if key else None
    return order.date if order else None


def _declared(archive: Archive, purpose: str, number: int) -> dt.date | None:
    """Since when the text of a consent stands."""
    known = archive.purposes.get(purpose)
    editions = known.editions if known else ()
    return next((edition.since for edition in editions if edition.edition == number), None)
