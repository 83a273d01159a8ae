"""Who assesses or signs worked in the school on that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS, order_file
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    for key, order in archive.orders.items():
        if not _serves(archive, order.signed_by, order.date):
            yield _told(order.signed_by, order.date, Location(order_file(key), "/signed_by"))
    for key, approval in archive.approvals.items():
        if not _serves(archive, approval.signed_by, approval.closed):
            where = Location(f"{RECORDS}/approvals/{key}.yaml", "/signed_by")
            yield _told(approval.signed_by, approval.closed, where)
    for student in archive.students.values():
        for results in student.periods.values():
            for result in results:
                name = result.assessed_by
                if name is not None and not _serves(archive, name, result.date):
                    yield _told(name, result.date, student.where(result, "assessed_by"))


def _serves(archive: Archive, name: str, day: dt.date) -> bool:
    member = archive.staff.get(name)
    return member is None or (
        (member.since is None or day >= member.since)
        and (member.until is None or day <= member.until)
    )


def _told(name: str, day: dt.date, where: Location) -> Finding:
    return codes.STAFF_NOT_IN_OFFICE.at(where, name=name, date=f"{day:%d.%m.%Y}")
