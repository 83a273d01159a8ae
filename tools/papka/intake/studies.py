"""To which enrolment of a student a mark of an export belongs.

Invariants: the programme and the day decide; two enrolments that fit alike are never chosen from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from papka.core.codes import takings as codes
from papka.core.findings import Code, Finding, Location
from papka.intake.mapped import MappedMark
from papka.model.archive import Archive
from papka.model.derived.scales import part_of
from papka.model.student import Student
from papka.model.study import Enrolment


class Study(NamedTuple):
    """The enrolment's id, or what is wrong: a code and its words."""

    enrolment: str
    code: Code | None = None
    words: tuple[tuple[str, str], ...] = ()

    def at(self, where: Location) -> Finding:
        """What is wrong, told at a place; there must be something."""
        assert self.code is not None, "asked of a study that was found"
        said: Mapping[str, object] = dict(self.words)
        return self.code.at(where, **said)  # type: ignore[arg-type] # the words are the code's own


def study_of(archive: Archive, student: Student, mark: MappedMark, named: str = "") -> Study:
    """`named` is an enrolment that the row itself names."""
    taken = [each for each in student.enrolments if each.program == mark.program and each.id]
    if named:
        taken = [each for each in taken if each.id == named]
    about = (("student", student.id), ("program", mark.program))
    if not taken:
        return Study("", codes.EXPORT_NOT_ENROLLED, about)
    begun = [each for each in taken if each.start <= mark.date]
    if not begun:
        first = min(each.start for each in taken)
        return Study("", codes.EXPORT_NOT_YET, (*about, ("day", f"{first:%d.%m.%Y}")))
    going = [each for each in begun if not each.ended or mark.date <= each.ended.date]
    if not going:
        last = max(each.ended.date for each in begun if each.ended)
        return Study("", codes.EXPORT_STUDENT_LEFT, (*about, ("day", f"{last:%d.%m.%Y}")))
    if len(going) > 1:
        ids = ", ".join(str(each.id) for each in going)
        return Study("", codes.EXPORT_STUDY_AMBIGUOUS, (*about, ("ids", ids)))
    return _of_part(archive, student, going[0], mark)


def _of_part(archive: Archive, student: Student, enrolment: Enrolment, mark: MappedMark) -> Study:
    own = enrolment.individual_parts
    part = part_of(archive, enrolment, mark.part)
    if part is None or (own and mark.part not in own):
        words = (("student", student.id), ("part", mark.part), ("enrolment", enrolment.id or ""))
        return Study("", codes.EXPORT_PART_NOT_STUDIED, words)
    return Study(enrolment.id or "")
