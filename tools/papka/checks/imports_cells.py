"""A result taken from a platform repeats the text of the cell it names (R-6.2)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import imports as codes
from papka.core.findings import Finding, Location
from papka.core.layout import raw_file, raw_name
from papka.model.archive import Archive
from papka.model.raw_rows import NotRows, raw_rows
from papka.model.results import Result, Source
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        read: dict[str, list[list[str]]] = {}
        for _, result in student.results:
            source = result.source
            if source is not None and source.export in archive.imports:
                if source.export not in read:
                    read[source.export] = _rows(archive, student, source.export)
                yield from _cell(student, result, source, read[source.export])


def _rows(archive: Archive, student: Student, key: str) -> list[list[str]]:
    """No rows for a part that is not there or not rows."""
    try:
        return raw_rows(student.raw.get(raw_name(key), b""), archive.imports[key])
    except NotRows:
        return []


def _cell(
    student: Student, result: Result, source: Source, rows: list[list[str]]
) -> Iterator[Finding]:
    file = raw_file(student.id, source.export)
    cells = rows[source.row - 1] if 0 < source.row <= len(rows) else None
    if cells is None:
        what, field = f"строки {source.row}", "row"
    elif source.column > len(cells):
        what, field = f"столбца {source.column} в строке {source.row}", "column"
    else:
        if cells[source.column - 1] != source.raw:
            yield codes.IMPORT_CELL_DIFFERS.at(
                student.where(result, "source", "raw"),
                name=source.export,
                row=source.row,
                column=source.column,
                file=file,
            )
        return
    where: Location = student.where(result, "source", field)
    yield codes.IMPORT_CELL_UNKNOWN.at(where, name=source.export, what=what, file=file)
