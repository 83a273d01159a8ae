"""A second list of a JSON answer joined to the first: whose grades they are stands apart there.

Invariant: a row that names nobody of the second list is told of, never dropped.
Absent on purpose: reading JSON; a list of a JSON file comes as a table, its first row the keys.
"""

from __future__ import annotations

from dataclasses import replace

from papka.core.codes import mappings as codes
from papka.core.findings import Finding, Location
from papka.core.table import Export, Row, Table
from papka.model.export_layout import ExportLayout, Join


def joined(export: Export, layout: ExportLayout) -> tuple[Export, tuple[Finding, ...]]:
    """The export with the second list's columns in the first, as «list.column»."""
    join = layout.join
    named = {table.name: table for table in export.tables}
    if join is None or layout.sheet not in named:
        return export, ()
    where = Location(export.file, line=1)
    other = named.get(join.table)
    if other is None or not other.rows or not named[layout.sheet].rows:
        return export, (codes.EXPORT_JOIN_MISSING.at(where, table=join.table),)
    table, lost = _with(named[layout.sheet], other, join)
    missing = tuple(
        codes.EXPORT_JOIN_MISSING.at(Location(export.file, line=row), table=join.table)
        for row in lost
    )
    tables = tuple(table if each.name == table.name else each for each in export.tables)
    return replace(export, tables=tables), missing


def _with(table: Table, other: Table, join: Join) -> tuple[Table, list[int]]:
    head, *rows = table.rows
    there, *people = other.rows
    if join.here not in head.cells or join.there not in there.cells:
        return table, [head.number]
    here, key = head.cells.index(join.here) + 1, there.cells.index(join.there) + 1
    known = {row.cell(key): row for row in people}
    width, extra = len(head.cells), len(there.cells)
    names = tuple(f"{join.table}.{name}" for name in there.cells)
    whole = [replace(head, cells=head.cells + names)]
    lost = []
    for row in rows:
        person = known.get(row.cell(here))
        if person is None:
            lost.append(row.number)
        cells = tuple(row.cell(at) for at in range(1, width + 1))
        more = tuple(person.cell(at) for at in range(1, extra + 1)) if person else ()
        whole.append(Row(row.number, cells + more, row.span))
    return Table(table.name, tuple(whole)), lost
