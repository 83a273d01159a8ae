"""A personal file as it stood on a day, by the dates written in it: valid then, not known then.

Invariants: nothing dated later is seen; what ended, was decided or certified later has not been
yet; days named beforehand (a planned end, a day of return) stay; an entry without a date is always
there; a void document is void on every day, or a paper of an earlier day would make it good again.
Absent on purpose: history of the records (`--rev`), which is git's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from msgspec.structs import replace as changed

from papka.model.acts import RegisterEntry
from papka.model.archive import Archive
from papka.model.person import Lending, Name, Paper, Person
from papka.model.standing import Consent, Document
from papka.model.student import Student
from papka.model.study import Credit, Enrolment


def archive_on(archive: Archive, day: dt.date) -> Archive:
    """Acts of that day and before; programmes and the school itself stay as they are."""
    return replace(
        archive,
        approvals={key: act for key, act in archive.approvals.items() if act.closed <= day},
        registers={
            key: _issued(entry, day)
            for key, entry in archive.registers.items()
            if entry.date <= day
        },
        students={key: student_on(student, day) for key, student in archive.students.items()},
    )


def student_on(student: Student, day: dt.date) -> Student:
    periods = {
        period: tuple(result for result in results if result.date <= day)
        for period, results in student.periods.items()
    }
    return replace(
        student,
        person=person_on(student.person, day) if student.person else None,
        enrolments=tuple(_enrolment(e, day) for e in student.enrolments if e.start <= day),
        periods={period: results for period, results in periods.items() if results},
        credits=tuple(_credit(each, day) for each in student.credits if each.applied <= day),
        awards=tuple(award for award in student.awards if award.date <= day),
        consents=tuple(_consent(c, day) for c in student.consents if c.date <= day),
        documents=tuple(
            _document(each, day)
            for each in student.documents
            if each.date is None or each.date <= day
        ),
        notices=tuple(notice for notice in student.notices if notice.date <= day),
        diagnostics=tuple(each for each in student.diagnostics if each.date <= day),
        needs=tuple(need for need in student.needs if need.date <= day),
    )


def person_on(person: Person, day: dt.date) -> Person:
    """With the name of that day; changes of name that came later are not former yet."""
    name, ended = person.name, person.need_ended
    for past in sorted(person.former_names, key=lambda past: past.until, reverse=True):
        if past.until >= day:
            parts = {
                part: value
                for part in ("surname", "given", "patronymic")
                if (value := getattr(past, part)) is not None
            }
            name = Name(
                **{"given": name.given, "surname": name.surname, "patronymic": name.patronymic}
                | parts
            )
    return changed(
        person,
        name=name,
        former_names=tuple(past for past in person.former_names if past.until < day),
        paper=_paper(person.paper, day) if person.paper else None,
        accounts=tuple(each for each in person.accounts if each.since is None or each.since <= day),
        holds=tuple(hold for hold in person.holds if hold.since <= day),
        need_ended=ended if ended is not None and ended.date <= day else None,
    )


def _enrolment(enrolment: Enrolment, day: dt.date) -> Enrolment:
    is_over = enrolment.ended is not None and enrolment.ended.date <= day
    return enrolment if is_over else changed(enrolment, ended=None)


def _credit(credit: Credit, day: dt.date) -> Credit:
    """Applied for, with no subject judged yet, until the decision."""
    if credit.decided is None or credit.decided <= day:
        return credit
    return changed(credit, decided=None, order=None, items=())


def _consent(consent: Consent, day: dt.date) -> Consent:
    is_revoked = consent.revoked is not None and consent.revoked.date <= day
    return consent if is_revoked else changed(consent, revoked=None)


def _document(document: Document, day: dt.date) -> Document:
    is_certified = document.certified is not None and document.certified.date <= day
    return document if is_certified else changed(document, certified=None)


def _issued(entry: RegisterEntry, day: dt.date) -> RegisterEntry:
    is_handed = entry.handed is not None and entry.handed.date <= day
    return entry if is_handed else changed(entry, handed=None)


def _paper(paper: Paper, day: dt.date) -> Paper:
    lendings = tuple(_lending(each, day) for each in paper.lendings if each.date <= day)
    volumes = tuple(volume for volume in paper.volumes if volume.bound <= day)
    return changed(paper, lendings=lendings, volumes=volumes)


def _lending(lending: Lending, day: dt.date) -> Lending:
    is_back = lending.returned is not None and lending.returned <= day
    return lending if is_back else changed(lending, returned=None)
