"""Orders and registers name students by addresses that exist: `2026-0007` or `2026-0007#e1`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS, order_file
from papka.model.archive import Archive
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    for key, order in archive.orders.items():
        path = order_file(key)
        for index, item in enumerate(order.items):
            for place, address in enumerate(item.students):
                where = partial(Location, path, f"/items/{index}/students/{place}")
                yield from _address(archive, address, where)
    for key, entry in archive.registers.items():
        where = partial(Location, f"{RECORDS}/registers/{key}.yaml", "/student")
        yield from _address(archive, entry.student, where)
    for student in archive.students.values():
        twin = student.person.duplicate_of if student.person else None
        if twin is not None:
            where = partial(student.where, student.person, "duplicate_of")
            yield from _address(archive, twin, where)


def _address(archive: Archive, address: str, where: Callable[[], Location]) -> Iterator[Finding]:
    student_id, _, entry_id = address.partition("#")
    student = archive.students.get(student_id)
    if student is None:
        if student_id in archive.folders:
            return  # there, but not read this time
        yield codes.REF_UNKNOWN_STUDENT.at(where(), name=address)
        return
    if not entry_id or _has(student, entry_id):
        return
    if not any(path.startswith(student.folder + "/") for path in archive.unreadable):
        yield codes.REF_UNKNOWN_STUDENT.at(where(), name=address)


def _has(student: Student, entry_id: str) -> bool:
    """Orders mostly name an enrolment, a credit or an award: these lists are asked first."""
    shelves = chain(student.enrolments, student.credits, student.awards, student.entries())
    return any(entry.id == entry_id for entry in shelves)
