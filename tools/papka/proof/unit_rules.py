"""Rules about units of retention: their salts, and personal data that would outlive them.

Each unit that has a folder, and each register entry, has its own salt from its first commit: a tree
or a digest that outlives a destroyed unit must confirm no guess (R-6.4). One unit gives one
finding. An order may have a salt, those of earlier years have none; that a salt stays as it is, is
a rule of steps.

Personal data outside a unit is reported without guessing: a full name as it stands in a card
(surname, given name and patronymic), an e-mail of a card; in a commit's message also surname and
given name, any e-mail and any insurance number whose check digits agree. Names of the staff pass:
they stand in the rules and plans of the school. Inflected names pass, and phones, which a school
and a family may share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from papka.core.cells import folded
from papka.core.findings import Finding, Location
from papka.core.places import ORGANIZATION, RECORDS, SALT_BYTES, STAFF, place, unit
from papka.proof import verify_codes
from papka.proof.chronicle import HistoryStep
from papka.repository.git_values import TrackedFile

_NAME = ".salt"


@lru_cache(maxsize=1 << 18)
def salt_of(path: str) -> str | None:
    """Return the salt file of the unit that a path lies in; None when its unit keeps none."""
    folder = unit(path)
    if folder is None or not path.startswith(f"{folder}/"):
        return None  # an order and a register entry are files beside each other
    return f"{folder}/{_NAME}"


def salted_units(files: Iterable[str]) -> dict[str, str]:
    """Return each salt file due -> a file of that unit."""
    found: dict[str, str] = {}
    known = ""
    for path in files:
        if known and path.startswith(known):
            continue  # beside one that is counted: paths come folder by folder
        salt = salt_of(path)
        if salt is not None:
            found.setdefault(salt, path)
            known = salt.removesuffix(_NAME)
    return found


def judge_salts(
    files: Mapping[str, TrackedFile],
    steps: Iterable[HistoryStep],
    salts: Mapping[str, bytes | None],
) -> Iterator[Finding]:
    """Report units without a salt, late or wrong salts, and a salt used twice.

    `salts`: path of a salt file or of a register entry -> its salt; None where none is found.
    """
    late = _find_late_salts(steps)
    for salt, path in salted_units(files).items():
        if salt in late:
            detail = "первое сохранение с этой папкой сделано без неё"
            yield verify_codes.SALT_MISSING.at(Location(path, commit=late[salt]), detail=detail)
        elif salt not in files:
            yield verify_codes.SALT_MISSING.at(Location(path), detail="нет файла .salt")
    owners: dict[bytes, str] = {}
    for path in sorted(salts):
        value = salts[path]
        if value is None or len(value) != SALT_BYTES:
            yield verify_codes.SALT_MISSING.at(Location(path), detail="в ней не 32 байта")
            continue
        other = owners.setdefault(value, path)
        if other != path:
            yield verify_codes.SALT_REUSED.at(Location(path), other=other)


def is_register(path: str) -> bool:
    found = place(path)
    return found is not None and found.kind == "register"


def _find_late_salts(steps: Iterable[HistoryStep]) -> dict[str, str]:
    """Return each salt file added later than its unit -> the commit that made the unit.

    A unit removed whole and made anew is another unit. One whose salt was there before these steps
    is not judged.
    """
    left: dict[str, set[str]] = {}
    without: dict[str, str] = {}
    late: dict[str, str] = {}
    for step in steps:
        added = {change.path for change in step.changes if change.added}
        for change in step.changes:
            salt = salt_of(change.path)
            if salt is None:
                continue
            files = left.setdefault(salt, set())
            if change.added and not files:
                late.pop(salt, None)
                without.pop(salt, None)
                if salt not in added:
                    without[salt] = step.commit.id
            if change.path == salt and change.added and salt in without:
                late[salt] = without.pop(salt)
            if change.deleted:
                files.discard(change.path)
            else:
                files.add(change.path)
    return late


_FIELD = re.compile(
    r"""^[ ]*(?:-[ ]+)?(?P<key>surname|given|patronymic|email):[ ]+"""
    r"""(?P<quote>["']?)(?P<value>[^"'\n#]+?)(?P=quote)[ ]*(?:#.*)?$""",
    re.MULTILINE,
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_INSURANCE = re.compile(r"(?<!\d)(\d{3})[- ](\d{3})[- ](\d{3})[- ](\d\d)(?!\d)")
_OUR_DOMAIN = "@papka.invalid"
_TEXTS = (".yaml", ".yml", ".txt", ".md", ".part", ".json", ".csv", ".j2", ".css", "_signers")
_EXAMPLES = ("schema/", "templates/", "proof/")
"""Rules, forms, pages of the proof kit: the persons in their examples are invented and may bear
anybody's name."""
OF_THE_SCHOOL = (ORGANIZATION, STAFF)


@dataclass(slots=True)
class Persons:
    """The persons the cards name. `full`: words of whole names, in both orders; `short`: without
    the patronymic; `reached`: their e-mails."""

    full: set[tuple[str, ...]] = field(default_factory=set)
    short: set[tuple[str, ...]] = field(default_factory=set)
    reached: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, cards: Iterable[str]) -> Persons:
        """Gather everybody whom these cards name: students and their representatives."""
        found = cls()
        for card in cards:
            names: dict[str, str] = {}
            for match in _FIELD.finditer(card):
                key, value = match["key"], match["value"]
                if key == "email":
                    found.reached.add(value.casefold())
                    continue
                names = {key: value} if key == "surname" else names | {key: value}
                if {"surname", "given"} <= names.keys():
                    found._add_name(names)
        return found

    def _add_name(self, names: Mapping[str, str]) -> None:
        surname, given, patronymic = (
            _split_words(names.get(key, "")) for key in ("surname", "given", "patronymic")
        )
        self.short |= {surname + given, given + surname}
        if patronymic:
            self.full |= {surname + given + patronymic, given + patronymic + surname}

    def without(self, others: Persons) -> Persons:
        """Return all but those named there too."""
        return Persons(
            self.full - others.full, self.short - others.short, self.reached - others.reached
        )


def is_card(path: str) -> bool:
    """Whether it is a student's card, with names and addresses."""
    found = place(path)
    return found is not None and found.kind == "student"


def is_common(path: str) -> bool:
    """Whether it is a text that lies in no unit, so that it outlives whoever it names."""
    if path in OF_THE_SCHOOL or path.startswith(_EXAMPLES):
        return False
    return path.endswith(_TEXTS) and unit(path) is None


def judge_messages(steps: Iterable[HistoryStep], persons: Persons) -> Iterator[Finding]:
    """Report personal data in the messages of commits."""
    for step in steps:
        text = step.commit.message
        what = (
            _find_name(text, persons.short)
            or _find_insurance_number(text)
            or ("адрес почты" if _list_addresses(text) else "")
        )
        if what:
            yield verify_codes.PERSONAL_DATA_OUTSIDE_UNIT.at(
                Location(commit=step.commit.id), what=f"в описании сохранения есть {what}"
            )


def judge_texts(texts: Iterable[tuple[str, str]], persons: Persons) -> Iterator[Finding]:
    """Report personal data in files that lie in no unit; `texts`: path and words of each."""
    for path, text in texts:
        what = _find_name(text, persons.full)
        if not what and not persons.reached.isdisjoint(_list_addresses(text)):
            what = "адрес почты из личной папки"
        if what:
            yield verify_codes.PERSONAL_DATA_OUTSIDE_UNIT.at(
                Location(path), what=f"в общем файле есть {what}"
            )


def judge_places(paths: Iterable[str]) -> Iterator[Finding]:
    """Report files below `records/` that belong to no kind of record: destruction would not find
    them."""
    for path in paths:
        if path.startswith(f"{RECORDS}/") and place(path) is None:
            yield verify_codes.PERSONAL_DATA_OUTSIDE_UNIT.at(
                Location(path), what="файл лежит там, где архив ничего не хранит"
            )


def _find_name(text: str, names: set[tuple[str, ...]]) -> str:
    """Return the words of a finding if the text names a person; the name is not repeated."""
    words = _split_words(text)
    for length in {len(name) for name in names}:
        if any(words[at : at + length] in names for at in range(len(words) - length + 1)):
            return "имя человека из личной папки"
    return ""


def _list_addresses(text: str) -> list[str]:
    found = (match.casefold() for match in _EMAIL.findall(text))
    return [each for each in found if not each.endswith(_OUR_DOMAIN)]


def _find_insurance_number(text: str) -> str:
    for match in _INSURANCE.finditer(text):
        digits = "".join(match.groups()[:3])
        total = sum(int(digit) * (9 - at) for at, digit in enumerate(digits))
        if total % 101 % 100 == int(match[4]):
            return "номер СНИЛС"
    return ""


def _split_words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(folded(text)))
