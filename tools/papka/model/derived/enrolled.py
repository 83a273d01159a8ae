"""Who studied in a span of days: enrolments that had begun and had not ended before it (R-2.2.12).

Invariant: a person with two personal files is one person, known by the file that is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from papka.model.archive import Archive
from papka.model.student import Student
from papka.model.study import Enrolment


class Span(NamedTuple):
    """Days from `start` to `end`, both included."""

    start: dt.date
    end: dt.date

    def has(self, day: dt.date) -> bool:
        return self.start <= day <= self.end


class Enrolled(NamedTuple):
    student: Student
    enrolment: Enrolment


def enrolled(archive: Archive, span: Span) -> Iterator[Enrolled]:
    """By student, then in the order of the file."""
    for student in archive.students.values():
        for enrolment in student.enrolments:
            ended = enrolment.ended.date if enrolment.ended else None
            if enrolment.start <= span.end and (ended is None or ended >= span.start):
                yield Enrolled(student, enrolment)


def identity(student: Student) -> str:
    """The id that stands for the person, however many files were made."""
    twin = student.person.duplicate_of if student.person else None
    return twin or student.id
