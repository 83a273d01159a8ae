"""On an individual trajectory only its own parts are assessed or credited (R-2.2.1, R-4.6)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive
from papka.model.derived.scales import enrolment_of, part_of
from papka.model.student import AnyEntry, Student


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        chosen = {
            entry.id: entry.individual_parts
            for entry in student.enrolments
            if entry.individual_parts
        }
        if chosen:
            yield from _student(archive, student, chosen)


def _student(
    archive: Archive, student: Student, chosen: dict[str | None, tuple[str, ...]]
) -> Iterator[Finding]:
    named: list[tuple[str, str | None, AnyEntry, tuple[str | int, ...]]] = [
        (result.enrolment, result.part, result, ("part",))
        for results in student.periods.values()
        for result in results
    ]
    for credit in student.credits:
        for index, item in enumerate(credit.items):
            named.append((credit.enrolment, item.part, credit, ("items", index, "part")))
    for enrolment, part, entry, fields in named:
        if part is None or part in chosen.get(enrolment, (part,)):
            continue
        if part_of(archive, enrolment_of(student, enrolment), part) is not None:
            yield codes.PART_NOT_STUDIED.at(
                student.where(entry, *fields), part=part, enrolment=enrolment
            )
