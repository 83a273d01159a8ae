"""A photo on the card needs a consent for a photo that was not revoked (R-3.1).

A school without a purpose whose data name a photo has not said how it asks: nothing is judged.
Whether the consent has run out by a day is a question of the calendar: model/derived/consents.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive
from papka.model.derived.consents import picture_purposes


def check(archive: Archive) -> Iterator[Finding]:
    purposes = picture_purposes(archive)
    if not purposes:
        return
    for student in archive.students.values():
        person = student.person
        if person is None or person.photo is None:
            continue
        given = any(
            consent.purpose in purposes and consent.revoked is None for consent in student.consents
        )
        if not given and archive.is_readable(f"{student.folder}/consents.yaml"):
            yield codes.PHOTO_WITHOUT_CONSENT.at(student.where(person, "photo"))
