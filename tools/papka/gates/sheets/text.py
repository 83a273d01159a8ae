"""A text file to a table: CSV by any delimiter, each row with its bytes.

Invariant: the rows' spans follow one another without a gap from the first byte to the last (a
byte order mark belongs to the first row). Absent on purpose: which row is the header. It is
guessed only to tell that a row has too many cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from papka.core.codes import exports
from papka.core.errors import Refused
from papka.core.findings import Finding, Location
from papka.core.separated import Cut, cut_rows
from papka.core.table import Export, Row, Table
from papka.gates.sheets import limits
from papka.gates.sheets.charset import Decoded, decoded
from papka.gates.sheets.delimiter import found_delimiter

_LETTER = re.compile(r"[^\W\d_]")
_HEADER_AMONG = 20


def read_text(data: bytes, name: str, encoding: str | None, delimiter: str | None) -> Export:
    """`encoding` and `delimiter` are found unless given. Refuses an impossible delimiter."""
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise Refused(
            "Столбцы делит один знак: запятая, точка с запятой, табуляция или другой",
            "Назовите его: --delimiter ';'",
        )
    empty = Export(name, data, "csv", ())
    if len(data) > limits.FILE:
        return _with(empty, limits.too_large(name, "байтов", len(data), limits.FILE))
    read = decoded(data, name, encoding)
    if isinstance(read, Finding):
        return _with(empty, read)
    found = replace(empty, encoding=read.encoding)
    if "\0" in read.text:
        return _with(found, _not_a_table(name, "в файле двоичные данные"))
    if not read.text.strip():
        return _with(found, exports.EXPORT_EMPTY.at(Location(name)))
    chosen = delimiter or found_delimiter(read.text)
    if not chosen:
        return _with(
            found,
            _not_a_table(
                name,
                "в нём только один столбец",
                "Проверьте, та ли это выгрузка; если столбцы делит другой знак, назовите его: "
                "--delimiter ЗНАК",
            ),
        )
    rows, findings = _rows(read, chosen, name)
    return replace(
        found,
        delimiter=chosen,
        tables=(Table("", tuple(rows)),) if rows else (),
        findings=limits.shortened(findings),
    )


def _with(export: Export, finding: Finding) -> Export:
    return replace(export, findings=(finding,))


def _not_a_table(name: str, what: str, advice: str = "") -> Finding:
    advice = advice or "Возьмите с платформы выгрузку оценок: CSV, XLSX или ODS"
    return exports.EXPORT_NOT_A_TABLE.at(Location(name), what=what, advice=advice)


def _rows(read: Decoded, delimiter: str, name: str) -> tuple[list[Row], list[Finding]]:
    rows: list[Row] = []
    findings: list[Finding] = []
    measure = _measure(read)
    seen: dict[str, str] = {}
    begin, byte, cells = 0, 0, 0
    for number, row in enumerate(cut_rows(read.text, delimiter), 1):
        cells += len(row.cells)
        if cells > limits.CELLS:
            return [], [limits.too_large(name, "ячеек", cells, limits.CELLS)]
        # equal cells are one string: marks and names repeat
        same = tuple(map(seen.setdefault, row.cells, row.cells))
        end = byte + measure(begin, row.end) + (read.mark if number == 1 else 0)
        rows.append(Row(number, same, (byte, end)))
        findings += _trouble(row, number, name)
        begin, byte = row.end, end
        if len(seen) > limits.DISTINCT_KEPT:
            seen.clear()
    return rows, findings or _shape(rows, delimiter, name, ended=read.text.endswith(("\n", "\r")))


def _measure(read: Decoded) -> Callable[[int, int], int]:
    """How many bytes a piece of the text takes."""
    text, codec = read.text, read.codec
    if text.isascii() and not codec.startswith("utf-16"):
        return lambda begin, end: end - begin
    return lambda begin, end: len(text[begin:end].encode(codec))


def _trouble(row: Cut, number: int, name: str) -> list[Finding]:
    found: list[Finding] = []
    if row.odd:
        found.append(exports.EXPORT_QUOTES.at(Location(name, line=number, column=row.odd)))
    if row.unclosed:
        where = Location(name, line=number, column=len(row.cells))
        found.append(exports.EXPORT_TRUNCATED.at(where, sign="кавычка открыта и не закрыта"))
    return found


def _shape(rows: Sequence[Row], delimiter: str, name: str, *, ended: bool) -> list[Finding]:
    """Rows wider than the header, and a last row that stops half-way."""
    header = max(rows[:_HEADER_AMONG], key=_words)
    width = len(header.cells)
    if _words(header) < 2:
        return []
    below = rows[header.number :]
    found = [
        exports.EXPORT_RAGGED_ROW.at(
            Location(name, line=row.number, column=width + 1),
            found=len(row.cells),
            expected=width,
            advice=_advice(delimiter),
        )
        for row in below
        if len(row.cells) > width and any(row.cells[width:])
    ]
    last = rows[-1]
    whole = all(len(row.cells) >= width for row in below[:-1] if row.cells)
    if not ended and len(below) > 1 and len(last.cells) < width and whole:
        where = Location(name, line=last.number, column=len(last.cells))
        found.append(exports.EXPORT_TRUNCATED.at(where, sign="последняя строка короче остальных"))
    return found


def _words(row: Row) -> int:
    """How many cells have a letter in them: a header has the most."""
    return sum(1 for cell in row.cells if _LETTER.search(cell))


def _advice(delimiter: str) -> str:
    if delimiter == ",":
        return (
            "Похоже, дробные числа записаны через запятую и столбцы делит тоже запятая: выгрузите "
            "файл с точкой с запятой или табуляцией, или в XLSX"
        )
    return "Проверьте эту строку: ячейку, в которой есть разделитель, берут в кавычки"
