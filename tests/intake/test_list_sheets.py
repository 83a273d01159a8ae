"""A school's own list as a spreadsheet: titles, two rows of headings, hidden and further sheets."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it has no stubs

from papka.core.errors import Refused
from papka.intake.export_files import open_export
from papka.intake.people_headings import find_list
from papka.intake.people_list import PersonRow, read_list
from tests.support.people_lists import School

Cells = list[str | int | dt.date | None]
HEAD: Cells = ["№", "ФИО", "Дата рождения", "Группа"]
ANNA: Cells = [1, "Пробкина Анна", dt.date(2012, 3, 5), "Г-26-1"]
LEV: Cells = [2, "Ветров Лев", dt.date(2012, 3, 6), None]


def book(
    *sheets: list[Cells],
    hidden: int = -1,
    merged: tuple[str, ...] = (),
    formulas: dict[str, str] | None = None,
) -> bytes:
    """A workbook of these sheets; `hidden` is the number of a hidden one; `formulas`: cell of the
    first sheet -> the value it shows."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as written:
        day = written.add_format({"num_format": "dd.mm.yyyy"})
        for at, rows in enumerate(sheets):
            sheet = written.add_worksheet(f"Лист {at + 1}")
            for row, cells in enumerate(rows):
                for column, value in enumerate(cells):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(
                            row, column, dt.datetime.combine(value, dt.time()), day
                        )
                    elif value is not None:
                        sheet.write(row, column, value)
            for area in merged:
                sheet.merge_range(area, rows[int(area[1]) - 1][ord(area[0]) - ord("A")])
            for cell, value in (formulas or {}).items():
                sheet.write_formula(cell, "=A1", None, value)
            if at == hidden:
                sheet.hide()
            elif at == hidden + 1:
                sheet.activate()
    return made.getvalue()


def read(data: bytes) -> tuple[tuple[PersonRow, ...], list[str]]:
    export = open_export(data, "список.xlsx")
    found = find_list(export)
    assert found is not None
    listed = read_list(export, found, School().archive)
    return listed.rows, [f"{each.where.line} {each.code.name}" for each in listed.findings]


def names(rows: tuple[PersonRow, ...]) -> list[tuple[int, str]]:
    return [(row.row, row.name.full if row.name else "") for row in rows]


def test_titles_totals_blanks_prepared_numbers_and_repeated_headings_are_nobody() -> None:
    rows, told = read(
        book(
            [
                ["Список обучающихся на 2026/27 учебный год"], [], HEAD, ANNA, [None, None], HEAD,
                LEV, [3], [None, "Итого: 2"],
            ]
        )
    )  # fmt: skip
    assert (names(rows), told) == ([(4, "Пробкина Анна"), (7, "Ветров Лев")], [])


def test_headings_in_two_rows_are_read_as_one() -> None:
    rows, told = read(
        book(
            [
                ["ФИО", "Дата рождения", "Телефон", None, "Мать", None],
                [None, None, "ребёнка", "мамы", "ФИО", "почта"],
                [*ANNA[1:3], 89001234567, 89007654321, "Лунная Ольга", "o@x.invalid"],
            ],
            merged=("A1:A2", "B1:B2", "C1:D1"),
        )
    )  # fmt: skip
    assert told == []
    [row] = rows
    assert (row.row, row.card["phone"]) == (3, "+79001234567")
    [mother] = row.relatives
    assert (mother.name.full, mother.phone, mother.email) == (
        "Лунная Ольга", "+79007654321", "o@x.invalid",
    )  # fmt: skip


def test_a_group_of_headings_over_the_headings_is_left_aside() -> None:
    rows, told = read(
        book(
            [
                ["№", "Обучающийся", None, None, "Мать", None],
                [None, "Фамилия", "Имя", "Дата рождения", "ФИО", "Телефон"],
                [1, "Пробкина", "Анна", dt.date(2012, 3, 5), "Лунная Ольга", 89001234567],
            ]
        )
    )
    assert (names(rows), told) == ([(3, "Пробкина Анна")], [])
    assert rows[0].relatives[0].phone == "+79001234567"


def test_a_hidden_sheet_is_not_the_list_that_was_sent() -> None:
    rows, _ = read(book([HEAD, LEV], [HEAD, ANNA], hidden=0))
    assert names(rows) == [(2, "Пробкина Анна")]


def test_two_lists_in_one_book_are_refused_and_none_is_lost() -> None:
    export = open_export(book([HEAD, LEV], [HEAD, ANNA]), "список.xlsx")
    with pytest.raises(Refused, match="«Лист 1», «Лист 2»"):
        find_list(export)


def test_what_a_formula_shows_is_read_and_an_error_only_where_it_matters() -> None:
    shown = {"A2": "#N/A", "B2": "Лунная Дарья", "C3": "#N/A"}
    rows, told = read(book([HEAD, ANNA, LEV], formulas=shown))
    assert names(rows) == [(2, "Лунная Дарья"), (3, "Ветров Лев")]
    assert told == ["3 EXPORT_CELL_ERROR"]


@pytest.mark.parametrize(
    ("text", "wanted"), [("40973", dt.date(2012, 3, 5)), ("05.03.2012 0:00", dt.date(2012, 3, 5))]
)
def test_a_day_kept_as_text_is_a_day(text: str, wanted: dt.date) -> None:
    [row], _ = read(book([HEAD, [1, "Пробкина Анна", text]]))
    assert row.birth_date == wanted
