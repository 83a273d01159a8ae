"""A student's own rows of an export as cells: what a result's `source` points into (R-6.2).

Invariants: rows count from 1 within the part, never within the file, whose order would show the
neighbours; a cell is its text unchanged. A text file's part is its very bytes; a workbook's is one
line of JSON a row.
"""

from __future__ import annotations

import json

from papka.core.separated import cut_rows
from papka.model.safekeeping import Import

DELIMITERS = {"запятая": ",", "точка с запятой": ";", "табуляция": "\t", "вертикальная черта": "|"}
"""Words of a manifest -> signs."""


class NotRows(ValueError):
    """The part is not what its manifest says."""


def raw_rows(data: bytes, manifest: Import) -> list[list[str]]:
    """Cells of every row; raises NotRows."""
    try:
        if manifest.layout != "csv":
            return [_cells(line) for line in data.decode().split("\n")[:-1]]
        text = data.decode(manifest.encoding or "utf-8")
        delimiter = DELIMITERS.get(word := manifest.delimiter or "запятая", word)
        return [row.cells for row in cut_rows(text, delimiter)]
    except (ValueError, LookupError) as error:
        raise NotRows(str(error)) from error


def _cells(line: str) -> list[str]:
    cells = json.loads(line)
    if not isinstance(cells, list) or not all(isinstance(cell, str) for cell in cells):
        raise NotRows(line[:1])
    return cells


def header_text(data: bytes, encoding: str) -> str:
    """Titles of the columns to look through; what cannot be read is replaced."""
    try:
        return data.decode(encoding, errors="replace")
    except LookupError:
        return data.decode(errors="replace")
