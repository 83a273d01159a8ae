"""The text of a consent that anyone has signed is never changed; a new edition is added (R-3.1)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION
from papka.model.archive import Archive
from papka.model.school import PurposeEdition


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    new = _editions(after)
    changed = {key for key, edition in _editions(before).items() if new.get(key) != edition}
    if not after.is_readable(ORGANIZATION):
        return
    for student in before.students.values():
        for consent in student.consents:
            key = (consent.purpose, consent.edition)
            if key in changed:
                changed.remove(key)
                yield codes.CONSENT_TEXT_CHANGED.at(
                    Location(ORGANIZATION, _pointer(after, key[0])),
                    purpose=key[0],
                    edition=key[1],
                    student=student.id,
                )


def _editions(archive: Archive) -> dict[tuple[str, int], PurposeEdition]:
    return {
        (name, edition.edition): edition
        for name, purpose in archive.purposes.items()
        for edition in purpose.editions
    }


def _pointer(archive: Archive, name: str) -> str:
    for index, purpose in enumerate(archive.organization.purposes if archive.organization else ()):
        if purpose.purpose == name:
            return f"/purposes/{index}/editions"
    return "/purposes"
