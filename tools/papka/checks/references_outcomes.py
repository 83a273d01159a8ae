"""An observation names a planned result of the edition studied, never an orientation (R-4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.derived.scales import edition_of, enrolment_of
from papka.model.results import Result
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        for results in student.periods.values():
            for result in results:
                if result.shows:
                    yield from _shows(archive, student, result)


def _shows(archive: Archive, student: Student, result: Result) -> Iterator[Finding]:
    enrolment = enrolment_of(student, result.enrolment)
    edition = edition_of(archive, enrolment)
    if enrolment is None or edition is None:
        return
    known = [planned.outcome for planned in edition.planned_results]
    for index, shown in enumerate(result.shows):
        if shown.outcome not in known:
            yield codes.REF_UNKNOWN_OUTCOME.at(
                student.where(result, "shows", index, "outcome"),
                program=enrolment.program,
                edition=edition.edition,
                name=shown.outcome,
                may_be=may_be(shown.outcome, known),
            )
