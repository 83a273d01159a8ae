"""Every folder has its own random bytes; a copied folder brings another's along."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding, Location
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    first: dict[bytes | None, str] = {}
    for student in archive.students.values():
        other = first.setdefault(student.salt, student.id)
        if student.salt is not None and other != student.id:
            yield codes.SALT_REUSED.at(Location(f"{student.folder}/.salt"), student=other)
