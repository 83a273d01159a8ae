"""No more hours are credited than a part has, all credits of an enrolment together (R-2.2.9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive
from papka.model.derived.scales import enrolment_of, part_of
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        yield from _credits(archive, student)


def _credits(archive: Archive, student: Student) -> Iterator[Finding]:
    total: Counter[tuple[str, str]] = Counter()
    for credit in student.credits:
        for index, item in enumerate(credit.items):
            part = part_of(archive, enrolment_of(student, credit.enrolment), item.part)
            if part is None or item.hours is None:
                continue
            total[credit.enrolment, part.part] += item.hours
            if total[credit.enrolment, part.part] > part.hours:
                yield codes.CREDIT_HOURS.at(
                    student.where(credit, "items", index, "hours"),
                    part=part.part,
                    credited=total[credit.enrolment, part.part],
                    hours=part.hours,
                )
