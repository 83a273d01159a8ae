"""A folder's random bytes never change: digests elsewhere rest on them (R-6.4)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.model.archive import Archive


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    for student_id, new in after.students.items():
        old = before.students.get(student_id)
        if old is not None and old.salt is not None and new.salt != old.salt:
            path = f"{new.folder}/.salt"
            yield codes.SALT_CHANGED.at(Location(path), student=student_id, path=path)
