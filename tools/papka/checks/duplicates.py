"""A folder made twice points in one step at the one that is kept."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        kept = _kept(student)
        if kept is not None and _kept(archive.students.get(kept)) is not None:
            yield codes.DUPLICATE_CHAIN.at(
                student.where(student.person, "duplicate_of"), student=kept
            )


def _kept(student: Student | None) -> str | None:
    """The file that is kept instead of this one; one that names itself points at a duplicate."""
    return student.person.duplicate_of if student and student.person else None
