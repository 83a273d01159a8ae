"""Read XLSX and ODS into tables: the ZIP is judged first, then its XML, only then values are read.

Invariants: every member is unpacked here once, as a stream and within limits, to see its real size
(a header may lie, and the library that reads values trusts it); no name stands twice, no two
members share bytes. XML is UTF-8, read as a stream, and has no DTD, hence no entities. The number
of cells is known before any is made: one repeated cell can stand for millions. What two readers
could resolve differently is refused, and so is a count for which the library would reserve memory.

A row's number is the one the spreadsheet shows; hidden sheets and rows are read like others; empty
cells at a row's end and empty rows at a sheet's end are left out. Number formats are not read.
"""

from __future__ import annotations

import copy
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Literal, Self
from xml.parsers import expat

from papka.core.findings import Finding, Location
from papka.intake import tables
from papka.intake.tables import Export, FileLayout, Row, Table, cell_text, name_cell
from papka.records.yaml_tree import escaped

_BOOK = "xl/workbook.xml"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_OTHER_DOCUMENTS = {"xl/workbook.bin", "word/document.xml", "content.xml", "index/document.iwa"}
_MACROS = ("xl/vbaproject.bin", "xl/macrosheets/", "basic/", "scripts/")


def read_workbook(data: bytes, name: str, sheets: Collection[str] | None) -> Export:
    """Read all tables with rows, or those named in `sheets`."""
    found = Export(name, data, "xlsx", ())
    if len(data) > tables.FILE:
        return found.having(tables.too_large(name, "байтов", len(data), tables.FILE))
    members = _open_members(data, name)
    if isinstance(members, Finding):
        return found.having(members)
    with members:
        layout = _recognise_layout(members, name)
        if isinstance(layout, Finding):
            return found.having(layout)
        found = replace(found, layout=layout)
        try:
            seen = _scan_sheets(members, layout)
        except _BrokenXml as error:
            what = str(error) or "лист не читается"
            return found.having(tables.EXPORT_BROKEN.at(Location(name), what=what))
    chosen = [sheet for sheet in seen if sheets is None or sheet.name in sheets]
    findings = [*_find_missing(seen, sheets, name), *_judge_size(chosen, name)]
    if not any(each.code is tables.EXPORT_TOO_LARGE for each in findings):
        read = _read_tables(data, [sheet.name for sheet in chosen], name)
        if isinstance(read, Finding):
            findings.append(read)
        else:
            found = replace(found, tables=read)
    return replace(found, findings=tables.shorten(findings))


def _recognise_layout(members: _Members, name: str) -> FileLayout | Finding:
    """Recognise the kind of workbook, or say why this ZIP is none to take."""
    where = Location(name)
    lowered = {member.lower() for member in members.names}
    layout: FileLayout = "xlsx"
    if _BOOK not in members.names:
        layout = "ods"
        if not members.start("mimetype").startswith(_ODS):
            if not lowered & _OTHER_DOCUMENTS:
                return tables.EXPORT_ARCHIVED.at(where, kind="ZIP")
            return tables.EXPORT_NOT_A_TABLE.at(
                where,
                what="документ другого вида (XLSB, DOCX, ODT, Numbers)",
                advice="Сохраните таблицу как XLSX, ODS или CSV",
            )
    macros = any(member.startswith(_MACROS) for member in lowered if not member.endswith("/"))
    if macros or b"macroEnabled" in members.start("[Content_Types].xml"):
        return tables.EXPORT_MACROS.at(where)
    if layout == "ods" and b"encryption-data" in members.start("META-INF/manifest.xml"):
        return tables.EXPORT_ENCRYPTED.at(where)
    return layout


def _scan_sheets(members: _Members, layout: FileLayout) -> list[_Scan]:
    """Scan every sheet, in the workbook's order."""
    if layout == "ods":
        if "content.xml" not in members.names:
            raise _BrokenXml
        reader = _Ods()
        _parse(members.pieces("content.xml"), _OF_ODS, reader.start)
        seen = reader.sheets
    else:
        placed = _list_worksheets(members)
        if any(member not in members.names for _, member in placed):
            raise _BrokenXml
        seen = [_scan_worksheet(title, members.pieces(member)) for title, member in placed]
    if len({sheet.name.casefold() for sheet in seen}) < len(seen):
        raise _BrokenXml("два листа с одним именем")
    return seen


def _find_missing(
    seen: Sequence[_Scan], sheets: Collection[str] | None, name: str
) -> Iterator[Finding]:
    known = [sheet.name for sheet in seen]
    for wanted in sheets or ():
        if wanted not in known:
            yield tables.EXPORT_SHEET_MISSING.at(
                Location(name), sheet=wanted, known=", ".join(f"«{each}»" for each in known)
            )


def _judge_size(seen: Sequence[_Scan], name: str) -> Iterator[Finding]:
    for what, found, most in (
        ("ячеек", sum(sheet.rows * sheet.columns for sheet in seen), tables.CELLS),
        ("строк", max((sheet.rows for sheet in seen), default=0), tables.ROWS),
        ("столбцов", max((sheet.columns for sheet in seen), default=0), tables.COLUMNS),
    ):
        if found > most:
            yield tables.too_large(name, what, found, most)
    for sheet in seen:
        pointer = f"/{escaped(sheet.name)}"
        for kind, row, column, last_row, last in sheet.odd:
            where = Location(name, pointer, row, column)
            cell = name_cell(row, column)
            if kind == "formula":
                yield tables.EXPORT_FORMULA.at(where, cell=cell, sheet=sheet.name)
            elif kind == "error":
                yield tables.EXPORT_CELL_ERROR.at(where, cell=cell, sheet=sheet.name)
            elif last_row > row:
                area = f"{cell}:{name_cell(last_row, last)}"
                yield tables.EXPORT_MERGED_CELLS.at(where, cells=area, sheet=sheet.name)


def _read_tables(data: bytes, names: Sequence[str], name: str) -> tuple[Table, ...] | Finding:
    """Read the values: calamine is the one reader of them."""
    from python_calamine import (  # only for workbooks
        CalamineError,
        SheetVisibleEnum,
        load_workbook,
    )

    found: list[Table] = []
    try:
        with load_workbook(io.BytesIO(data)) as book:
            shown = {
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.visible is SheetVisibleEnum.Visible
            }
            for title in names:
                sheet = book.get_sheet_by_name(title)
                before = ("",) * (sheet.start[1] if sheet.start else 0)
                rows = _read_rows(sheet.iter_rows(), before)
                if rows:
                    found.append(Table(title, rows, is_hidden=title not in shown))
    except (CalamineError, OSError, ValueError):
        return tables.EXPORT_BROKEN.at(Location(name), what="значения не читаются")
    return tuple(found) if found else tables.EXPORT_EMPTY.at(Location(name))


def _read_rows(values: Iterator[Sequence[object]], before: tuple[str, ...]) -> tuple[Row, ...]:
    rows: list[Row] = []
    seen: dict[str, str] = {}
    filled = 0
    for number, row in enumerate(values, 1):
        cells = [*map(cell_text, row)]
        while cells and not cells[-1]:
            cells.pop()
        rows.append(Row(number, (*before, *map(seen.setdefault, cells, cells)) if cells else ()))
        if cells:
            filled = number
        if len(seen) > tables.DISTINCT_KEPT:
            seen.clear()
    return tuple(rows[:filled])


_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
_DTD = (b"<!DOCTYPE", b"<!ENTITY")
_XML = (".xml", ".rels")
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_READING = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
_ODD = frozenset("\\&")
"""In a name these mean different things to different readers."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class _Members:
    """An open ZIP: names, and the bytes of each by pieces. Close it after use."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._opened = opened
        self.names = frozenset(opened.namelist())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a member, up to a quarter of a mebibyte each."""
        yield from _pieces(self._opened, self._opened.getinfo(name))

    def start(self, name: str) -> bytes:
        """Return the first piece of a member, empty when there is none of that name."""
        return next(self.pieces(name), b"") if name in self.names else b""


def _open_members(data: bytes, path: str) -> _Members | Finding:
    """Open the ZIP once everything in it is within limits; else return what forbids it."""
    where = Location(path)
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except _READING:
        if b"PK\x05\x06" in data[-(1 << 16) - 22 :]:
            return tables.EXPORT_BROKEN.at(where, what="оглавление книги не читается")
        return tables.EXPORT_TRUNCATED.at(where, sign="конца книги нет")
    try:
        finding = _judge_zip(opened, len(data), path)
    except _READING:
        finding = tables.EXPORT_BROKEN.at(where, what="часть книги не распаковывается")
    if finding is not None:
        opened.close()
        return finding
    return _Members(opened)


def _judge_zip(opened: zipfile.ZipFile, size: int, path: str) -> Finding | None:
    entries = opened.infolist()
    declared = sum(entry.file_size for entry in entries)
    if len(entries) > tables.MEMBERS:
        return tables.too_large(path, "частей в книге", len(entries), tables.MEMBERS)
    if declared > tables.UNPACKED:
        return tables.too_large(path, "байтов после распаковки", declared, tables.UNPACKED)
    if any(entry.flag_bits & 1 for entry in entries):
        return tables.EXPORT_ENCRYPTED.at(Location(path))
    names = {entry.filename.casefold() for entry in entries if not _ODD & set(entry.filename)}
    shared = sum(entry.compress_size for entry in entries) > size
    odd = any(entry.compress_type not in _METHODS for entry in entries)
    if len(names) < len(entries) or shared or odd:
        return tables.EXPORT_BROKEN.at(Location(path), what="части книги лежат одна на другой")
    for entry in entries:
        found = _judge_member(opened, entry, path)
        if found is not None:
            return found
    return None


def _judge_member(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> Finding | None:
    """Unpack a member and judge its beginning, its real size and whether it has a DTD."""
    most = max(tables.RATIO_FROM, entry.compress_size * tables.RATIO)
    is_xml = entry.filename.lower().endswith(_XML)
    size, tail = 0, b""
    for piece in _pieces(opened, entry):
        if not size and piece.startswith(_ARCHIVES):
            return tables.EXPORT_NESTED.at(Location(path), member=entry.filename)
        if not size and is_xml and piece.startswith(_UTF16):
            return tables.EXPORT_BROKEN.at(Location(path), what=f"{entry.filename} не в UTF-8")
        size += len(piece)
        if size > most:
            return tables.too_large(path, f"байтов в {entry.filename}", size, most)
        if is_xml and any(sign in tail + piece for sign in _DTD):
            return tables.EXPORT_BROKEN.at(
                Location(path), what=f"в {entry.filename} объявлены подстановки (DTD)"
            )
        tail = piece[-max(map(len, _DTD)) :]
    if size != entry.file_size:
        return tables.EXPORT_BROKEN.at(Location(path), what=f"размер {entry.filename} не тот")
    return None


def _pieces(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield all that unpacks, however much the header says there is."""
    honest = copy.copy(entry)
    honest.file_size = tables.UNPACKED + 1
    with opened.open(honest) as stream:
        while piece := stream.read(1 << 18):
            yield piece


_Kind = Literal["formula", "error", "merged"]
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")


class _BrokenXml(Exception):
    """The XML is malformed, or not what a workbook may have; says what, when it can."""


@dataclass(slots=True)
class _Scan:
    """What one sheet holds besides values: the corner they reach, counted from 1, and `odd` things.

    `odd` holds kind, row, column and, for merged cells, the last row and column; of the first
    thousand only.
    """

    name: str
    rows: int = 0
    columns: int = 0
    odd: list[tuple[_Kind, int, int, int, int]] = field(default_factory=list)

    def reach(self, row: int, column: int) -> None:
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)

    def note(self, kind: _Kind, row: int, column: int, last_row: int = 0, last: int = 0) -> None:
        if len(self.odd) < 1_000:
            self.odd.append((kind, row, column, last_row, last))


def _parse(
    pieces: Iterable[bytes], wanted: Container[str], start: Callable[[str, dict[str, str]], None]
) -> None:
    """Call `start` with the local name of each element in `wanted` and with its attributes."""
    parser = expat.ParserCreate("utf-8", " ")
    named: dict[str, str] = {}

    def started(name: str, attributes: dict[str, str]) -> None:
        element = named.get(name)
        if element is None:
            local = name.rpartition(" ")[2]
            element = named[name] = local if local in wanted else ""
        if element:
            start(element, attributes)

    def refused(*_: object) -> None:
        raise _BrokenXml

    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = refused
    parser.EntityDeclHandler = refused
    try:
        for piece in pieces:
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        raise _BrokenXml from error


def _without_namespaces(attributes: Mapping[str, str]) -> dict[str, str]:
    return {key.rpartition(" ")[2]: value for key, value in attributes.items()}


def _scan_worksheet(name: str, pieces: Iterable[bytes]) -> _Scan:
    """Scan one worksheet of XLSX. Its attributes are in no namespace."""
    seen = _Scan(name)
    row = column = 0
    columns: dict[str, int] = {}

    def start(element: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        if element == "c":
            reference = attributes.get("r")
            if reference is None:
                column += 1
            else:
                # millions of cells come this way: their letters are understood once
                letters = reference.rstrip("0123456789")
                if letters not in columns:
                    columns[letters] = _parse_reference(reference)[1]
                column, row = columns[letters], _parse_number(reference[len(letters) :])
            if row > seen.rows or column > seen.columns:
                seen.reach(row, column)
            if attributes.get("t") == "e":
                seen.note("error", row, column)
        elif element == "row":
            row, column = _parse_number(attributes.get("r"), row + 1), 0
        elif element == "f":
            seen.note("formula", row, column)
        else:
            first, _, last = attributes.get("ref", "").partition(":")
            seen.note("merged", *_parse_reference(first), *_parse_reference(last or first))

    _parse(pieces, {"c", "row", "f", "mergeCell"}, start)
    return seen


def _parse_reference(reference: str) -> tuple[int, int]:
    """Return row and column of a reference: B10 -> (10, 2)."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise _BrokenXml
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _parse_number(text: str | None, otherwise: int = 0) -> int:
    if text is None:
        return otherwise
    if len(text) > 7 or not (text.isascii() and text.isdigit()):
        raise _BrokenXml
    return int(text)


_CELLS = frozenset({"table-cell", "covered-table-cell"})
_OF_ODS = _CELLS | {"table", "table-row", "p"}


class _Ods:
    """A scan of ODS: repeated rows and cells count, those without a value only if one follows."""

    def __init__(self) -> None:
        self.sheets: list[_Scan] = []
        self._row = self._column = self._rows = self._cells = 0

    def start(self, element: str, namespaced: dict[str, str]) -> None:
        attributes = _without_namespaces(namespaced)
        if element == "table":
            self.sheets.append(_Scan(attributes.get("name", "")))
            self._row = self._rows = 0
        elif not self.sheets:
            return
        elif element == "table-row":
            self._row += self._rows
            self._rows = max(1, _parse_number(attributes.get("number-rows-repeated"), 1))
            self._column = self._cells = 0
        elif element in _CELLS:
            self._column += self._cells
            self._cells = max(1, _parse_number(attributes.get("number-columns-repeated"), 1))
            self._cell(attributes)
        else:
            self._value()

    def _cell(self, attributes: dict[str, str]) -> None:
        row, column = self._row + 1, self._column + 1
        if "value-type" in attributes:
            self._value()
        if "formula" in attributes:
            self._value()
            self.sheets[-1].note("formula", row, column)
        spanned = _parse_number(attributes.get("number-rows-spanned"), 1)
        if spanned > 1:
            width = _parse_number(attributes.get("number-columns-spanned"), 1)
            self.sheets[-1].note("merged", row, column, row + spanned - 1, column + width - 1)

    def _value(self) -> None:
        if self._cells:
            self.sheets[-1].reach(self._row + self._rows, self._column + self._cells)


_PACKAGE = "_rels/.rels"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_PLAIN = re.compile(r"(?:/xl/)?((?:[\w-][\w.-]*/)*[\w-][\w.-]*)", re.ASCII)


class _Enough(Exception):
    """Raised to stop reading: the element looked for has come."""


def _list_worksheets(members: _Members) -> list[tuple[str, str]]:
    """Return name and member of each worksheet, in the workbook's order.

    Charts have no cells and are left out. Raises _BrokenXml for a workbook that can be understood
    in two ways.
    """
    _judge_package(members)
    _judge_texts(members)
    named: list[tuple[str, str]] = []

    def sheet(_: str, attributes: dict[str, str]) -> None:
        plain = _without_namespaces(attributes)
        named.append((plain.get("name", ""), plain.get("id", "")))

    _parse(members.pieces(_BOOK), {"sheet"}, sheet)
    targets = _map_relations(members)
    return [(title, targets[key]) for title, key in named if key in targets]


def _judge_package(members: _Members) -> None:
    """Refuse a workbook that is not where everyone puts it."""
    books: list[str] = []

    def relation(_: str, attributes: dict[str, str]) -> None:
        if attributes.get("Type", "").endswith("/officeDocument"):
            books.append(attributes.get("Target", "").removeprefix("/"))

    if _PACKAGE not in members.names or _RELATIONS not in members.names:
        raise _BrokenXml("в книге нет оглавления")
    _parse(members.pieces(_PACKAGE), {"Relationship"}, relation)
    if books != [_BOOK]:
        raise _BrokenXml("оглавление книги ведёт не туда")


def _map_relations(members: _Members) -> dict[str, str]:
    """Map each relation to its worksheet's member."""
    targets: dict[str, str] = {}
    seen: set[str] = set()

    def relation(_: str, attributes: dict[str, str]) -> None:
        key, target = attributes.get("Id", ""), attributes.get("Target", "")
        is_sheet = attributes.get("Type", "").endswith("/worksheet")
        plain = _PLAIN.fullmatch(target)
        if key in seen or (is_sheet and plain is None):
            raise _BrokenXml("оглавление книги ведёт не туда")
        seen.add(key)
        if is_sheet and plain is not None:
            targets[key] = f"xl/{plain[1]}"

    _parse(members.pieces(_RELATIONS), {"Relationship"}, relation)
    return targets


def _judge_texts(members: _Members) -> None:
    """Refuse an absurd number of texts: memory is reserved for as many as it says."""

    def texts(_: str, attributes: dict[str, str]) -> None:
        count = attributes.get("uniqueCount", "0")
        if not count.isascii() or not count.isdigit() or int(count[:9]) > tables.CELLS:
            raise _BrokenXml("неправдоподобное число текстов")
        raise _Enough

    for name in members.names:
        if name.lower() == "xl/sharedstrings.xml":
            with suppress(_Enough):
                _parse(members.pieces(name), {"sst"}, texts)
