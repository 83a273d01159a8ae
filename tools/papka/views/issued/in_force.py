"""Which document counts: one certificate a study, and of an original and its duplicate the latter.

Invariants: what was annulled, replaced or spoiled counts no more; nobody ends up with two papers
that both count. Absent on purpose: справки, of which a person may have many.
"""

from __future__ import annotations

from papka.core.errors import Refused
from papka.model.acts import RegisterEntry
from papka.model.archive import Archive
from papka.views.issued.request import Request

_ONCE = "certificate"


def duplicate_in_force(archive: Archive, number: str) -> RegisterEntry | None:
    """The duplicate that counts in place of a document, if one was made out."""
    found = (e for e in archive.registers.values() if e.duplicate_of == number and e.void is None)
    return next(found, None)


def require_first(archive: Archive, request: Request, address: str) -> None:
    """Raises Refused when this study has a certificate that counts, but for the replaced one."""
    for entry in archive.registers.values():
        if (
            request.form == entry.form.partition("@")[0] == _ONCE
            and entry.student == address
            and entry.void is None
            and entry.number != request.replace
            and duplicate_in_force(archive, entry.number) is None
        ):
            number = entry.number
            raise Refused(
                f"Сертификат за обучение {address} уже выдан: № {number} от {entry.date:%d.%m.%Y}",
                f"Напечатать его: papka print {_ONCE} {number}; утрачен — papka issue --duplicate "
                f'{number}; с ошибкой — papka issue --replace {number} --reason "…"',
            )


def require_last(archive: Archive, number: str) -> None:
    """Raises Refused when a duplicate counts in place of this document."""
    if found := duplicate_in_force(archive, number):
        raise Refused(
            f"Взамен № {number} как утраченного уже выдан дубликат № {found.number}",
            f"Действует он: назовите в команде № {found.number}",
        )
