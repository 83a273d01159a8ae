"""The edition enrolled in was approved by the day of enrolment (R-2.2.1)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive
from papka.model.derived.scales import edition_of


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        for enrolment in student.enrolments:
            edition = edition_of(archive, enrolment)
            order = archive.orders.get(edition.order) if edition else None
            if edition and order and order.date > enrolment.start:
                yield codes.EDITION_NOT_YET.at(
                    student.where(enrolment, "edition"),
                    edition=edition.edition,
                    program=enrolment.program,
                    approved=f"{order.date:%d.%m.%Y}",
                )
