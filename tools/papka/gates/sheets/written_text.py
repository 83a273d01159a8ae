"""A sheet to CSV bytes.

Invariants: RFC 4180 with CRLF; text stays text whatever it begins with, by `escaped`. Absent on
purpose: a choice of dialects beyond the delimiter and the encoding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from papka.core.errors import Refused
from papka.core.sheet import Cell, Sheet, escaped
from papka.gates.sheets.wording import worded

_QUOTED = re.compile(r'["\r\n]')


def write_csv(sheet: Sheet, *, delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
    """One sheet as RFC 4180 text with CRLF; raises Refused for a letter the encoding lacks."""
    lines = (delimiter.join(_cells(row, delimiter)) + "\r\n" for row in sheet.rows)
    try:
        return "".join(lines).encode(encoding)
    except UnicodeEncodeError as error:
        raise Refused(
            f"В кодировке {encoding} нет знака «{error.object[error.start]}»",
            "Выгрузите в UTF-8 или в XLSX",
        ) from error


def _cells(row: Sequence[Cell], delimiter: str) -> list[str]:
    cells = [escaped(cell) if isinstance(cell, str) else worded(cell) for cell in row]
    if cells == [""]:
        return ['""']
    return [
        '"' + cell.replace('"', '""') + '"' if delimiter in cell or _QUOTED.search(cell) else cell
        for cell in cells
    ]
