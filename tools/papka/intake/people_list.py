"""Read the rows of a list of people as a secretary keeps it.

One row is one person and at most one programme,
a person with two programmes has two rows. Every cell is forgiven what is surely meant; one that
cannot be read is told by its own place, heading and value, and what may stand there. A row whose
first cell says «пример» is nobody.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from papka.core import cells
from papka.core.findings import Code, Finding, Location
from papka.core.phrases import suggest
from papka.core.places import is_student_id
from papka.intake import people_codes as codes
from papka.intake.people_headings import (
    EXAMPLE,
    FIELDS,
    HEADINGS,
    PARENTS,
    TITLES,
    WEAK_HEADINGS,
    FoundList,
    fold_heading,
)
from papka.intake.tables import (
    EXPORT_CELL_ERROR,
    EXPORT_FORMULA,
    EXPORT_MERGED_CELLS,
    Export,
    FieldPlace,
    Row,
    name_cell,
    row_word,
)
from papka.records.archive import Archive
from papka.records.student import Name
from papka.records.yaml_tree import escaped

NAMES = ("given", "surname", "full_name")
"""Fields without which nobody is named, the likeliest to be filled in first."""
_RELATIONS = {"мать": "мать", "отец": "отец"}


class Relative(NamedTuple):
    """A parent or another representative as the row tells."""

    name: Name
    relation: str
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A row as read; what is absent is not said. `said` has texts that the archive must know
    (programme, group, orders) and words taken as they are; `days` has days by field.

    `at` tells in which column a field stands; `unread` are fields whose cell was told already;
    `texts` are the cells as they came.
    """

    row: int
    number: str = ""
    name: Name | None = None
    former: str = ""
    birth_date: dt.date | None = None
    card: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    relatives: tuple[Relative, ...] = ()
    consents: Mapping[str, dt.date] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, dt.date] = field(default_factory=dict)
    at: Mapping[str, FieldPlace] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()

    @property
    def says_a_name_alone(self) -> bool:
        """Whether nothing but a name stands in the row: a signature below the list, perhaps."""
        return not (
            self.birth_date or self.card or self.keys or self.relatives or self.consents
            or self.said or self.days or self.unread
        )  # fmt: skip

    @property
    def at_name(self) -> str:
        """The field whose cell a name is told at."""
        return next((name for name in ("full_name", "surname", "given") if name in self.at), "")

    def cell(self, name: str) -> str:
        """How a message calls the cell of a field in the person's own file."""
        return describe_cell(self.row, self.at.get(name))

    def shown(self, name: str) -> str:
        """What stands in the cell of a field, for a message."""
        place = self.at.get(name)
        if place is None and name in TITLES:
            return f"столбца «{TITLES[name]}» в файле нет"
        text = cells.tidy("".join(self.texts[place.number - 1 : place.number])) if place else ""
        day = self.days.get(name)
        text = text or self.said.get(name, "") or (f"{day:%d.%m.%Y}" if day else "")
        return f"«{text}»" if text else "пусто"

    @property
    def word(self) -> str:
        """How an answers file and a question name the row."""
        if self.number:
            return self.number
        if self.name is not None:
            born = f", {self.birth_date:%d.%m.%Y}" if self.birth_date else ""
            return f"{self.name.full}{born}"
        return next(iter(self.keys.values()), "") or self.card.get("email") or row_word(self.row)


@dataclass(frozen=True, slots=True)
class PeopleList:
    """A list as read."""

    rows: tuple[PersonRow, ...]
    findings: tuple[Finding, ...]


def read_list(export: Export, found: FoundList, archive: Archive) -> PeopleList:
    """Read every row below the headings."""
    reading = _ListReading(export.file, found.header, archive)
    columns = frozenset(reading.columns.values())
    repeated = _folded_row(found.header)
    rows = [
        reading.read(row)
        for row in found.table.rows[found.first :]
        if any(row.cell(column).strip() for column in columns)
        and not _is_of_nobody(row)
        and not (row.cells[0] == found.header.cells[0] and _folded_row(row) == repeated)
    ]
    told = _told_of_cells(export, found, columns)
    return PeopleList(tuple(rows), (*told, *reading.findings))


def _folded_row(row: Row) -> tuple[str, ...]:
    return tuple(cells.folded(cell) for cell in row.cells if cell.strip())


def _told_of_cells(export: Export, found: FoundList, columns: Collection[int]) -> Iterator[Finding]:
    """Yield what reading the file told, as far as it concerns the list.

    The value of a formula is what everybody sees in its cell; the list is not kept as evidence.
    """
    sheet = f"/{escaped(found.table.name)}"
    texts = {row.number: row for row in found.table.rows}
    wrong = {each.where for each in export.findings if each.code is EXPORT_CELL_ERROR}
    for each in export.findings:
        where, row = each.where, texts.get(each.where.line)
        is_there = row is not None and where.column in columns
        if where.pointer not in ("", sheet):
            continue
        if each.code is EXPORT_MERGED_CELLS and where.line <= found.header.number:
            continue
        if each.code in (EXPORT_FORMULA, EXPORT_CELL_ERROR) and not is_there:
            continue
        seen = row is not None and row.cell(where.column).strip()
        if each.code is EXPORT_FORMULA and (seen or where in wrong):
            continue
        yield each


_TOTAL = re.compile(r"(?:итого|всего)\b.*")


def _is_of_nobody(row: Row) -> bool:
    """Tell the example row, and a total below the list."""
    words = [cells.folded(cell) for cell in row.cells if cell.strip()][:2]
    return EXAMPLE in words or any(map(_TOTAL.fullmatch, words))


_DAYS = ("birth_date", "contract_date", "start", "planned_end", "order_date", "moved", "ended")
_DAY_WORDS = "день, например 05.03.2012 или 5 марта 2012"
_CONSENT_WORDS = "день, когда подписано согласие: 28.08.2026; согласия нет — пусто"
_TILL = re.compile(r"\A(?:до|по|от|со?) (?=\d)", re.IGNORECASE)
"""A word before a day in a column that says as much: «до 31.05.2027»."""
_PHONE_WORDS = "один телефон без других слов: +79001234567"
_NAME_WORDS = (
    "имя буквами, как в документе: без цифр, скобок, точек и инициалов; прежнюю фамилию — в "
    "столбце «Прежняя фамилия»; строку, которая не о человеке, удалите"
)
_WHOLE_NAME_WORDS = f"фамилию, имя и отчество: Иванов Пётр Ильич; {_NAME_WORDS}"
_SAID = (
    *("contract", "program", "edition", "group", "form", "order", "move_order", "end_order"),
    *("reason", "moved_to"),
)


@dataclass
class _ListReading:
    """The columns of one list and what is wrong so far."""

    file: str
    header: Row
    archive: Archive
    findings: list[Finding] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._know_columns()
        self._days = [name for name in _DAYS if name in self.columns]
        self._said = [name for name in _SAID if name in self.columns]
        self._parents = [
            parent
            for parent in PARENTS
            if any(name.startswith(f"{parent}/") for name in self.columns)
        ]
        self._keys, self._consented = self._named("key"), self._named("consent")

    def _know_columns(self) -> None:
        unknown = []
        for column, title in enumerate(self.header.cells, 1):
            if not title.strip():
                continue
            found = self._field_of(title)
            if found == "ignored":
                continue
            if not found:
                unknown.append((column, title))
            elif found in self.columns:
                cell = name_cell(self.header.number, column)
                other = name_cell(self.header.number, self.columns[found])
                self._tell(
                    codes.LIST_COLUMN_TWICE, self.header.number, column,
                    name=title, cell=cell, other=other,
                )  # fmt: skip
            else:
                self.columns[found] = column
        for column, title in tuple(unknown):
            field_ = WEAK_HEADINGS.get(fold_heading(title), "")
            if field_ and field_ not in self.columns:
                self.columns[field_] = column
                unknown.remove((column, title))
        known = [
            *(each.title for each in HEADINGS),
            *(f"Ключ: {each.title}" for each in self.archive.platforms.values()),
            *(f"Согласие: {each.title}" for each in self.archive.purposes.values()),
        ]
        for column, title in unknown:
            hint = suggest(title, [title for title in known if title not in self.header.cells])
            cell = name_cell(self.header.number, column)
            self._tell(
                codes.LIST_COLUMN_UNKNOWN, self.header.number, column,
                name=title, cell=cell, may_be=hint,
            )  # fmt: skip

    def _field_of(self, title: str) -> str:
        folded = fold_heading(title)
        found = FIELDS.get(folded, "")
        if found:
            return found
        word, _, rest = folded.partition(" ")
        if word in {"ключ", "логин"}:
            return self._name_of(rest, "key", self._platforms)
        if word == "согласие":
            return self._name_of(rest.removeprefix("на "), "consent", self._purposes)
        return ""

    @staticmethod
    def _name_of(rest: str, kind: str, known: Mapping[str, str]) -> str:
        found = known.get(rest)
        return f"{kind}/{found}" if found else ""

    @cached_property
    def _places(self) -> dict[str, FieldPlace]:
        return {
            name: FieldPlace(number, cells.tidy(self.header.cell(number)))
            for name, number in self.columns.items()
        }

    @property
    def _platforms(self) -> dict[str, str]:
        return {
            fold_heading(word): each.id
            for each in self.archive.platforms.values()
            for word in (each.id, each.title)
        }

    @property
    def _purposes(self) -> dict[str, str]:
        return {
            fold_heading(word): each.purpose
            for each in self.archive.purposes.values()
            for word in (each.purpose, each.purpose.replace("-", " "), each.title)
        }

    def _tell(self, code: Code, row: int, column: int, **words: Any) -> None:  # noqa: ANN401 - what the code says
        self.findings.append(code.at(Location(self.file, line=row, column=column), **words))

    def read(self, row: Row) -> PersonRow:
        """Read one row."""
        self.unread = set()
        days = {name: day for name in self._days if (day := self._day(row, name)) is not None}
        card = {
            "sex": self._cell(row, "sex", cells.sex, "женский или мужской (ж, м)"),
            "phone": self._cell(row, "phone", cells.phone, _PHONE_WORDS),
            "email": self._cell(row, "email", _email, "адрес почты: имя@сайт.рф"),
            "address": self._text(row, "address"),
            "snils": self._cell(row, "snils", cells.snils, "одиннадцать цифр: 112-233-445 95"),
        }
        number = self._number(row)
        relatives = tuple(self._relatives(row))
        consents = dict(self._consents(row))
        return PersonRow(
            row=row.number,
            number=number,
            name=self._name(row),
            former=cells.name(self._raw(row, "former")),
            birth_date=days.get("birth_date"),
            card={key: value for key, value in card.items() if value},
            keys={name: text for name in self._keys if (text := self._text(row, f"key/{name}"))},
            relatives=relatives,
            consents=consents,
            said={name: text for name in self._said if (text := self._text(row, name))},
            days=days,
            at=self._places,
            unread=frozenset(self.unread),
            texts=row.cells,
        )

    def _named(self, kind: str) -> list[str]:
        """Return whose keys, or which consents, have a column."""
        start = f"{kind}/"
        return [name.removeprefix(start) for name in self.columns if name.startswith(start)]

    def _raw(self, row: Row, name: str) -> str:
        return row.cell(self.columns[name]) if name in self.columns else ""

    def _text(self, row: Row, name: str) -> str:
        raw = self._raw(row, name)
        if not raw:  # most cells of a wide list
            return ""
        text = cells.tidy(raw)
        return "" if cells.is_nothing(text) else text

    def _cell(
        self, row: Row, name: str, read: Callable[[str], str | None], wanted: str
    ) -> str | None:
        """Read a cell in its own way; tell one that says something else."""
        text = self._text(row, name)
        found = read(text) if text else None
        if text and found is None:
            self._tell_cell(row, name, text, wanted)
        return found

    def _tell_cell(self, row: Row, name: str, text: str, wanted: str) -> None:
        self.unread.add(name)
        self._tell_at(codes.LIST_CELL_UNREADABLE, row, name, value=text, wanted=wanted)

    def _tell_at(self, code: Code, row: Row, name: str, **words: str) -> None:
        """Tell what is wrong with the cell of a field."""
        cell = describe_cell(row.number, self._places[name])
        known = {"value": cells.tidy(self._raw(row, name)), **words}
        said = {key: word for key, word in known.items() if key in code.fields}
        self._tell(code, row.number, self.columns[name], cell=cell, **said)

    def _day(self, row: Row, name: str, wanted: str = _DAY_WORDS) -> dt.date | None:
        text = self._text(row, name)
        if not text:
            return None
        plain = _TILL.sub("", text)
        found = cells.day(plain)
        if found is None:
            meant = [f"{day:%d.%m.%Y}" for day in cells.days_meant(plain) or ()]
            may_be = f"; может быть, это {' или '.join(meant)}?" if meant else ""
            self._tell_cell(row, name, text, f"{wanted}{may_be}")
        return found

    def _number(self, row: Row) -> str:
        text = self._text(row, "number").removeprefix("№").strip()
        if text and not is_student_id(text):
            self._tell_cell(row, "number", text, "номер дела из архива, например 2026-0007")
            return ""
        return text

    def _name(self, row: Row) -> Name | None:
        surname, given, patronymic = (
            self._name_part(row, name) for name in ("surname", "given", "patronymic")
        )
        if not (surname or given or patronymic):
            return self._whole_name(row, "full_name")
        if not given:
            return self._whole_name(row, "surname") if " " in surname else None
        return Name(surname=surname or None, given=given, patronymic=patronymic or None)

    def _name_part(self, row: Row, name: str) -> str:
        raw = self._raw(row, name)
        found = cells.name(raw) if raw else ""
        if found and not cells.is_name(found):
            self._tell_cell(row, name, cells.tidy(raw), _NAME_WORDS)
            return ""
        return found

    def _whole_name(self, row: Row, name: str) -> Name | None:
        text = self._text(row, name)
        found = name_in(text) if text else None
        if text and name not in self.unread and (found is None or not cells.is_name(found.full)):
            self._tell_cell(row, name, text, _WHOLE_NAME_WORDS)
            return None
        return found

    def _relative_name(self, row: Row, at: str) -> Name | None:
        """Read the name of a representative, who may be known by initials only."""
        text = self._text(row, at)
        found = name_in(text) if text else None
        if text and (found is None or not cells.is_name(found.full.replace(".", " "))):
            self._tell_cell(row, at, text, "имя представителя: Пробкина Ольга Сергеевна")
            return None
        return found

    def _relatives(self, row: Row) -> Iterator[Relative]:
        for parent in self._parents:
            name = self._relative_name(row, f"{parent}/name")
            phone = self._cell(row, f"{parent}/phone", cells.phone, _PHONE_WORDS)
            email = self._cell(row, f"{parent}/email", _email, "адрес почты: имя@сайт.рф")
            relation = self._text(row, f"{parent}/relation").casefold()
            relation = relation or _RELATIONS.get(parent.casefold(), "родитель")
            if name is not None:
                yield Relative(name, relation, phone, email)
            elif (phone or email) and f"{parent}/name" not in self.unread:
                at = f"{parent}/phone" if phone else f"{parent}/email"
                self._tell_at(codes.LIST_RELATIVE_NAMELESS, row, at)

    def _consents(self, row: Row) -> Iterator[tuple[str, dt.date]]:
        for purpose in self._consented:
            day = self._day(row, f"consent/{purpose}", _CONSENT_WORDS)
            if day is not None:
                yield purpose, day


def describe_cell(row: int, place: FieldPlace | None) -> str:
    """Return how a message calls a cell of the person's own file; the row without a column."""
    if place is None:
        return f"Строка {row}"
    return f"Ячейка {name_cell(row, place.number)}, столбец «{place.title}»"


_EMAIL_SIGNS = r"[^\s@<>,;:()\"']"
_EMAIL = re.compile(
    rf"(?:mailto:|.*<)?(?P<address>{_EMAIL_SIGNS}+@{_EMAIL_SIGNS}+\.{_EMAIL_SIGNS}+?)[>,;.]*",
    re.IGNORECASE,
)


def _email(text: str) -> str | None:
    found = _EMAIL.fullmatch(text.strip())
    return found["address"] if found else None


_PATRONYMIC = re.compile(r".*(?:ич|вна|ична|инична|оглы|кызы|улы)\Z", re.IGNORECASE)


def name_in(text: str) -> Name | None:
    """Read «Фамилия Имя Отчество»; two words are surname and given name, one the given name.

    None where it cannot be told which words are which.
    """
    plain = _NUMBERED.sub("", _NO_PATRONYMIC.sub("", cells.tidy(text)))
    words = cells.name(plain.replace(",", " ", 1)).split()
    if not words:
        return None
    if len(words) == 1:
        return Name(given=words[0])
    if len(words) == 3 and _PATRONYMIC.match(words[1]) and not _PATRONYMIC.match(words[2]):
        return Name(surname=words[2], given=words[0], patronymic=words[1])
    first = _end_of_surname(words)
    surname, given, rest = " ".join(words[:first]), words[first : first + 1], words[first + 1 :]
    if len(rest) > 1 and not cells.is_son_or_daughter(rest[-1]):
        if not _PATRONYMIC.match(rest[-1]) or _PATRONYMIC.match(rest[-2]):
            return None
        given, rest = [*given, *rest[:-1]], rest[-1:]
    if not given:
        return None
    return Name(surname=surname, given=" ".join(given), patronymic=" ".join(rest) or None)


_NUMBERED = re.compile(r"\A\d+ ?[.)] *")
_NO_PATRONYMIC = re.compile(r"(?<=\S) +(?:[-–—]+|\(?нет\)?|\(?без отчества\)?)\Z", re.IGNORECASE)


def _end_of_surname(words: list[str]) -> int:
    """Count the words of a surname in front: small ones, as «ван дер», belong to it."""
    small = [
        at for at, word in enumerate(words)
        if word.islower() and not cells.is_son_or_daughter(word)
    ]  # fmt: skip
    return small[-1] + 2 if small else 1
