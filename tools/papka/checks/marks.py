"""A mark stands on the scale its part declares; nothing is converted (R-2.2.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.model.archive import Archive
from papka.model.derived.scales import edition_of
from papka.model.program import Edition, Part
from papka.model.results import Mark
from papka.model.school import Scale


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        editions = {entry.id: edition_of(archive, entry) for entry in student.enrolments}
        for results in student.periods.values():
            for result in results:
                if result.mark is None or result.part is None:
                    continue
                part = _part(editions, result.enrolment, result.part)
                if part is not None and not _stands(archive, part, result.mark):
                    yield _finding(archive, part, result.mark, student.where(result, "mark"))
        for credit in student.credits:
            for index, item in enumerate(credit.items):
                if item.mark is None or item.part is None:
                    continue
                part = _part(editions, credit.enrolment, item.part)
                if part is not None and not _stands(archive, part, item.mark):
                    where = student.where(credit, "items", index, "mark")
                    yield _finding(archive, part, item.mark, where)


def _part(editions: Mapping[str | None, Edition | None], enrolment: str, code: str) -> Part | None:
    edition = editions.get(enrolment)
    return edition.part(code) if edition is not None else None


def _stands(archive: Archive, part: Part, mark: Mark) -> bool:
    """Whether the mark is on the part's scale; of an undeclared scale other rules speak."""
    if part.scale is None:
        return False
    scale = archive.scales.get(part.scale)
    return scale is None or scale.has(mark)


def _finding(archive: Archive, part: Part, mark: Mark, where: Location) -> Finding:
    if part.scale is None:
        return codes.MARK_WITHOUT_SCALE.at(where, part=part.part)
    marks = _marks(archive.scales[part.scale])
    return codes.MARK_NOT_ON_SCALE.at(where, scale=part.scale, mark=mark, marks=marks)


def _marks(scale: Scale) -> str:
    if scale.marks:
        return ", ".join(f"«{mark}»" for mark in scale.marks)
    return f"от {scale.lowest} до {scale.highest} с шагом {scale.step}"
