"""Orders and registers name students by addresses that exist: `2026-0007` or `2026-0007#e1`."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS, order_file
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    for key, order in archive.orders.items():
        for index, item in enumerate(order.items):
            for place, address in enumerate(item.students):
                where = Location(order_file(key), f"/items/{index}/students/{place}")
                yield from _address(archive, address, where)
    for key, entry in archive.registers.items():
        where = Location(f"{RECORDS}/registers/{key}.yaml", "/student")
        yield from _address(archive, entry.student, where)
    for student in archive.students.values():
        twin = student.person.duplicate_of if student.person else None
        if twin is not None:
            yield from _address(archive, twin, student.where(student.person, "duplicate_of"))


def _address(archive: Archive, address: str, where: Location) -> Iterator[Finding]:
    student_id, _, entry_id = address.partition("#")
    student = archive.students.get(student_id)
    if student is None:
        if student_id in archive.folders:
            return  # there, but not read this time
        yield codes.REF_UNKNOWN_STUDENT.at(where, name=address)
        return
    if not entry_id or any(entry.id == entry_id for entry in student.entries()):
        return
    if not any(path.startswith(student.folder + "/") for path in archive.unreadable):
        yield codes.REF_UNKNOWN_STUDENT.at(where, name=address)
