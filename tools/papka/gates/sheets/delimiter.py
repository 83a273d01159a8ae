"""By which sign the cells of a text file are divided: declared in it, or found by evenness."""

from __future__ import annotations

import re

from papka.core.separated import cut_rows

DELIMITERS = (",", ";", "\t")
_DECLARED = re.compile(r'sep=([^"\w \r\n])(?=\r|\n)')
_ROWS_TRIED = 100
_TEXT_TRIED = 1 << 17


def found_delimiter(text: str) -> str:
    """The sign by which most rows have the same number of cells, more than one; "" if none."""
    declared = _DECLARED.match(text)
    if declared:
        return declared[1]
    best, most = "", (0.0, 0)
    for delimiter in DELIMITERS:
        score = _evenness(text[:_TEXT_TRIED], delimiter)
        if score > most:
            best, most = delimiter, score
    return best


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    """The share of rows as wide as the most usual row of several cells, and that width."""
    widths: list[int] = []
    for row in cut_rows(text, delimiter):
        if any(row.cells):
            widths.append(len(row.cells))
        if len(widths) == _ROWS_TRIED:
            break
    several = [width for width in widths if width > 1]
    if not several:
        return 0.0, 0
    usual = max(several, key=lambda width: (several.count(width), width))
    return several.count(usual) / len(widths), usual
