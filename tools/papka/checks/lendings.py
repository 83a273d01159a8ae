"""The paper file is in one pair of hands at a time (R-6.6).

What is overdue today is a question of the calendar: model/derived/lendings.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive
from papka.model.person import Lending
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        paper = student.person.paper if student.person else None
        if paper is not None and paper.lendings:
            yield from _lendings(student, paper.lendings)


def _lendings(student: Student, lendings: tuple[Lending, ...]) -> Iterator[Finding]:
    before: Lending | None = None
    for lending in sorted(lendings, key=lambda entry: entry.date):
        if before is not None and (before.returned is None or before.returned > lending.date):
            yield codes.LENDING_OVERLAP.at(
                student.where(lending, "date"), date=f"{lending.date:%d.%m.%Y}"
            )
        before = lending
        due, returned = lending.due, lending.returned
        if due is not None and returned is not None and returned > due:
            yield codes.LENDING_LATE.at(
                student.where(lending, "returned"),
                returned=f"{returned:%d.%m.%Y}",
                due=f"{due:%d.%m.%Y}",
            )
