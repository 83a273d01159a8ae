"""Signed facts as a person reads them, and every way a paper may spell them.

Absent on purpose: belief. These words are shown also for a code whose signature is bad.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields

from papka.core.document_facts import TAGS, Cut, DocumentFacts, fitted
from papka.model.person import Name
from papka.views.inflection import dative
from papka.views.wording import MONTHS, day

LABELS = {
    "form": "Форма",
    "number": "Номер",
    "date": "Дата",
    "holder": "ФИО",
    "birth_date": "Дата рождения",
    "programme": "Программа",
    "hours": "Часы",
    "started": "Начало обучения",
    "ended": "Окончание обучения",
    "result": "Итог",
    "order": "Основание",
    "duplicate_of": "Взамен утраченного",
    "organization": "Организация (ИНН)",
    "entry": "Строки приложения и прочее",
    "key": "Ключ подписи",
}
GOES_ON = (" ч", " ак")
"""How a spelling may end within a word: «36 часов», «36 ак. ч»."""
_ALWAYS = ("number", "date", "holder")
_STUDY = (*_ALWAYS, "birth_date", "programme", "hours")
_SHOWN = {
    "certificate": (*_STUDY, "started", "ended", "order", "duplicate_of"),
    "transcript": (*_STUDY, "started", "ended", "order", "duplicate_of"),
    "progress": (*_STUDY, "duplicate_of"),
}
"""Form -> facts it prints word for word. Others it words in its own way or does not show."""
_IN_DATIVE = frozenset(("transcript", "progress"))
_PARTS = ("surname", "given", "patronymic")


def told(facts: DocumentFacts) -> Iterator[tuple[str, str]]:
    """(field, words) in the order of the format, absent ones left out."""
    for name, _ in TAGS.values():
        value = getattr(facts, name)
        if value is not None:
            yield name, words(value)


def words(value: object) -> str:
    """«28.05.2026»; bytes in hexadecimal; a cut text with an ellipsis."""
    if isinstance(value, dt.date):
        return day(value)
    return value.hex() if isinstance(value, bytes) else str(value)


def differing(one: DocumentFacts, other: DocumentFacts) -> Iterator[str]:
    """Names of fields that are not equal once fitted, in the order of the format."""
    first, second = fitted(one), fitted(other)
    for field in fields(first):
        if getattr(first, field.name) != getattr(second, field.name):
            yield field.name


def shown(facts: DocumentFacts) -> dict[str, tuple[str, ...]]:
    """Fact -> how its form spells it, for all that can be looked for without the archive."""
    form = str(facts.form).partition("@")[0]
    values = dict(told(facts))
    found = {
        name: spellings(name, values[name]) for name in _SHOWN.get(form, _ALWAYS) if name in values
    }
    if form in _IN_DATIVE:
        cases = (*found.pop("holder"), *_dative(str(facts.holder)))
        if len(cases) > 1 and isinstance(facts.holder, str):
            found["holder"] = cases
    return found


def printed(facts: DocumentFacts, dative_case: str = "") -> dict[str, tuple[str, ...]]:
    """Fact -> how any form may spell it; `dative_case`: the name in it, as the entry has it."""
    found = {name: spellings(name, value) for name, value in told(facts)}
    if dative_case:
        found["holder"] = (*found["holder"], dative_case)
    return found


def _dative(full: str) -> Iterator[str]:
    """«Ивушкиной Розе Платоновне» of a name of three words; none where that is unsure."""
    parts = full.split()
    if len(parts) == len(_PARTS):
        name = Name(**dict(zip(_PARTS, parts, strict=True)))
        yield from filter(None, [dative(name, None)])


def spellings(name: str, value: object) -> tuple[str, ...]:
    """How a paper may spell the fact; none for what no paper spells."""
    if isinstance(value, dt.date):
        return day(value), f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    if name == "hours":
        return tuple(f"{value}{unit}" for unit in GOES_ON)
    if isinstance(value, str):
        return (value,)
    return (value.start,) if isinstance(value, Cut) else ()
