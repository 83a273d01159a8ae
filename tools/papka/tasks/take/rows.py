"""Questions a take asks of an export's rows: which are nobody's, which enrolment one names, which
columns there are. Nothing here changes anything."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator

from papka.core.codes import takings as codes
from papka.core.findings import Finding, Location
from papka.core.table import Export
from papka.intake.mapped import Rows, StudentRow
from papka.intake.matching import Matched, Open
from papka.intake.proposal import Cell, topic_of
from papka.intake.sheet import STUDY
from papka.tasks.take.plan import CARDS


def open_rows(
    file: str,
    matched: Matched,
    rows: Rows,
    cards: Iterable[tuple[StudentRow, str]],
    *,
    accepted: str,
) -> Iterator[Finding]:
    """Rows without a student that nobody has decided about."""
    idle = {row.first for row in rows.students if row.skipped}
    new = {row.first for row, _ in cards}
    for each in matched.ambiguous:
        among = ", ".join(each.candidates)
        for row in _left(each, idle):
            where = Location(file, line=row)
            yield codes.EXPORT_ROW_AMBIGUOUS.at(where, reason=each.reason, candidates=among)
    if accepted or rows.layout.target == CARDS:
        return
    for each in matched.unmatched:
        for row in _left(each, idle | new):
            yield codes.EXPORT_ROW_UNMATCHED.at(Location(file, line=row), reason=each.reason)


def _left(each: Open, idle: set[int]) -> tuple[int, ...]:
    return () if each.rows[0] in idle else each.rows


def covers(export: Export, rows: Rows) -> Callable[[Cell], bool]:
    """Whether the file has a column for such a mark, filled or not."""
    table = next(each for each in export.tables if each.name == rows.table)
    titles = {
        topic_of(cell)
        for row in table.rows
        if rows.kinds.get(row.number) == "header"
        for cell in row.cells
    }
    parts = {(rule.part, rule.control or "") for rule in rows.layout.columns}
    return lambda cell: (
        (cell.part, cell.control) in parts and (not cell.topic or cell.topic in titles)
    )


def named_studies(export: Export, rows: Rows) -> Iterator[tuple[int, str]]:
    """Which enrolment each row of our own sheet names."""
    table = next(each for each in export.tables if each.name == rows.table)
    for row in table.rows:
        if STUDY in row.cells:
            column = row.cells.index(STUDY)
            break
    else:
        return
    for student in rows.students:
        cells = student.cells[0]
        yield student.first, cells[column].strip() if column < len(cells) else ""


def chance() -> Iterator[int]:
    while True:
        yield secrets.randbelow(10**9) + 1
