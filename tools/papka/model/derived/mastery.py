"""Level of mastery of each part of a programme (R-2.2.3).

Invariants: one level a part, on the part's own scale; a final mark outweighs a period's, a
period's outweighs an ongoing one, then the later date, of one day the one written last; nothing
is averaged, nothing converted; a part without a mark has no level, which is no failure; what was
credited says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.derived.chains import counting
from papka.model.derived.due_parts import FULLY
from papka.model.derived.scales import edition_of
from papka.model.program import Part
from papka.model.results import Mark, Result
from papka.model.school import Scale
from papka.model.student import Student
from papka.model.study import Enrolment

_WEIGHT = {"итоговый": 3, "за период": 2, None: 1, "текущий": 0}


@dataclass(frozen=True, slots=True)
class Mastery:
    """`mark` is None where there is no data or only a credit without a mark; `passed` is None
    where nothing is known; `final` says that the part is over."""

    part: Part
    scale: Scale | None = None
    mark: Mark | None = None
    passed: bool | None = None
    final: bool = False
    credited: bool = False
    period: str | None = None
    result: Result | None = None


def mastery(archive: Archive, student: Student, enrolment: Enrolment) -> Iterator[Mastery]:
    """One for each part studied, in the programme's order."""
    edition = edition_of(archive, enrolment)
    for part in edition.parts if edition else ():
        if not enrolment.individual_parts or part.part in enrolment.individual_parts:
            yield _of_part(archive, student, enrolment, part)


def _of_part(archive: Archive, student: Student, enrolment: Enrolment, part: Part) -> Mastery:
    scale = archive.scales.get(part.scale or "")
    found = [
        (_WEIGHT[result.control], result.date, period, result)
        for period in sorted(student.periods)
        for result in counting(student.periods[period])
        if result.enrolment == enrolment.id and result.part == part.part
        if result.mark is not None
    ]
    if found:
        found.sort(key=lambda item: item[:3])
        _, _, period, result = found[-1]
        mark = result.mark
        assert mark is not None
        passed = scale.passes(mark) if scale is not None and scale.has(mark) else None
        final = result.control == "итоговый"
        return Mastery(part, scale, mark, passed, final, period=period, result=result)
    for credit in student.credits:
        for item in credit.items:
            same = (credit.enrolment, item.part) == (enrolment.id, part.part)
            if same and item.decision == FULLY:
                return Mastery(part, scale, item.mark, passed=True, final=True, credited=True)
    return Mastery(part, scale)
