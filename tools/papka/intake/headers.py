"""Which column of a file is which: the row of headers, found by words, and the columns it names.

Invariants: an exact header stands once or is told of; with `positions` the file's own headers must
be that list in that order, so a column that moved is never read as its neighbour.
Absent on purpose: values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from papka.core.codes import mappings as codes
from papka.core.findings import Finding, Location
from papka.core.suggestion import may_be
from papka.core.table import Export, Row, Table
from papka.intake.patterns import Pattern, pattern, plain
from papka.model.export_layout import ExportLayout

DEPTH = 50
"""How many rows from the top may stand before the headers."""


@dataclass(slots=True)
class Header:
    """The headers of a table, named as the layout names them; `first` is the index of the first row
    below them. `claimed` are the columns somebody asked for; asking for what is not there is told.
    """

    file: str
    table: Table
    number: int
    names: tuple[str, ...]
    first: int
    claimed: set[int] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def at(self, column: int = 0, row: int = 0) -> Location:
        """`row` is the headers' when not given."""
        return Location(self.file, line=row or self.number, column=column)

    def one(self, name: str | None) -> int:
        """The number of the only column of this name; 0 when there is none, which is told."""
        found = self.some(name) if name is not None else []
        return found[0] if found else 0

    def some(self, name: str) -> list[int]:
        """Numbers of the columns that match: one for an exact name, any for a pattern."""
        wanted = pattern(name)
        found = [at for at, header in self.named() if wanted.matches(header)]
        if not found:
            known = [header for _, header in self.named()]
            missing = codes.EXPORT_COLUMN_MISSING.at(
                self.at(), name=name, may_be=may_be(name, known)
            )
            self.findings.append(missing)
        counted = Counter(plain(self.names[at - 1]) for at in found)
        for at in found:
            if counted.pop(plain(self.names[at - 1]), 0) > 1:
                self.findings.append(
                    codes.EXPORT_COLUMN_TWICE.at(self.at(at), name=self.names[at - 1])
                )
        self.claimed.update(found)
        return found

    def named(self) -> Iterator[tuple[int, str]]:
        """Columns that have a header, from 1."""
        return ((at, name) for at, name in enumerate(self.names, 1) if name.strip())

    def unknown(self, ignored: Sequence[str]) -> Iterator[Finding]:
        """Each column nobody asked for."""
        wanted = [pattern(name) for name in ignored]
        for at, name in self.named():
            if at not in self.claimed and not any(known.matches(name) for known in wanted):
                yield codes.EXPORT_COLUMN_UNKNOWN.at(self.at(at), name=name)


def find_header(export: Export, layout: ExportLayout) -> Header | Finding:
    """The headers the layout speaks of, in the first table that has them."""
    if layout.header_table is not None:
        return _apart(export, layout)
    wanted = [pattern(word) for word in layout.recognise]
    for table in _tables(export, layout):
        for index in _places(table, layout.header_row):
            if _fits(table.rows[index], wanted):
                row = table.rows[index]
                names = tuple(cell.strip() for cell in row.cells)
                return _placed(Header(export.file, table, row.number, names, index + 1), layout)
    what = "нет строки с заголовками " + ", ".join(f"«{word}»" for word in layout.recognise)
    where = Location(export.file, line=layout.header_row or 1)
    return codes.EXPORT_HEADER_MISSING.at(where, layout=layout.title, what=what)


def missing_words(export: Export, layout: ExportLayout) -> list[str]:
    """Of the layout's words those no row has, by the row that has most of them."""
    rows = (
        table.rows[index]
        for table in (_tables(export, layout) if layout.header_table is None else export.tables)
        for index in _places(table, layout.header_row)
    )
    most: list[str] = list(layout.recognise)
    for row in rows:
        lacking = [word for word in layout.recognise if not _fits(row, [pattern(word)])]
        if len(lacking) < len(most):
            most = lacking
    return most


def _tables(export: Export, layout: ExportLayout) -> list[Table]:
    return [table for table in export.tables if layout.sheet in (None, table.name)]


def _places(table: Table, header_row: int | None) -> range | list[int]:
    if header_row is None:
        return range(min(DEPTH, len(table.rows)))
    return [index for index, row in enumerate(table.rows[:header_row]) if row.number == header_row]


def _fits(row: Row, wanted: Sequence[Pattern]) -> bool:
    return all(any(word.matches(cell) for cell in row.cells) for word in wanted)


def _apart(export: Export, layout: ExportLayout) -> Header | Finding:
    """Headers that stand in a list of their own."""
    named = {table.name: table for table in export.tables}
    head, body = named.get(layout.header_table or ""), named.get(layout.sheet or "")
    if head is None or body is None or not head.rows:
        what = f"нет списков «{layout.header_table}» и «{layout.sheet}»"
        return codes.EXPORT_HEADER_MISSING.at(
            Location(export.file, line=1), layout=layout.title, what=what
        )
    return _placed(Header(export.file, body, head.rows[0].number, head.rows[0].cells, 0), layout)


def _placed(header: Header, layout: ExportLayout) -> Header:
    """With `positions`, names are the list's own, the second of a name as «name#2»."""
    if not layout.positions:
        return header
    seen: Counter[str] = Counter()
    names = []
    for name in header.names:
        seen[plain(name)] += 1
        names.append(name if seen[plain(name)] == 1 else f"{name}#{seen[plain(name)]}")
    header.names = tuple(names)
    for at, expected in enumerate(layout.positions, 1):
        found = names[at - 1] if at <= len(names) else ""
        if not pattern(expected).matches(found):
            header.findings.append(
                codes.EXPORT_COLUMN_MOVED.at(header.at(at), expected=expected, found=found)
            )
            break
    return header
