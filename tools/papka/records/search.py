"""Search by words among people, programmes and papers, and names of the people found (R-1.3).

Words are the same as everywhere (`cells.folded`). A word stands for the beginning of a
word, so «лунн» finds «Абрикосова-Лунная» and «9» does not find «19»; several words must all fit one
line. Lines come as a person counts them, nothing is ranked. Who is no longer in the archive is
named by the address the record holds, never left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from papka.core.cells import folded
from papka.core.phrases import natural_key
from papka.core.places import REGISTERS, is_student_id, record_file
from papka.records import wording
from papka.records.archive import Archive
from papka.records.choosing import ChosenPerson
from papka.records.derived.in_force import age, person_on
from papka.records.derived.membership import group_now, transfers_of
from papka.records.student import Enrolment, Person, Representative, Student
from papka.records.tombstones import number_on_paper
from papka.records.wording import day, number

_TOKEN = re.compile(r"[^\W_]+")
_NAMES = re.compile(r"^ +(?:surname|given|patronymic): +[\"']?([^\"'\n#]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its file, and a cell for each column of the listing."""

    path: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """Lines of one kind; `columns` are (key, heading)."""

    kind: str
    title: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[Hit, ...]


def words_of(given: Iterable[str]) -> tuple[str, ...]:
    """Split what is asked for into words; № and quotation marks are not part of any."""
    text = re.sub("[№«»„“”\"']", " ", folded(" ".join(given)))
    return tuple(word.strip(",;:") for word in text.split() if word.strip(",;:"))


def fits(word: str, text: str) -> bool:
    """Tell whether a word of the (folded) text begins with it."""
    at = text.find(word)
    while at >= 0:
        if at == 0 or not (text[at - 1].isalnum() and word[0].isalnum()):
            return True
        at = text.find(word, at + 1)
    return False


def is_number_of(word: str, student: str) -> bool:
    """Tell whether the word is a student's number: «7» or «2026-7» for 2026-0007."""
    year, _, count = student.partition("-")
    asked_year, dash, asked = word.rpartition("-")
    return asked.isdecimal() and int(asked) == int(count) and (not dash or asked_year == year)


def find_people(archive: Archive, words: tuple[str, ...]) -> Hits:
    """List the students whom all words fit: number, names, programmes and groups."""
    lines = [
        person_line(archive, student)
        for student in archive.students.values()
        if fits_person(archive, student, words)
    ]
    columns = (("id", "Дело"), ("name", "Имя"), ("study", "Обучение"))
    return make_listing("students", "Люди", columns, lines)


def find_programs(archive: Archive, words: tuple[str, ...]) -> Hits:
    """List programmes by code, title or direction."""
    lines = []
    for code, program in archive.programs.items():
        if _all_fit(words, code, program.title, program.direction):
            editions = ", ".join(str(edition.edition) for edition in program.editions)
            lines.append(Hit(f"records/programs/{code}.yaml", (code, program.title, editions)))
    columns = (("code", "Код"), ("title", "Программа"), ("editions", "Редакции"))
    return make_listing("programs", "Программы", columns, lines)


def find_papers(archive: Archive, words: tuple[str, ...]) -> Hits:
    """List lines of inventories; the holder's name may help, but never find a paper alone."""
    lines = []
    for student in archive.students.values():
        around = describe_person(archive, student)
        for document in student.documents:
            own = folded(f"{document.kind} {document.number or ''} {document.title}")
            fit = [fits(word, own) for word in words]
            if any(fit) and all(
                hit or fits(word, around) for hit, word in zip(fit, words, strict=True)
            ):
                gone = archive.destroyed.of_scan(student, document)
                cells = (
                    f"{student.id}#{document.id or '—'}",
                    document.kind,
                    document.number or "",
                    day(document.date) if document.date else "",
                    document.title + (f" ({gone.words})" if gone else ""),
                )
                lines.append(Hit(f"{student.folder}/documents.yaml", cells))
    columns = (
        ("address", "Запись"),
        ("kind", "Вид"),
        ("number", "Номер"),
        ("date", "Дата"),
        ("title", "Заголовок"),
    )
    return make_listing("documents", "Документы в делах", columns, lines)


def find_issued(archive: Archive, words: tuple[str, ...]) -> Hits:
    """List issued documents by number, holder, student or form."""
    lines = []
    for key, entry in archive.registers.items():
        if _all_fit(words, entry.number, entry.holder, entry.student, entry.form):
            series = archive.series.get(entry.series)
            label = f"{entry.number} ({entry.void.word})" if entry.void else entry.number
            title = series.title if series else entry.series
            cells = (label, title, day(entry.date), entry.student, entry.holder)
            lines.append(Hit(f"records/registers/{key}.yaml", cells))
    columns = (
        ("number", "Номер"),
        ("series", "Реестр"),
        ("date", "Дата"),
        ("student", "Дело"),
        ("holder", "Кому"),
    )
    return make_listing("registers", "Выданные документы", columns, lines)


def find_orders(archive: Archive, words: tuple[str, ...]) -> Hits:
    """List orders by number, heading, kind or the students they name."""
    lines = []
    for key, order in archive.orders.items():
        students = [student for item in order.items for student in item.students]
        if _all_fit(words, key, order.number, order.heading, order.kind, *students):
            cells = (key, order.number, day(order.date), order.heading)
            lines.append(Hit(f"records/orders/{key}.yaml", cells))
    columns = (("id", "Приказ"), ("number", "Номер"), ("date", "Дата"), ("heading", "Заголовок"))
    return make_listing("orders", "Приказы", columns, lines)


def find_destroyed(archive: Archive, words: tuple[str, ...]) -> Hits:
    """List what acts destroyed by its number: of it nothing else is known."""
    lines = []
    for stone in archive.destroyed:
        key, tail = stone.path.split("/", 2)[2], stone.path.rpartition("/")[2]
        name = stone.entry or (tail if is_student_id(tail) else key)
        printed = ""
        if stone.path.startswith(f"{REGISTERS}/"):
            printed = number_on_paper(key, archive.series)
        if _all_fit(words, name) or words == words_of([printed]):
            name = printed or name
            lines.append(Hit(record_file("act", str(stone.act)) or "", (name, stone.words)))
    columns = (("id", "Номер"), ("act", "Что с ним"))
    return make_listing("destroyed", "Уничтожено", columns, lines)


def names_in_card(text: str) -> Iterator[str]:
    """Yield parts of names in the text of a card however broken: only to suggest one."""
    for found in _NAMES.findall(text):
        yield found.strip()


def suggestions(word: str, known: Iterable[str]) -> list[str]:
    """Return the nearest known words, at most three."""
    tokens = {folded(token): token for text in known for token in _TOKEN.findall(text)}
    near = get_close_matches(word, [token for token in tokens if len(token) > 1], n=3, cutoff=0.6)
    return [tokens[token] for token in near]


def fits_person(archive: Archive, student: Student, words: tuple[str, ...]) -> bool:
    """Tell whether all words fit a person, as in a listing of people."""
    text = describe_person(archive, student)
    return all(fits(word, text) or is_number_of(word, student.id) for word in words)


def chosen_line(archive: Archive, chosen: ChosenPerson, on: dt.date) -> Hit:
    """Return the line of a person who was chosen: with the age, and what was found out."""
    line = person_line(archive, chosen.student)
    person = chosen.student.person
    years = str(age(person.birth_date, on)) if person and person.birth_date else ""
    study = "; ".join(_describe_study(archive, chosen.student, each) for each in chosen.studies)
    return Hit(line.path, (*line.cells[:2], years, study, "; ".join(chosen.about)))


def make_listing(
    kind: str, title: str, columns: tuple[tuple[str, str], ...], lines: list[Hit]
) -> Hits:
    """Return lines in the order in which a person counts them."""
    ordered = sorted(lines, key=lambda line: natural_key(" ".join(line.cells)))
    return Hits(kind, title, columns, tuple(ordered))


def describe_person(archive: Archive, student: Student) -> str:
    """Join everything a person is looked up by, folded."""
    parts = [student.id]
    if person := student.person:
        parts.append(person.name.full)
        parts += [past.words for past in person.former_names]
    for enrolment in student.enrolments:
        program = archive.programs.get(enrolment.program)
        parts += [
            enrolment.program,
            program.title if program else "",
            *groups_of(student, enrolment),
        ]
    return folded(" ".join(parts))


def groups_of(student: Student, enrolment: Enrolment) -> tuple[str, ...]:
    """Return every group of an enrolment, earlier ones too: a person is looked up by either."""
    moves = transfers_of(student, enrolment) if student.transfers else []
    return tuple(group for group in (enrolment.group, *(move.group for move in moves)) if group)


def person_line(archive: Archive, student: Student) -> Hit:
    """Return the line of a person in a list: number, name with earlier ones, studies."""
    card = f"{student.folder}/student.yaml"
    name = "имени в этом архиве нет"
    if card in archive.unreadable:
        name = "карточка не читается: papka check"
    if person := student.person:
        former = ", ".join(past.words for past in person.former_names)
        name = f"{person.name.full} (прежде: {former})" if former else person.name.full
        if person.duplicate_of:
            name += f" — заведено повторно, см. {person.duplicate_of}"
    study = "; ".join(_describe_study(archive, student, each) for each in student.enrolments)
    return Hit(card, (student.id, name, study))


def _describe_study(archive: Archive, student: Student, enrolment: Enrolment) -> str:
    parts = [wording.program(archive, enrolment), group_now(student, enrolment) or ""]
    if ended := enrolment.ended:
        parts.append(f"({ended.reason} {day(ended.date)})")
    return " ".join(part for part in parts if part)


def _all_fit(words: tuple[str, ...], *texts: str | None) -> bool:
    text = folded(" ".join(text for text in texts if text))
    return bool(words) and all(fits(word, text) for word in words)


def name_on(archive: Archive, address: str, on: dt.date) -> str:
    """Return the full name on that day; «личное дело № 2026-0007» when the file is gone, and by
    which act where one destroyed it."""
    student_id = address.partition("#")[0]
    student = archive.students.get(student_id)
    if student is None or student.person is None:
        gone = archive.destroyed.of_student(student_id)
        return f"личное дело {number(student_id)}" + (f" ({gone.words})" if gone else "")
    return person_on(student.person, on).name.full


def is_minor(person: Person, on: dt.date) -> bool:
    """Tell whether a person is a minor: by age, else when the card names a representative."""
    if person.birth_date is None:
        return bool(person.representatives)
    return age(person.birth_date, on) < 18


def sex_of(representative: Representative) -> str | None:
    """Tell the sex of a mother or a father; None for any other relation."""
    return {"мать": "женский", "отец": "мужской"}.get(representative.relation)


def alphabetical(name: str) -> tuple[str, str]:
    """Make a key to sort by the Russian alphabet: «ё» stands with «е», and after it."""
    return folded(name), name
