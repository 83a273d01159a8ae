"""After an enrolment has ended only re-sits and corrections are dated."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        ends = {entry.id: entry.ended.date for entry in student.enrolments if entry.ended}
        for results in student.periods.values():
            for result in results:
                end = ends.get(result.enrolment)
                if end is None or result.date <= end or result.resits or result.replaces:
                    continue
                yield codes.RESULT_AFTER_END.at(
                    student.where(result, "date"),
                    date=f"{result.date:%d.%m.%Y}",
                    enrolment=result.enrolment,
                    ended=f"{end:%d.%m.%Y}",
                )
