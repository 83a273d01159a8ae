"""From a platform's table to marks of the programme's parts: recognise the layout, read its rows.

Invariants: columns are found by header words, or by place where the header agrees; a mark appears
only by the layout's declared rule and stands on the part's declared scale; every column is mapped,
named as not needed, or told of; every row has a kind.
"""

from __future__ import annotations

from papka.core.codes import mappings as codes
from papka.core.findings import Finding
from papka.core.table import Export
from papka.intake.headers import Header, find_header
from papka.intake.mapped import Context, MappedMark, RowKind, Rows, StudentRow
from papka.intake.objects import joined
from papka.intake.patterns import plain
from papka.intake.plan import Plan, made_plan
from papka.intake.reading import Reading
from papka.intake.recognition import recognise
from papka.model.export_layout import ExportLayout

__all__ = ["Context", "MappedMark", "RowKind", "Rows", "StudentRow", "read_rows", "recognise"]


def read_rows(export: Export, layout: ExportLayout, context: Context) -> Rows:
    """Everything the layout can say about the file."""
    whole, lost = joined(export, layout)
    header = find_header(whole, layout)
    if isinstance(header, Finding):
        return Rows(layout, "", findings=(*lost, header))
    plan = made_plan(whole, header, layout, context)
    kinds = _kinds(header, plan)
    reading = Reading(header, plan, layout, context)
    for row in header.table.rows[header.first :]:
        if kinds[row.number] == "student":
            reading.take(row)
    return Rows(
        layout,
        header.table.name,
        tuple(reading.students()),
        tuple(reading.marks),
        kinds,
        (*lost, *header.findings, *reading.unused()),
    )


def _kinds(header: Header, plan: Plan) -> dict[int, RowKind]:
    found: dict[int, RowKind] = {row.number: "header" for row in header.table.rows[: header.first]}
    names = [plain(name) for name in header.names]
    for row in header.table.rows[header.first :]:
        if not any(map(str.strip, row.cells)) or plan.maxima.apply(row):
            found[row.number] = "header"
        elif plan.aggregates.apply(row):
            found[row.number] = "aggregate"
        elif plain(row.cell(1)) == names[0] and list(map(plain, row.cells)) == names:
            found[row.number] = "header"
            header.findings.append(codes.EXPORT_HEADER_TWICE.at(header.at(row=row.number)))
        else:
            found[row.number] = "student"
    return found
