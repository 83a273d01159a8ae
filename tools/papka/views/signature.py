"""The grid under a document: post, place for a signature, name, place for a date (R-6.5)."""

from __future__ import annotations

from dataclasses import dataclass

from papka.model.archive import Archive
from papka.views.reference import staff


@dataclass(frozen=True, slots=True)
class Signature:
    """Empty words leave a line to write on."""

    post: str = ""
    name: str = ""
    heading: str = ""


def of_head(archive: Archive, heading: str = "") -> Signature:
    organization = archive.organization
    if organization is None:
        return Signature(heading=heading)
    return Signature(organization.head_post, staff(archive, organization.head), heading)


def of_clerk(archive: Archive) -> Signature:
    """The one clerk the school has; with none or several the line stays empty."""
    clerks = [
        member
        for member in archive.staff.values()
        if "делопроизводитель" in member.roles and member.until is None
    ]
    if len(clerks) != 1:
        return Signature()
    return Signature(clerks[0].post, staff(archive, clerks[0].id))
