"""СНИЛС: the last two digits follow from the nine before them.

Only numbers above 001-001-998 carry a check; the field is never demanded.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive

_FIRST_CHECKED = 1_001_999


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        person = student.person
        if person is not None and person.snils is not None and not is_right(person.snils):
            yield codes.SNILS_CHECKSUM.at(student.where(person, "snils"))


def is_right(snils: str) -> bool:
    """Whether the check of `112-233-445 95` fits; the schema has judged the shape."""
    digits = [int(sign) for sign in snils if sign in "0123456789"]
    number, control = digits[:9], digits[9:]
    if int("".join(map(str, number)) or 0) < _FIRST_CHECKED:
        return True
    total = sum(digit * (9 - place) for place, digit in enumerate(number))
    return total % 101 % 100 == int("".join(map(str, control)) or 0)
