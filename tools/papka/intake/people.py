"""Who a row is about: key, e-mail, name, birth day, as the layout's columns say.

Invariant: a name is never cut where that is unsure: what is no patronymic by its ending stays in
the given name, and `full` holds every word of the file whatever the cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from papka.core.table import Row
from papka.intake.headers import Header
from papka.model.export_layout import StudentColumns
from papka.model.person import Name

_PATRONYMIC = re.compile(r"\S+(?:ич|вна|чна)|\S+[ -](?:оглы|оглу|кызы|угли|улы)", re.IGNORECASE)
_SURNAME_FIRST = "фамилия имя отчество"


@dataclass(frozen=True, slots=True)
class PersonColumns:
    """Numbers of the columns, 0 for none."""

    rule: StudentColumns
    key: int
    email: int
    surname: int
    given: int
    patronymic: int
    full_name: int
    birth_date: int

    @property
    def named(self) -> tuple[int, ...]:
        """Those there are; any of them filled says that a row is about a person."""
        every = (
            *(self.key, self.email, self.surname, self.given),
            *(self.patronymic, self.full_name, self.birth_date),
        )
        return tuple(column for column in every if column)


def person_columns(header: Header, rule: StudentColumns) -> PersonColumns:
    """Missing ones are told by the header."""
    names = (rule.key, rule.email, rule.surname, rule.given, rule.patronymic)
    rest = (rule.full_name, rule.birth_date)
    return PersonColumns(rule, *(header.one(name) for name in (*names, *rest)))


def name_of(row: Row, columns: PersonColumns) -> Name | None:
    """The name in parts; None when the row holds none."""
    if columns.full_name:
        return _cut(row.cell(columns.full_name), columns.rule.name_order)
    surname, given, patronymic = (
        " ".join(row.cell(column).split())
        for column in (columns.surname, columns.given, columns.patronymic)
    )
    if columns.rule.patronymic_in_given and not patronymic:
        given, patronymic = _split(given)
    return _name(surname, given, patronymic)


def _cut(text: str, order: str) -> Name | None:
    """«Иванова, Анна Петровна», «Иванова Анна Петровна», «Анна Петровна Иванова»."""
    surname, comma, rest = text.partition(",")
    if comma:
        return _name(" ".join(surname.split()), *_split(" ".join(rest.split())))
    words = text.split()
    if len(words) < 2:
        return _name("", " ".join(words), "")
    if order == _SURNAME_FIRST:
        return _name(words[0], *_split(" ".join(words[1:])))
    return _name(words[-1], *_split(" ".join(words[:-1])))


def _split(given: str) -> tuple[str, str]:
    """«Анна Петровна» is two; «Анна Мария» and «Али Гасан» are one; «Али Гасан оглы» is two."""
    first, _, rest = given.partition(" ")
    return (first, rest) if rest and _PATRONYMIC.fullmatch(rest) else (given, "")


def _name(surname: str, given: str, patronymic: str) -> Name | None:
    if not given:
        # a single name stands as the given one
        return Name(given=surname) if surname else None
    return Name(surname=surname or None, given=given, patronymic=patronymic or None)
