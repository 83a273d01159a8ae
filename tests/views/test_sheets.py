"""Sheets of the case: numbers, letters and gaps (R-6.5)."""

from __future__ import annotations

from papka.model.standing import Document
from papka.views.sheets import last_number, numbers, total


def paper(sheets: int, *lettered: str, skipped: tuple[int, ...] = ()) -> Document:
    return Document(
        kind="работа",
        title="Работа",
        medium="подлинник",
        sheets=sheets,
        lettered=lettered,
        skipped=skipped,
    )


def test_sheets_are_numbered_through() -> None:
    assert numbers(3, paper(4)) == ("3–6", 7)
    assert numbers(3, paper(1)) == ("3", 4)


def test_a_lettered_sheet_takes_no_number() -> None:
    assert numbers(4, paper(4, "5а")) == ("4–6, 5а", 7)


def test_a_skipped_number_is_on_no_sheet() -> None:
    assert numbers(6, paper(3, skipped=(7,))) == ("6, 8–9", 10)


def test_the_last_number_is_not_the_count_of_sheets() -> None:
    documents = (paper(3), paper(36, "12а", "12б", skipped=(31,)), paper(2))
    assert total(2, documents) == 43
    assert last_number(2, documents) == 42
