"""Typed cells as words, columns as letters."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from papka.intake.tables import cell_text, column_letters


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("текст", "текст"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (5.0, "5"),
        (4.5, "4.5"),
        (1e15, "1000000000000000"),
        (-1e15, "-1000000000000000"),
        (1e-9, "0.000000001"),
        (Decimal("4.50"), "4.50"),
        (dt.datetime(2026, 1, 31), "2026-01-31"),  # noqa: DTZ001 - a cell has no zone
        (dt.datetime(2026, 1, 31, 0, 0, 1), "2026-01-31T00:00:01"),  # noqa: DTZ001 - as above
        (dt.date(2026, 1, 31), "2026-01-31"),
        (dt.time(9, 5), "09:05:00"),
        (dt.timedelta(hours=1, minutes=2, seconds=3), "01:02:03"),
        (dt.timedelta(minutes=59, seconds=59.6), "01:00:00"),
        (dt.timedelta(hours=100), "100:00:00"),
    ],
)
def test_a_cell_is_worded_in_one_way(value: object, words: str) -> None:
    assert cell_text(value) == words


@pytest.mark.parametrize(
    ("column", "name"),
    [(0, ""), (1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (702, "ZZ"), (703, "AAA"),
     (16_384, "XFD")],
)  # fmt: skip
def test_columns_are_named_as_spreadsheets_do(column: int, name: str) -> None:
    assert column_letters(column) == name
