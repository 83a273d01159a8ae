"""Text to rows of cells as RFC 4180 reads them, each row with the place where it ends.

Invariants: the rows' texts put together are the whole text; a line break inside quotes belongs to
its cell; a quote inside an unquoted cell is a letter. What cannot be cut in just one way is cut
somehow and said so. One reading for a file as it comes in and for what is kept of it.
Absent on purpose: trimming and dialects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\n|\r|\Z")


class Cut(NamedTuple):
    """`end` is an offset in the text; `odd` the column, from 1, after whose closing quote more
    text stands, 0 = none; `unclosed` says that a quote was open when the text ended."""

    cells: list[str]
    end: int
    odd: int = 0
    unclosed: bool = False


def cut_rows(text: str, delimiter: str) -> Iterator[Cut]:
    """Rows in order; an empty line is a row without cells."""
    cell = _cell(delimiter)
    place, size = 0, len(text)
    while place < size:
        found = _LINE_END.search(text, place)
        end = found.start() if found else size
        line = text[place:end]
        if '"' in line:
            row = _quoted(text, place, cell)
        else:
            row = Cut(line.split(delimiter) if line else [], found.end() if found else size)
        yield row
        place = row.end


def _cell(delimiter: str) -> re.Pattern[str]:
    """A quoted cell, or a plain one, and what ends it; nothing matches an ill-quoted cell."""
    sign = re.escape(delimiter)
    return re.compile(
        rf'(?:"([^"]*+(?:""[^"]*+)*+)"|([^"{sign}\r\n][^{sign}\r\n]*+)?+)({sign}|\r\n|\n|\r|\Z)'
        rf"|([^{sign}\r\n]*+)({sign}|\r\n|\n|\r|\Z)"
    )


_OPEN = re.compile(r'"[^"]*+(?:""[^"]*+)*+\Z')


def _quoted(text: str, place: int, cell: re.Pattern[str]) -> Cut:
    """One row with quotes in it."""
    cells: list[str] = []
    odd = 0
    while True:
        found = cell.match(text, place)
        if found is None:
            raise AssertionError("the second alternative matches anything")
        quoted, plain, after, literal, after_literal = found.groups()
        if literal is not None:
            if _OPEN.match(text, place):
                cells.append(text[place + 1 :])
                return Cut(cells, len(text), odd, unclosed=True)
            odd = odd or len(cells) + 1
        if quoted is not None:
            cells.append(quoted.replace('""', '"'))
        else:
            cells.append(plain or literal or "")
        place = found.end()
        if (after if after is not None else after_literal) in {"\r\n", "\n", "\r", ""}:
            return Cut(cells, place, odd)
