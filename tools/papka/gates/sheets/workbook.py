"""XLSX and ODS to tables: judged first, then read.

Invariants: nothing is unpacked that `members` has not seen, no cell is made that `scan` has not
counted; a row's number is the one the spreadsheet shows; hidden sheets and rows are read like
others; empty cells at a row's end and empty rows at a sheet's end are left out.
Absent on purpose: number formats, colours, comments.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from papka.core.codes import exports
from papka.core.findings import Finding, Location
from papka.core.table import Export, FileLayout, Row, Table
from papka.gates.sheets import limits
from papka.gates.sheets.members import Members, opened_members
from papka.gates.sheets.outline import BOOK, xlsx_sheets
from papka.gates.sheets.scan import BrokenXml, Seen, ods_sheets, xlsx_sheet
from papka.gates.sheets.wording import letters, worded

_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_MACROS = ("xl/vbaproject.bin", "xl/macrosheets/", "basic/", "scripts/")


def read_workbook(data: bytes, name: str, sheets: Collection[str] | None) -> Export:
    """All tables with rows, or those named in `sheets`."""
    found = Export(name, data, "xlsx", ())
    if len(data) > limits.FILE:
        return replace(found, findings=(limits.too_large(name, "байтов", len(data), limits.FILE),))
    members = opened_members(data, name)
    if isinstance(members, Finding):
        return replace(found, findings=(members,))
    with members:
        layout = _layout(members)
        refusal = _kind(members, layout, name)
        if layout is None or refusal is not None:
            return replace(found, findings=(refusal,) if refusal else ())
        found = replace(found, layout=layout)
        try:
            seen = _seen(members, layout)
        except BrokenXml as error:
            what = str(error) or "лист не читается"
            return replace(found, findings=(exports.EXPORT_BROKEN.at(Location(name), what=what),))
    chosen = [sheet for sheet in seen if sheets is None or sheet.name in sheets]
    findings = [*_missing(seen, sheets, name), *_judged(chosen, name)]
    if not any(each.code is exports.EXPORT_TOO_LARGE for each in findings):
        tables, problem = _tables(data, [sheet.name for sheet in chosen], name)
        found = replace(found, tables=tables)
        findings += problem
    return replace(found, findings=limits.shortened(findings))


def _layout(members: Members) -> FileLayout | None:
    if BOOK in members.names:
        return "xlsx"
    return "ods" if members.start("mimetype").startswith(_ODS) else None


def _kind(members: Members, layout: FileLayout | None, name: str) -> Finding | None:
    """Why this ZIP is no workbook to take, if so."""
    where = Location(name)
    lowered = {member.lower() for member in members.names}
    if layout is None:
        if lowered & {"xl/workbook.bin", "word/document.xml", "content.xml", "index/document.iwa"}:
            return exports.EXPORT_NOT_A_TABLE.at(
                where,
                what="документ другого вида (XLSB, DOCX, ODT, Numbers)",
                advice="Сохраните таблицу как XLSX, ODS или CSV",
            )
        return exports.EXPORT_ARCHIVED.at(where, kind="ZIP")
    macros = any(member.startswith(_MACROS) for member in lowered if not member.endswith("/"))
    if macros or b"macroEnabled" in members.start("[Content_Types].xml"):
        return exports.EXPORT_MACROS.at(where)
    if layout == "ods" and b"encryption-data" in members.start("META-INF/manifest.xml"):
        return exports.EXPORT_ENCRYPTED.at(where)
    return None


def _seen(members: Members, layout: FileLayout) -> list[Seen]:
    """What each sheet holds, in the workbook's order."""
    if layout == "ods":
        if "content.xml" not in members.names:
            raise BrokenXml
        seen = ods_sheets(members.pieces("content.xml"))
    else:
        placed = xlsx_sheets(members)
        if any(member not in members.names for _, member in placed):
            raise BrokenXml
        seen = [xlsx_sheet(title, members.pieces(member)) for title, member in placed]
    if len({sheet.name.casefold() for sheet in seen}) < len(seen):
        raise BrokenXml("два листа с одним именем")
    return seen


def _missing(seen: Sequence[Seen], sheets: Collection[str] | None, name: str) -> Iterator[Finding]:
    known = [sheet.name for sheet in seen]
    for wanted in sheets or ():
        if wanted not in known:
            yield exports.EXPORT_SHEET_MISSING.at(
                Location(name), sheet=wanted, known=", ".join(f"«{each}»" for each in known)
            )


def _judged(seen: Sequence[Seen], name: str) -> Iterator[Finding]:
    for what, found, most in (
        ("ячеек", sum(sheet.rows * sheet.columns for sheet in seen), limits.CELLS),
        ("строк", max((sheet.rows for sheet in seen), default=0), limits.ROWS),
        ("столбцов", max((sheet.columns for sheet in seen), default=0), limits.COLUMNS),
    ):
        if found > most:
            yield limits.too_large(name, what, found, most)
    for sheet in seen:
        pointer = "/" + sheet.name.replace("~", "~0").replace("/", "~1")
        for kind, row, column, last_row, last in sheet.odd:
            where = Location(name, pointer, row, column)
            cell = f"{letters(column)}{row}"
            if kind == "formula":
                yield exports.EXPORT_FORMULA.at(where, cell=cell, sheet=sheet.name)
            elif kind == "error":
                yield exports.EXPORT_CELL_ERROR.at(where, cell=cell, sheet=sheet.name)
            elif last_row > row:
                cells_ = f"{cell}:{letters(last)}{last_row}"
                yield exports.EXPORT_MERGED_CELLS.at(where, cells=cells_, sheet=sheet.name)


def _tables(
    data: bytes, names: Sequence[str], name: str
) -> tuple[tuple[Table, ...], list[Finding]]:
    """The values, by the one reader of workbooks."""
    from python_calamine import CalamineError, load_workbook  # noqa: PLC0415 - only for workbooks

    tables: list[Table] = []
    try:
        with load_workbook(io.BytesIO(data)) as book:
            for title in names:
                sheet = book.get_sheet_by_name(title)
                before = ("",) * (sheet.start[1] if sheet.start else 0)
                rows = _rows(sheet.iter_rows(), before)
                if rows:
                    tables.append(Table(title, rows))
    except (CalamineError, OSError, ValueError):
        return (), [exports.EXPORT_BROKEN.at(Location(name), what="значения не читаются")]
    if not tables:
        return (), [exports.EXPORT_EMPTY.at(Location(name))]
    return tuple(tables), []


def _rows(values: Iterator[Sequence[object]], before: tuple[str, ...]) -> tuple[Row, ...]:
    rows: list[Row] = []
    seen: dict[str, str] = {}
    filled = 0
    for number, row in enumerate(values, 1):
        cells = [*map(worded, row)]
        while cells and not cells[-1]:
            cells.pop()
        rows.append(Row(number, (*before, *map(seen.setdefault, cells, cells)) if cells else ()))
        if cells:
            filled = number
        if len(seen) > limits.DISTINCT_KEPT:
            seen.clear()
    return tuple(rows[:filled])
