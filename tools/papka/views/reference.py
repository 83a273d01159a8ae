"""How a record that is pointed to is named on paper: staff, orders, events, programmes, papers.

Invariant: a reference to nothing is printed as it stands in the record, so that paper never hides
what `papka check` reports.
"""

from __future__ import annotations

import datetime as dt

from papka.model.archive import Archive
from papka.model.person import FormerName, Person
from papka.model.standing import Document
from papka.model.student import Student
from papka.model.study import Enrolment
from papka.views.wording import NBSP, NONE, day, listed_name, number, quoted, short_name

OWN = "обучающийся"


def staff(archive: Archive, staff_id: str | None) -> str:
    """«А. П. Смирнова»."""
    if staff_id is None:
        return NONE
    member = archive.staff.get(staff_id)
    return short_name(member.name) if member else staff_id


def teacher(archive: Archive, staff_id: str | None) -> str:
    """«Смирнова А. П.» in a column of names."""
    if staff_id is None:
        return NONE
    member = archive.staff.get(staff_id)
    return listed_name(member.name) if member else staff_id


def order(archive: Archive, order_id: str | None) -> str:
    """«приказ № 1-к от 14.01.2026»."""
    if order_id is None:
        return ""
    found = archive.orders.get(order_id)
    if found is None:
        return f"приказ {order_id}"
    return f"приказ {number(found.number)} от{NBSP}{day(found.date)}"


def event(archive: Archive, event_id: str | None) -> str:
    """«Весенний концерт» (муниципальный уровень)."""
    if event_id is None:
        return ""
    found = archive.events.get(event_id)
    if found is None:
        return event_id
    level = "уровень организации" if found.level == "организация" else f"{found.level} уровень"
    return quoted(found.title) + (f" ({level})" if found.level else "")


def program(archive: Archive, enrolment: Enrolment | None, enrolment_id: str = "") -> str:
    """«Гитара с нуля»."""
    if enrolment is None:
        return enrolment_id
    found = archive.programs.get(enrolment.program)
    return quoted(found.title) if found else enrolment.program


def document(student: Student, document_id: str | None) -> Document | None:
    return next((d for d in student.documents if d.id == document_id), None)


def paper(student: Student, document_id: str | None) -> str:
    """«№ 17/26 от 12.01.2026»; a paper without number and date by its title."""
    if document_id is None:
        return ""
    found = document(student, document_id)
    if found is None:
        return document_id
    parts = [number(found.number)] if found.number else []
    if found.date:
        parts.append(f"от{NBSP}{day(found.date)}")
    return " ".join(parts) or found.title


def signer(person: Person, signer_id: str) -> str:
    """Who signed or was told: a representative by name, or «обучающийся»."""
    if signer_id == OWN:
        return OWN
    found = next((r for r in person.representatives if r.id == signer_id), None)
    return f"{short_name(found)} ({found.relation})" if found else signer_id


def former_names(person: Person) -> tuple[str, ...]:
    """«Абрикосова (по 01.03.2026)», the latest last: only the parts that were different."""
    return tuple(
        former_name(past) for past in sorted(person.former_names, key=lambda past: past.until)
    )


def former_name(past: FormerName) -> str:
    parts = " ".join(part for part in (past.surname, past.given, past.patronymic) if part)
    return f"{parts} (по{NBSP}{day(past.until)})"


def span(start: dt.date | None, end: dt.date | None) -> str:
    """«с 15.01.2026 по 25.12.2026»."""
    parts = [f"с{NBSP}{day(start)}"] if start else []
    if end:
        parts.append(f"по{NBSP}{day(end)}")
    return " ".join(parts)
