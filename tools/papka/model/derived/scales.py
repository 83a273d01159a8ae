"""The scale on which a mark stands: that of the programme's part, in the edition enrolled in."""

from __future__ import annotations

from papka.model.archive import Archive
from papka.model.program import Edition, Part
from papka.model.school import Scale
from papka.model.student import Student
from papka.model.study import Enrolment


def enrolment_of(student: Student, enrolment_id: str) -> Enrolment | None:
    return next((e for e in student.enrolments if e.id == enrolment_id), None)


def edition_of(archive: Archive, enrolment: Enrolment | None) -> Edition | None:
    program = archive.programs.get(enrolment.program) if enrolment else None
    return program.edition(enrolment.edition) if program and enrolment else None


def part_of(archive: Archive, enrolment: Enrolment | None, code: str | None) -> Part | None:
    edition = edition_of(archive, enrolment)
    return edition.part(code) if edition and code else None


def scale_of(archive: Archive, enrolment: Enrolment | None, code: str | None) -> Scale | None:
    part = part_of(archive, enrolment, code)
    return archive.scales.get(part.scale) if part and part.scale else None
