"""A folder made twice points in one step at the one that is kept."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        kept = student.person.duplicate_of if student.person else None
        if kept is None:
            continue
        other = archive.students.get(kept)
        again = other is not None and other.person is not None and other.person.duplicate_of
        if kept == student.id or again:
            yield codes.DUPLICATE_CHAIN.at(
                student.where(student.person, "duplicate_of"), student=kept
            )
