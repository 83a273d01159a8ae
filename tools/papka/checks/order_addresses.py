"""An order lists whom it is about: the entry that cites it, or the whole personal file."""

from __future__ import annotations

from collections.abc import Iterator

from papka.checks.order_uses import uses
from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    listed = {
        key: frozenset(address for item in order.items for address in item.students)
        for key, order in archive.orders.items()
    }
    for student in archive.students.values():
        for use in uses(student):
            named = listed.get(use.order)
            if named is None or use.entry.id is None or student.id in named:
                continue
            address = f"{student.id}#{use.entry.id}"
            if address not in named:
                yield codes.ORDER_NOT_NAMING.at(
                    student.where(use.entry, *use.fields), order=use.order, address=address
                )
