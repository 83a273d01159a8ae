"""Which parts owe a mark in a period: what closing it must settle (R-2.2.6).

Invariants: no mark is no debt; a pair is asked about, never judged; «не аттестован» is a mark.
Only parts with a scale can owe one. A part credited in full or finished with a passing final mark
in an earlier period owes none; an individual trajectory owes only its own parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from papka.model.archive import Archive
from papka.model.derived.chains import counting
from papka.model.derived.scales import edition_of, scale_of
from papka.model.program import Part
from papka.model.school import Period
from papka.model.student import Student
from papka.model.study import Enrolment

FULLY = "зачесть"


class DuePart(NamedTuple):
    """An enrolment and a part of its programme."""

    enrolment: Enrolment
    part: Part


def due_parts(archive: Archive, student: Student, period: Period) -> Iterator[DuePart]:
    """Pairs that owe a mark in the period, marked or not."""
    for enrolment in student.enrolments:
        edition = edition_of(archive, enrolment)
        if edition is None or not _studied_in(enrolment, period):
            continue
        settled = _settled(archive, student, enrolment, period.period)
        for part in edition.parts:
            chosen = not enrolment.individual_parts or part.part in enrolment.individual_parts
            if chosen and part.scale is not None and part.part not in settled:
                yield DuePart(enrolment, part)


def unmarked(archive: Archive, student: Student, period: Period) -> Iterator[DuePart]:
    """Pairs without a mark of the period: a mark or «не аттестован» is demanded."""
    marked = {
        (result.enrolment, result.part)
        for result in counting(student.periods.get(period.period, ()))
        if result.mark is not None and result.control != "текущий"
    }
    for due in due_parts(archive, student, period):
        if (due.enrolment.id, due.part.part) not in marked:
            yield due


def _studied_in(enrolment: Enrolment, period: Period) -> bool:
    ended = enrolment.ended.date if enrolment.ended else None
    return enrolment.start <= period.end and (ended is None or ended >= period.start)


def _settled(
    archive: Archive, student: Student, enrolment: Enrolment, period: str
) -> set[str | None]:
    """Parts credited in full, or passed for good in an earlier period."""
    done = {
        item.part
        for credit in student.credits
        if credit.enrolment == enrolment.id
        for item in credit.items
        if item.decision == FULLY
    }
    for name, results in student.periods.items():
        if name >= period:
            continue
        for result in counting(results):
            if result.enrolment != enrolment.id or result.mark is None:
                continue
            scale = scale_of(archive, enrolment, result.part)
            if result.control == "итоговый" and scale is not None and scale.passes(result.mark):
                done.add(result.part)
    return done
