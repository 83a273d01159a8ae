"""What is written is read back equal, and never as a formula."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from papka.core.errors import Refused
from papka.core.sheet import Cell, Column, Sheet, escaped, unescaped
from papka.core.table import Export
from papka.gates.sheets import open_export, write_csv, write_xlsx

TEXTS = st.text(
    st.one_of(
        st.sampled_from("='+-@\t\r\n\"';,_xXЯё "),
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
    ),
    max_size=12,
)
ROWS = st.lists(st.lists(TEXTS, min_size=1, max_size=4).map(tuple), min_size=1, max_size=5)
ACTIVE = ("=1+1", "+7 900", "-", "-5", "@a", "\tx", "\rx", "'=x", "''+", "＝1", "\n=1")


def filled(export: Export) -> list[tuple[str, ...]]:
    return [_stripped(row.cells) for table in export.tables for row in table.rows]


def _stripped(row: tuple[str, ...]) -> tuple[str, ...]:
    cells = list(row)
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _without_last_empty(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    stripped = [_stripped(row) for row in rows]
    while stripped and not stripped[-1]:
        stripped.pop()
    return stripped


@given(ROWS, st.sampled_from([";", ",", "\t"]), st.sampled_from(["utf-8-sig", "utf-16-le"]))
@example([("sep=,", "a")], ";", "utf-8-sig")
@example([("",)], ";", "utf-16-le")
def test_csv(rows: list[tuple[str, ...]], delimiter: str, encoding: str) -> None:
    data = write_csv(Sheet("", tuple(rows)), delimiter=delimiter, encoding=encoding)
    export = open_export(data, "x.csv", encoding=encoding, delimiter=delimiter)
    read = [tuple(map(unescaped, row.cells)) for table in export.tables for row in table.rows]
    assert read == rows or {each.code.name for each in export.findings} == {"EXPORT_EMPTY"}
    for table in export.tables:
        assert b"".join(data[a:b] for a, b in (row.span for row in table.rows if row.span)) == data


@settings(max_examples=60)
@given(ROWS)
@example([("_x0041_", "a\r\nb", " a ", "\t")])
def test_xlsx(rows: list[tuple[str, ...]]) -> None:
    export = open_export(write_xlsx([Sheet("Лист", tuple(rows))]), "x.xlsx")
    assert filled(export) == _without_last_empty(rows)


@pytest.mark.parametrize("text", ACTIVE)
def test_no_text_becomes_a_formula(text: str) -> None:
    assert escaped(text) == "'" + text
    assert unescaped(escaped(text)) == text
    sheet = Sheet("Лист", (("a", "b"), (text, "5")))
    written = open_export(write_csv(sheet), "x.csv")
    assert written.tables[0].rows[1].cells == ("'" + text, "5")
    book = write_xlsx([sheet])
    assert not open_export(book, "x.xlsx").findings
    with zipfile.ZipFile(io.BytesIO(book)) as members:
        assert b"<f>" not in members.read("xl/worksheets/sheet1.xml")
        assert b'quotePrefix="1"' in members.read("xl/styles.xml")


def test_typed_cells_are_read_as_their_words() -> None:
    row: tuple[Cell, ...] = (
        *(5, 4.5, Decimal("4.75"), True, None, "x"),
        *(dt.date(2026, 1, 31), dt.date(1899, 1, 1), 12345678901234567, -3, 1e-7),
    )
    words = (
        *("5", "4.5", "4.75", "true", "", "x"),
        *("2026-01-31", "1899-01-01", "12345678901234567", "-3", "0.0000001"),
    )
    sheet = Sheet("Лист", (row,), header=0)
    assert filled(open_export(write_xlsx([sheet]), "x.xlsx")) == [words]
    assert filled(open_export(write_csv(sheet), "x.csv")) == [words]


def test_the_same_sheets_give_the_same_bytes() -> None:
    sheets = [Sheet("А", (("a", 1),)), Sheet("Б", (("b", dt.date(2026, 1, 31)),))]
    assert write_xlsx(sheets) == write_xlsx(sheets)


def test_columns_can_be_hidden_locked_and_limited_to_choices() -> None:
    many = tuple(f"вариант {number}" for number in range(40))
    columns = (Column(hidden=True, locked=True), Column(choices=("5", "4")), Column(choices=many))
    book = write_xlsx([Sheet("Бланк", (("Ключ", "Оценка", "Тема"), ("k1", None, None)), columns)])
    with zipfile.ZipFile(io.BytesIO(book)) as members:
        page = members.read("xl/worksheets/sheet1.xml").decode()
    assert 'hidden="1"' in page
    assert "<sheetProtection" in page
    assert '<pane ySplit="1"' in page
    assert '<formula1>"5,4"</formula1>' in page
    assert "<formula1>'Варианты'!$A$1:$A$40</formula1>" in page
    assert not open_export(book, "x.xlsx").findings


@pytest.mark.parametrize(
    "sheets",
    [
        [Sheet("a/b", ())],
        [Sheet("", ())],
        [Sheet("А", ()), Sheet("а", ())],
        [Sheet("А", (("x" * 32_768,),))],
        [Sheet("А", (("x",) * 16_385,))],
    ],
)
def test_what_no_workbook_can_hold_is_refused(sheets: list[Sheet]) -> None:
    with pytest.raises(Refused):
        write_xlsx(sheets)


def test_a_letter_the_encoding_lacks_is_refused() -> None:
    with pytest.raises(Refused, match="windows-1251 нет знака «😀»"):
        write_csv(Sheet("", (("😀",),)), encoding="windows-1251")
