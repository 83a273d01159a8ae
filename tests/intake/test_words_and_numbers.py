"""Headers and names as platforms write them, at the edges of what is understood."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from papka.intake.export_parts import part_encoding, write_manifest
from papka.intake.headers import (
    Header,
    compile_pattern,
    normalise,
    person_columns,
    read_name,
)
from papka.intake.tables import Export, Row, Table
from papka.records.school import StudentColumns


@pytest.mark.parametrize(
    ("written", "header", "fits", "maximum"),
    [
        ("Тест 1", " тест\u00a0 1\u200b", True, None),
        ("Тест 1", "Тест 10", False, None),
        ("Тест*", "ТЕСТ: Сети (2)", True, None),
        ("Тест*", "Мой тест", False, None),
        ("*тест*", "Мой тест 1", True, None),
        ("Тест (из {maximum})", "Тест (из 40)", True, "40"),
        ("Тест (из {maximum})", "тест (ИЗ 2,5)", True, "2.5"),
        ("Тест (из {maximum})", "Тест (из 2.)", False, None),
        ("Тест (из {maximum})", "Тест (из много)", False, None),
        ("{maximum} из {maximum}", "3 из 5", True, "3"),
        ("{maximum} из {maximum}", "3 из пяти", False, None),
        ("Тест.", "Тест!", False, None),
        ("a|b", "a", False, None),
    ],
)
def test_only_a_star_and_a_maximum_have_a_meaning(
    written: str, header: str, *, fits: bool, maximum: str | None
) -> None:
    known = compile_pattern(written)
    assert known.matches(header) is fits
    assert known.maximum(header) == (Decimal(maximum) if maximum else None)
    assert known.is_exact is not ("*" in written or "{" in written)


def test_what_cannot_be_seen_does_not_tell_words_apart() -> None:
    assert normalise("\ufeffИтог\u2060 \u200e за\t\n ПЕРИОД\u200f") == "итог за период"


FULL = StudentColumns(full_name="Имя", name_order="имя отчество фамилия")
RUSSIAN = StudentColumns(full_name="Имя")
APART = StudentColumns(surname="Ф", given="И", patronymic="О", patronymic_in_given=True)
PLAIN = StudentColumns(surname="Ф", given="И")


@pytest.mark.parametrize(
    ("rule", "cells", "wanted"),
    [
        (RUSSIAN, ("Лунная Анна Петровна",), ("Лунная", "Анна", "Петровна")),
        (RUSSIAN, ("Лунная Анна Мария",), ("Лунная", "Анна Мария", None)),
        (RUSSIAN, ("Лунный  Пётр",), ("Лунный", "Пётр", None)),
        (RUSSIAN, ("Лунный Гасан Али оглы",), ("Лунный", "Гасан", "Али оглы")),
        (RUSSIAN, ("Лунный Гасан Али-кызы",), ("Лунный", "Гасан", "Али-кызы")),
        (RUSSIAN, ("Лунный Иван ильич",), ("Лунный", "Иван", "ильич")),
        (RUSSIAN, ("Лунная Вера Ильинична",), ("Лунная", "Вера", "Ильинична")),
        (RUSSIAN, ("Лунная, Анна Петровна",), ("Лунная", "Анна", "Петровна")),
        (RUSSIAN, ("Лунная,",), (None, "Лунная", None)),
        (RUSSIAN, (", Анна",), (None, "Анна", None)),
        (RUSSIAN, ("Аглая",), (None, "Аглая", None)),
        (RUSSIAN, ("",), None),
        (FULL, ("Анна Петровна Лунная",), ("Лунная", "Анна", "Петровна")),
        (FULL, ("Анна Лунная",), ("Лунная", "Анна", None)),
        (FULL, ("Лунная, Анна",), ("Лунная", "Анна", None)),
        (APART, ("Лунная", "Анна  Петровна", ""), ("Лунная", "Анна", "Петровна")),
        (APART, ("Лунная", "Анна Петровна", "Львовна"), ("Лунная", "Анна Петровна", "Львовна")),
        (APART, ("ЛУННАЯ", "АННА ПЕТРОВНА", "-"), ("Лунная", "Анна", "Петровна")),
        (APART, ("лунная", "Анна —", "нет"), ("Лунная", "Анна", None)),
        (RUSSIAN, ("ЛУННАЯ-ЯСНАЯ АННА ПЕТРОВНА",), ("Лунная-Ясная", "Анна", "Петровна")),
        (RUSSIAN, ("ГАСАНОВ АЛИ ГАСАН ОГЛЫ",), ("Гасанов", "Али", "Гасан оглы")),
        (RUSSIAN, ("Лунная Анна —",), ("Лунная", "Анна", None)),
        (RUSSIAN, ("Лунная\u00a0Анна  -  ",), ("Лунная", "Анна", None)),
        (RUSSIAN, ("Йодль И\u0306озеф",), ("Йодль", "Йозеф", None)),
        (RUSSIAN, ("Д'Артаньян Мария",), ("Д’Артаньян", "Мария", None)),
        (RUSSIAN, ("-",), None),
        (APART, ("Лунная", "", ""), (None, "Лунная", None)),
        (APART, ("", "", "Петровна"), None),
        (PLAIN, ("Лунная", "Анна Петровна"), ("Лунная", "Анна Петровна", None)),
    ],
)
def test_a_name_is_cut_only_where_that_is_sure(
    rule: StudentColumns, cells: tuple[str, ...], wanted: tuple[str | None, ...] | None
) -> None:
    names = ("Имя",) if rule.full_name else ("Ф", "И", "О")[: len(cells)]
    header = Header("x.csv", Table("", ()), 1, names, 1)
    found = read_name(Row(2, cells), person_columns(header, rule))
    assert (found and (found.surname, found.given, found.patronymic)) == wanted
    assert header.findings == []


def test_columns_that_name_a_person_are_those_there_are() -> None:
    header = Header("x.csv", Table("", ()), 3, ("Почта", "Ключ", "Родился"), 4)
    rule = StudentColumns(key="Ключ", email="Почта", birth_date="Родился", surname="Фамилия")
    columns = person_columns(header, rule)
    assert columns.named == (2, 1, 3)
    assert [(each.message, each.where.line, each.where.column) for each in header.findings] == [
        ("Нет колонки «Фамилия»", 3, 0)
    ]


def made(encoding: str, data: bytes = b"", layout: str = "csv", delimiter: str = ";") -> Export:
    return Export("x", data, layout, (), encoding, delimiter)  # type: ignore[arg-type] # its words


@pytest.mark.parametrize(
    ("export", "name"),
    [
        (made("utf-8-sig"), "utf-8"),
        (made(""), "utf-8"),
        (made("windows-1251"), "windows-1251"),
        (made("koi8-r"), "koi8-r"),
        (made("utf-16-be"), "utf-16-be"),
        (made("utf-16", "\ufeffа".encode("utf-16-be")), "utf-16-be"),
        (made("utf-16", "\ufeffа".encode("utf-16-le")), "utf-16-le"),
        (made("utf-16", "а".encode("utf-16-le")), "utf-16-le"),
    ],
)
def test_a_part_has_no_byte_order_mark_and_its_encoding_says_so(export: Export, name: str) -> None:
    assert part_encoding(export) == name


def test_a_manifest_says_how_the_file_was_read_and_nothing_of_its_rows() -> None:
    def said(export: Export) -> str:
        return write_manifest(
            export, platform="kurs", layout="grades", edition=2, period="2026-1",
            taken=dt.date(2026, 6, 1), by="s002",
        ).decode()  # fmt: skip

    head = (
        "# yaml-language-server: $schema=../../../../schema/import.json\n"
        "platform: kurs\nexport: grades\nedition: 2\nperiod: 2026-1\ntaken: 2026-06-01\nby: s002\n"
    )
    assert said(made("utf-8-sig")) == (
        f"{head}layout: csv\nencoding: utf-8\ndelimiter: точка с запятой\n"
    )
    assert said(made("utf-8", delimiter="\t")).endswith("delimiter: табуляция\n")
    assert said(made("utf-8", delimiter=",")).endswith("delimiter: запятая\n")
    assert said(made("utf-8", delimiter="|")).endswith("delimiter: вертикальная черта\n")
    assert said(made("", layout="xlsx", delimiter="")) == f"{head}layout: xlsx\n"
