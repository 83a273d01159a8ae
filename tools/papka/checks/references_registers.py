"""Register entries name a declared series, documents that exist, and who received them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from papka.checks.naming import unknown
from papka.checks.references_entries import SELF
from papka.core.codes import consistency, records
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION, RECORDS, student_folder
from papka.core.suggestion import may_be
from papka.model.archive import Archive

_REGISTERS = f"{RECORDS}/registers/"


def check(archive: Archive) -> Iterator[Finding]:
    numbers = {entry.number for entry in archive.registers.values()}
    whole = not any(path.startswith(_REGISTERS) for path in archive.unreadable)
    for key, entry in archive.registers.items():
        at = partial(Location, f"{_REGISTERS}{key}.yaml")
        if archive.is_readable(ORGANIZATION):
            yield from unknown(
                consistency.REF_UNKNOWN_SERIES,
                entry.series,
                archive.series,
                partial(at, "/series"),
            )
        named = [(entry.duplicate_of, "/duplicate_of")]
        if entry.void is not None:
            named.append((entry.void.replaced_by, "/void/replaced_by"))
        for number, pointer in named if whole else ():
            yield from unknown(
                consistency.REF_UNKNOWN_NUMBER, number, numbers, partial(at, pointer)
            )
        if entry.handed is not None:
            yield from _receiver(archive, entry.student, entry.handed.to, at("/handed/to"))


def _receiver(archive: Archive, address: str, to: str, where: Location) -> Iterator[Finding]:
    """The book outlives the personal file: of a folder that is not there nothing is asked."""
    student = archive.students.get(address.partition("#")[0])
    if student is None or student.person is None or to == SELF:
        return
    if not archive.is_readable(f"{student_folder(student.id)}/student.yaml"):
        return
    known = [person.id for person in student.person.representatives if person.id]
    if to not in known:
        yield records.REF_UNKNOWN_ENTRY.at(where, name=to, field="to", may_be=may_be(to, known))
