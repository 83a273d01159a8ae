"""Whom a short list names, for an act on many people: numbers of personal files, or names.

Invariant: a name names somebody only where exactly one person of the archive bears it, with the
birth day where the list tells one; everybody else of the list is told, and nobody is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core import cells
from papka.core.errors import Refused
from papka.core.findings import has_errors
from papka.core.places import is_student_id
from papka.intake.export_files import open_export
from papka.intake.people_headings import find_list
from papka.intake.people_list import PersonRow, name_in, read_list
from papka.intake.people_matching import Clues, People, clues_of_name
from papka.intake.tables import EXPORT_NOT_A_TABLE, Export, Row, Table
from papka.records.archive import Archive


def find_named(data: bytes, name: str, archive: Archive) -> list[str]:
    """Return the personal files of those the file names, in its order.

    Raises Refused, naming every line that names nobody or more than one.
    """
    export = open_export(data, name)
    if [each.code for each in export.findings] == [EXPORT_NOT_A_TABLE]:
        export = _one_column(data, name)
    if has_errors(export.findings):
        raise Refused(f"{name}: {export.findings[0].message}", export.findings[0].hint)
    cards = {id_: each.person for id_, each in archive.students.items() if each.person}
    people = People.of_cards(cards)
    found: dict[str, None] = {}
    wrong: list[str] = []
    for row in _rows(export, archive):
        person = people.numbers.get(row.number, "") if row.number else ""
        if not row.number and row.name is not None:
            clues = Clues(names=(clues_of_name(row.name),), born=row.birth_date)
            answer = people.find(clues)
            person = answer.person
            if not person and row.birth_date is None and len(answer.candidates) == 1:
                person = answer.candidates[0]
        if person:
            found[person] = None
        else:
            wrong.append(f"строка {row.row} ({row.word})")
    if wrong or not found:
        raise Refused(
            f"{name}: не найдены или не одни в архиве: {', '.join(wrong) or 'список пуст'}",
            "Назовите их номерами дел: papka find ФАМИЛИЯ; ничего не записано",
        )
    return list(found)


def _one_column(data: bytes, name: str) -> Export:
    """Read a text of one name or number a line, which is no table."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("windows-1251", "replace")
    rows = [Row(at, (line,)) for at, line in enumerate(text.splitlines(), 1) if line.strip()]
    return Export(name, data, "csv", (Table("", tuple(rows)),))


def _rows(export: Export, archive: Archive) -> Iterator[PersonRow]:
    """Yield the rows of a list with headings, or lines that are a number or a name each."""
    found = find_list(export)
    if found is not None:
        yield from read_list(export, found, archive).rows
        return
    for row in export.tables[0].rows:
        texts = [text for cell in row.cells if (text := cells.tidy(cell))]
        number = next((text for text in texts if is_student_id(text)), "")
        days = [day for text in texts if (day := cells.day(text))]
        names = [text for text in texts if any(map(str.isalpha, text))]
        words = name_in(" ".join(names)) if names else None
        if number or names:
            born = days[0] if days else None
            yield PersonRow(row=row.number, number=number, name=words, birth_date=born)
