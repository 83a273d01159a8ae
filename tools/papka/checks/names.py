"""Names that were probably mistyped: two alphabets in one word, signs no name has.

A patronymic is optional, a single name, Latin, double and hyphenated names are names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Code, Finding, Location
from papka.core.layout import RECORDS, STAFF
from papka.model.archive import Archive
from papka.model.person import FormerName, Name
from papka.model.student import Student

_FIELDS = ("surname", "given", "patronymic", "genitive", "dative")
_USUAL = re.compile(r"[А-ЯЁа-яё]+(?:[- ][А-ЯЁа-яё]+)*\Z")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_ALLOWED = frozenset("-'’. ")


def check(archive: Archive) -> Iterator[Finding]:
    for index, member in enumerate(archive.staff_list):
        for field, code in _faults(member.name):
            yield code.at(Location(STAFF, f"/staff/{index}/name/{field}"))
    for key, entry in archive.registers.items():
        fault = _fault(entry.holder)
        if fault is not None:
            yield fault.at(Location(f"{RECORDS}/registers/{key}.yaml", "/holder"))
    for student in archive.students.values():
        yield from _student(student)


def _student(student: Student) -> Iterator[Finding]:
    person = student.person
    if person is None:
        return
    for field, code in _faults(person.name):
        yield code.at(student.where(person, "name", field))
    for index, former in enumerate(person.former_names):
        for field, code in _faults(former):
            yield code.at(student.where(person, "former_names", index, field))
    for other in person.representatives:
        for field, code in _faults(other):
            yield code.at(student.where(other, field))


def _faults(name: Name | FormerName) -> Iterator[tuple[str, Code]]:
    for field in _FIELDS:
        text = getattr(name, field, None)
        code = _fault(text) if text is not None else None
        if code is not None:
            yield field, code


def _fault(text: str) -> Code | None:
    if _USUAL.match(text):
        return None
    if any(_LATIN.search(word) and _CYRILLIC.search(word) for word in re.split("[- ]", text)):
        return codes.NAME_MIXED_SCRIPT
    if all(sign.isalpha() or sign in _ALLOWED for sign in text):
        return None
    return codes.NAME_SUSPICIOUS
