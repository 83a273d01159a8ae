"""The marks of a group for a period as a grid: rows of people, columns of parts, what is typed.

A grid is a teacher's sheet on a screen: its rows, its columns and the judge of what is typed are
those of the sheet, and what was typed becomes the bytes of one, which a take saves. Invariants:
only what was changed is written into it, as it was typed; a cell that nobody may change says why.
The cost is that of the students given, not of the school.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from papka.core.cells import folded, tidy
from papka.core.errors import NotFound
from papka.core.findings import Finding, Severity
from papka.core.phrases import suggest
from papka.core.places import ORGANIZATION, results_file, student_folder
from papka.core.snapshot import Part
from papka.intake.export_files import open_export
from papka.intake.mark_rules import ADVICE, describe_scale
from papka.intake.marks import MarkContext, read_rows
from papka.intake.sheet_writing import write_csv
from papka.intake.tables import Cell, Sheet, name_cell
from papka.intake.take_plan import TakeRequest, find_period
from papka.intake.teacher_sheet import (
    DATE,
    NAME,
    NUMBER,
    STUDENT,
    STUDY,
    DueRow,
    PartColumn,
    find_own_platform,
    list_due,
    part_columns,
    speak_of_sheet,
)
from papka.intake.typed_marks import UNLOCKED, Lock, TypedMarks, TypedPlace, find_lock
from papka.records.archive import Archive, load_part
from papka.records.derived.result_facts import standing_marks
from papka.records.lazy_archive import ArchiveReader
from papka.records.schemas import SchemaSet
from papka.records.school import Period
from papka.records.student import Mark, Result, Student
from papka.repository.commit_snapshots import CommitTree
from papka.repository.files import read_present
from papka.repository.git_values import MAIN

_FIRST = 4
"""Columns of a sheet before those of parts."""
NOT_DUE = Lock("эту часть здесь не изучают или она уже зачтена", "")


@dataclass(frozen=True, slots=True)
class GridCell:
    """A mark as it stands, None for none; `lock` tells why it is not changed here."""

    place: TypedPlace
    mark: Mark | None = None
    lock: Lock = UNLOCKED
    entry: str = ""

    @property
    def text(self) -> str:
        """The mark as people write it."""
        if isinstance(self.mark, float):
            return f"{self.mark:g}".replace(".", ",")
        return "" if self.mark is None else str(self.mark)


@dataclass(frozen=True, slots=True)
class GridRow:
    """A person's enrolment; `cells` stand in the order of the grid's columns."""

    student: str
    enrolment: str
    name: str
    cells: tuple[GridCell, ...]
    lock: Lock = UNLOCKED


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A part of a programme; `may` says in words what is a mark there."""

    heading: str
    title: str
    scale: str
    may: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The grid of a group; `lock` is why nothing of it can be changed."""

    group: str
    period: Period
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    lock: Lock = UNLOCKED

    def cells(self) -> Mapping[TypedPlace, GridCell]:
        """Return every cell by what it is of."""
        return {cell.place: cell for row in self.rows for cell in row.cells}


@dataclass(frozen=True, slots=True)
class TypedGrid:
    """What a person typed where, the mark that stood there then, the day of the marks as it was
    typed, and why marks that stand are wrong.
    """

    texts: Mapping[TypedPlace, str]
    seen: Mapping[TypedPlace, Mark | None]
    day: str
    reason: str = ""


class CellTrouble(NamedTuple):
    """What is wrong with a cell, and what may stand there or what to do."""

    what: str
    hint: str = ""

    def __str__(self) -> str:
        return ". ".join(filter(None, self))


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of what was typed: marks that fit, and sentences about those that do not.

    `doubts` stop nothing; `others` are about no cell.
    """

    marks: Mapping[TypedPlace, Mark] = field(default_factory=dict)
    wrong: Mapping[TypedPlace, CellTrouble] = field(default_factory=dict)
    doubts: Mapping[TypedPlace, CellTrouble] = field(default_factory=dict)
    others: tuple[Finding, ...] = ()


def open_grid(root: Path, group: str, period: str, people: Iterable[str]) -> tuple[Archive, Grid]:
    """Read the group's grid as last saved; `people` are those who may belong to the group.

    A person whose results lie changed in the folder, and not saved, has a locked row. Also return
    the archive that it was read from. Raises NotFound, Refused.
    """
    tree = CommitTree(root, MAIN)
    schemas = SchemaSet.load(Part(tree, "schema"))
    shared = ArchiveReader(tree, schemas).archive(set())
    if group not in shared.groups:
        raise NotFound(
            f"Группы «{group}» нет",
            f"Группы объявлены в {ORGANIZATION}.{suggest(group, shared.groups)}",
        )
    asked = find_period(shared, period)
    files = [path for student in people for path in _files_of_study(tree, student)]
    archive = replace(shared, students=load_part(tree.read_many(files), schemas).students)
    saved = {each: results_file(each, period) for each in archive.students}
    there = read_present(root, list(saved.values()))
    known = set(files)
    unsaved = {
        student: _read_unsaved(there.get(path), path, schemas)
        for student, path in saved.items()
        if there.get(path) != (tree.read(path) if path in known else None)
    }
    return archive, make_grid(archive, group, asked, unsaved)


_STUDY_FILES = ("student.yaml", "enrolments.yaml", "transfers.yaml", "credits.yaml")


def _files_of_study(tree: CommitTree, student: str) -> Iterator[str]:
    folder = student_folder(student)
    yield from (f"{folder}/{name}" for name in tree.names(folder) if name in _STUDY_FILES)
    yield from (f"{folder}/results/{name}" for name in tree.names(f"{folder}/results"))


def _read_unsaved(data: bytes | None, path: str, schemas: SchemaSet) -> Student | None:
    """Return the person's results as they lie in the folder; None when they cannot be read."""
    part = load_part([(path, data)] if data is not None else [], schemas)
    if part.unreadable:
        return None
    return next(iter(part.students.values()), Student(""))


def make_grid(
    archive: Archive,
    group: str,
    period: Period,
    unsaved: Mapping[str, Student | None] | None = None,
) -> Grid:
    """Lay out the group's marks; `archive.students` are those who may belong to it.

    `unsaved`: people whose results lie changed in the folder, as they lie there; None: unreadable.
    """
    due = list_due(archive, group, period)
    parts = tuple(part_columns(archive, due))
    columns = tuple(_describe(each) for each in parts)
    rows = tuple(_make_row(archive, period, each, parts, unsaved or {}) for each in due)
    closed = find_lock(archive, Student(""), period.period, ())
    return Grid(group, period, columns, rows, Lock(closed.why) if closed.why else UNLOCKED)


def _describe(column: PartColumn) -> GridColumn:
    scale = column.scale
    may = ", ".join(describe_scale(scale)) if scale is not None else ""
    title = scale.title if scale is not None else ""
    return GridColumn(column.heading, column.part.title, title, may)


def _make_row(
    archive: Archive,
    period: Period,
    due: DueRow,
    columns: Iterable[PartColumn],
    unsaved: Mapping[str, Student | None],
) -> GridRow:
    student, study = due.student, due.enrolment.id or ""
    standing = standing_marks(student, period.period)
    edited = unsaved.get(student.id)
    lying = standing_marks(edited, period.period) if edited is not None else {}
    row_lock = _UNSAVED if student.id in unsaved else UNLOCKED
    cells = []
    for column in columns:
        if not _is_of(archive, due, column):
            cells.append(GridCell(TypedPlace(student.id, study, ""), None, NOT_DUE))
            continue
        part = (study, column.part.part)
        there = standing.get(part, ())
        lock = row_lock if row_lock.why else find_lock(archive, student, period.period, there)
        if edited is not None and _mark_of(lying.get(part, ())) != _mark_of(there):
            here = _mark_of(lying.get(part, ()))
            lock = Lock(f"в папке лежит несохранённое: {'пусто' if here is None else here}", _SAVE)
        entry = there[-1].id or "" if there else ""
        cells.append(GridCell(TypedPlace(student.id, *part), _mark_of(there), lock, entry))
    return GridRow(student.id, study, due.name, tuple(cells), row_lock)


_SAVE = "Сохраните правку: papka save; или верните файл, каким он был"
_UNSAVED = Lock("результаты этого человека лежат в папке с несохранённой правкой", _SAVE)


def _mark_of(standing: tuple[Result, ...]) -> Mark | None:
    return standing[-1].mark if standing else None


def _is_of(archive: Archive, due: DueRow, column: PartColumn) -> bool:
    """Whether the row owes a mark in this column: of two scales its edition's has it."""
    if due.enrolment.program != column.program or column.part.part not in due.parts:
        return False
    program = archive.programs.get(column.program)
    edition = program.edition(due.enrolment.edition) if program else None
    part = edition.part(column.part.part) if edition else None
    return part is not None and part.scale == column.part.scale


def write_typed(grid: Grid, typed: TypedGrid) -> bytes:
    """Write what was typed as a teacher's sheet, rows and columns without any left out."""
    texts = typed.texts
    wanted = [
        number
        for number, _ in enumerate(grid.columns)
        if any(texts.get(row.cells[number].place, "").strip() for row in grid.rows)
    ]
    header = (NUMBER, NAME, STUDENT, STUDY, *(grid.columns[n].heading for n in wanted), DATE)
    rows: list[tuple[Cell, ...]] = [
        (position, row.name, row.student, row.enrolment, *marks, typed.day)
        for position, row in enumerate(grid.rows, 1)
        if any(marks := [texts.get(row.cells[n].place, "").strip() for n in wanted])
    ]
    return write_csv(Sheet(grid.group, (header, *rows)), for_people=False)


def judge_typed(archive: Archive, grid: Grid, typed: TypedGrid) -> Judged:
    """Judge what was typed as a take judges a sheet."""
    data = write_typed(grid, typed)
    export = open_export(data, _FILE)
    platform = find_own_platform(export)
    if platform is None:  # nothing was typed, so there is no column
        return Judged()
    context = MarkContext(archive.programs, archive.scales, origin="ведомость")
    rows = read_rows(export, platform.exports[0], context)
    return judged_at(
        grid,
        data,
        (speak_of_sheet(each) for each in (*export.findings, *rows.findings)),
        {(mark.row, mark.column): mark.mark for mark in rows.marks},
    )


_FILE = "ведомость.csv"


def judged_at(
    grid: Grid,
    data: bytes,
    findings: Iterable[Finding],
    marks: Mapping[tuple[int, int], Mark] | None = None,
) -> Judged:
    """Tell findings and marks of a written sheet at the cells of the grid they stand in."""
    table = open_export(data, _FILE).tables[0]
    header = table.rows[0].cells
    known = {each.heading: number for number, each in enumerate(grid.columns)}
    people = {(row.student, row.enrolment): row for row in grid.rows}
    places: dict[tuple[int, int], TypedPlace] = {}
    for line in table.rows[1:]:
        row = people[line.cell(_FIRST - 1), line.cell(_FIRST)]
        for number, head in enumerate(header, 1):
            if head in known:
                places[line.number, number] = row.cells[known[head]].place
    wrong: dict[TypedPlace, CellTrouble] = {}
    doubts: dict[TypedPlace, CellTrouble] = {}
    others = []
    for each in findings:
        place = places.get((each.where.line, each.where.column))
        told = wrong if each.severity >= Severity.ERROR else doubts
        if place is not None:
            told.setdefault(place, _say(each, header[each.where.column - 1]))
        else:
            others.append(each)
    found = {places[at]: mark for at, mark in (marks or {}).items() if at in places}
    return Judged(found, wrong, doubts, tuple(others))


def _say(finding: Finding, heading: str) -> CellTrouble:
    """Tell a finding beside its cell, which need not be named there."""
    cell = name_cell(finding.where.line, finding.where.column)
    message = finding.message.removeprefix(f"Ячейка {cell}, «{tidy(heading)}»: ")
    return CellTrouble(message, finding.hint.removesuffix(ADVICE["ведомость"]).strip(". "))


def request_of(grid: Grid, typed: TypedGrid, *, staff: str, today: dt.date) -> TakeRequest:
    """Return the take that saves what was typed."""
    return TakeRequest(
        files=((_FILE, write_typed(grid, typed)),),
        period=grid.period.period,
        platform="",
        staff=staff,
        today=today,
        typed=TypedMarks(typed.seen, typed.reason.strip()),
    )


def is_same(text: str, cell: GridCell) -> bool:
    """Whether what stands in a field is what the cell shows."""
    return folded(text) == folded(cell.text)
