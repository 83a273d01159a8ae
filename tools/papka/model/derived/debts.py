"""Academic debts (R-2.2.6): the last of a chain of re-sits is below pass or «не аттестован».

Invariants: no mark at all is no debt; a mark of ongoing control is one only if a re-sit date was
set with it; a mark on an unknown scale is judged by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.derived.chains import counting
from papka.model.derived.scales import enrolment_of, scale_of
from papka.model.results import Result
from papka.model.school import NOT_ATTESTED
from papka.model.student import Student


@dataclass(frozen=True, slots=True)
class Debt:
    period: str
    result: Result


def debts(archive: Archive, student: Student) -> Iterator[Debt]:
    """Open debts, by period."""
    for period in sorted(student.periods):
        for result in counting(student.periods[period]):
            if is_debt(archive, student, result):
                yield Debt(period, result)


def is_debt(archive: Archive, student: Student, result: Result) -> bool:
    """Whether this attempt, were it the last, leaves a debt."""
    if result.mark is None or (result.control == "текущий" and result.resit_by is None):
        return False
    if result.mark == NOT_ATTESTED:
        return True
    scale = scale_of(archive, enrolment_of(student, result.enrolment), result.part)
    return scale is not None and scale.has(result.mark) and not scale.passes(result.mark)
