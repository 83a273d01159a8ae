"""What is due and what is overdue on a day: one rule a kind of deadline, all in one tuple.

Invariants: numbers only, never a name (this is printed by a timer into mail and logs); overdue is
what a person has already failed to do, everything else is told beforehand or left to a decision
(R-6.4). Absent on purpose: the clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.derived.consents import in_force
from papka.model.derived.debts_on import outstanding
from papka.model.derived.lendings import lent
from papka.model.derived.retention import keeping
from papka.model.derived.scales import enrolment_of
from papka.model.student import Student
from papka.views.sequence import natural
from papka.views.wording import day

SOON = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Deadline:
    """`about` is a word for the kind; `day` the last day, None where none is set."""

    about: str
    address: str
    text: str
    day: dt.date | None
    overdue: bool


Rule = Callable[[Archive, dt.date], Iterator[Deadline]]


def deadlines(archive: Archive, on: dt.date) -> tuple[Deadline, ...]:
    """The overdue first, then by day and by number."""
    found = [deadline for rule in RULES for deadline in rule(archive, on)]
    return tuple(
        sorted(
            found,
            key=lambda d: (not d.overdue, d.day or dt.date.max, d.about, natural(d.address)),
        )
    )


def _debts(archive: Archive, on: dt.date) -> Iterator[Deadline]:
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
                overdue=debt.state == "просрочена",
            )


def _lendings(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    for student in archive.students.values():
        for lending in lent(student, on):
            due = f"вернуть до {day(lending.due)}" if lending.due else "срок возврата не назначен"
            yield Deadline(
                "бумажное дело выдано",
                f"{student.id}#{lending.id or ''}",
                f"взято {day(lending.date)}, {due}",
                lending.due,
                overdue=lending.due is not None and lending.due < on,
            )


def _consents(archive: Archive, on: dt.date) -> Iterator[Deadline]:
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
                    overdue=False,
                )


def _is_renewed(student: Student, purpose: str, end: dt.date) -> bool:
    after = end + dt.timedelta(days=1)
    return any(c.purpose == purpose and in_force(c, after) for c in student.consents)


def _retention(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    for student in archive.students.values():
        found = keeping(archive, student, on)
        if found.until is not None and found.until < on:
            left = f"; уничтожить нельзя: {', '.join(found.obstacles)}" if found.obstacles else ""
            yield Deadline(
                "срок хранения истёк",
                student.id,
                f"хранить следовало по {day(found.until)}{left}",
                found.until,
                overdue=False,
            )


def _periods(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    for period in archive.periods.values():
        if period.end < on and period.period not in archive.approvals:
            yield Deadline(
                "период не закрыт",
                period.period,
                f"закончился {day(period.end)}: papka period status {period.period}",
                period.end,
                overdue=True,
            )


RULES: tuple[Rule, ...] = (_debts, _lendings, _consents, _retention, _periods)
