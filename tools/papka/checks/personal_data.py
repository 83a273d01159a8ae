"""Rules about personal data: where they may stand (R-6.4), names, СНИЛС, restricted records.

Events, approvals, manifests, headers of exports, programmes and journals outlive a personal folder
and cannot be destroyed with it, so no personal data may stand there. Looked for are the names of
known students and representatives (surname beside given name, in any case), phones, e-mails, СНИЛС.
What the school itself publishes (organization, staff) is its own; a namesake of a staff member is
not told apart and not reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise

from papka.core.cells import folded
from papka.core.findings import Code, Finding, Location, Severity
from papka.core.kinds import KIND_OF
from papka.core.places import RECORDS, RESTRICTED, STAFF, import_file, record_file
from papka.records.archive import Archive
from papka.records.raw_exports import HEADER, NAMES, header_text
from papka.records.student import (
    FormerName,
    Name,
    Person,
    Record,
    Representative,
    Student,
    iterate_texts,
)

SNILS_CHECKSUM = Code(
    "SNILS_CHECKSUM",
    Severity.ERROR,
    says="Контрольное число СНИЛС не сходится",
    hint="Сверьте номер с документом: ошибка хотя бы в одной цифре",
    why="Последние две цифры СНИЛС вычисляются по остальным и ловят описки.",
)
NAME_MIXED_SCRIPT = Code(
    "NAME_MIXED_SCRIPT",
    Severity.WARNING,
    says="В одном слове имени смешаны русские и латинские буквы",
    hint="Наберите слово заново одной раскладкой: похожие буквы (а, е, о, р, с, у, х) разные",
    why="Русская и латинская «а» выглядят одинаково, но поиск и сверка с платформой не найдут "
    "такого имени.",
)
NAME_SUSPICIOUS = Code(
    "NAME_SUSPICIOUS",
    Severity.WARNING,
    says="В имени есть знак, которого в именах не бывает",
    hint="Оставьте буквы, дефис, апостроф и пробел; й или ё, набранную двумя знаками (буква и "
    "значок над ней), наберите заново; примечание об имени запишите в другое поле",
    why="Имя печатают в документах так, как оно записано.",
)
NAME_NOT_DRAWN = Code(
    "NAME_NOT_DRAWN",
    Severity.WARNING,
    says="В имени есть буква, которой нет в шрифтах бланков",
    hint="Запишите имя русскими буквами, как в русском документе или переводе; исходное написание "
    "запишите в identity",
    why="Такую букву на бланке не напечатать: документ с этим именем не выдаётся.",
)
PERSONAL_DATA_OUTSIDE_UNIT = Code(
    "PERSONAL_DATA_OUTSIDE_UNIT",
    Severity.ERROR,
    says="Здесь записаны личные сведения ({what}) из дела {student}",
    hint="Назовите человека номером дела, например 2026-0007, а сведения оставьте в его деле",
    why="Личные сведения хранят только в личных делах, приказах, реестрах и оригиналах выгрузок: "
    "всё это можно уничтожить в срок. Из общих записей их потом не убрать.",
)
RESTRICTED_RECORD = Code(
    "RESTRICTED_RECORD",
    Severity.ERROR,
    says="В {kind} архиве таких записей не бывает",
    hint="Перенесите запись в другой архив: её место — в {other}",
    why="Педагогическая диагностика и особые потребности видны не всем (пп. 2.2.7, 4.2 Порядка): "
    "они лежат в отдельном архиве, потому что git не ограничивает доступ по папкам.",
)

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_ENDING = re.compile(r"(?:ого|его|ому|ему|ыми|ими|[ыи]м|[ое]м|[ое]й|[ое]ю|ью|[ыи]й|ая|яя|ую|юю"
                     r"|[аяыиуюеоьй])\Z")  # fmt: skip
_NUMBER = re.compile(r"\+?\d[\d ()-]{8,}\d", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>(),;:«»\"]+@[^\s@<>(),;:«»\"]+\.[^\s@<>(),;:«»\".]+")
_PHONE_DIGITS = 10


_RECORDS = {
    KIND_OF[kind].shelf: kind
    for kind in (
        *("program", "platform", "regulation", "approval", "import", "media"),
        *("act", "purges"),
    )
}
"""Records outside units: shelf -> kind."""
PERSONAL_DATA_BRANCHES = (
    *_RECORDS,
    *("events", "header of an export"),
    *("имя", "имя наоборот", "прежнее имя", "имя представителя"),
    *("телефон", "телефон представителя", "почта", "почта представителя", "СНИЛС"),
)


def check_personal_data(archive: Archive) -> Iterator[Finding]:
    """Personal data stand in units of retention and nowhere else (R-6.4)."""
    clues = _gather_clues(archive)
    for path, pointer, text in list_texts(archive):
        for what, student in sorted({clues[sign] for sign in list_signs(text) if sign in clues}):
            where = Location(path, pointer)
            yield PERSONAL_DATA_OUTSIDE_UNIT.at(where, what=what, student=student)


def list_texts(archive: Archive) -> Iterator[tuple[str, str, str]]:
    """List the texts outside units: path, pointer, text."""
    for shelf, kind in _RECORDS.items():
        records: Mapping[str, Record] = getattr(archive, shelf)
        for key, record in records.items():
            for pointer, text in iterate_texts(record):
                yield record_file(kind, key) or "", pointer, text
    for year, events in archive.event_years.items():
        for pointer, text in iterate_texts(events):
            yield f"{RECORDS}/events/{year}.yaml", f"/events{pointer}", text
    for key, files in archive.import_files.items():
        taken = archive.imports.get(key)
        encoding = (taken.encoding if taken else None) or "utf-8"
        yield import_file(key, NAMES[HEADER]), "", header_text(files.header, encoding)


def _gather_clues(archive: Archive) -> dict[str, tuple[str, str]]:
    """Return what a text may not hold -> what it is, and the student in whose folder it stands."""
    clues: dict[str, tuple[str, str]] = {}
    for student in archive.students.values():
        for what, sign in list_clues(student):
            clues.setdefault(sign, (what, student.id))
    for member in archive.staff_list:
        for sign in _pair_names(member.name):
            clues.pop(sign, None)
    return clues


def list_clues(student: Student) -> Iterator[tuple[str, str]]:
    """Yield names, numbers and e-mails of a personal file: what each is, and the sign by which a
    text that holds it is known (`list_signs`)."""
    person = student.person
    if person is None:
        return
    known: list[tuple[Name, tuple[FormerName, ...]]] = [(person.name, person.former_names)]
    known += [(other, other.former_names) for other in person.representatives]
    for name in (name for now, former in known for name in _every_name(now, former)):
        yield from (("имя", sign) for sign in _pair_names(name))
    owners: tuple[Person | Representative, ...] = (person, *person.representatives)
    for owner in owners:
        if owner.phone is not None:
            yield "телефон", _digits(owner.phone)[-_PHONE_DIGITS:]
        if owner.email is not None:
            yield "почта", owner.email.casefold()
    if person.snils is not None:
        yield "СНИЛС", _digits(person.snils)


def _every_name(now: Name, former: Iterable[FormerName]) -> Iterator[Name]:
    yield now
    for old in former:
        yield Name(surname=old.surname or now.surname, given=old.given or now.given)


def _pair_names(name: Name) -> Iterator[str]:
    if name.surname is not None:
        surname, given = _stem(folded(name.surname)), _stem(folded(name.given))
        yield f"{surname} {given}"
        yield f"{given} {surname}"


def _stem(word: str) -> str:
    """Cut the case ending of a folded word: «аглаей» and «аглая» are one, «евой» and «ева»."""
    plain = word
    short = plain
    while len(short) > 2 and (cut := _ENDING.sub("", short)) != short:
        short = cut
    return short if len(short) > 1 else plain


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def list_signs(text: str) -> Iterator[str]:
    """Yield all that a text holds in the shape of a clue: two words, a long number, an e-mail."""
    words = [_stem(match[0]) for match in _WORD.finditer(folded(text))]
    yield from (f"{one} {other}" for one, other in pairwise(words))
    for match in _NUMBER.finditer(text):
        digits = _digits(match[0])
        yield from (digits, digits[-_PHONE_DIGITS:])
    yield from (match[0].casefold() for match in _EMAIL.finditer(text))


_FIELDS = ("surname", "given", "patronymic", "genitive", "dative")
_USUAL = re.compile(r"[А-ЯЁа-яё]+(?:[- ][А-ЯЁа-яё]+)*\Z")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_ALLOWED = frozenset("-'’. ")
DRAWN = re.compile(
    "["
    "\u0041-\u0109\u010c-\u0113\u0116-\u011f\u0122-\u0127\u012a-\u012b\u012e-\u0131"
    "\u0134-\u0137\u0139-\u013e\u0141-\u0148\u014c-\u014d\u0150-\u0165\u016a-\u0173"
    "\u0178-\u017f\u0192\u01f4-\u01f5\u0218-\u021b\u0237\u02bc\u02c6-\u02c7\u0394\u03a9"
    "\u03bc\u03c0\u0401-\u040c\u040e-\u044f\u0451-\u045c\u045e-\u045f\u0462-\u0463"
    "\u0472-\u0475\u048a-\u04c0\u04c3-\u04f9\u04fc-\u04fd\u0510-\u0513\u051c-\u051d"
    "\u0524-\u0527\u052e-\u052f\u1e30-\u1e31\u1e3e-\u1e3f\u1e54-\u1e55\u1e9e\u2113\u2126"
    "\u2c67-\u2c68\ufb01-\ufb02"
    "]*"
)
"""Letters that the fonts of the forms have, with what stands between them and is no letter."""


def list_names(archive: Archive) -> Iterator[tuple[Name | FormerName, Callable[..., Location]]]:
    """List the names of staff, students, also former ones, and representatives, each with what
    finds the place of a part of it."""
    for index, member in enumerate(archive.staff_list):
        yield member.name, partial(_place_in_staff, index)
    for student in archive.students.values():
        person = student.person
        if person is None:
            continue
        yield person.name, partial(student.where, person, "name")
        for index, former in enumerate(person.former_names):
            yield former, partial(student.where, person, "former_names", index)
        for other in person.representatives:
            yield other, partial(student.where, other)
            for index, former in enumerate(other.former_names):
                yield former, partial(student.where, other, "former_names", index)


def _place_in_staff(index: int, part: str) -> Location:
    return Location(STAFF, f"/staff/{index}/name/{part}")


def check_names(archive: Archive) -> Iterator[Finding]:
    """Names are not mistyped: two alphabets in one word, or signs no name has; and can be printed.

    A patronymic is optional; a single name, Latin, double and hyphenated names are names.
    """
    for name, where in list_names(archive):
        for field in _FIELDS:
            text = getattr(name, field, None)
            if text is not None and (fault := _judge_name(text)):
                yield fault.at(where(field))
    for key, entry in archive.registers.items():
        if fault := _judge_name(entry.holder):
            yield fault.at(Location(f"{RECORDS}/registers/{key}.yaml", "/holder"))


def _judge_name(text: str) -> Code | None:
    if _USUAL.match(text):
        return None
    if any(_LATIN.search(word) and _CYRILLIC.search(word) for word in re.split("[- ]", text)):
        return NAME_MIXED_SCRIPT
    if not all(sign.isalpha() or sign in _ALLOWED for sign in text):
        return NAME_SUSPICIOUS
    letters = "".join(sign for sign in unicodedata.normalize("NFC", text) if sign.isalpha())
    return None if DRAWN.fullmatch(letters) else NAME_NOT_DRAWN


SNILS_BRANCHES = ("a number", "remainder 100", "remainder 101", "the first number with a check")
_FIRST_CHECKED = 1_001_999


def check_snils(archive: Archive) -> Iterator[Finding]:
    """The last two digits of a СНИЛС follow from the nine before them.

    Only numbers above 001-001-998 carry a check; the field is never demanded.
    """
    for student in archive.students.values():
        person = student.person
        if person is not None and person.snils is not None and not _has_right_control(person.snils):
            yield SNILS_CHECKSUM.at(student.where(person, "snils"))


def _has_right_control(snils: str) -> bool:
    """Whether the check of `112-233-445 95` fits; the schema has judged the shape."""
    number, control = snils[:-3].replace("-", ""), snils[-2:]
    total = sum(int(digit) * weight for digit, weight in zip(number, range(9, 0, -1), strict=True))
    return int(number) < _FIRST_CHECKED or total % 101 % 100 == int(control)


def check_restricted_records(archive: Archive) -> Iterator[Finding]:
    """Diagnostics and special needs stand in the restricted archive, and nothing else does there
    (R-4.2, R-2.2.7)."""
    school = archive.organization
    if school is None:
        return
    words = ("основном", "ограниченном")
    other, kind = words if school.kind == RESTRICTED else reversed(words)
    for path in archive.misplaced:
        yield RESTRICTED_RECORD.at(Location(path), kind=kind, other=other)
