"""A workbook's ZIP, judged before anything in it is believed.

Invariants: every member is unpacked here once, as a stream and within limits, to see its real
size (a header may lie, and the reader of values trusts it); no name stands twice, no two members
share bytes; XML is UTF-8 and has no DTD, hence no entities. Absent on purpose: repair.

What a workbook's sheets hold besides values, and how large they become: seen in their XML.

Invariants: XML is read as a stream, never as a tree; a document type ends the reading; the number
of cells is known before any is made (one repeated cell can stand for millions). Absent on
purpose: values. They are read by one reader, once this finds nothing against it.

What an XLSX says of itself: where its sheets are and how many texts they share.

Invariants: the reader of values finds the same members as the scan did, so anything that two
readers could resolve differently is refused; a count it would believe and reserve memory for is
checked here. Absent on purpose: every part of the format that holds no values.

XLSX and ODS to tables: judged first, then read.

Invariants: nothing is unpacked that `members` has not seen, no cell is made that `scan` has not
counted; a row's number is the one the spreadsheet shows; hidden sheets and rows are read like
others; empty cells at a row's end and empty rows at a sheet's end are left out.
Absent on purpose: number formats, colours, comments.
"""

from __future__ import annotations

import copy
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self
from xml.parsers import expat

from papka.core.findings import Finding, Location
from papka.intake import tables as intake_tables
from papka.intake.tables import Export, FileLayout, Row, Table, letters, worded

_CHUNK = 1 << 18
_END_OF_DIRECTORY = b"PK\x05\x06"
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
_DTD = (b"<!DOCTYPE", b"<!ENTITY")
_DTD_LONGEST = max(map(len, _DTD))
_XML = (".xml", ".rels")
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_READING = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
_ODD = frozenset("\\&")
"""In a name these mean different things to different readers."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Members:
    """An open ZIP: names, and the bytes of each by pieces. Close it after use."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._opened = opened
        self.names = frozenset(opened.namelist())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def pieces(self, name: str) -> Iterator[bytes]:
        """Up to a quarter of a mebibyte each."""
        yield from _pieces(self._opened, self._opened.getinfo(name))

    def start(self, name: str) -> bytes:
        """The first piece of a member, empty when there is none of that name."""
        return next(self.pieces(name), b"") if name in self.names else b""


def opened_members(data: bytes, path: str) -> Members | Finding:
    """The ZIP, once everything in it is within limits; or the one thing that forbids it."""
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except _READING:
        return _unreadable(data, path)
    try:
        finding = _judged(opened, len(data), path)
    except _READING:
        finding = intake_tables.EXPORT_BROKEN.at(
            Location(path), what="часть книги не распаковывается"
        )
    if finding is not None:
        opened.close()
        return finding
    return Members(opened)


def _unreadable(data: bytes, path: str) -> Finding:
    if _END_OF_DIRECTORY in data[-(1 << 16) - 22 :]:
        return intake_tables.EXPORT_BROKEN.at(Location(path), what="оглавление книги не читается")
    return intake_tables.EXPORT_TRUNCATED.at(Location(path), sign="конца книги нет")


def _judged(opened: zipfile.ZipFile, size: int, path: str) -> Finding | None:
    entries = opened.infolist()
    declared = sum(entry.file_size for entry in entries)
    if len(entries) > intake_tables.MEMBERS:
        return intake_tables.too_large(path, "частей в книге", len(entries), intake_tables.MEMBERS)
    if declared > intake_tables.UNPACKED:
        return intake_tables.too_large(
            path, "байтов после распаковки", declared, intake_tables.UNPACKED
        )
    if any(entry.flag_bits & 1 for entry in entries):
        return intake_tables.EXPORT_ENCRYPTED.at(Location(path))
    names = {entry.filename.casefold() for entry in entries if not _ODD & set(entry.filename)}
    shared = sum(entry.compress_size for entry in entries) > size
    odd = any(entry.compress_type not in _METHODS for entry in entries)
    if len(names) < len(entries) or shared or odd:
        return intake_tables.EXPORT_BROKEN.at(
            Location(path), what="части книги лежат одна на другой"
        )
    for entry in entries:
        found = _member(opened, entry, path)
        if found is not None:
            return found
    return None


def _member(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> Finding | None:
    """Unpacks a member and looks at how it begins, how long it is and whether it has a DTD."""
    most = max(intake_tables.RATIO_FROM, entry.compress_size * intake_tables.RATIO)
    is_xml = entry.filename.lower().endswith(_XML)
    size, tail = 0, b""
    for piece in _pieces(opened, entry):
        if not size and piece.startswith(_ARCHIVES):
            return intake_tables.EXPORT_NESTED.at(Location(path), member=entry.filename)
        if not size and is_xml and piece.startswith(_UTF16):
            return intake_tables.EXPORT_BROKEN.at(
                Location(path), what=f"{entry.filename} не в UTF-8"
            )
        size += len(piece)
        if size > most:
            return intake_tables.too_large(path, f"байтов в {entry.filename}", size, most)
        if is_xml and any(sign in tail + piece for sign in _DTD):
            return intake_tables.EXPORT_BROKEN.at(
                Location(path), what=f"в {entry.filename} объявлены подстановки (DTD)"
            )
        tail = piece[-_DTD_LONGEST:]
    if size != entry.file_size:
        return intake_tables.EXPORT_BROKEN.at(
            Location(path), what=f"размер {entry.filename} не тот"
        )
    return None


def _pieces(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """All that unpacks, however much the header says there is."""
    honest = copy.copy(entry)
    honest.file_size = intake_tables.UNPACKED + 1
    with opened.open(honest) as stream:
        while piece := stream.read(_CHUNK):
            yield piece


Kind = Literal["formula", "error", "merged"]
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_NOTED = 1_000


class BrokenXml(Exception):
    """Not well-formed, or not what a workbook's XML may be; says what, when it can."""


@dataclass(slots=True)
class Seen:
    """Of one sheet: the corner its values reach, counted from 1, and what stands where: kind,
    row, column and, for merged cells, the last row and column. Only the first thousand."""

    name: str
    rows: int = 0
    columns: int = 0
    odd: list[tuple[Kind, int, int, int, int]] = field(default_factory=list)

    def reach(self, row: int, column: int) -> None:
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)

    def note(self, kind: Kind, row: int, column: int, last_row: int = 0, last: int = 0) -> None:
        if len(self.odd) < _NOTED:
            self.odd.append((kind, row, column, last_row, last))


Start = Callable[[str, dict[str, str]], None]


def elements(pieces: Iterable[bytes], wanted: Container[str], start: Start) -> None:
    """Calls `start` with the local name of each element in `wanted` and with its attributes."""
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
        raise BrokenXml

    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = refused
    parser.EntityDeclHandler = refused
    try:
        for piece in pieces:
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        raise BrokenXml from error


def by_local_names(attributes: Mapping[str, str]) -> dict[str, str]:
    """Attributes without their namespaces."""
    return {key.rpartition(" ")[2]: value for key, value in attributes.items()}


def xlsx_sheet(name: str, pieces: Iterable[bytes]) -> Seen:
    """One worksheet of XLSX. Its attributes are in no namespace."""
    seen = Seen(name)
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
                    columns[letters] = _place(reference)[1]
                column, row = columns[letters], _whole(reference[len(letters) :])
            if row > seen.rows or column > seen.columns:
                seen.reach(row, column)
            if attributes.get("t") == "e":
                seen.note("error", row, column)
        elif element == "row":
            row, column = _whole(attributes.get("r"), row + 1), 0
        elif element == "f":
            seen.note("formula", row, column)
        else:
            first, _, last = attributes.get("ref", "").partition(":")
            seen.note("merged", *_place(first), *_place(last or first))

    elements(pieces, {"c", "row", "f", "mergeCell"}, start)
    return seen


def _place(reference: str) -> tuple[int, int]:
    """B10 -> (10, 2)."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise BrokenXml
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _whole(text: str | None, otherwise: int = 0) -> int:
    if text is None:
        return otherwise
    if len(text) > 7 or not (text.isascii() and text.isdigit()):
        raise BrokenXml
    return int(text)


def ods_sheets(pieces: Iterable[bytes]) -> list[Seen]:
    """All sheets of an ODS content.xml."""
    reader = _Ods()
    elements(pieces, _OF_ODS, reader.start)
    return reader.sheets


_CELLS = frozenset({"table-cell", "covered-table-cell"})
_OF_ODS = _CELLS | {"table", "table-row", "p"}


class _Ods:
    """Counts repeated rows and cells; those without a value count only if one follows them."""

    def __init__(self) -> None:
        self.sheets: list[Seen] = []
        self._row = self._column = self._rows = self._cells = 0

    def start(self, element: str, namespaced: dict[str, str]) -> None:
        attributes = by_local_names(namespaced)
        if element == "table":
            self.sheets.append(Seen(attributes.get("name", "")))
            self._row = self._rows = 0
        elif not self.sheets:
            return
        elif element == "table-row":
            self._row += self._rows
            self._rows = max(1, _whole(attributes.get("number-rows-repeated"), 1))
            self._column = self._cells = 0
        elif element in _CELLS:
            self._column += self._cells
            self._cells = max(1, _whole(attributes.get("number-columns-repeated"), 1))
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
        spanned = _whole(attributes.get("number-rows-spanned"), 1)
        if spanned > 1:
            width = _whole(attributes.get("number-columns-spanned"), 1)
            self.sheets[-1].note("merged", row, column, row + spanned - 1, column + width - 1)

    def _value(self) -> None:
        if self._cells:
            self.sheets[-1].reach(self._row + self._rows, self._column + self._cells)


BOOK = "xl/workbook.xml"
_PACKAGE = "_rels/.rels"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_TEXTS = "xl/sharedStrings.xml"
_PLAIN = re.compile(r"(?:/xl/)?((?:[\w-][\w.-]*/)*[\w-][\w.-]*)", re.ASCII)


class _Enough(Exception):
    """The element looked for has come."""


def xlsx_sheets(members: Members) -> list[tuple[str, str]]:
    """Name and member of each worksheet, in the workbook's order; charts have no cells and are
    left out. Raises BrokenXml for a workbook that can be understood in two ways."""
    _judge_package(members)
    _judge_texts(members)
    named: list[tuple[str, str]] = []

    def sheet(_: str, attributes: dict[str, str]) -> None:
        plain = by_local_names(attributes)
        named.append((plain.get("name", ""), plain.get("id", "")))

    elements(members.pieces(BOOK), {"sheet"}, sheet)
    targets = _targets(members)
    return [(title, targets[key]) for title, key in named if key in targets]


def _judge_package(members: Members) -> None:
    """The workbook must be where everyone puts it."""
    books: list[str] = []

    def relation(_: str, attributes: dict[str, str]) -> None:
        if attributes.get("Type", "").endswith("/officeDocument"):
            books.append(attributes.get("Target", "").removeprefix("/"))

    if _PACKAGE not in members.names or _RELATIONS not in members.names:
        raise BrokenXml("в книге нет оглавления")
    elements(members.pieces(_PACKAGE), {"Relationship"}, relation)
    if books != [BOOK]:
        raise BrokenXml("оглавление книги ведёт не туда")


def _targets(members: Members) -> dict[str, str]:
    """Relation -> worksheet's member."""
    targets: dict[str, str] = {}
    seen: set[str] = set()

    def relation(_: str, attributes: dict[str, str]) -> None:
        key, target = attributes.get("Id", ""), attributes.get("Target", "")
        is_sheet = attributes.get("Type", "").endswith("/worksheet")
        plain = _PLAIN.fullmatch(target)
        if key in seen or (is_sheet and plain is None):
            raise BrokenXml("оглавление книги ведёт не туда")
        seen.add(key)
        if is_sheet and plain is not None:
            targets[key] = f"xl/{plain[1]}"

    elements(members.pieces(_RELATIONS), {"Relationship"}, relation)
    return targets


def _judge_texts(members: Members) -> None:
    """Memory is reserved for as many texts as the first element says there are."""
    counts: list[str] = []

    def texts(_: str, attributes: dict[str, str]) -> None:
        counts.append(attributes.get("uniqueCount", "0"))
        raise _Enough

    for name in members.names:
        if name.lower() != _TEXTS.lower():
            continue
        try:
            elements(members.pieces(name), {"sst"}, texts)
        except _Enough:
            count = counts[-1]
            if not count.isascii() or not count.isdigit() or int(count[:9]) > intake_tables.CELLS:
                raise BrokenXml("неправдоподобное число текстов") from None


_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_MACROS = ("xl/vbaproject.bin", "xl/macrosheets/", "basic/", "scripts/")


def read_workbook(data: bytes, name: str, sheets: Collection[str] | None) -> Export:
    """All tables with rows, or those named in `sheets`."""
    found = Export(name, data, "xlsx", ())
    if len(data) > intake_tables.FILE:
        return replace(
            found,
            findings=(intake_tables.too_large(name, "байтов", len(data), intake_tables.FILE),),
        )
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
            return replace(
                found, findings=(intake_tables.EXPORT_BROKEN.at(Location(name), what=what),)
            )
    chosen = [sheet for sheet in seen if sheets is None or sheet.name in sheets]
    findings = [*_missing(seen, sheets, name), *_judge_size(chosen, name)]
    if not any(each.code is intake_tables.EXPORT_TOO_LARGE for each in findings):
        tables, problem = _tables(data, [sheet.name for sheet in chosen], name)
        found = replace(found, tables=tables)
        findings += problem
    return replace(found, findings=intake_tables.shortened(findings))


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
            return intake_tables.EXPORT_NOT_A_TABLE.at(
                where,
                what="документ другого вида (XLSB, DOCX, ODT, Numbers)",
                advice="Сохраните таблицу как XLSX, ODS или CSV",
            )
        return intake_tables.EXPORT_ARCHIVED.at(where, kind="ZIP")
    macros = any(member.startswith(_MACROS) for member in lowered if not member.endswith("/"))
    if macros or b"macroEnabled" in members.start("[Content_Types].xml"):
        return intake_tables.EXPORT_MACROS.at(where)
    if layout == "ods" and b"encryption-data" in members.start("META-INF/manifest.xml"):
        return intake_tables.EXPORT_ENCRYPTED.at(where)
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
            yield intake_tables.EXPORT_SHEET_MISSING.at(
                Location(name), sheet=wanted, known=", ".join(f"«{each}»" for each in known)
            )


def _judge_size(seen: Sequence[Seen], name: str) -> Iterator[Finding]:
    for what, found, most in (
        ("ячеек", sum(sheet.rows * sheet.columns for sheet in seen), intake_tables.CELLS),
        ("строк", max((sheet.rows for sheet in seen), default=0), intake_tables.ROWS),
        ("столбцов", max((sheet.columns for sheet in seen), default=0), intake_tables.COLUMNS),
    ):
        if found > most:
            yield intake_tables.too_large(name, what, found, most)
    for sheet in seen:
        pointer = "/" + sheet.name.replace("~", "~0").replace("/", "~1")
        for kind, row, column, last_row, last in sheet.odd:
            where = Location(name, pointer, row, column)
            cell = f"{letters(column)}{row}"
            if kind == "formula":
                yield intake_tables.EXPORT_FORMULA.at(where, cell=cell, sheet=sheet.name)
            elif kind == "error":
                yield intake_tables.EXPORT_CELL_ERROR.at(where, cell=cell, sheet=sheet.name)
            elif last_row > row:
                cells_ = f"{cell}:{letters(last)}{last_row}"
                yield intake_tables.EXPORT_MERGED_CELLS.at(where, cells=cells_, sheet=sheet.name)


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
        return (), [intake_tables.EXPORT_BROKEN.at(Location(name), what="значения не читаются")]
    if not tables:
        return (), [intake_tables.EXPORT_EMPTY.at(Location(name))]
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
        if len(seen) > intake_tables.DISTINCT_KEPT:
            seen.clear()
    return tuple(rows[:filled])
