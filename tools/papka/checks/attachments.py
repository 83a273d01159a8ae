"""Every scan of the inventory lies in the folder, unaltered, and nothing else does (R-5.5)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.model.archive import Archive
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        yield from _student(archive, student)


def _student(archive: Archive, student: Student) -> Iterator[Finding]:
    listed = set()
    for document in student.documents:
        name = document.file
        if name is None:
            continue
        listed.add(name)
        digest = student.attachments.get(name)
        if digest is None:
            yield codes.ATTACHMENT_MISSING.at(student.where(document, "file"), name=name)
        elif digest != document.sha256 or not name.startswith(digest[:12]):
            yield codes.ATTACHMENT_ALTERED.at(student.where(document, "sha256"), name=name)
    if archive.is_readable(f"{student.folder}/documents.yaml"):
        for name in sorted(student.attachments.keys() - listed):
            yield codes.ATTACHMENT_UNLISTED.at(Location(f"{student.folder}/attachments/{name}"))
