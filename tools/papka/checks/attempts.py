"""A re-sit and a correction are about the same work as what they name.

A re-sit has the same enrolment, part, kind and period; a correction moreover repeats every key.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive
from papka.model.results import Result
from papka.model.student import Student

_SAME = ("enrolment", "kind", "part")
_REPEATED = (
    *("event", "control", "mark", "assessed_by", "author", "text", "shows", "resits", "source"),
)


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        by_id: dict[str | None, tuple[str, Result]] | None = None
        for period, results in student.periods.items():
            for result in results:
                for field, name in (("resits", result.resits), ("replaces", result.replaces)):
                    if name is None:
                        continue
                    if by_id is None:
                        by_id = {entry.id: (other, entry) for other, entry in student.results}
                    if name in by_id:
                        yield from _pair(student, result, period, field, by_id[name])


def _pair(
    student: Student, result: Result, period: str, field: str, earlier: tuple[str, Result]
) -> Iterator[Finding]:
    other_period, other = earlier
    wrong = [key for key in _SAME if getattr(result, key) != getattr(other, key)]
    if period != other_period:
        wrong.append("period")
    if field == "replaces":
        wrong += [key for key in _REPEATED if getattr(other, key) and not getattr(result, key)]
    for key in wrong:
        here = key if key != "period" and getattr(result, key) else field
        yield codes.ATTEMPT_MISMATCH.at(
            student.where(result, here), key=key, name=other.id, field=field
        )
