"""Consents in force on a date (R-3.1, R-3.4).

Invariants: a consent covers one purpose; it stops on the day it is revoked and after the day it
is valid until; another consent for the same purpose stands on its own.
"""

from __future__ import annotations

import datetime as dt

from papka.model.archive import Archive
from papka.model.school import Purpose
from papka.model.standing import Consent
from papka.model.student import Student

_PICTURE = "фото"


def in_force(consent: Consent, on: dt.date) -> bool:
    """Whether the consent holds on that day."""
    if consent.revoked is not None and consent.revoked.date <= on:
        return False
    ended = consent.valid_until is not None and consent.valid_until < on
    return consent.date <= on and not ended


def consents_on(student: Student, on: dt.date, purpose: str | None = None) -> tuple[Consent, ...]:
    """The student's consents in force on a date, of one purpose or of all."""
    return tuple(
        consent
        for consent in student.consents
        if (purpose is None or consent.purpose == purpose) and in_force(consent, on)
    )


def picture_purposes(archive: Archive) -> frozenset[str]:
    """Purposes that let the school use a photo: those whose data name one."""
    return frozenset(name for name, purpose in archive.purposes.items() if _of_picture(purpose))


def _of_picture(purpose: Purpose) -> bool:
    return any(
        item.casefold().startswith(_PICTURE)
        for edition in purpose.editions
        for item in edition.data
    )
