"""A table of a screen report: its title, its rows, and what is said under it."""

from __future__ import annotations

from dataclasses import dataclass

Row = tuple[str, ...]
ENTRY = "Запись"
"""The heading of the column that names entries, so that the next command can."""


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its title. `struck` are positions of rows that a correction replaced; `notes`
    stand under it, or alone where there are no rows."""

    title: str
    columns: Row
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    struck: frozenset[int] = frozenset()
