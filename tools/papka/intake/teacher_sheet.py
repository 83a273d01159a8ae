"""A teacher's sheet: blank when it is given, read back by what its own header says.

Invariants: the header alone tells programme and part (`Техника игры [guitar/техника]`), so a sheet
is read however long ago it was given; a row is its student's by the number of the personal file,
never by the name; a mark is taken as it stands, never converted. Sheets are no platform: their
imports name SHEETS. Absent on purpose: reading and writing of files.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from papka.core.places import SHEETS
from papka.intake.tables import Cell, Column, Export, Row, Sheet
from papka.records.archive import Archive
from papka.records.derived.mastery import due_parts
from papka.records.school import (
    NOT_ATTESTED,
    Conversion,
    ExportLayout,
    MarkColumn,
    Part,
    Period,
    Platform,
    Scale,
    StudentColumns,
)
from papka.records.search import alphabetical
from papka.records.student import Enrolment, Student

NUMBER, NAME, STUDENT, STUDY, DATE = "№", "Фамилия, имя, отчество", "Номер дела", "Обучение", "Дата"
LAYOUT = "sheet"
_PART = re.compile(
    r".* \[(?P<program>[^\[\]/@]+)(?:@(?P<edition>[1-9]\d{0,3}))?/(?P<part>[^\[\]/]+)\]\Z"
)
_COMMA = re.compile(r"\d+,\d+")
_MOST_CHOICES = 60
_WIDTHS = {NUMBER: 5, NAME: 40, STUDENT: 12, STUDY: 10, DATE: 12}


class Due(NamedTuple):
    """A row to fill: which parts it owes."""

    student: Student
    enrolment: Enrolment
    parts: frozenset[str]


def blank(archive: Archive, group: str, period: Period) -> Sheet:
    """The group's sheet of the period; rows by the alphabet, one an enrolment."""
    due = sorted(_due(archive, group, period), key=lambda row: _place(row.student))
    parts = dict(_parts(archive, due))
    header = (NUMBER, NAME, STUDENT, STUDY, *parts, DATE)
    rows = tuple(_row(position, row, len(parts)) for position, row in enumerate(due, 1))
    columns = (
        Column(_WIDTHS[NUMBER], locked=True),
        Column(_WIDTHS[NAME], locked=True),
        Column(_WIDTHS[STUDENT], hidden=True, locked=True),
        Column(_WIDTHS[STUDY], hidden=True, locked=True),
        *(Column(max(18, len(head) // 2), choices=choices) for head, choices in parts.items()),
        Column(_WIDTHS[DATE]),
    )
    return Sheet(f"{group} {period.period}"[:31], (header, *rows), columns)


def own_platform(export: Export) -> Platform | None:
    """The platform that stands for sheets, with the layout of this one; None for other files."""
    for table in export.tables:
        for row in table.rows[:1]:
            layout = layout_of(
                row.cells,
                has_comma=export.layout == "csv" and any(map(_has_comma, table.rows)),
            )
            if layout is not None:
                return Platform(
                    id=SHEETS,
                    title="Ведомость педагога",
                    licence_basis="Собственная форма организации",
                    since=dt.date.min,
                    exports=(layout,),
                )
    return None


def _has_comma(row: Row) -> bool:
    """Whether a Russian spreadsheet wrote the numbers of this row."""
    return any(_COMMA.fullmatch(cell) for cell in row.cells)


def layout_of(header: Iterable[str], *, has_comma: bool = False) -> ExportLayout | None:
    """How a sheet with this header is read, its decimals with a comma or a point; None when it is
    no sheet of ours."""
    cells = tuple(header)
    columns = tuple(_marks(cells))
    if not {STUDENT, STUDY, DATE} <= set(cells) or not columns:
        return None
    return ExportLayout(
        id=LAYOUT,
        edition=1,
        title="Ведомость педагога (papka give sheet)",
        target="результаты",
        layouts=("xlsx", "ods", "csv"),
        recognise=(STUDENT, STUDY, DATE),
        student=StudentColumns(key=STUDENT),
        header_row=1,
        decimal="запятая" if has_comma else "точка",
        dates="ДД.ММ.ГГГГ",
        columns=columns,
        ignored=(NUMBER, NAME, STUDY, DATE),
    )


def _marks(header: tuple[str, ...]) -> Iterator[MarkColumn]:
    for head in header:
        match = _PART.match(head)
        if match is not None:
            yield MarkColumn(
                column=head,
                program=match["program"],
                edition=int(match["edition"]) if match["edition"] else None,
                part=match["part"],
                control="за период",
                conversion=Conversion(value="отметка"),
                date=DATE,
            )


def _due(archive: Archive, group: str, period: Period) -> Iterator[Due]:
    for student in archive.students.values():
        owed: dict[str, tuple[Enrolment, set[str]]] = {}
        for enrolment, part in due_parts(archive, student, period):
            if enrolment.group == group:
                owed.setdefault(enrolment.id or "", (enrolment, set()))[1].add(part.part)
        for enrolment, parts in owed.values():
            yield Due(student, enrolment, frozenset(parts))


def _place(student: Student) -> tuple[tuple[str, str], str]:
    return alphabetical(student.person.name.full if student.person else ""), student.id


def _parts(archive: Archive, due: list[Due]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Header and choices of every part that somebody owes, in the order of the programmes.

    A part has one column, but two where editions in use put it on different scales.
    """
    found: dict[tuple[str, str], dict[str | None, tuple[int, Part]]] = {}
    owed = {
        (row.enrolment.program, row.enrolment.edition, part) for row in due for part in row.parts
    }
    for code, number in sorted({(code, number) for code, number, _ in owed}):
        program = archive.programs.get(code)
        edition = program.edition(number) if program else None
        for part in edition.parts if edition else ():
            if (code, number, part.part) in owed:
                found.setdefault((code, part.part), {})[part.scale] = (number, part)
    for (code, _), scales in found.items():
        for scale, (number, part) in scales.items():
            of = code if len(scales) == 1 else f"{code}@{number}"
            yield f"{part.title} [{of}/{part.part}]", _choices(archive.scales.get(scale or ""))


def _choices(scale: Scale | None) -> tuple[str, ...]:
    """Marks to choose from; none for a scale with too many to look through."""
    if scale is None:
        return ()
    found = list(scale.marks)
    if scale.lowest is not None and scale.highest is not None:
        steps = round((scale.highest - scale.lowest) / scale.step)
        if steps >= _MOST_CHOICES:
            return ()
        found += [f"{scale.lowest + n * scale.step:g}" for n in range(steps + 1)]
    return (*found, NOT_ATTESTED)


def _row(position: int, due: Due, parts: int) -> tuple[Cell, ...]:
    person = due.student.person
    name = person.name.full if person else ""
    return (position, name, due.student.id, due.enrolment.id or "", *(None,) * parts, None)
