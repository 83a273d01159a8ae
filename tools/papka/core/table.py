"""What a platform's export is once its bytes are read: tables of text cells.

Invariants: a cell is the text that stands in the file, unchanged and untrimmed; a row of a text
file knows its bytes, so that the file can be given back byte for byte; a workbook's rows do not.
Absent on purpose: meaning. Which column is what, a mapping says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from papka.core.findings import Finding

FileLayout = Literal["csv", "xlsx", "ods", "json"]


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts from 1 as an editor or a spreadsheet shows it; `span` is where its bytes
    stand in the file, end of line included."""

    number: int
    cells: tuple[str, ...]
    span: tuple[int, int] | None = None

    def cell(self, column: int) -> str:
        """The text of a column counted from 1; a row that is shorter has nothing there."""
        return self.cells[column - 1] if 0 < column <= len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """`name` is the sheet's; a text file has one table without a name."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """A file as read. `encoding` and `delimiter` are what was found, empty for a workbook;
    `findings` stop the taking when any of them is an error."""

    file: str
    data: bytes
    layout: FileLayout
    tables: tuple[Table, ...]
    encoding: str = ""
    delimiter: str = ""
    findings: tuple[Finding, ...] = ()
