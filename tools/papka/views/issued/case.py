"""One document to be issued: whose, for which study, on which day; what every kind says of it.

Invariants: the name is that of the day; words get into the entry as they will be printed, with
plain spaces; special needs and diagnostics appear nowhere (R-2.2.7, R-4.2).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from papka.core.errors import Refused
from papka.model.acts import Issuer
from papka.model.archive import Archive
from papka.model.derived.scales import edition_of
from papka.model.person import Person
from papka.model.program import Edition
from papka.model.student import Student
from papka.model.study import Enrolment
from papka.views import reference
from papka.views.inflection import dative
from papka.views.wording import NBSP, day

Facts = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Case:
    """`person` is as of `date`; `period` is for a document of current results alone."""

    archive: Archive
    student: Student
    person: Person
    enrolment: Enrolment
    date: dt.date
    order: str | None = None
    period: str | None = None

    @property
    def address(self) -> str:
        return f"{self.student.id}#{self.enrolment.id}"

    @property
    def edition(self) -> Edition:
        """Raises Refused when the programme's edition is not there."""
        found = edition_of(self.archive, self.enrolment)
        if found is None:
            raise Refused(
                f"Нет редакции {self.enrolment.edition} программы «{self.enrolment.program}»",
                f"Проверьте зачисление {self.address}: papka check",
            )
        return found


def said(text: str) -> str:
    """As an entry holds it: no-break spaces belong to the paper."""
    return text.replace(NBSP, " ")


def issuer(archive: Archive, signer: str) -> Issuer:
    """The school as it is now and who of its staff signs. Raises Refused without a school."""
    school = archive.organization
    if school is None:
        raise Refused("Сведения об организации не читаются", "Узнайте причину: papka check")
    licence, member = school.licence, archive.staff.get(signer)
    granted = f"{licence.number} от {day(licence.date)}, {licence.issued_by}" if licence else None
    contacts = ", ".join(part for part in (school.address, school.email, school.site) if part)
    return Issuer(
        name=school.name,
        post=school.head_post if signer == school.head or member is None else member.post,
        head=said(reference.staff(archive, signer)),
        short_name=school.short_name,
        inn=school.inn,
        ogrn=school.ogrn,
        contacts=contacts,
        licence=granted,
        place=school.place,
    )


def common(case: Case) -> Facts:
    """What every document says: the study, and how to name the person."""
    program = case.archive.programs.get(case.enrolment.program)
    facts: dict[str, str | int | float | None] = {
        "program": program.title if program else case.enrolment.program,
        "direction": program.direction if program else None,
        "hours": case.edition.hours,
        "study_form": case.enrolment.form,
        "started": case.enrolment.start.isoformat(),
        "sex": case.person.sex,
        "former": _former(case),
        "regulation": _regulation(case),
    }
    return {name: value for name, value in facts.items() if value}


def addressed(case: Case) -> Facts:
    """The same for a paper that is given to somebody: «Дана Ивушкиной Розе»."""
    words = dative(case.person.name, case.person.sex)
    return common(case) | ({"dative": words} if words else {})


def order_words(archive: Archive, order: str | None) -> str:
    """«приказ № 14-к от 25.12.2025»; empty without one."""
    return said(reference.order(archive, order))


def _former(case: Case) -> str | None:
    """«до 01.03.2026 — Абрикосова»: names borne while studying here, and no more."""
    words = [
        f"до {day(past.until)} — "
        + " ".join(part for part in (past.surname, past.given, past.patronymic) if part)
        for past in sorted(case.person.former_names, key=lambda past: past.until)
        if past.until >= case.enrolment.start
    ]
    return "; ".join(words) or None


def _regulation(case: Case) -> str | None:
    """The edition of the Порядок in force that day: the act every document rests on (R-7.4)."""
    for act in case.archive.regulations.values():
        known = [each for each in act.editions if each.is_adopted and each.since <= case.date]
        if known and not any(edition.awards for edition in act.editions):
            last = max(known, key=lambda edition: edition.since)
            return f"{act.title}, редакция {last.edition} от {day(last.since)}"
    return None
