"""What is wrong with a file is told in full: the sentence, the next step, the place; and each limit
lets pass what just fits. Names are invented.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from papka.core.errors import Refused
from papka.intake import tables
from papka.intake.export_files import open_export
from papka.intake.sheet_writing import write_csv, write_xlsx
from papka.intake.tables import Export, Sheet
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

AGAIN = "Выгрузите файл с платформы ещё раз и не открывайте его в других программах"
CODECS = "utf-8, utf-8-sig, utf-16-le, utf-16-be, windows-1251, koi8-r, cp866"
EXPORTS = "Возьмите с платформы выгрузку оценок: CSV, XLSX или ODS"
CUT_LETTER = "Файл обрывается: последняя буква записана не целиком"
BOOK = xlsx(("Имя", "Сети"), ("Анна", 5), ("Пётр", 4.5))
RELATIONS = "xl/_rels/workbook.xml.rels"
LOST = "Файл повреждён: оглавление книги ведёт не туда"
UNREAD = "Файл повреждён: лист не читается"


def told(export: Export) -> list[str]:
    """Place and sentence of each finding."""
    found = []
    for each in export.findings:
        place = f"{each.where.line}:{each.where.column} " if each.where.line else ""
        found.append(place + each.message)
        assert each.where.path == export.file
    return found


def cells(export: Export) -> list[tuple[str, ...]]:
    return [row.cells for table in export.tables for row in table.rows]


def spaced(number: int) -> str:
    return f"{number // 1000} {number % 1000:03d}"


# JSON


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[{"a": 1}, \n{"a"', "2:5 Файл обрывается: записи JSON не закрыты"),
        ('[{"a": 1},\n\n ', "3:2 Файл обрывается: записи JSON не закрыты"),
        ('[{"a": "b', "1:8 Файл обрывается: записи JSON не закрыты"),
        (
            '[{"a": 1},\n {b: 2}]',
            "2:3 Это не список записей в JSON: нарушена запись JSON",
        ),
        (
            '[{"a": 1, "a": 2}]',
            "Это не список записей в JSON: в одной записи поле названо дважды",
        ),
        ('[{"a": NaN}]', "Это не список записей в JSON: NaN — не значение JSON"),
        ('{"detail": "нет"}', "Это не список записей в JSON: в ответе нет ни одного списка"),
        ('[{"a": 1}, 2]', "Это не список записей в JSON: записи должны быть объектами"),
        ('[{"a": 1}, [2]]', "Это не список записей в JSON: записи должны быть объектами"),
        ("[" * 100_000, "Это не список записей в JSON: записи вложены слишком глубоко"),
        ("[]", "В файле нет ни одной строки с данными"),
        ('{"r": [], "s": [{}]}', "В файле нет ни одной строки с данными"),
        (
            '{"meta": {"has_next": true}, "r": [{"a": 1}]}',
            "Платформа сообщает, что за этой страницей есть следующая",
        ),
    ],
)
def test_an_answer_that_is_no_list_of_records_is_told(text: str, sentence: str) -> None:
    assert told(open_export(text.encode(), "x.json")) == [sentence]


def test_an_answer_is_utf_8() -> None:
    export = open_export('[{"a": "я"}]'.encode("cp1251"), "x.json")
    assert told(export) == ["Строка не читается в кодировке utf-8"]
    good = open_export('\ufeff[{"a": "я"}]'.encode(), "x.json")
    assert (good.encoding, cells(good)) == ("utf-8", [("a",), ("я",)])


@pytest.mark.parametrize(
    "text",
    [
        '{"meta": {"has_next": false}, "r": [{"a": 1}]}',
        '{"meta": {"has_next": "yes"}, "r": [{"a": 1}]}',
        '{"meta": true, "r": [{"a": 1}]}',
        '{"page": {"has_next": true}, "r": [{"a": 1}]}',
    ],
)
def test_the_last_page_is_not_told_of(text: str) -> None:
    assert told(open_export(text.encode(), "x.json")) == []


def test_each_list_of_an_answer_is_a_table_named_by_its_keys() -> None:
    answer = {
        "data": {"grades": [{"user": 1}], "users": {"list": [{"id": 1}]}},
        "none": [],
        "rows": [["Имя", "Балл"], ["Анна", None]],
        "ids": [7, True],
    }
    export = open_export(json.dumps(answer, ensure_ascii=False).encode(), "x.json")
    assert [
        (table.name, [(row.number, row.cells) for row in table.rows]) for table in export.tables
    ] == [
        ("data.grades", [(1, ("user",)), (2, ("1",))]),
        ("data.users.list", [(1, ("id",)), (2, ("1",))]),
        ("rows", [(1, ("Имя", "Балл")), (2, ("Анна", ""))]),
        ("ids", [(1, ("7", "true"))]),
    ]


def nested(keys: str, value: object) -> object:
    for key in reversed(keys):
        value = {key: value}
    return value


def test_lists_and_fields_are_looked_for_so_deep_and_no_deeper() -> None:
    deep = open_export(json.dumps(nested("abcdefg", [{"x": 1}])).encode(), "x.json")
    assert [table.name for table in deep.tables] == ["a.b.c.d.e.f.g"]
    deeper = open_export(json.dumps(nested("abcdefgh", [{"x": 1}])).encode(), "x.json")
    assert told(deeper) == ["Это не список записей в JSON: в ответе нет ни одного списка"]
    fields = open_export(json.dumps([nested("abcdefg", value=False), {"a": {}}]).encode(), "x.json")
    assert cells(fields) == [("a.b.c.d.e.f", "a"), ('{"g": false}', ""), ("", "{}")]


def test_an_answer_just_within_the_limits_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b'{"r": [{"a": 1}], "s": [{"a": 1}]}'
    monkeypatch.setattr(tables, "FILE", len(text))
    monkeypatch.setattr(tables, "CELLS", 4)
    assert told(open_export(text, "x.json")) == []
    monkeypatch.setattr(tables, "CELLS", 3)
    assert told(open_export(text, "x.json")) == ["Файл слишком велик: ячеек — 4, можно 3"]
    assert open_export(text, "x.json").tables == ()
    monkeypatch.setattr(tables, "CELLS", 2)
    assert told(open_export(b'[{"a": 1}]', "x.json")) == []
    assert told(open_export(b'[{"a": 1, "b": 1}]', "x.json")) == [
        "Это не список записей в JSON: слишком много разных полей"
    ]
    monkeypatch.setattr(tables, "FILE", len(text) - 1)
    assert told(open_export(text, "x.json")) == ["Файл слишком велик: байтов — 34, можно 33"]


# Text


@pytest.mark.parametrize("delimiter", ["::", "", '"', "\r", "\n"])
def test_a_delimiter_is_one_sign(delimiter: str) -> None:
    with pytest.raises(Refused) as refused:
        open_export(b"a;b\n1;2\n", "x.csv", delimiter=delimiter)
    assert str(refused.value.message) == (
        "Столбцы делит один знак: запятая, точка с запятой, табуляция или другой"
    )
    assert refused.value.next_step == "Назовите его: --delimiter ';'"


def test_an_unknown_encoding_is_refused_with_those_known() -> None:
    with pytest.raises(Refused) as refused:
        open_export(b"a;b\n1;2\n", "x.csv", encoding="klingon")
    assert refused.value.message == "Кодировка «klingon» программе не известна"
    assert refused.value.next_step == f"Назовите одну из: {CODECS}"
    with pytest.raises(Refused, match="latin-1"):
        open_export(b"a;b\n1;2\n", "x.csv", encoding="latin-1")


@pytest.mark.parametrize(
    ("data", "name", "sentence", "hint"),
    [
        (b"", "x.csv", "В файле нет ни одной строки с данными", AGAIN),
        (b" \r\n\t", "x.csv", "В файле нет ни одной строки с данными", AGAIN),
        (
            "Просто письмо.\nБез столбцов.\n".encode(),
            "x.csv",
            "Это не таблица: в нём только один столбец",
            (
                "Проверьте, та ли это выгрузка; если столбцы делит другой знак, назовите его: "
                "--delimiter ЗНАК"
            ),
        ),
        (b"a;b\n\x01\x00;c\n", "x.csv", "Это не таблица: в файле двоичные данные", EXPORTS),
        (
            b"%PDF-1.7\n",
            "x.csv",
            "Это не таблица: документ PDF",
            "Возьмите с платформы выгрузку CSV или XLSX",
        ),
        (
            b"<?xml version='1.0'?><Workbook/>",
            "x.xls",
            "Это не таблица: документ XML",
            "Откройте его в Excel и сохраните как XLSX",
        ),
        (
            b"<?xml version='1.0'?><html/>",
            "x.xls",
            "Это веб-страница, хотя имя файла говорит о таблице",
            "Если это страница входа",
        ),
        (
            b"<workbook/>",
            "x.xls",
            "Это не таблица: документ XML",
            "Откройте его в Excel и сохраните как XLSX",
        ),
        (b"\x1f\x8b\x08\0", "x.gz", "Это архив (GZIP), а не таблица", "Распакуйте его"),
        (b"Rar!\x1a\x07", "x.rar", "Это архив (RAR), а не таблица", "Распакуйте его"),
        (b"7z\xbc\xaf\x27", "x.7z", "Это архив (7z), а не таблица", "Распакуйте его"),
        (
            "Имя;Итог\nАнна;5\n".encode("koi8-r"),
            "x.csv",
            "Кодировку файла определить не удалось",
            f"Назовите её сами: --encoding КОДИРОВКА, одна из: {CODECS}",
        ),
    ],
)
def test_what_is_no_table_is_told_with_what_to_do(
    data: bytes, name: str, sentence: str, hint: str
) -> None:
    export = open_export(data, name)
    assert told(export) == [sentence]
    assert export.findings[0].hint.startswith(hint)
    assert (export.layout, export.tables) == ("csv", ())


@pytest.mark.parametrize("sign", ["<html", "<head", "<body", "<table", "<meta", "<script"])
def test_a_web_page_is_known_by_any_beginning(sign: str) -> None:
    assert told(open_export(f"\ufeff\n {sign.upper()}>a;b".encode(), "x.xls")) == [
        "Это веб-страница, хотя имя файла говорит о таблице"
    ]


@pytest.mark.parametrize(
    ("data", "how", "sentence"),
    [
        ("Имя;Я".encode()[:-1], {}, f"1:0 {CUT_LETTER}"),
        ("Имя;Итог\n\nЯ".encode()[:-1], {"encoding": "utf-8"}, f"3:0 {CUT_LETTER}"),
        ("Имя\rИтог\rЯ".encode()[:-1], {"encoding": "utf-8"}, f"3:0 {CUT_LETTER}"),
        ("\ufeffИмя;Итог\nЯ".encode()[:-1], {}, f"2:0 {CUT_LETTER}"),
        ("Имя;Итог\nЯ".encode("utf-16")[:-1], {}, f"2:0 {CUT_LETTER}"),
        (
            "Имя;Итог\nЯ;5\n".encode("cp1251"),
            {"encoding": "utf8"},
            "1:0 Строка не читается в кодировке utf-8",
        ),
        (
            "name;Итог\n".encode() + "Я;5\n".encode("cp1251"),
            {"encoding": "utf-8"},
            "2:0 Строка не читается в кодировке utf-8",
        ),
        (
            "Имя;Итог\nЯна;5\n".encode() + "Пётр;5\n".encode("cp1251"),
            {},
            (
                "3:0 Кодировка меняется внутри файла: здесь Windows-1251 или другая, "
                "в других строках UTF-8"
            ),
        ),
        (
            "Имя;Итог\nПётр;5\n".encode("cp1251") + "Яна;5\n".encode(),
            {},
            (
                "3:0 Кодировка меняется внутри файла: здесь UTF-8, "
                "в других строках Windows-1251 или другая"
            ),
        ),
        ('a;b\nc;"d\n', {}, "2:2 Файл обрывается: кавычка открыта и не закрыта"),
        (
            "Имя;Почта;Итог\nАнна;a@x;5\nПётр;p@x",
            {},
            "3:2 Файл обрывается: последняя строка короче остальных",
        ),
        (
            'Имя;Итог\n"Анна "Б" В";5\n',
            {},
            "2:1 После закрывающей кавычки стоит текст: не понять, где кончается ячейка",
        ),
        ("Имя;Итог\nАнна;5;;4\n", {}, "2:3 В строке ячеек: 4, а в заголовке: 2"),
    ],
)
def test_a_text_file_that_cannot_be_read_for_sure_is_told_at_its_line(
    data: bytes | str, how: dict[str, Any], sentence: str
) -> None:
    whole = data.encode() if isinstance(data, str) else data
    assert told(open_export(whole, "x.csv", **how)) == [sentence]


def test_a_cell_too_many_comes_with_its_likely_cause() -> None:
    commas = open_export("Имя,Почта\nАнна,a@x,5\n".encode(), "x.csv")
    assert commas.findings[0].hint == (
        "Похоже, дробные числа записаны через запятую и столбцы делит тоже запятая: выгрузите "
        "файл с точкой с запятой или табуляцией, или в XLSX"
    )
    others = open_export("Имя;Почта\nАнна;a@x;5\n".encode(), "x.csv")
    assert others.findings[0].hint == (
        "Проверьте эту строку: ячейку, в которой есть разделитель, берут в кавычки"
    )


@pytest.mark.parametrize(
    "text",
    [
        # one row below the header: nothing says how long a row is
        "Имя;Почта;Итог\nАнна;a@x",
        # whoever ends the last line has not stopped half-way
        "Имя;Почта;Итог\nАнна;a@x;5\nПётр;p@x\n",
        # rows were short before as well
        "Имя;Почта;Итог\nАнна;a@x\nПётр;p@x;5\nЯна;j@x",
        # an empty row between others is none
        "Имя;Почта;Итог\nАнна;a@x;5\n\nПётр;p@x;5",
        # one word is no header
        "Отчёт;1\nАнна;5;5\n4;4;4\n",
    ],
)
def test_rows_that_may_be_so_are_not_told_of(text: str) -> None:
    assert told(open_export(text.encode(), "x.csv")) == []


def test_a_short_last_row_counts_though_an_empty_row_stands_between() -> None:
    text = "Имя;Почта;Итог\nАнна;a@x;5\n\nПётр;p@x"
    assert told(open_export(text.encode(), "x.csv")) == [
        "4:2 Файл обрывается: последняя строка короче остальных"
    ]


def test_a_header_is_looked_for_in_the_first_twenty_rows() -> None:
    def text(before: int) -> bytes:
        rows = ["1;2;3"] * before
        return "\n".join([*rows, "Имя;Итог", "Анна;5;7", "Яна;5"]).encode()

    assert told(open_export(text(19), "x.csv")) == ["21:3 В строке ячеек: 3, а в заголовке: 2"]
    assert told(open_export(text(20), "x.csv")) == []


@pytest.mark.parametrize(
    ("data", "named", "shown"),
    [
        ("а;б\n1;2\n".encode("utf-16-le"), "utf-16", "utf-16-le"),
        ("\ufeffа;б\n1;2\n".encode("utf-16-be"), "utf-16", "utf-16-be"),
        ("\ufeffа;б\n1;2\n".encode(), "utf8", "utf-8-sig"),
        ("а;б\n1;2\n".encode(), "utf-8-sig", "utf-8-sig"),
        ("\ufeffа;б\n1;2\n".encode(), "cp866", "cp866"),
        ("а;б\n1;2\n".encode("cp1251"), "CP1251", "windows-1251"),
    ],
)
def test_an_encoding_that_a_person_names_is_used_and_shown(
    data: bytes, named: str, shown: str
) -> None:
    export = open_export(data, "x.csv", encoding=named, delimiter=";")
    assert (export.encoding, cells(export)[1]) == (shown, ("1", "2"))
    assert (cells(export)[0] == ("а", "б")) is (named != "cp866")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        # four words in five are well written
        ("Анна;Яна;Пётр;Ким\nаННА;4\n", True),
        ("Анна;Яна;Пётр\nаННА;4\n", False),
        # a tenth of the signs may be odd
        ("абвгдежзи;µ\n", True),
        ("абвгдежз;µ\n", False),
        ("ПЁТР;YouTube Ёж\n", True),
    ],
)
def test_russian_of_windows_is_known_by_most_of_its_words(text: str, *, known: bool) -> None:
    export = open_export(text.encode("cp1251"), "x.csv")
    assert export.encoding == ("windows-1251" if known else "")
    assert bool(export.findings) is not known


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("sep=|\r\nа|б;в;г\n1|2;3;4\n", "|"),
        ("а;б,в\n1;2,3\n", ","),
        ("а,б;в;г\n1,2;3;4\n", ";"),
        ("\n" * 200 + "а;б\n1;2\n", ";"),
        ("а;б\n" * 100 + "а,б\n" * 1000, ";"),
    ],
)
def test_the_delimiter_is_the_one_that_makes_even_rows(text: str, delimiter: str) -> None:
    assert open_export(text.encode(), "x.csv").delimiter == delimiter


def test_a_text_file_just_within_the_limits_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"a;b\n1;2\n"
    monkeypatch.setattr(tables, "FILE", len(text))
    monkeypatch.setattr(tables, "CELLS", 4)
    assert told(open_export(text, "x.csv")) == []
    monkeypatch.setattr(tables, "CELLS", 3)
    assert told(open_export(text, "x.csv")) == ["Файл слишком велик: ячеек — 4, можно 3"]
    assert open_export(text, "x.csv").tables == ()
    monkeypatch.setattr(tables, "FILE", len(text) - 1)
    assert told(open_export(text, "x.csv")) == ["Файл слишком велик: байтов — 8, можно 7"]
    assert open_export(text, "x.csv").findings[0].hint == (
        "Выгрузите по одной группе или одному периоду; пустые листы и строки удалите"
    )


def test_twenty_of_a_kind_are_told_and_the_rest_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def text(rows: int) -> bytes:
        return ("Имя;Итог\n" + "Анна;5;5\n" * rows).encode()

    assert len(told(open_export(text(20), "x.csv"))) == 20
    more = told(open_export(text(21), "x.csv"))
    assert more[-1] == "22:3 И ещё таких мест не меньше 1 (EXPORT_RAGGED_ROW)"
    assert more[19] == "21:3 В строке ячеек: 3, а в заголовке: 2"
    monkeypatch.setattr(tables, "SHOWN", 1)
    both = 'Имя;Итог\n"а"б;5\n"а"б;5\n"а"б;"'
    assert told(open_export(both.encode(), "x.csv")) == [
        "2:1 После закрывающей кавычки стоит текст: не понять, где кончается ячейка",
        "4:2 Файл обрывается: кавычка открыта и не закрыта",
        "4:1 И ещё таких мест не меньше 2 (EXPORT_QUOTES)",
    ]


# Workbooks


def zipped(**members: bytes | str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name, data in members.items():
            made.writestr(name, data)
    return target.getvalue()


def in_sheet(old: bytes, new: bytes) -> bytes:
    return changed(BOOK, SHEET, old, new)


@pytest.mark.parametrize(
    ("book", "sentences"),
    [
        (
            in_sheet(b"<v>5</v>", b"<f>1+4</f><v>5</v>"),
            ["2:2 В ячейке B2 листа «Оценки» формула, а не значение"],
        ),
        (
            in_sheet(b"><v>5</v>", b' t="e"><v>#N/A</v>'),
            ["2:2 В ячейке B2 листа «Оценки» ошибка вместо значения"],
        ),
        (
            in_sheet(
                b"</sheetData>",
                b'</sheetData><mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="AA2:AB3"/>'
                b'<mergeCell ref="B2"/></mergeCells>',
            ),
            [
                ("2:27 Ячейки AA2:AB3 листа «Оценки» объединены: значение читается только в "
                "первой строке")
            ],
        ),
        (
            ods(
                ods_row(
                    ods_cell(
                        "a",
                        more='table:number-rows-spanned="3" table:number-columns-spanned="2"',
                    ),
                    ods_gap(1),
                    ods_cell("2", more='table:formula="of:=1+1"'),
                )
            ),
            [
                ("1:1 Ячейки A1:B3 листа «Оценки» объединены: значение читается только в первой "
                "строке"),
                "1:3 В ячейке C1 листа «Оценки» формула, а не значение",
            ],
        ),
        (changed(BOOK, "_rels/.rels", b"xl/workbook.xml", b"yl/workbook.xml"), [LOST]),
        (changed(BOOK, RELATIONS, b"worksheets/", b"../xl/worksheets/"), [LOST]),
        (changed(BOOK, RELATIONS, b'Id="rId2"', b'Id="rId1"'), [LOST]),
        (changed(BOOK, RELATIONS, b"worksheets/sheet1", b"worksheets/sheet9"), [UNREAD]),
        (in_sheet(b"</sheetData>", b""), [UNREAD]),
        (in_sheet(b'r="B3"', b'r="3B"'), [UNREAD]),
        (in_sheet(b'<row r="3"', b'<row r="x"'), [UNREAD]),
        (
            changed(BOOK, "xl/sharedStrings.xml", b'uniqueCount="4"', b'uniqueCount="x"'),
            ["Файл повреждён: неправдоподобное число текстов"],
        ),
        (in_sheet(b"<v>2</v>", b"<v>777</v>"), ["Файл повреждён: значения не читаются"]),
        (
            in_sheet(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
            [f"Файл повреждён: в {SHEET} объявлены подстановки (DTD)"],
        ),
        (
            rebuilt(BOOK, {SHEET: lambda data: data.decode().encode("utf-16")}),
            [f"Файл повреждён: {SHEET} не в UTF-8"],
        ),
        (
            rebuilt(BOOK, {"XL/worksheets/Sheet1.xml": lambda _: b"<a/>"}),
            ["Файл повреждён: части книги лежат одна на другой"],
        ),
        (
            rebuilt(BOOK, {"xl/a\\b.bin": lambda _: b"x"}),
            ["Файл повреждён: части книги лежат одна на другой"],
        ),
        (rebuilt(BOOK, {"xl/vbaProject.bin": lambda _: b"x"}), ["В книге есть макросы"]),
        (rebuilt(BOOK, {"xl/macrosheets/a.xml": lambda _: b"<a/>"}), ["В книге есть макросы"]),
        (
            changed(BOOK, "[Content_Types].xml", b"sheet.main", b"sheet.macroEnabled.main"),
            ["В книге есть макросы"],
        ),
        (
            rebuilt(ods(""), {"Scripts/python/a.py": lambda _: b"a"}),
            ["В книге есть макросы"],
        ),
        (
            rebuilt(BOOK, {"xl/embeddings/a.docx": lambda _: BOOK}),
            ["Внутри книги лежит другой архив или документ: xl/embeddings/a.docx"],
        ),
        (BOOK[: len(BOOK) // 2], ["Файл обрывается: конца книги нет"]),
        (
            BOOK.replace(b"PK\x01\x02", b"PK\x01\x03"),
            ["Файл повреждён: оглавление книги не читается"],
        ),
        (
            rebuilt(ods(""), {"META-INF/manifest.xml": lambda _: b"<encryption-data/>"}),
            ["Файл закрыт паролем"],
        ),
        (zipped(**{"word/document.xml": "x"}), [
            "Это не таблица: документ другого вида (XLSB, DOCX, ODT, Numbers)"
        ]),
        (zipped(**{"Index/Document.iwa": "x"}), [
            "Это не таблица: документ другого вида (XLSB, DOCX, ODT, Numbers)"
        ]),
        (zipped(**{"content.xml": "x"}), [
            "Это не таблица: документ другого вида (XLSB, DOCX, ODT, Numbers)"
        ]),
        (zipped(**{"оценки.csv": "x"}), ["Это архив (ZIP), а не таблица"]),
        (
            zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
            [UNREAD],
        ),
        (
            zipped(mimetype="application/vnd.oasis.opendocument.text"),
            ["Это архив (ZIP), а не таблица"],
        ),
        (write_xlsx([Sheet("Пусто", ())]), ["В файле нет ни одной строки с данными"]),
    ],
)  # fmt: skip
def test_a_workbook_that_cannot_be_read_for_sure_is_told(book: bytes, sentences: list[str]) -> None:
    assert told(open_export(book, "x.xlsx")) == sentences


def test_another_kind_of_document_comes_with_what_to_do() -> None:
    found = open_export(zipped(**{"xl/workbook.bin": "x"}), "x.xlsb")
    assert found.findings[0].hint == "Сохраните таблицу как XLSX, ODS или CSV"


def test_a_folder_of_macros_without_any_is_no_macro() -> None:
    assert told(open_export(rebuilt(ods(ods_row(ods_cell("а"))), {"Basic/": lambda _: b""}),
                            "x.ods")) == []  # fmt: skip


def test_a_sheet_that_is_not_there_is_told_with_those_that_are() -> None:
    book = write_xlsx([Sheet("Раз", (("а", 1),)), Sheet("Два", (("б", 2),))])
    found = open_export(book, "x.xlsx", sheets=["Раз", "Три"])
    assert told(found) == ["В книге нет листа «Три»"]
    assert found.findings[0].hint == "Листы этой книги: «Раз», «Два»"
    assert [table.name for table in found.tables] == ["Раз"]


def test_two_sheets_of_one_name_are_not_chosen_from() -> None:
    book = write_xlsx([Sheet("Раз", (("а", 1),)), Sheet("Два", (("б", 2),))])
    book = changed(book, "xl/workbook.xml", "Два".encode(), "РАЗ".encode())
    assert told(open_export(book, "x.xlsx")) == ["Файл повреждён: два листа с одним именем"]


def test_a_workbook_just_within_the_limits_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six cells, three rows, two columns; one more than the limit of each is told."""
    for name, most, sentence in (
        ("CELLS", 6, "ячеек — 6, можно 5"),
        ("ROWS", 3, "строк — 3, можно 2"),
        ("COLUMNS", 2, "столбцов — 2, можно 1"),
        ("FILE", len(BOOK), f"байтов — {spaced(len(BOOK))}, можно {spaced(len(BOOK) - 1)}"),
        ("MEMBERS", 10, "частей в книге — 10, можно 9"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(tables, name, most)
            assert told(open_export(BOOK, "x.xlsx")) == []
            patch.setattr(tables, name, most - 1)
            found = open_export(BOOK, "x.xlsx")
            assert told(found) == [f"Файл слишком велик: {sentence}"]
            assert found.tables == ()


def test_a_part_that_unpacks_to_more_than_it_may_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(io.BytesIO(BOOK)) as opened:
        sizes = {entry.filename: entry.file_size for entry in opened.infolist()}
    largest = max(sizes, key=sizes.__getitem__)
    monkeypatch.setattr(tables, "RATIO", 0)
    monkeypatch.setattr(tables, "RATIO_FROM", sizes[largest])
    assert told(open_export(BOOK, "x.xlsx")) == []
    monkeypatch.setattr(tables, "RATIO_FROM", sizes[largest] - 1)
    (sentence,) = told(open_export(BOOK, "x.xlsx"))
    assert sentence.startswith(f"Файл слишком велик: байтов в {largest} — ")
    monkeypatch.undo()
    monkeypatch.setattr(tables, "UNPACKED", sum(sizes.values()))
    assert told(open_export(BOOK, "x.xlsx")) == []
    monkeypatch.setattr(tables, "UNPACKED", sum(sizes.values()) - 1)
    (sentence,) = told(open_export(BOOK, "x.xlsx"))
    assert sentence.startswith("Файл слишком велик: байтов после распаковки — ")


def test_charts_are_left_out_and_cells_need_not_name_themselves() -> None:
    """Some programs write rows and cells without their addresses."""
    plain = changed(BOOK, SHEET, b' r="A1"', b"")
    for name in (b"B1", b"A2", b"B2", b"A3", b"B3"):
        plain = changed(plain, SHEET, b' r="%s"' % name, b"")
    for number in (b"1", b"2", b"3"):
        plain = changed(plain, SHEET, b'<row r="%s"' % number, b"<row")
    broken = changed(plain, SHEET, b"<v>5</v>", b"<f>1+4</f><v>5</v>")
    assert told(open_export(broken, "x.xlsx")) == [
        "2:2 В ячейке B2 листа «Оценки» формула, а не значение"
    ]


# What is written


@pytest.mark.parametrize(
    ("name", "sentence", "hint"),
    [
        *(
            (name, f"Лист нельзя назвать «{name}»", ("В имени листа до 31 знака, без [ ] : * ? "
             "/ \\ и без апострофов по краям"))
            for name in ("", "а/б", "'а", "а'", "а" * 32, "а:б", "а[", "а]", "а*", "а?", "а\\")
        ),
        *(
            (name, f"Имя листа «{name}» занято", "Назовите лист иначе")
            for name in ("History", "ВАРИАНТЫ")
        ),
    ],
)  # fmt: skip
def test_a_name_no_sheet_can_have_is_refused(name: str, sentence: str, hint: str) -> None:
    with pytest.raises(Refused) as refused:
        write_xlsx([Sheet(name, (("a",),))])
    assert (refused.value.message, refused.value.next_step) == (sentence, hint)


def test_a_workbook_holds_what_just_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert write_xlsx([Sheet("а" * 31, (("я" * 32_767,),))])
    with pytest.raises(Refused) as refused:
        write_xlsx([Sheet("Лист", (("а",), ("😀" * 16_384,)))])
    assert refused.value.message == "Лист «Лист», строка 2: текст длиннее 32767 знаков"
    assert refused.value.next_step == "Выгрузите в CSV или JSON: ячейка XLSX столько не вмещает"
    with pytest.raises(Refused, match="Имя листа «А» занято"):
        write_xlsx([Sheet("а", ()), Sheet("А", ())])
    monkeypatch.setattr(tables, "ROWS", 2)
    monkeypatch.setattr(tables, "COLUMNS", 2)
    assert write_xlsx([Sheet("Лист", (("а", "б"), ("в",)))])
    for rows in ((("а",),) * 3, (("а", "б", "в"),)):
        with pytest.raises(Refused) as refused:
            write_xlsx([Sheet("Лист", rows)])
        assert refused.value.message == "Лист «Лист» не вмещает столько строк или столбцов"
        assert refused.value.next_step == "Выгрузите в CSV или JSON, или по частям"


def test_a_csv_is_utf_8_with_a_mark_and_semicolons_and_quotes_only_what_needs_it() -> None:
    sheet = Sheet("", (("а", "б;в", 'г"д'), ("е\nж", "з\rи", None), ("",)))
    assert write_csv(sheet) == ('\ufeffа;"б;в";"г""д"\r\n"е\nж";"з\rи";\r\n""\r\n'.encode())
    with pytest.raises(Refused) as refused:
        write_csv(Sheet("", (("а😀",),)), encoding="windows-1251")
    assert refused.value.message == "В кодировке windows-1251 нет знака «😀»"
    assert refused.value.next_step == "Выгрузите в UTF-8 или в XLSX"
