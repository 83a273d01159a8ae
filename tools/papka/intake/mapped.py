"""What a layout makes of a file: rows about students, marks of parts, a kind for every row.

Invariants: `row` is the file's own number, `column` counts from 1, `raw` is the cell unchanged.
Absent on purpose: whose folder a row belongs to (`matching`), what changes in it (`proposal`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from papka.core.findings import Finding
from papka.model.export_layout import ExportLayout, MarkColumn
from papka.model.person import Name
from papka.model.program import Program
from papka.model.results import Mark
from papka.model.school import Scale

RowKind = Literal["header", "aggregate", "student"]
"""«header»: down to the row of headers, a row of maxima, an empty row: nothing about a person."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the archive declares; `date` is the day of the export, for columns without their own."""

    programs: Mapping[str, Program]
    scales: Mapping[str, Scale]
    date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class StudentRow:
    """All rows of one student. `name` is the whole name, `person` its parts where they are sure;
    "" and None where the file says nothing. `skipped`: by the layout's rule without marks, such as
    a trial account, and so no fault when nobody is found for it. `fields` are those of a card or an
    enrolment in the record's own words.
    """

    rows: tuple[int, ...]
    cells: tuple[tuple[str, ...], ...]
    key: str = ""
    email: str = ""
    name: str = ""
    person: Name | None = None
    birth_date: dt.date | None = None
    skipped: bool = False
    fields: Mapping[str, Mark] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The number of the first row."""
        return self.rows[0]


@dataclass(frozen=True, slots=True)
class MappedMark:
    """A mark; `student` is the first row of its StudentRow. What else a result needs is in `rule`:
    part, kind, origin, control."""

    student: int
    row: int
    column: int
    header: str
    program: str
    rule: MarkColumn
    raw: str
    mark: Mark
    date: dt.date
    by_hand: str | None = None

    @property
    def part(self) -> str:
        return self.rule.part


@dataclass(frozen=True, slots=True)
class Rows:
    """`kinds` has every row of the table by number; `findings` hold all that is wrong and, as
    information, each column nobody asked for. With an error the rest is not to be used."""

    layout: ExportLayout
    table: str
    students: tuple[StudentRow, ...] = ()
    marks: tuple[MappedMark, ...] = ()
    kinds: Mapping[int, RowKind] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
