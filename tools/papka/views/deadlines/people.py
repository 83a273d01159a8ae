"""Deadlines in personal files: debts, paper files lent, consents, terms of keeping.

Absent on purpose: destroying anything when a term is over. That is a decision (R-6.4).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.core.codes import calendar as codes
from papka.model.archive import Archive
from papka.model.derived.consents import in_force
from papka.model.derived.debts_on import outstanding
from papka.model.derived.lendings import lent
from papka.model.derived.retention import keeping
from papka.model.derived.scales import enrolment_of
from papka.model.student import Student
from papka.views.deadlines.deadline import Deadline
from papka.views.wording import day

SOON = dt.timedelta(days=30)


def debts(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    for student in archive.students.values():
        for debt in outstanding(archive, student, on):
            last = debt.last
            enrolment = enrolment_of(student, last.enrolment)
            program = enrolment.program if enrolment else last.enrolment
            yield Deadline(
                "задолженность",
                f"{student.id}#{last.id or ''}",
                f"{program}, {last.part or last.origin}: "
                + (f"пересдать до {day(last.resit_by)}" if last.resit_by else "срок не назначен"),
                last.resit_by,
                student.where(last),
                codes.DEBT_OVERDUE if debt.state == "просрочена" else None,
            )


def lendings(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    for student in archive.students.values():
        for lending in lent(student, on):
            due = f"вернуть до {day(lending.due)}" if lending.due else "срок возврата не назначен"
            is_late = lending.due is not None and lending.due < on
            yield Deadline(
                "бумажное дело выдано",
                f"{student.id}#{lending.id or ''}",
                f"взято {day(lending.date)}, {due}",
                lending.due,
                student.where(lending),
                codes.FILE_NOT_RETURNED if is_late else None,
            )


def consents(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    for student in archive.students.values():
        for consent in student.consents:
            end = consent.valid_until
            if end is None or not in_force(consent, on) or end > on + SOON:
                continue
            if not _is_renewed(student, consent.purpose, end):
                yield Deadline(
                    "согласие истекает",
                    f"{student.id}#{consent.id or ''}",
                    f"{consent.purpose}: действует по {day(end)}",
                    end,
                    student.where(consent),
                    codes.CONSENT_ENDS,
                )


def _is_renewed(student: Student, purpose: str, end: dt.date) -> bool:
    after = end + dt.timedelta(days=1)
    return any(c.purpose == purpose and in_force(c, after) for c in student.consents)


def retention(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    for student in archive.students.values():
        found = keeping(archive, student, on)
        if found.until is not None and found.until < on:
            left = f"; уничтожить нельзя: {', '.join(found.obstacles)}" if found.obstacles else ""
            yield Deadline(
                "срок хранения истёк",
                student.id,
                f"хранить следовало по {day(found.until)}{left}",
                found.until,
                student.where(None),
                codes.RETENTION_ENDED,
            )
