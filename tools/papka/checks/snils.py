"""СНИЛС: the last two digits follow from the nine before them.

Only numbers above 001-001-998 carry a check; the field is never demanded.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive

BRANCHES = ("a number", "remainder 100", "remainder 101", "the first number with a check")
_FIRST_CHECKED = 1_001_999


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        person = student.person
        if person is not None and person.snils is not None and not _is_right(person.snils):
            yield codes.SNILS_CHECKSUM.at(student.where(person, "snils"))


def _is_right(snils: str) -> bool:
    """Whether the check of `112-233-445 95` fits; the schema has judged the shape."""
    number, control = snils[:-3].replace("-", ""), snils[-2:]
    total = sum(int(digit) * weight for digit, weight in zip(number, range(9, 0, -1), strict=True))
    return int(number) < _FIRST_CHECKED or total % 101 % 100 == int(control)
