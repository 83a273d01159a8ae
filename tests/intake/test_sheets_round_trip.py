"""What is written is read back equal, and never as a formula."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from papka.core.errors import Refused
from papka.intake.export_files import open_export
from papka.intake.sheet_writing import write_csv, write_xlsx
from papka.intake.tables import Cell, Column, Export, Sheet, escape, unescaped

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
    assert escape(text) == "'" + text
    assert unescaped(escape(text)) == text
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


def members(book: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(book)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def test_a_workbook_says_nothing_of_when_it_was_made() -> None:
    core = members(write_xlsx([Sheet("Лист", (("а",),))]))["docProps/core.xml"]
    assert ">2000-01-01T00:00:00Z</dcterms:created>" in core
    assert ">2000-01-01T00:00:00Z</dcterms:modified>" in core


def test_a_header_is_bold_text_stays_text_and_days_are_days() -> None:
    rows = (("Имя", "День"), ("Анна", dt.date(2026, 1, 31)), ("=x", 5))
    book = members(write_xlsx([Sheet("Лист", rows)]))
    styles = book["xl/styles.xml"]
    for part in (
        '<alignment vertical="top" wrapText="1"/>', 'formatCode="yyyy-mm-dd"', 'formatCode="@"',
        "<b/>", 'quotePrefix="1"', 'applyProtection="1"', '<bottom style="thin">',
    ):  # fmt: skip
        assert part in styles, part
    sheet = book["xl/worksheets/sheet1.xml"]
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert "<sheetProtection" not in sheet
    cells = dict(re.findall(r'<c r="([A-Z]+\d)" s="(\d+)"', sheet))
    assert cells["A1"] == cells["B1"]
    assert len({cells["A1"], cells["A2"], cells["A3"], cells["B2"], cells["B3"]}) == 5
    plain = members(write_xlsx([Sheet("Лист", rows, header=0)]))
    assert "<pane" not in plain["xl/worksheets/sheet1.xml"]
    assert "<b/>" not in plain["xl/styles.xml"].partition("<borders")[0].partition("<fills")[0]


@pytest.mark.parametrize(
    ("text", "width", "chars"),
    [("а", 0, "8"), ("а" * 6, 0, "8"), ("а" * 7, 0, "9"), ("а" * 58, 0, "60"), ("а" * 90, 0, "60"),
     ("аа\n" + "б" * 10, 0, "12"), ("а" * 90, 5, "5")],
)  # fmt: skip
def test_a_column_is_as_wide_as_its_longest_line(text: str, width: int, chars: str) -> None:
    book = members(write_xlsx([Sheet("Лист", ((text,),), (Column(width),))]))
    (found,) = re.findall(r'<col [^>]*width="(\d+)', book["xl/worksheets/sheet1.xml"])
    assert found == chars


def test_only_the_first_two_hundred_rows_are_measured() -> None:
    def width(before: int) -> str:
        rows: list[tuple[Cell, ...]] = [*[(1,)] * before, ("а" * 30,)]
        sheet = members(write_xlsx([Sheet("Лист", tuple(rows))]))["xl/worksheets/sheet1.xml"]
        return str(re.findall(r'<col [^>]*width="(\d+)', sheet)[0])

    assert (width(199), width(200)) == ("32", "8")


@pytest.mark.parametrize(
    ("choices", "source"),
    [
        (("5", "4"), '"5,4"'),
        (("а" * 127, "б" * 127), f'"{"а" * 127},{"б" * 127}"'),
        (("а" * 127, "б" * 128), "'Варианты'!$A$1:$A$2"),
        (("4,5", "5"), "'Варианты'!$A$1:$A$2"),
        ((" 5", "4"), "'Варианты'!$A$1:$A$2"),
        (("=5", "4"), "'Варианты'!$A$1:$A$2"),
    ],
)
def test_choices_stand_in_the_rule_or_on_a_hidden_sheet(
    choices: tuple[str, ...], source: str
) -> None:
    columns = (Column(choices=choices), Column(choices=choices))
    book = members(write_xlsx([Sheet("Лист", (("а", "б"),), columns)]))
    sheet = book["xl/worksheets/sheet1.xml"]
    assert re.findall("<formula1>(.*?)</formula1>", sheet) == [source.replace('"', '"')] * 2
    assert re.findall(r'sqref="([A-Z0-9:]+)"><formula1>', sheet) == ["A2:A1001", "B2:B1001"]
    assert 'errorTitle="Такого варианта нет"' in sheet
    assert 'error="Выберите значение из списка"' in sheet
    hidden = [
        name for name, state in re.findall(r'<sheet name="(\w+)"[^>]*?state="(\w+)"',
                                           book["xl/workbook.xml"]) if state == "veryHidden"
    ]  # fmt: skip
    assert hidden == (["Варианты"] if "Варианты" in source else [])
    if hidden:
        read = open_export(write_xlsx([Sheet("Лист", (("а", "б"),), columns)]), "x.xlsx")
        assert [row.cells for row in read.tables[1].rows] == [(each,) for each in choices]


def test_each_list_of_choices_has_its_column_and_long_sheets_their_rows() -> None:
    columns = tuple(Column(choices=("а,б", str(number))) for number in (1, 2, 1))
    rows = (("а", "б", "в"), *((1, 2, 3),) * 1500)
    sheet = members(write_xlsx([Sheet("Лист", rows, columns)]))["xl/worksheets/sheet1.xml"]
    assert re.findall("<formula1>'Варианты'!(.*?)</formula1>", sheet) == [
        "$A$1:$A$2", "$B$1:$B$2", "$A$1:$A$2",
    ]  # fmt: skip
    assert 'sqref="A2:A1501"' in sheet


def test_a_locked_sheet_can_still_be_widened_and_its_free_cells_typed_into() -> None:
    columns = (Column(locked=True), Column())
    book = members(write_xlsx([Sheet("Лист", (("а", "б"), ("в", "г"), ("д",)), columns)]))
    sheet = book["xl/worksheets/sheet1.xml"]
    (protection,) = re.findall("<sheetProtection[^>]*>", sheet)
    for part in ('sheet="1"', 'formatColumns="0"', 'formatRows="0"'):
        assert part in protection
    assert "selectLockedCells" not in protection
    assert 'locked="0"' in book["xl/styles.xml"]
    cells = dict(re.findall(r'<c r="([A-Z]\d)" s="(\d+)"', sheet))
    assert cells["A1"] == cells["B1"]
    assert cells["A2"] != cells["B2"]


def test_hidden_sheets_are_hidden() -> None:
    book = members(write_xlsx([Sheet("А", (("а",),)), Sheet("Б", (("б",),), hidden=True)]))
    assert re.findall(r'<sheet name="(\w+)"[^>]*?state="hidden"', book["xl/workbook.xml"]) == ["Б"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (10**15 - 1, "999999999999999"),
        (10**15, "1000000000000000"),
        (-(10**15), "-1000000000000000"),
        (1e15, "1000000000000000"),
        (1e16, "10000000000000000"),
        (0.1 + 0.2, "0.3"),
        (dt.date(1900, 12, 31), "1900-12-31"),
        (dt.date(1901, 1, 1), "1901-01-01"),
        (False, "false"),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_what_a_workbook_cannot_hold_exactly_is_text(value: Cell, words: str) -> None:
    sheet = Sheet("Лист", ((value,),), header=0)
    assert filled(open_export(write_xlsx([sheet]), "x.xlsx")) == [(words,)]
    assert filled(open_export(write_csv(sheet), "x.csv", delimiter=";")) == [(words,)]
