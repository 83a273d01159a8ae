"""Read a list of people as a secretary keeps it, and make a blank one (`papka give list`).

A list is known by its own headings, in any order; one row is one person and at most one programme,
a person with two programmes has two rows. Every cell is forgiven what is surely meant; one that
cannot be read is told by its own place, heading and value, and what may stand there. A row whose
first cell says «пример» is nobody.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from papka.core import cells
from papka.core.findings import Code, Finding, Location
from papka.core.phrases import suggest
from papka.core.places import is_student_id
from papka.intake import people_codes as codes
from papka.intake.tables import Column, Export, FieldPlace, Row, Sheet, Table, name_cell, row_word
from papka.records.archive import Archive
from papka.records.student import Name

SHEET, HELP = "Список", "Как заполнять"
EXAMPLE = "пример"
NAMES = ("given", "surname", "full_name")
"""Fields without which nobody is named, the likeliest to be filled in first."""
REASONS = ("завершение", "отчисление", "перевод")
_PARENTS = ("Мать", "Отец", "Родитель 1", "Родитель 2")
_RELATIONS = {"мать": "мать", "отец": "отец"}


class Heading(NamedTuple):
    """A column of the list: its name here, other names people give it, what may stand in it."""

    field: str
    title: str
    says: str
    others: tuple[str, ...] = ()


HEADINGS: tuple[Heading, ...] = (
    Heading("number", "Номер дела", "только у тех, кто уже есть в архиве: 2026-0007",
            ("Дело", "Личное дело", "№ дела")),
    Heading("surname", "Фамилия", "как в документе", ("Фамилия ребёнка", "Фамилия обучающегося")),
    Heading("given", "Имя", "как в документе", ("Имя ребёнка", "Имя обучающегося")),
    Heading("patronymic", "Отчество", "как в документе; нет — оставьте пустым",
            ("Отчество (при наличии)", "Отчество ребёнка", "Отчество обучающегося")),
    Heading("full_name", "ФИО", "вместо трёх столбцов: Иванов Пётр Ильич",
            ("Ф.И.О.", "ФИО ребёнка", "ФИО обучающегося", "Обучающийся", "Ученик", "Ребёнок",
             "Фамилия, имя, отчество", "Фамилия Имя Отчество", "Фамилия, имя", "Фамилия Имя")),
    Heading("former", "Прежняя фамилия", "если фамилия сменилась", ("Бывшая фамилия",)),
    Heading("birth_date", "Дата рождения", "день: 05.03.2012",
            ("День рождения", "Родился", "Родилась", "Д.р.", "ДР", "Дата рожд.")),
    Heading("sex", "Пол", "женский или мужской"),
    Heading("phone", "Телефон", "телефон обучающегося: +79001234567",
            ("Телефон ребёнка", "Телефон обучающегося", "Мобильный телефон", "Номер телефона",
             "Моб. телефон", "Тел.")),
    Heading("email", "Почта", "почта обучающегося",
            ("E-mail", "Email", "Эл. почта", "Электронная почта", "Адрес электронной почты",
             "Почта обучающегося", "Почта ребёнка")),
    Heading("address", "Адрес", "адрес строкой",
            ("Адрес проживания", "Место жительства", "Адрес регистрации")),
    Heading("snils", "СНИЛС", "одиннадцать цифр: 112-233-445 95"),
    Heading("contract", "Договор", "номер договора: 17/26",
            ("Номер договора", "Договор №", "№ договора", "Номер и дата договора",
             "Реквизиты договора", "Договор, номер и дата")),
    Heading("contract_date", "Дата договора", "день: 28.08.2026", ("Договор от",)),
    Heading("program", "Программа", "название или код программы",
            ("Образовательная программа", "Название программы", "Курс", "Кружок")),
    Heading("edition", "Редакция", "пусто — действующая", ("Редакция программы",)),
    Heading("group", "Группа", "обозначение группы", ("Учебная группа",)),
    Heading("form", "Форма обучения", "очная, очная с применением дистанционных…", ("Форма",)),
    Heading("start", "Начало обучения", "первый день: 01.09.2026",
            ("Зачислен", "Зачислена", "Дата зачисления", "Начало", "Учится с", "Зачислить с")),
    Heading("planned_end", "Учится по", "последний день по договору",
            ("По договору до", "Срок обучения", "Обучение до", "Срок договора")),
    Heading("order", "Приказ о зачислении", "пусто — приказ напишет программа; или номер: 18-к",
            ("Приказ", "№ приказа", "Номер приказа")),
    Heading("order_date", "Дата приказа", "день приказа о зачислении, если он назван номером",
            ("Дата приказа о зачислении", "Приказ от")),
    Heading("moved", "В группе с", "день перевода в эту группу",
            ("Дата перевода", "Переведён с", "Переведён", "Переведена", "Перевод с")),
    Heading("move_order", "Приказ о переводе", "пусто — приказ напишет программа"),
    Heading("ended", "Окончание обучения", "последний день, если обучение закончилось",
            ("Окончание", "Дата окончания", "Дата отчисления", "Отчислен", "Отчислена",
             "Окончил", "Выбыл")),
    Heading("reason", "Причина окончания", "завершение, отчисление или перевод",
            ("Причина", "Причина отчисления", "Причина выбытия")),
    Heading("end_order", "Приказ об окончании", "пусто — приказ напишет программа",
            ("Приказ об отчислении",)),
    Heading("moved_to", "Куда выбыл", "организация, если известна", ("Куда выбыла",)),
)  # fmt: skip
_IGNORED = (
    *("№", "№ п/п", "№ пп", "п/п", "N", "Примечание", "Примечания", "Комментарий", "Комментарии"),
    *("Отметка времени", "Возраст", "Полных лет", "Подпись"),
)
_OF_PARENT = {
    "name": ("{0}", "{0}: ФИО", "ФИО {1}", "{0} ФИО", "{0} (ФИО)"),
    "relation": ("{0}: кем приходится", "Кем приходится {1}"),
    "phone": ("{0}: телефон", "Телефон {1}", "{0} телефон"),
    "email": ("{0}: почта", "Почта {1}", "{0} почта", "E-mail {1}", "Email {1}"),
}
_PARENT_WORDS = {
    "Мать": (("мать", "матери"), ("мама", "мамы")),
    "Отец": (("отец", "отца"), ("папа", "папы")),
    "Родитель 1": (
        ("родитель 1", "родителя 1"), ("родитель", "родителя"),
        ("представитель", "представителя"),
        ("законный представитель", "законного представителя"),
    ),
    "Родитель 2": (("родитель 2", "родителя 2"), ("представитель 2", "представителя 2")),
}  # fmt: skip


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
        if place is None and name in _TITLES:
            return f"столбца «{_TITLES[name]}» в файле нет"
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


def find_list(export: Export) -> tuple[Table, int] | None:
    """Return the table and the index of its row of headings, if this is a list of people."""
    for table in export.tables:
        if cells.folded(table.name) == cells.folded(HELP):
            continue
        for index, row in enumerate(table.rows[:20]):
            known = {_FIELDS.get(_fold_heading(cell), "") for cell in row.cells}
            named = "full_name" in known or {"surname", "given"} <= known
            if named and known & {"birth_date", "number", "program", "group"}:
                return table, index
    return None


def read_list(export: Export, table: Table, header: int, archive: Archive) -> PeopleList:
    """Read every row below the headings."""
    reading = _ListReading(export.file, table.rows[header], archive)
    rows = [
        reading.read(row)
        for row in table.rows[header + 1 :]
        if any(cell.strip() for cell in row.cells) and not _is_of_nobody(row)
    ]
    return PeopleList(tuple(rows), tuple(reading.findings))


_TOTAL = re.compile(r"(?:итого|всего)\b.*")


def _is_of_nobody(row: Row) -> bool:
    """Tell the example row, and a total below the list."""
    words = [cells.folded(cell) for cell in row.cells if cell.strip()][:2]
    return EXAMPLE in words or any(map(_TOTAL.fullmatch, words))


def _fold_heading(text: str) -> str:
    """Fold a heading: spelling, dots and colons make no difference, nor what stands in brackets,
    short words, and whose it is where that is the student."""
    bare = re.sub(r"\([^()]*\)\s*\Z", "", text) or text
    plain = re.sub(r"[\s.:,*_]+", " ", cells.folded(bare).replace("№", " № ")).strip()
    for said, meant in _SHORT_WORDS:
        plain = said.sub(meant, plain)
    return plain.strip()


_SHORT_WORDS = (
    (re.compile(r"\b(?:ребенка|обучающегося|учащегося|ученика|воспитанника)\Z"), ""),
    (re.compile(r"\b(?:(?:номер|моб|мобильный|сот|сотовый) )?(?:телефона?|тел)\b"), "телефон"),
    (re.compile(r"\bрожд(?:-?я|ен)?(?= |\Z)"), "рождения"),
    (re.compile(r"\bэл(?:ектронная)? "), ""),
    (re.compile(r"\b(приказ|договор)( [а-я ]+)? №\Z"), r"\1\2"),
)
"""How a word of a heading is written -> the word it stands for; both sides are folded so."""


_FIELDS: dict[str, str] = {
    _fold_heading(title): each.field for each in HEADINGS for title in (each.title, *each.others)
} | dict.fromkeys(map(_fold_heading, _IGNORED), "ignored")
_FIELDS |= {
    _fold_heading(form.format(*words)): f"{parent}/{kind}"
    for parent, spellings in _PARENT_WORDS.items()
    for words in spellings
    for kind, forms in _OF_PARENT.items()
    for form in forms
}
_TITLES = {each.field: each.title for each in HEADINGS}
_WEAK = {_fold_heading("Класс"): "group"}
"""Headings that stand for a field only where no other column does: a class may be of a school."""
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
            for parent in _PARENTS
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
            field_ = _WEAK.get(_fold_heading(title), "")
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
        folded = _fold_heading(title)
        found = _FIELDS.get(folded, "")
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
            _fold_heading(word): each.id
            for each in self.archive.platforms.values()
            for word in (each.id, each.title)
        }

    @property
    def _purposes(self) -> dict[str, str]:
        return {
            _fold_heading(word): each.purpose
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


def blank_list(archive: Archive, today: dt.date) -> tuple[Sheet, Sheet]:
    """Make a blank list, with an example row and choices, and a sheet that tells how to fill it."""
    headings = [each for each in HEADINGS if each.field != "full_name"]
    parents = [
        f"{parent}{kind}" for parent in ("Мать", "Отец") for kind in ("", ": телефон", ": почта")
    ]
    keys = [f"Ключ: {each.title}" for each in archive.platforms.values() if each.until is None]
    consents = [f"Согласие: {each.title}" for each in archive.purposes.values()]
    own = [each.title for each in headings]
    at = own.index("Договор")
    titles = ["№", *own[:at], *parents, *own[at:], *consents, *keys]
    group = next(iter(archive.groups.values()), None)
    program = archive.programs.get(group.program) if group else None
    program = program or next(iter(archive.programs.values()), None)
    example = {
        "№": EXAMPLE, "Фамилия": "Пробкина", "Имя": "Анна", "Отчество": "Ильинична",
        "Дата рождения": "05.03.2012", "Пол": "женский", "Телефон": "+70000000000",
        "Мать": "Пробкина Ольга Сергеевна", "Мать: телефон": "+70000000001",
        "Договор": "1/26", "Дата договора": f"{today:%d.%m.%Y}",
        "Программа": program.title if program else "", "Группа": group.group if group else "",
        "Форма обучения": "очная", "Начало обучения": f"{today:%d.%m.%Y}",
    }  # fmt: skip
    choices: dict[str, tuple[str, ...]] = {
        "Пол": ("женский", "мужской"),
        "Программа": tuple(each.title for each in archive.programs.values()),
        "Группа": tuple(archive.groups),
        "Причина окончания": REASONS,
    }
    columns = tuple(
        Column(max(12, len(title) + 2), choices=choices.get(title, ())) for title in titles
    )
    page = Sheet(SHEET, (tuple(titles), tuple(example.get(title, "") for title in titles)), columns)
    return page, Sheet(HELP, tuple(_help_rows(archive)), (Column(28), Column(90)))


def _help_rows(archive: Archive) -> Iterable[tuple[str, str]]:
    yield "Столбец", "Что в нём"
    for each in HEADINGS:
        yield each.title, each.says
    yield "Мать, Отец, Родитель 1", "ФИО представителя; рядом телефон и почта"
    if archive.purposes:
        yield "Согласие: …", "день, когда подписано согласие на эту цель"
    if archive.platforms:
        yield "Ключ: …", "логин или номер обучающегося на платформе"
    yield "", ""
    yield "Строка", "Один человек и одна программа. Две программы — две строки с тем же именем."
    yield "Кто уже есть", "Узнаётся по имени и дню рождения (ё и е — одно); номер дела надёжнее."
    yield "Перевод", "Новая группа в столбце «Группа» и день в столбце «В группе с»."
    yield "Окончание", "Последний день и причина; приказ напишет программа."
    yield "Пример", f"Строку со словом «{EXAMPLE}» программа не читает; её можно удалить."
    yield "Принять", "papka take ФАЙЛ -n покажет, что изменится; без -n — примет и напишет приказ."
