"""Workbooks: values as the sheet has them, and everything hostile refused before it is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from papka.intake import tables
from papka.intake.export_files import open_export
from papka.intake.sheet_writing import write_xlsx
from papka.intake.tables import Column, Export, Sheet
from tests.support.workbooks import (
    SHEET,
    changed,
    ods,
    ods_cell,
    ods_gap,
    ods_row,
    rebuilt,
    xlsx,
)

BOOK = xlsx(("Имя", "Сети"), ("Анна", 5), ("Пётр", 4.5))
TEXTS = "xl/sharedStrings.xml"
FIVE = b"<v>5</v>"


def cells(export: Export) -> list[tuple[str, ...]]:
    return [row.cells for table in export.tables for row in table.rows]


def told(export: Export) -> list[tuple[str, str, int, int]]:
    return [
        (each.code.name, each.where.pointer, each.where.line, each.where.column)
        for each in export.findings
    ]


def codes(data: bytes) -> list[str]:
    return [each.code.name for each in open_export(data, "оценки.xlsx").findings]


def test_values_are_worded_as_a_person_would() -> None:
    percent = '<table:table-cell office:value-type="percentage" office:value="0.85"/>'
    whole = '<table:table-cell office:value-type="float" office:value="5"/>'
    date = '<table:table-cell office:value-type="date" office:date-value="2026-01-31"/>'
    truth = '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
    book = ods(ods_row(ods_cell("Анна<text:s/> <text:s/>Б"), percent, whole, date, truth))
    export = open_export(book, "x.ods")
    assert (export.layout, export.findings) == ("ods", ())
    assert cells(export) == [("Анна   Б", "0.85", "5", "2026-01-31", "true")]


def test_rows_keep_the_numbers_the_spreadsheet_shows() -> None:
    book = ods(
        ods_row(ods_gap(16_384), times=3)
        + ods_row(ods_gap(2), ods_cell("Имя"))
        + ods_row(ods_cell("Анна"), ods_gap(16_383))
        + ods_row(ods_gap(16_384), times=1_048_571)
    )
    rows = open_export(book, "x.ods").tables[0].rows
    assert [(row.number, row.cells) for row in rows[2:]] == [
        (3, ()),
        (4, ("", "", "Имя")),
        (5, ("Анна",)),
    ]


def test_hidden_sheets_and_columns_are_read_like_others_and_sheets_chosen_by_name() -> None:
    sheet = Sheet("Оценки", (("Имя", "Ключ"), ("Анна", "k1")), (Column(), Column(hidden=True)))
    book = write_xlsx([sheet, Sheet("Тайный", (("a", "b"),), hidden=True)])
    assert [table.name for table in open_export(book, "x.xlsx").tables] == ["Оценки", "Тайный"]
    assert cells(open_export(book, "x.xlsx", sheets=["Оценки"])) == [
        ("Имя", "Ключ"),
        ("Анна", "k1"),
    ]
    missing = open_export(book, "x.xlsx", sheets=["Итоги"])
    assert "«Оценки», «Тайный»" in missing.findings[0].hint


def test_a_formula_is_refused_with_its_cell() -> None:
    book = changed(BOOK, SHEET, FIVE, b"<f>1+4</f>" + FIVE)
    assert told(open_export(book, "x.xlsx")) == [("EXPORT_FORMULA", "/Оценки", 2, 2)]
    prefixed = changed(BOOK, SHEET, FIVE, b'<q:f xmlns:q="%s"/>' % b"urn:x" + FIVE)
    assert told(open_export(prefixed, "x.xlsx")) == [("EXPORT_FORMULA", "/Оценки", 2, 2)]
    counted = ods(ods_row(ods_gap(2), ods_cell("2", more='table:formula="of:=1+1"')))
    assert told(open_export(counted, "x.ods")) == [("EXPORT_FORMULA", "/Оценки", 1, 3)]


def test_a_formula_on_a_sheet_that_is_not_asked_for_does_not_matter() -> None:
    book = write_xlsx([Sheet("Расчёт", (("a", 5),)), Sheet("Оценки", (("Имя", "Сети"),))])
    book = changed(book, SHEET, FIVE, b"<f>1+4</f>" + FIVE)
    assert codes(book) == ["EXPORT_FORMULA"]
    assert not open_export(book, "x.xlsx", sheets=["Оценки"]).findings


def test_an_error_in_a_cell_is_not_an_empty_cell() -> None:
    book = changed(BOOK, SHEET, b"><v>5</v>", b' t="e"><v>#N/A</v>')
    assert told(open_export(book, "x.xlsx")) == [("EXPORT_CELL_ERROR", "/Оценки", 2, 2)]


def test_cells_merged_down_are_pointed_out_and_across_are_not() -> None:
    merges = (
        b'</sheetData><mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="B2:B3"/></mergeCells>'
    )
    book = changed(BOOK, SHEET, b"</sheetData>", merges)
    assert told(open_export(book, "x.xlsx")) == [("EXPORT_MERGED_CELLS", "/Оценки", 2, 2)]
    spanned = ods(ods_row(ods_cell("a", more='table:number-rows-spanned="2"')))
    assert told(open_export(spanned, "x.ods")) == [("EXPORT_MERGED_CELLS", "/Оценки", 1, 1)]


@pytest.mark.parametrize(
    "book",
    [
        ods(ods_row(ods_cell("a", times=1_000), times=1_000_000)),
        ods(ods_row(ods_cell("a")) + ods_row(ods_gap(16_000), times=1_000) + ods_row(
            ods_gap(9_000), ods_cell("z"))),
        changed(BOOK, SHEET, b'r="B3"', b'r="XFD1048576"'),
        changed(BOOK, SHEET, b'r="B3"', b'r="B1048577"'),
        rebuilt(BOOK, {"xl/media/a.bin": lambda _: b"\0" * (tables.RATIO_FROM + 1)}),
        rebuilt(BOOK, {f"a/{number}": lambda _: b"" for number in range(tables.MEMBERS)}),
    ],
    ids=["repeated", "far apart", "far corner", "beyond the last row", "ratio", "members"],
)  # fmt: skip
def test_a_bomb_is_refused_unexploded(book: bytes) -> None:
    assert set(codes(book)) == {"EXPORT_TOO_LARGE"}


@pytest.mark.parametrize(
    ("book", "code"),
    [
        (changed(BOOK, TEXTS, b'uniqueCount="4"', b'uniqueCount="4000000000"'), "EXPORT_BROKEN"),
        (changed(BOOK, SHEET, b"<v>2</v>", b"<v>777</v>"), "EXPORT_BROKEN"),
        (changed(BOOK, SHEET, b"</sheetData>", b""), "EXPORT_BROKEN"),
        (
            changed(BOOK, SHEET, b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
            "EXPORT_BROKEN",
        ),
        (rebuilt(BOOK, {SHEET: lambda data: data.decode().encode("utf-16")}), "EXPORT_BROKEN"),
        (rebuilt(BOOK, {"XL/worksheets/Sheet1.xml": lambda _: b"<a/>"}), "EXPORT_BROKEN"),
        (changed(BOOK, "_rels/.rels", b"xl/workbook.xml", b"yl/workbook.xml"), "EXPORT_BROKEN"),
        (
            changed(BOOK, "xl/_rels/workbook.xml.rels", b"worksheets/", b"../xl/worksheets/"),
            "EXPORT_BROKEN",
        ),
        (rebuilt(BOOK, {"xl/vbaProject.bin": lambda _: b"x"}), "EXPORT_MACROS"),
        (rebuilt(BOOK, {"xl/embeddings/a.docx": lambda _: BOOK}), "EXPORT_NESTED"),
        (
            rebuilt(ods(""), {"META-INF/manifest.xml": lambda _: b"<encryption-data/>"}),
            "EXPORT_ENCRYPTED",
        ),
        (rebuilt(ods(""), {"Basic/Standard/a.xml": lambda _: b"<a/>"}), "EXPORT_MACROS"),
        (BOOK[: len(BOOK) // 2], "EXPORT_TRUNCATED"),
        (write_xlsx([Sheet("Пусто", ())]), "EXPORT_EMPTY"),
        (ods(""), "EXPORT_EMPTY"),
    ],
)
def test_a_workbook_that_cannot_be_trusted_is_refused(book: bytes, code: str) -> None:
    assert codes(book) == [code]


def test_other_zips_are_told_apart() -> None:
    def of(name: str) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as made:
            made.writestr(name, "x")
        return target.getvalue()

    assert codes(of("оценки.csv")) == ["EXPORT_ARCHIVED"]
    assert codes(of("word/document.xml")) == ["EXPORT_NOT_A_TABLE"]
    assert codes(of("xl/workbook.bin")) == ["EXPORT_NOT_A_TABLE"]


def test_a_size_that_lies_is_found_out() -> None:
    """The header says 100 bytes, a member unpacks to more: the reader of values would go on."""
    entry = zipfile.ZipFile(io.BytesIO(BOOK)).getinfo(SHEET)
    real = struct.pack("<LL", entry.compress_size, entry.file_size)
    assert BOOK.count(real) == 2
    assert codes(BOOK.replace(real, struct.pack("<LL", entry.compress_size, 100))) == [
        "EXPORT_BROKEN"
    ]


def test_an_encrypted_member_is_named_so() -> None:
    directory = BOOK.index(b"PK\x01\x02")
    book = BOOK[: directory + 8] + b"\x01\x00" + BOOK[directory + 10 :]
    assert codes(book) == ["EXPORT_ENCRYPTED"]
