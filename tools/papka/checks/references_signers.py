"""Who certified, bound, checked or copied is a member of staff (R-5.3, R-6.3, R-6.5)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from papka.checks.naming import unknown
from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS, STAFF
from papka.model.archive import Archive
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    if not archive.is_readable(STAFF):
        return
    for name, where in _media(archive):
        place = partial(Location, where.path, where.pointer)
        yield from unknown(codes.REF_UNKNOWN_STAFF, name, archive.staff, place)
    for student in archive.students.values():
        yield from _student(archive, student)


def _media(archive: Archive) -> Iterator[tuple[str | None, Location]]:
    for year, media in archive.media.items():
        at = partial(Location, f"{RECORDS}/media/{year}.yaml")
        for index, copy in enumerate(media.copies):
            yield copy.made_by, at(f"/copies/{index}/made_by")
            yield copy.verified_by, at(f"/copies/{index}/verified_by")
        for index, inspection in enumerate(media.inspections):
            yield inspection.made_by, at(f"/inspections/{index}/made_by")


def _student(archive: Archive, student: Student) -> Iterator[Finding]:
    person = student.person
    for index, volume in enumerate(person.paper.volumes if person and person.paper else ()):
        where = partial(student.where, person, "paper", "volumes", index, "signed_by")
        yield from unknown(codes.REF_UNKNOWN_STAFF, volume.signed_by, archive.staff, where)
    for document in student.documents:
        if document.certified is not None:
            where = partial(student.where, document, "certified", "signed_by")
            name = document.certified.signed_by
            yield from unknown(codes.REF_UNKNOWN_STAFF, name, archive.staff, where)
