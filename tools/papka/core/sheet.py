"""What is given out as a spreadsheet: named sheets of typed cells, and how text stays text.

Invariants: text never turns into a formula in the program that opens the file; `unescaped` gives
back exactly what `escaped` was given. A workbook needs no escaping, its cells have types; only
CSV does. Absent on purpose: fonts and colours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Cell = str | int | float | Decimal | bool | date | None

# a spreadsheet takes these, at the beginning of a cell, for a formula; full-width kin too
_ACTIVE = "=+\\-@\t\r\n＝＋－＠"
_TO_ESCAPE = re.compile(f"'*[{_ACTIVE}]")
_ESCAPED = re.compile(f"'+[{_ACTIVE}]")


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in characters, 0 = by the longest cell. A `locked` column cannot be typed into;
    `choices` are the only values its cells below the header take."""

    width: int = 0
    hidden: bool = False
    locked: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first `header` rows are bold and stay in view. `columns` may be fewer than the cells."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    columns: tuple[Column, ...] = ()
    header: int = 1
    hidden: bool = False


def escaped(text: str) -> str:
    """Text for a CSV cell: an apostrophe goes before what would be a formula, or before the
    apostrophes that already stand before one."""
    return "'" + text if _TO_ESCAPE.match(text) else text


def unescaped(text: str) -> str:
    """The text `escaped` was given; other text stays as it is."""
    return text[1:] if _ESCAPED.match(text) else text
