"""What stands above every document of the school (ГОСТ Р 7.0.97-2025, реквизиты 05–14)."""

from __future__ import annotations

from dataclasses import dataclass

from papka.model.archive import Archive
from papka.views.wording import NBSP, day, number


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Empty words are left out by the template, never printed as blanks."""

    organization: str
    short_name: str
    registration: str
    contacts: str
    licence: str
    place: str


def letterhead(archive: Archive) -> Letterhead:
    organization = archive.organization
    if organization is None:
        return Letterhead("", "", "", "", "", "")
    licence = organization.licence
    granted = f"от{NBSP}{day(licence.date)}, {licence.issued_by}" if licence else ""
    contacts = (organization.address, organization.email, organization.site)
    return Letterhead(
        organization=organization.name,
        short_name=organization.short_name,
        registration=registration(organization.inn, organization.ogrn),
        contacts=", ".join(part for part in contacts if part),
        licence=f"Лицензия {number(licence.number)} {granted}" if licence else "",
        place=organization.place,
    )


def registration(inn: str | None, ogrn: str | None) -> str:
    """«ИНН …, ОГРНИП …»: 15 digits are of an entrepreneur, 13 of an organization."""
    ids = [f"ИНН{NBSP}{inn}"] if inn else []
    if ogrn:
        ids.append(f"ОГРН{'ИП' if len(ogrn) == 15 else ''}{NBSP}{ogrn}")
    return ", ".join(ids)
