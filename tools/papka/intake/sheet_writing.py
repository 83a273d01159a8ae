"""Write sheets as a CSV or an XLSX file.

Invariants: the same sheets give the same bytes; text stays text whatever it begins with (CSV:
`escape`; XLSX: the cell's type and a quote prefix that survives editing). CSV is RFC 4180 with
CRLF. A text too long for a cell is refused, never cut. No formula is ever written.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from papka.core.errors import Refused
from papka.intake import tables
from papka.intake.tables import Cell, Column, Sheet, cell_text, column_letters, escape

if TYPE_CHECKING:
    # the library has no types
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]
_CHOICES = "Варианты"
"""The name of the hidden sheet with long lists of choices."""
_QUOTED = re.compile(r'["\r\n]')


def write_csv(
    sheet: Sheet, *, delimiter: str = ";", encoding: str = "utf-8-sig", for_people: bool = True
) -> bytes:
    """Write one sheet as CSV. Raises Refused for a letter the encoding lacks.

    What is not `for_people`, but is read back at once, is written as it is.
    """
    guard = escape if for_people else str
    lines = (delimiter.join(_quote_cells(row, delimiter, guard)) + "\r\n" for row in sheet.rows)
    try:
        return "".join(lines).encode(encoding)
    except UnicodeEncodeError as error:
        raise Refused(
            f"В кодировке {encoding} нет знака «{error.object[error.start]}»",
            "Выгрузите в UTF-8 или в XLSX",
        ) from error


def _quote_cells(row: Sequence[Cell], delimiter: str, guard: Callable[[str], str]) -> list[str]:
    cells = [guard(cell) if isinstance(cell, str) else cell_text(cell) for cell in row]
    if cells == [""]:
        return ['""']
    return [
        '"' + cell.replace('"', '""') + '"' if delimiter in cell or _QUOTED.search(cell) else cell
        for cell in cells
    ]


def write_xlsx(sheets: Sequence[Sheet], *, spill: Path | None = None) -> bytes:
    """Write a workbook. Raises Refused for a name or a text no workbook can hold.

    A large one is made by way of files in `spill`, if it is named: they hold personal data, so the
    folder must be one that may, and they are gone when the workbook is made.
    """
    # only who writes a workbook waits for it; the library has no types
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    _refuse_impossible(sheets)
    cells = sum(len(sheet.rows) * len(sheet.rows[0]) for sheet in sheets if sheet.rows)
    if spill is not None and cells > _IN_MEMORY:
        with tempfile.TemporaryDirectory(prefix="tables-", dir=spill) as folder:
            return _write_book(Workbook, sheets, {"constant_memory": True, "tmpdir": folder})
    return _write_book(Workbook, sheets, {"in_memory": True})


def _write_book(
    make: Callable[..., Workbook], sheets: Sequence[Sheet], how: dict[str, object]
) -> bytes:
    target = io.BytesIO()
    with make(target, how) as book:
        book.set_properties(
            {"created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)}
        )
        formats = _Formats(book)
        choices = _Choices()
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            _fill(page, sheet, formats)
            _arrange(page, sheet, formats, choices)
            if sheet.hidden:
                page.hide()
        choices.write(book)
    return target.getvalue()


_IN_MEMORY = 500_000
"""Cells of a workbook that is made in memory: some 100 MB."""
_LONGEST = 32_767
_NAME = re.compile(r"[^\[\]:*?/\\]{1,31}")


def _refuse_impossible(sheets: Iterable[Sheet]) -> None:
    seen: set[str] = set()
    for sheet in sheets:
        name = sheet.name.casefold()
        if not _NAME.fullmatch(sheet.name) or sheet.name[0] == "'" or sheet.name[-1] == "'":
            raise Refused(
                f"Лист нельзя назвать «{sheet.name}»",
                "В имени листа до 31 знака, без [ ] : * ? / \\ и без апострофов по краям",
            )
        if name in seen or name in {"history", _CHOICES.casefold()}:
            raise Refused(f"Имя листа «{sheet.name}» занято", "Назовите лист иначе")
        seen.add(name)
        if len(sheet.rows) > tables.ROWS or any(len(row) > tables.COLUMNS for row in sheet.rows):
            raise Refused(
                f"Лист «{sheet.name}» не вмещает столько строк или столбцов",
                "Выгрузите в CSV или JSON, или по частям",
            )
        for number, row in enumerate(sheet.rows, 1):
            for cell in row:
                if isinstance(cell, str) and _utf16_length(cell) > _LONGEST:
                    raise Refused(
                        f"Лист «{sheet.name}», строка {number}: текст длиннее {_LONGEST} знаков",
                        "Выгрузите в CSV или JSON: ячейка XLSX столько не вмещает",
                    )


def _utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class _Choices:
    """Choices of a workbook's columns: short ones stand in the cell's own rule, long ones on a
    hidden sheet, collected while the sheets are made and written after them.
    """

    def __init__(self) -> None:
        self._columns: list[tuple[str, ...]] = []

    def rule(self, choices: tuple[str, ...]) -> dict[str, object]:
        """Return what XlsxWriter's data_validation takes."""
        # the rule is comma-separated text, which Excel trims
        own = ",".join(choices)
        plain = not any("," in choice or choice.strip() != choice for choice in choices)
        source: object = list(choices)
        if len(own) > 255 or not plain or own.startswith("="):
            if choices not in self._columns:
                self._columns.append(choices)
            column = column_letters(self._columns.index(choices) + 1)
            source = f"='{_CHOICES}'!${column}$1:${column}${len(choices)}"
        return {
            "validate": "list",
            "source": source,
            "error_title": "Такого варианта нет",
            "error_message": "Выберите значение из списка",
        }

    def write(self, book: Workbook) -> None:
        if not self._columns:
            return
        page = book.add_worksheet(_CHOICES)
        for column, choices in enumerate(self._columns):
            for row, choice in enumerate(choices):
                page.write_string(row, column, choice)
        page.very_hidden()


class _Formats:
    """The formats of a workbook: one for each way a cell can be, made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[bool, str, bool, bool], Format] = {}

    def of(self, value: object, *, header: bool, locked: bool) -> Format:
        shown = "yyyy-mm-dd" if isinstance(value, dt.date) else ""
        if isinstance(value, str) and value:
            shown = "@"
        prefixed = isinstance(value, str) and escape(value) != value
        key = (header, shown, prefixed, locked)
        if key not in self._made:
            ways: dict[str, object] = {"locked": locked}
            if header:
                ways |= {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
            if shown:
                ways["num_format"] = shown
            if prefixed:
                ways["quote_prefix"] = True
            self._made[key] = self._book.add_format(ways)
        return self._made[key]


def _fill(page: Worksheet, sheet: Sheet, formats: _Formats) -> None:
    for row, cells in enumerate(sheet.rows):
        header = row < sheet.header
        for column, cell in enumerate(cells):
            locked = header or _column_of(sheet, column).locked
            how = formats.of(cell, header=header, locked=locked)
            if cell is None or cell == "":
                page.write_blank(row, column, None, how)
            elif isinstance(cell, str) or _overflows(cell):
                page.write_string(row, column, cell_text(cell), how)
            elif isinstance(cell, bool):
                page.write_boolean(row, column, cell, how)
            elif isinstance(cell, int | float | Decimal):
                page.write_number(row, column, float(cell), how)
            else:
                page.write_datetime(row, column, cell, how)


def _overflows(cell: Cell) -> bool:
    """Whether a number has more digits, or a day is earlier, than a workbook holds exactly."""
    if isinstance(cell, dt.date):
        return cell.year <= 1900
    return isinstance(cell, int) and abs(cell) >= 10**15


def _arrange(page: Worksheet, sheet: Sheet, formats: _Formats, choices: _Choices) -> None:
    """Set widths, the frozen header, what may be typed and where."""
    width = max((len(row) for row in sheet.rows), default=0)
    for place in range(max(width, len(sheet.columns))):
        column = _column_of(sheet, place)
        free = formats.of("", header=False, locked=column.locked)
        chars = column.width or _fitting_width(sheet, place)
        page.set_column(place, place, chars, free, {"hidden": column.hidden})
        if column.choices:
            last = max(len(sheet.rows), sheet.header + 1_000) - 1
            page.data_validation(sheet.header, place, last, place, choices.rule(column.choices))
    if sheet.header:
        page.freeze_panes(sheet.header, 0)
    if any(column.locked for column in sheet.columns):
        page.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})


def _column_of(sheet: Sheet, place: int) -> Column:
    return sheet.columns[place] if place < len(sheet.columns) else Column()


def _fitting_width(sheet: Sheet, place: int) -> int:
    """Return the width of the longest line in the column's first cells, within reason."""
    longest = 0
    for row in sheet.rows[:200]:
        if place < len(row):
            longest = max(longest, *map(len, cell_text(row[place]).split("\n")))
    return min(max(longest + 2, 8), 60)
