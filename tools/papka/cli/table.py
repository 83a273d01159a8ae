"""Aligned columns for the screen and for pipes. Pure: rows in, lines out.

Invariants: a cell may have several lines; the last column is never padded, so that nothing trails;
with a width given, the widest columns are wrapped until the table fits.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import click

_GAP = 2
_NARROWEST = 10


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, indent: int = 0, width: int = 0
) -> list[str]:
    """Lines of a table with a bold head; `width` 0 wraps nothing."""
    if not rows:
        return []
    everything = [columns, *rows]
    sizes = [
        max(len(line) for row in everything for line in (row[at].splitlines() or [""]))
        for at in range(len(columns))
    ]
    if width:
        _shrink(sizes, width - indent - _GAP * (len(sizes) - 1))
    lines = [click.style(line, bold=True) for line in _lines(columns, sizes, indent)]
    for row in rows:
        lines += _lines(row, sizes, indent)
    return lines


def _shrink(sizes: list[int], room: int) -> None:
    while sum(sizes) > room:
        widest = max(range(len(sizes)), key=sizes.__getitem__)
        if sizes[widest] <= _NARROWEST:
            return
        sizes[widest] -= 1


def _lines(row: Sequence[str], sizes: Sequence[int], indent: int) -> list[str]:
    cells = [_wrapped(cell, size) for cell, size in zip(row, sizes, strict=True)]
    height = max(len(cell) for cell in cells)
    lines = []
    for at in range(height):
        parts = [cell[at] if at < len(cell) else "" for cell in cells]
        padded = (part.ljust(size) for part, size in zip(parts, sizes, strict=True))
        lines.append((" " * indent + (" " * _GAP).join(padded)).rstrip())
    return lines


def _wrapped(cell: str, size: int) -> list[str]:
    lines: list[str] = []
    for line in cell.splitlines() or [""]:
        lines += textwrap.wrap(line, size) or [""] if len(line) > size else [line]
    return lines
