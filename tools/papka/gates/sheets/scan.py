"""What a workbook's sheets hold besides values, and how large they become: seen in their XML.

Invariants: XML is read as a stream, never as a tree; a document type ends the reading; the number
of cells is known before any is made (one repeated cell can stand for millions). Absent on
purpose: values. They are read by one reader, once this finds nothing against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from xml.parsers import expat

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
