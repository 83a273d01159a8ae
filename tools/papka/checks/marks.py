"""A mark stands on the scale its part declares; nothing is converted (R-2.2.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from papka.checks.references_programs import edition_of
from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.model.archive import Archive
from papka.model.program import Part
from papka.model.results import Mark
from papka.model.school import Scale
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        for _, result in student.results:
            if result.mark is not None and result.part is not None:
                part = _part(archive, student, result.enrolment, result.part)
                where = partial(student.where, result, "mark")
                yield from _mark(archive, part, result.mark, where)
        for credit in student.credits:
            for index, item in enumerate(credit.items):
                if item.mark is not None and item.part is not None:
                    part = _part(archive, student, credit.enrolment, item.part)
                    where = partial(student.where, credit, "items", index, "mark")
                    yield from _mark(archive, part, item.mark, where)


def _part(archive: Archive, student: Student, enrolment: str, code: str) -> Part | None:
    edition = edition_of(archive, student, enrolment)
    return edition.part(code) if edition else None


def _mark(
    archive: Archive, part: Part | None, mark: Mark, where: Callable[[], Location]
) -> Iterator[Finding]:
    if part is None:
        return
    if part.scale is None:
        yield codes.MARK_WITHOUT_SCALE.at(where(), part=part.part)
        return
    scale = archive.scales.get(part.scale)
    if scale is not None and not scale.has(mark):
        yield codes.MARK_NOT_ON_SCALE.at(where(), scale=part.scale, mark=mark, marks=_marks(scale))


def _marks(scale: Scale) -> str:
    if scale.marks:
        return ", ".join(f"«{mark}»" for mark in scale.marks)
    return f"от {scale.lowest} до {scale.highest} с шагом {scale.step}"
