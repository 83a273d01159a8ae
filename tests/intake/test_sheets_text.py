"""Text exports: charset and delimiter are found and shown, rows keep their bytes, the rest is told.

Names are invented.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.core.errors import Refused
from papka.intake.export_files import open_export
from papka.intake.tables import Export

TEXT = 'Фамилия;Имя;Тест: Сети\r\nВыдумкина;Анна;4,5\r\nНебывалов;"Пётр ""Первый""\nвторой";-\r\n'
CELLS = [
    ("Фамилия", "Имя", "Тест: Сети"),
    ("Выдумкина", "Анна", "4,5"),
    ("Небывалов", 'Пётр "Первый"\nвторой', "-"),
]


def cells(export: Export) -> list[tuple[str, ...]]:
    return [row.cells for table in export.tables for row in table.rows]


def told(export: Export) -> list[tuple[str, int, int]]:
    return [(each.code.name, each.where.line, each.where.column) for each in export.findings]


def pieces(export: Export) -> list[bytes]:
    spans = [row.span for table in export.tables for row in table.rows]
    return [export.data[span[0] : span[1]] for span in spans if span]


@pytest.mark.parametrize(
    ("codec", "shown"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1251", "windows-1251"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_each_encoding_is_found_and_each_row_knows_its_bytes(codec: str, shown: str) -> None:
    export = open_export(TEXT.encode(codec), "оценки.csv")
    assert (export.encoding, export.delimiter, told(export)) == (shown, ";", [])
    assert cells(export) == CELLS
    assert b"".join(pieces(export)) == export.data
    assert pieces(export)[1] == "Выдумкина;Анна;4,5\r\n".encode(
        "utf-8" if codec == "utf-8-sig" else "utf-16-le" if codec == "utf-16" else codec
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_each_delimiter_is_found(delimiter: str) -> None:
    text = f"Имя{delimiter}E-mail{delimiter}Итог\nАнна{delimiter}a@example.org{delimiter}5\n"
    assert open_export(text.encode(), "x.csv").delimiter == delimiter


def test_decimal_commas_do_not_make_a_semicolon_file_a_comma_file() -> None:
    text = "Имя;Сети;Итог\n" + "Анна;4,5;4,7\n" * 9
    assert open_export(text.encode(), "x.csv").delimiter == ";"


def test_a_delimiter_declared_for_excel_is_believed() -> None:
    assert open_export("sep=|\nИмя|Итог\nАнна|5\n".encode(), "x.csv").delimiter == "|"


def test_a_quote_declared_as_delimiter_is_not_believed() -> None:
    assert open_export(b'sep="\na;b\n1;2\n', "x.csv").delimiter == ";"


def test_a_person_may_name_encoding_and_delimiter() -> None:
    data = "Имя!Итог\nАнна!5\n".encode("koi8-r")
    assert told(open_export(data, "x.csv")) == [("EXPORT_ENCODING_UNKNOWN", 0, 0)]
    export = open_export(data, "x.csv", encoding="KOI8-R", delimiter="!")
    assert cells(export) == [("Имя", "Итог"), ("Анна", "5")]


@pytest.mark.parametrize("start", ["{", "[x", "<table>", "PK", "%PDF", "Rar!", "<?xml"])
def test_a_row_is_text_once_the_delimiter_is_known(start: str) -> None:
    """A student's row is read again apart from its file, whatever it begins with."""
    export = open_export(f"{start};5".encode(), "x", encoding="utf-8", delimiter=";")
    assert cells(export) == [(start, "5")]


@pytest.mark.parametrize("wish", [{"encoding": "klingon"}, {"delimiter": "::"}])
def test_an_impossible_wish_is_refused(wish: dict[str, str]) -> None:
    with pytest.raises(Refused):
        open_export(TEXT.encode(), "x.csv", **wish)


def test_a_wrongly_named_encoding_is_told_with_its_line() -> None:
    export = open_export(TEXT.encode("cp1251"), "x.csv", encoding="utf-8")
    assert told(export) == [("EXPORT_ENCODING_WRONG", 1, 0)]


@pytest.mark.parametrize("codec", ["koi8-r", "cp866", "cp1254", "utf-32"])
def test_other_encodings_are_not_guessed(codec: str) -> None:
    text = TEXT if codec != "cp1254" else "Ad;Soyad;Ğİş\nÇığ;Öğüt;5\n"
    export = open_export(text.encode(codec), "x.csv")
    assert told(export) == [("EXPORT_ENCODING_UNKNOWN", 0, 0)]


def test_a_line_in_another_encoding_is_refused_with_its_number() -> None:
    data = "Имя;Итог\nАнна;5\n".encode() + "Пётр;4\n".encode("cp1251") + "Яна;3\n".encode()
    assert told(open_export(data, "x.csv")) == [("EXPORT_ENCODING_MIXED", 3, 0)]
    inside = "Имя;Итог\n".encode("cp1251") + "Анна;".encode() + "зачёт\n".encode("cp1251")
    assert told(open_export(inside, "x.csv")) == [("EXPORT_ENCODING_MIXED", 2, 0)]


def test_cp1251_that_looks_a_little_like_utf8_stays_cp1251() -> None:
    data = "Имя;Группа\nАнна;«МЕХ»\nЯна;Рё\n".encode("cp1251")
    assert open_export(data, "x.csv").encoding == "windows-1251"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (TEXT.encode() + "Я".encode()[:1], (5, 0)),
        (TEXT.encode("utf-16")[:-1], (4, 0)),
        (TEXT.encode() + b'a;"b;c', (4, 2)),
        (TEXT.encode() + "Выдумкин;Олег".encode(), (4, 2)),
    ],
)
def test_a_file_cut_off_is_noticed(data: bytes, where: tuple[int, int]) -> None:
    assert told(open_export(data, "x.csv")) == [("EXPORT_TRUNCATED", *where)]


def test_decimal_comma_in_a_comma_file_is_named_as_the_likely_cause() -> None:
    text = "Имя,E-mail,Сети\nАнна,a@example.org,5\nПётр,p@example.org,4,5\n"
    export = open_export(text.encode(), "x.csv")
    assert told(export) == [("EXPORT_RAGGED_ROW", 3, 4)]
    assert "дробные числа записаны через запятую" in export.findings[0].hint


def test_a_delimiter_too_many_at_the_end_of_rows_is_no_cell_too_many() -> None:
    assert not open_export(b"name;mark\nanna;5;\npeter;4;;\n", "x.csv").findings


def test_a_line_above_the_header_is_not_taken_for_it() -> None:
    text = "Отчёт;2026\n\nФамилия;Имя;Сети;Итог\nВыдумкина;Анна;5;5\n"
    export = open_export(text.encode(), "x.csv")
    assert not export.findings
    assert [(row.number, len(row.cells)) for row in export.tables[0].rows] == [
        *((1, 2), (2, 0)),
        *((3, 4), (4, 4)),
    ]


def test_thousands_of_the_same_are_told_by_the_first_and_a_number() -> None:
    text = "Имя,E-mail,Сети\n" + "Анна,a@example.org,4,5\n" * 500
    findings = open_export(text.encode(), "x.csv").findings
    assert len(findings) == 21
    assert "480" in findings[-1].message


def test_text_after_a_closing_quote_is_not_guessed_at() -> None:
    export = open_export('Имя;Итог\n"Анна "Б" В";5\n'.encode(), "x.csv")
    assert told(export) == [("EXPORT_QUOTES", 2, 1)]
    assert b"".join(pieces(export)) == export.data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "EXPORT_EMPTY"),
        (b"\xef\xbb\xbf\r\n \n", "EXPORT_EMPTY"),
        ("Просто письмо.\nБез столбцов.\n".encode(), "EXPORT_NOT_A_TABLE"),
        (b"a;b\n\x01\x00\xff\x00c;d\n", "EXPORT_NOT_A_TABLE"),
        (b"%PDF-1.7\n", "EXPORT_NOT_A_TABLE"),
        (b"<?xml version='1.0'?><Workbook/>", "EXPORT_NOT_A_TABLE"),
        (b"\n<!DOCTYPE HTML><html>", "EXPORT_WEB_PAGE"),
        (b"\xef\xbb\xbf<table><tr><td>5", "EXPORT_WEB_PAGE"),
        ("<html>".encode("utf-16"), "EXPORT_WEB_PAGE"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "EXPORT_LEGACY_XLS"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "EXPORT_ENCRYPTED"),
        (b"\x1f\x8b\x08\0", "EXPORT_ARCHIVED"),
        (b"Rar!\x1a\x07", "EXPORT_ARCHIVED"),
    ],
)
def test_what_is_no_table_is_told_by_its_content(data: bytes, code: str) -> None:
    export = open_export(data, "оценки.xls")
    assert [name for name, _, _ in told(export)] == [code]
    assert export.tables == ()


def test_more_cells_than_fit_in_memory_are_not_made() -> None:
    assert told(open_export(b";" * 8_000_001, "x.csv", delimiter=";")) == [
        ("EXPORT_TOO_LARGE", 0, 0)
    ]


@given(st.binary(max_size=300))
def test_any_bytes_give_findings_or_rows_that_make_the_file(data: bytes) -> None:
    export = open_export(data, "x.csv")
    assert export.findings or export.tables
    if export.tables and export.layout == "csv":
        assert b"".join(pieces(export)) == data


@given(
    st.text(st.sampled_from('aЯ😀";,\t\r\n '), max_size=60),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"]),
)
def test_rows_put_together_are_the_file(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    export = open_export(data, "x.csv", encoding=encoding, delimiter=";")
    if export.tables:
        assert b"".join(pieces(export)) == data
