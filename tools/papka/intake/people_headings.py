"""The columns of a people list: what they are called, where they stand in a file, a blank list.

A list is known by its own headings, in any order, in one row or two. Both sides of a comparison are
folded by one function, so every spelling of a heading that is listed once is known.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import NamedTuple

from papka.core import cells
from papka.core.errors import Refused
from papka.intake.tables import Column, Export, Row, Sheet, Table
from papka.records.archive import Archive

SHEET, HELP = "Список", "Как заполнять"
EXAMPLE = "пример"
REASONS = ("завершение", "отчисление", "перевод")
PARENTS = ("Мать", "Отец", "Родитель 1", "Родитель 2")


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
    Heading("form", "Форма обучения", "очная, заочная…", ("Форма",)),
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


def fold_heading(text: str) -> str:
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


FIELDS: dict[str, str] = {
    fold_heading(title): each.field for each in HEADINGS for title in (each.title, *each.others)
} | dict.fromkeys(map(fold_heading, _IGNORED), "ignored")
FIELDS |= {
    fold_heading(form.format(*words)): f"{parent}/{kind}"
    for parent, spellings in _PARENT_WORDS.items()
    for words in spellings
    for kind, forms in _OF_PARENT.items()
    for form in forms
}
TITLES = {each.field: each.title for each in HEADINGS}
WEAK_HEADINGS = {fold_heading("Класс"): "group"}
"""Headings that stand for a field only where no other column does: a class may be of a school."""


class FoundList(NamedTuple):
    """A list in a file: its table, its headings as one row, the index of the row below them."""

    table: Table
    header: Row
    first: int


def find_list(export: Export) -> FoundList | None:
    """Return the list of people in a file, None when there is none. Raises Refused for two.

    A hidden sheet is read only where no other holds a list: who sent the file does not see it.
    """
    found = [each for table in export.tables if (each := _find_in(table)) is not None]
    found = [each for each in found if not each.table.is_hidden] or found
    if len(found) > 1:
        sheets = ", ".join(f"«{each.table.name}»" for each in found)
        raise Refused(
            f"{export.file}: списки стоят на нескольких листах: {sheets}",
            "Соберите их на одном листе или сохраните каждый лист своим файлом",
        )
    return found[0] if found else None


def _find_in(table: Table) -> FoundList | None:
    if cells.folded(table.name) == cells.folded(HELP):
        return None
    for index, row in enumerate(table.rows[:20]):
        below = table.rows[index + 1] if index + 1 < len(table.rows) else None
        joined = _join_headings(row, below) if below is not None else None
        header = joined or row
        known = {FIELDS.get(fold_heading(cell), "") for cell in header.cells}
        named = "full_name" in known or {"surname", "given"} <= known
        if named and known & {"birth_date", "number", "program", "group"}:
            return FoundList(table, header, index + (2 if joined else 1))
    return None


def _join_headings(top: Row, below: Row) -> Row | None:
    """Return headings that stand in two rows as one row: «Телефон» over «ребёнка», «мамы».

    None where the row below holds anything else than parts of headings.
    """
    parts = {at for at, text in enumerate(below.cells) if text.strip()}
    if not parts or not any(FIELDS.get(fold_heading(text)) for text in top.cells):
        return None
    joined, over = list(top.cells) + [""] * (len(below.cells) - len(top.cells)), ""
    for at, text in enumerate(below.cells):
        above = joined[at].strip()
        over = above or over
        if at in parts:
            ways = (f"{over} {text}", f"{text} {over}", text)
            known = next((way for way in ways if FIELDS.get(fold_heading(way))), "")
            if not known:
                return None
            joined[at] = known
    return Row(below.number, tuple(joined))


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
