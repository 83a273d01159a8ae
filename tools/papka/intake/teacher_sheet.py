"""Make a teacher's blank sheet, and read one back by what its own header says.

Invariants: the header alone tells programme and part (`Техника игры [guitar/техника]`), so a sheet
is read however long ago it was given; a row is its student's by the number of the personal file,
never by the name, and nobody's where the name is another's; a mark is taken as it stands, never
converted. Sheets are no platform: their imports name SHEETS.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from papka.core.cells import folded, tidy
from papka.core.findings import Finding
from papka.core.places import SHEETS
from papka.intake.tables import Column, Export, Row, Sheet
from papka.records.archive import Archive
from papka.records.derived.membership import group_until
from papka.records.derived.result_facts import due_parts
from papka.records.school import (
    NOT_ATTESTED,
    Conversion,
    ExportLayout,
    MarkColumn,
    Period,
    Platform,
    ProgramPart,
    Scale,
    StudentColumns,
)
from papka.records.search import alphabetical
from papka.records.student import Enrolment, Student

NUMBER, NAME, STUDENT, STUDY, DATE = "№", "Фамилия, имя, отчество", "Номер дела", "Обучение", "Дата"
_PART = re.compile(
    r".* \[(?P<program>[^\[\]/@]+)(?:@(?P<edition>[1-9]\d{0,3}))?/(?P<part>[^\[\]/]+)\]\Z"
)
_COMMA = re.compile(r"\d+,\d+")


class DueRow(NamedTuple):
    """A row to fill and the parts it owes."""

    student: Student
    enrolment: Enrolment
    parts: frozenset[str]

    @property
    def name(self) -> str:
        return self.student.person.name.full if self.student.person else ""


class PartColumn(NamedTuple):
    """A column of marks: its heading, the programme, its part, and the scale its marks stand on."""

    heading: str
    program: str
    part: ProgramPart
    scale: Scale | None


def make_blank(archive: Archive, group: str, period: Period) -> Sheet:
    """Make the group's sheet of the period; rows by the alphabet, one an enrolment."""
    due = list_due(archive, group, period)
    parts = {each.heading: _list_choices(each.scale) for each in part_columns(archive, due)}
    header = (NUMBER, NAME, STUDENT, STUDY, *parts, DATE)
    empty = (None,) * (len(parts) + 1)
    rows = tuple(
        (position, row.name, row.student.id, row.enrolment.id or "", *empty)
        for position, row in enumerate(due, 1)
    )
    columns = (
        Column(5, locked=True),
        Column(40, locked=True),
        Column(12, hidden=True, locked=True),
        Column(10, hidden=True, locked=True),
        *(Column(max(18, len(head) // 2), choices=choices) for head, choices in parts.items()),
        Column(12),
    )
    return Sheet(f"{group} {period.period}"[:31], (header, *rows), columns)


def find_own_platform(export: Export) -> Platform | None:
    """Return a platform that stands for sheets, with the layout of this one, if it is one."""
    for table in export.tables:
        for row in table.rows[:1]:
            has_comma = export.layout == "csv" and any(map(_has_comma, table.rows))
            layout = read_layout(row.cells, has_comma=has_comma)
            if layout is not None:
                return Platform(
                    id=SHEETS,
                    title="Ведомость педагога",
                    licence_basis="Собственная форма организации",
                    since=dt.date.min,
                    exports=(layout,),
                )
    return None


def missing_columns(export: Export) -> tuple[str, ...]:
    """Return the headings that a sheet of ours lacks; () when it has them or is no sheet of ours.

    A sheet is known by a heading that only we write.
    """
    for table in export.tables:
        for row in table.rows[:1]:
            is_ours = any(_PART.match(tidy(cell)) or tidy(cell) == STUDENT for cell in row.cells)
            if is_ours:
                return _missing_of(row.cells) or ("столбца с отметками",)
    return ()


def _missing_of(cells: Iterable[str]) -> tuple[str, ...]:
    there = {folded(cell) for cell in cells}
    return tuple(f"«{name}»" for name in (STUDENT, STUDY, DATE) if folded(name) not in there)


_TAKE_AGAIN = "Исправьте в ведомости и примите её снова"
_BLANK = "Возьмите чистую ведомость (papka give sheet) и перенесите отметки в неё"
_IN_SHEET: Mapping[str, tuple[tuple[str, str], str]] = {
    "EXPORT_COLUMN_UNKNOWN": (
        ("Колонка (.*) в раскладке не названа", r"Столбец \1 не из ведомости"),
        "Если в нём отметки, перенесите их в столбец части; если нет, он не мешает",
    ),
    "EXPORT_COLUMN_TWICE": (("Колонка", "Столбец"), f"Удалите лишний. {_TAKE_AGAIN}"),
    "EXPORT_PART_UNKNOWN": (
        (r"Раскладка относит колонку (.*) к тому, чего нет", r"Столбец \1 называет то, чего нет"),
        _BLANK,
    ),
    "EXPORT_SCALE_UNSURE": (("", ""), _BLANK),
    "EXPORT_PART_WITHOUT_SCALE": (("", ""), _BLANK),
    "EXPORT_HEADER_TWICE": (("", ""), "Похоже, в одну таблицу вставили две: примите их порознь"),
    "EXPORT_ROW_WITHOUT_STUDENT": (
        ("все колонки обучающегося пусты", f"столбец «{STUDENT}» пуст"),
        f"Удалите лишнюю строку; скрытые столбцы ведомости не стирайте. {_BLANK}",
    ),
    "EXPORT_STUDENT_TWICE": (("", ""), f"Оставьте одну из строк. {_TAKE_AGAIN}"),
    "EXPORT_PERSON_TWICE": (("стоит в выгрузке", "стоит в ведомости"), _TAKE_AGAIN),
    "EXPORT_MARK_TWICE": (("", ""), f"Оставьте один из столбцов. {_TAKE_AGAIN}"),
    "EXPORT_ROW_UNMATCHED": (
        ("", ""),
        f"Лишнюю строку удалите; в остальных номер дела изменён или не отсюда. {_BLANK}",
    ),
    "EXPORT_ROW_AMBIGUOUS": (
        ("Чья это строка, решите вы:", "Чья это строка, неясно:"),
        f"Похоже, таблицу сортировали или правили не целиком. {_BLANK}",
    ),
    "EXPORT_NOT_ENROLLED": (
        ("", ""),
        f"Столбец «{STUDY}» называет обучение, которого у этого человека нет. {_BLANK}",
    ),
    "EXPORT_NOT_YET": (("", ""), f"Проверьте день в столбце «{DATE}». {_TAKE_AGAIN}"),
    "EXPORT_STUDENT_LEFT": (
        ("", ""),
        f"Если работа сдана раньше, впишите её день в столбец «{DATE}»; иначе сотрите отметку",
    ),
    "EXPORT_PART_NOT_STUDIED": (
        ("", ""),
        f"Сотрите отметку: этой части человек не изучает. {_BLANK}",
    ),
    "EXPORT_KEPT_BY_HAND": (
        ("На платформе", "В ведомости"),
        "Если верна ведомость, исправьте запись: papka fix {address} mark=ОТМЕТКА",
    ),
}
"""Code -> words of its message to change, and what to do: a sheet has no platform and no layout."""


def speak_of_sheet(finding: Finding) -> Finding:
    """Return the finding in words of a sheet, where it speaks of a platform."""
    told = _IN_SHEET.get(finding.code.name)
    if told is None:
        return finding
    (old, new), hint = told
    message = re.sub(old, new, finding.message) if old else finding.message
    address = _ADDRESS.search(finding.message)
    return replace(
        finding, message=message, hint=hint.format(address=address[0] if address else "")
    )


_ADDRESS = re.compile(r"20\d\d-\d{4,}#r\d+")


def _has_comma(row: Row) -> bool:
    """Whether a Russian spreadsheet wrote the numbers of this row."""
    return any(_COMMA.fullmatch(cell) for cell in row.cells)


def read_layout(header: Iterable[str], *, has_comma: bool = False) -> ExportLayout | None:
    """Return how a sheet with this header is read; None when it is no sheet of ours.

    Its decimals are with a comma or a point.
    """
    cells = tuple(header)
    columns = tuple(_mark_columns(cells))
    if _missing_of(cells) or not columns:
        return None
    has_names = folded(NAME) in map(folded, cells)
    return ExportLayout(
        id="sheet",
        edition=1,
        title="Ведомость педагога (papka give sheet)",
        target="результаты",
        layouts=("xlsx", "ods", "csv"),
        recognise=(STUDENT, STUDY, DATE),
        student=StudentColumns(key=STUDENT, full_name=NAME if has_names else None),
        header_row=1,
        decimal="запятая" if has_comma else "точка",
        dates="ДД.ММ.ГГГГ",
        columns=columns,
        ignored=(NUMBER, STUDY, DATE) if has_names else (NUMBER, NAME, STUDY, DATE),
    )


def _mark_columns(header: tuple[str, ...]) -> Iterator[MarkColumn]:
    for head in header:
        match = _PART.match(tidy(head))
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


def list_due(archive: Archive, group: str, period: Period) -> list[DueRow]:
    """Return the rows of the group's sheet by the alphabet, one an enrolment."""
    found = _find_due(archive, group, period)
    return sorted(found, key=lambda row: (alphabetical(row.name), row.student.id))


def _find_due(archive: Archive, group: str, period: Period) -> Iterator[DueRow]:
    for student in archive.students.values():
        owed: dict[str, tuple[Enrolment, set[str]]] = {}
        for enrolment, part in due_parts(archive, student, period):
            if group_until(student, enrolment, period.end) == group:
                owed.setdefault(enrolment.id or "", (enrolment, set()))[1].add(part.part)
        for enrolment, parts in owed.values():
            yield DueRow(student, enrolment, frozenset(parts))


def part_columns(archive: Archive, due: list[DueRow]) -> Iterator[PartColumn]:
    """Yield a column for every part that somebody owes, in the order of the programmes.

    A part has one column, but two where editions in use put it on different scales.
    """
    found: dict[tuple[str, str], dict[str | None, tuple[int, ProgramPart]]] = {}
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
            heading = f"{part.title} [{of}/{part.part}]"
            yield PartColumn(heading, code, part, archive.scales.get(scale or ""))


def _list_choices(scale: Scale | None) -> tuple[str, ...]:
    """Return marks to choose from; none for a scale with too many to look through."""
    if scale is None:
        return ()
    found = list(scale.marks)
    if scale.lowest is not None and scale.highest is not None:
        steps = round((scale.highest - scale.lowest) / scale.step)
        if steps >= 60:
            return ()
        found += [f"{scale.lowest + n * scale.step:g}" for n in range(steps + 1)]
    return (*found, NOT_ATTESTED)
