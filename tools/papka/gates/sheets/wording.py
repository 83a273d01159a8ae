"""Typed cells as text and columns as letters, the same for what is read and what is written.

Invariants: a whole number has no fraction, a date is ISO 8601, truth is `true` and `false`; no
number is written with an exponent. Absent on purpose: number formats. A cell that shows «85 %» is
0.85, and the mapping knows so.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal


def worded(value: object) -> str:
    """The text of a cell; at most 15 significant digits, as spreadsheets keep them."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime):
        whole = value.time() == dt.time()
        return value.date().isoformat() if whole else value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    return str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    shown = f"{value:.15g}"
    return f"{Decimal(shown):f}" if "e" in shown else shown


def letters(column: int) -> str:
    """1 -> A, 27 -> AA."""
    letters = ""
    while column:
        column, last = divmod(column - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters
