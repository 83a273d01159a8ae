"""What a search by words shows: people, programmes, papers (R-1.3, R-5.5, R-6.6).

Invariants: ё is е, case and kind of dash and of quotation mark do not matter; a word stands for
the beginning of a word, so «лунн» finds «Абрикосова-Лунная» and «9» does not find «19»; several
words must all fit one line. Absent on purpose: ranking. Lines come as a person counts them.

Whom a form is about and whom it speaks to: found by address, named as of a day, put in order.

Invariant: who is no longer in the archive is named by the address the record holds, never left
out. Absent on purpose: cases of names (inflection.py).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from papka.core.errors import NotFound
from papka.core.phrases import may_be, natural
from papka.records import wording
from papka.records.acts import Order, RegisterEntry
from papka.records.archive import Archive
from papka.records.derived.headcount import age
from papka.records.derived.in_force import person_on
from papka.records.school import Program
from papka.records.student import Document, Enrolment, Person, Representative, Student
from papka.records.wording import day, number

UNREADABLE = "карточка не читается: papka check"
NAMELESS = "имени в этом архиве нет"
_DASHES = "‐‑‒–—−"
_TOKEN = re.compile(r"[^\W_]+")
_NAMES = re.compile(r"^ +(?:surname|given|patronymic): +[\"']?([^\"'\n#]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing found; `cells` by the column's key. `path` is its file."""

    path: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines of one kind. `columns` are (key, heading)."""

    kind: str
    title: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]


def folded(text: str) -> str:
    """Text in which two spellings of one word are one."""
    plain = unicodedata.normalize("NFC", text).casefold().replace("ё", "е")
    for dash in _DASHES:
        plain = plain.replace(dash, "-")
    return plain


def words_of(given: Iterable[str]) -> tuple[str, ...]:
    """The words asked for; the sign № and quotation marks are not part of any."""
    text = folded(" ".join(given))
    for mark in "№«»„“”\"'":
        text = text.replace(mark, " ")
    return tuple(word.strip(",;:") for word in text.split() if word.strip(",;:"))


def fits(word: str, text: str) -> bool:
    """Whether a word of the (folded) text begins with it."""
    at = text.find(word)
    while at >= 0:
        if at == 0 or not (text[at - 1].isalnum() and word[0].isalnum()):
            return True
        at = text.find(word, at + 1)
    return False


def is_number_of(word: str, student: str) -> bool:
    """«7» and «2026-7» for 2026-0007."""
    year, _, count = student.partition("-")
    asked_year, dash, asked = word.rpartition("-")
    return asked.isdecimal() and int(asked) == int(count) and (not dash or asked_year == year)


def people(archive: Archive, words: tuple[str, ...]) -> Listing:
    lines = []
    for student in archive.students.values():
        text = _about(archive, student)
        if all(fits(word, text) or is_number_of(word, student.id) for word in words):
            lines.append(_person(archive, student))
    columns = (("id", "Дело"), ("name", "Имя"), ("study", "Обучение"))
    return _listing("students", "Люди", columns, lines)


def programs(archive: Archive, words: tuple[str, ...]) -> Listing:
    lines = [
        Line(f"records/programs/{code}.yaml", (code, program.title, _editions(program)))
        for code, program in archive.programs.items()
        if _fit(words, code, program.title, program.direction)
    ]
    columns = (("code", "Код"), ("title", "Программа"), ("editions", "Редакции"))
    return _listing("programs", "Программы", columns, lines)


def papers(archive: Archive, words: tuple[str, ...]) -> Listing:
    """Lines of the inventories: the holder's name may help, but never find a paper alone."""
    lines = []
    for student in archive.students.values():
        around = _about(archive, student)
        for document in student.documents:
            own = folded(f"{document.kind} {document.number or ''} {document.title}")
            fit = [fits(word, own) for word in words]
            if any(fit) and all(
                hit or fits(word, around) for hit, word in zip(fit, words, strict=True)
            ):
                lines.append(_paper(student, document))
    columns = (
        ("address", "Запись"),
        ("kind", "Вид"),
        ("number", "Номер"),
        ("date", "Дата"),
        ("title", "Заголовок"),
    )
    return _listing("documents", "Документы в делах", columns, lines)


def issued(archive: Archive, words: tuple[str, ...]) -> Listing:
    lines = [
        _entry(archive, key, entry)
        for key, entry in archive.registers.items()
        if _fit(words, entry.number, entry.holder, entry.student, entry.form)
    ]
    columns = (
        ("number", "Номер"),
        ("series", "Реестр"),
        ("date", "Дата"),
        ("student", "Дело"),
        ("holder", "Кому"),
    )
    return _listing("registers", "Выданные документы", columns, lines)


def orders(archive: Archive, words: tuple[str, ...]) -> Listing:
    lines = [
        Line(f"records/orders/{key}.yaml", (key, order.number, day(order.date), order.heading))
        for key, order in archive.orders.items()
        if _fit(words, key, order.number, order.heading, order.kind, *_named(order))
    ]
    columns = (("id", "Приказ"), ("number", "Номер"), ("date", "Дата"), ("heading", "Заголовок"))
    return _listing("orders", "Приказы", columns, lines)


def names_in_card(text: str) -> Iterator[str]:
    """Parts of names, read from the text of a card however broken: only to suggest one."""
    for found in _NAMES.findall(text):
        yield found.strip()


def suggestions(word: str, known: Iterable[str]) -> list[str]:
    """The nearest known words, at most three."""
    tokens = {folded(token): token for text in known for token in _TOKEN.findall(text)}
    near = get_close_matches(word, [token for token in tokens if len(token) > 1], n=3, cutoff=0.6)
    return [tokens[token] for token in near]


def _listing(
    kind: str, title: str, columns: tuple[tuple[str, str], ...], lines: list[Line]
) -> Listing:
    ordered = sorted(lines, key=lambda line: natural(" ".join(line.cells)))
    return Listing(kind, title, columns, tuple(ordered))


def _about(archive: Archive, student: Student) -> str:
    """Everything a person is looked up by, folded."""
    parts = [student.id]
    if person := student.person:
        parts.append(person.name.full)
        for past in person.former_names:
            parts += [part for part in (past.surname, past.given, past.patronymic) if part]
    for enrolment in student.enrolments:
        program = archive.programs.get(enrolment.program)
        parts += [enrolment.program, program.title if program else "", enrolment.group or ""]
    return folded(" ".join(parts))


def _person(archive: Archive, student: Student) -> Line:
    card = f"{student.folder}/student.yaml"
    name = UNREADABLE if card in archive.unreadable else NAMELESS
    if person := student.person:
        former = ", ".join(
            " ".join(part for part in (past.surname, past.given, past.patronymic) if part)
            for past in person.former_names
        )
        name = f"{person.name.full} (прежде: {former})" if former else person.name.full
        if person.duplicate_of:
            name += f" — заведено повторно, см. {person.duplicate_of}"
    study = "; ".join(_study(archive, enrolment) for enrolment in student.enrolments)
    return Line(card, (student.id, name, study))


def _study(archive: Archive, enrolment: Enrolment) -> str:
    parts = [wording.program(archive, enrolment), enrolment.group or ""]
    if ended := enrolment.ended:
        parts.append(f"({ended.reason} {day(ended.date)})")
    return " ".join(part for part in parts if part)


def _paper(student: Student, document: Document) -> Line:
    return Line(
        f"{student.folder}/documents.yaml",
        (
            f"{student.id}#{document.id or '—'}",
            document.kind,
            document.number or "",
            day(document.date) if document.date else "",
            document.title,
        ),
    )


def _entry(archive: Archive, key: str, entry: RegisterEntry) -> Line:
    series = archive.series.get(entry.series)
    number = f"{entry.number} ({entry.void.word})" if entry.void else entry.number
    title = series.title if series else entry.series
    return Line(
        f"records/registers/{key}.yaml",
        (number, title, day(entry.date), entry.student, entry.holder),
    )


def _editions(program: Program) -> str:
    return ", ".join(str(edition.edition) for edition in program.editions)


def _named(order: Order) -> Iterator[str]:
    for item in order.items:
        yield from item.students


def _fit(words: tuple[str, ...], *texts: str | None) -> bool:
    text = folded(" ".join(text for text in texts if text))
    return bool(words) and all(fits(word, text) for word in words)


OF_AGE = 18
RELATION_SEX = {"мать": "женский", "отец": "мужской"}


def found(archive: Archive, student_id: str) -> tuple[Student, Person]:
    """Raises NotFound for a file that is not there or whose card cannot be read."""
    student = archive.students.get(student_id)
    if student is None:
        raise NotFound(
            f"Дела {student_id} в архиве нет",
            f"Все дела: papka find.{may_be(student_id, archive.students)}",
        )
    if student.person is None:
        raise NotFound(
            f"Карточка дела {student_id} не читается",
            f"Узнайте причину: papka check, файл {student.folder}/student.yaml",
        )
    return student, student.person


def named(archive: Archive, address: str, on: dt.date) -> str:
    """The full name on that day; «личное дело № 2026-0007» when the file is gone."""
    student_id = address.partition("#")[0]
    student = archive.students.get(student_id)
    if student is None or student.person is None:
        return f"личное дело {number(student_id)}"
    return person_on(student.person, on).name.full


def is_minor(person: Person, on: dt.date) -> bool:
    """One whose birth date is unknown is a minor when the card names a representative."""
    if person.birth_date is None:
        return bool(person.representatives)
    return age(person.birth_date, on) < OF_AGE


def sex_of(representative: Representative) -> str | None:
    return RELATION_SEX.get(representative.relation)


def alphabetical(name: str) -> tuple[str, str]:
    """A key to sort by the Russian alphabet: «ё» stands with «е», and after it."""
    return folded(name), name
