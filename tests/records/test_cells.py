"""What people and platforms write in a cell is read as what is surely meant, or not at all."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal

import pytest

from papka.core import cells


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Зачёт", "ЗАЧЕТ"),
        ("Алёна", "Алена"),
        ("Йод", unicodedata.normalize("NFD", "йод")),
        ("Дата\u00a0рождения", "дата  рождения "),
        ("\ufeffИтог\u2060 \u200e за\t\n ПЕРИОД\u200f", "итог за период"),
        ("Д’Артаньян", "Д'Артаньян"),
        ("О`Нил", "О‘Нил"),
        ("П–26–1", "п-26-1"),
        ("Журавлёв—Ясный", "Журавлев-Ясный"),
        ("«Гитара»", '"Гитара"'),
        ("Aлёнa", "Алёна"),
        ("Пepвый", "первый"),
        ("теоpия", "теория"),
        ("фото\u2011на\u2011сайте", "фото-на-сайте"),
    ],
)
def test_two_spellings_of_one_word_are_one(one: str, other: str) -> None:
    assert cells.folded(one) == cells.folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Анна", "Анно"), ("й", "и"), ("COB", "СОВ"), ("П-26-1", "П-26-2"), ("Quiz 1", "Quiz 10")],
)
def test_two_words_stay_two(one: str, other: str) -> None:
    assert cells.folded(one) != cells.folded(other)


@pytest.mark.parametrize(
    ("text", "decimal", "wanted"),
    [
        ("5", ",", "5"),
        (" 4,5 ", ",", "4.5"),
        ("4.5", ",", "4.5"),
        ("4,0", ".", "4.0"),
        ("4.5", ".", "4.5"),
        ("\u00a04,5\u00a0", ".", "4.5"),
        ("8,75", ".", "8.75"),
        ("1,234", ",", "1.234"),
        ("1,234", ".", None),
        ("1.234", ",", None),
        ("-3", ".", "-3"),
        ("\u22123", ".", "-3"),
        ("+3", ".", "3"),
        ("1e2", ".", "1e2"),
        ("1E-02", ".", "0.01"),
        ("1e100", ".", None),
        ("123456789012345", ".", "123456789012345"),
        ("1234567890123456", ".", None),
        ("0.123456789012345", ".", "0.123456789012345"),
        ("0.1234567890123456", ".", "0.1234567890123"),
        ("0.8999999999999999", ".", "0.9"),
        (f"0.{'1' * 31}", ".", None),
        (".5", ".", None),
        ("5.", ".", None),
        ("5-", ".", None),
        ("", ".", None),
        ("1 000", ".", None),
        ("1 000,50", ".", "1000.5"),
        ("1\u00a0234\u00a0567", ".", "1234567"),
        ("1,000.00", ".", "1000"),
        ("1.000,00", ",", "1000"),
        ("1,234,567", ".", "1234567"),
        ("-1'234.5", ".", "-1234.5"),
        ("1,234.567,8", ".", None),
        ("12 34", ".", None),
        ("١٢", ".", None),
    ],
)
def test_a_number_has_one_reading_or_none(text: str, decimal: str, wanted: str | None) -> None:
    assert cells.number(text, decimal) == (Decimal(wanted) if wanted else None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        *(
            (text, (18, 20))
            for text in ("18 / 20", "18/20", "18 из 20", "18 out of 20", "18 ИЗ 20")
        ),
        ("9,5 / 10", (Decimal("9.5"), 10)),
        ("0/20", (0, 20)),
        *((text, None) for text in ("18", "18 / ", "/20", "18/20/25", "12.09/20.09.2026", "а / б")),
    ],
)
def test_points_say_out_of_how_many(text: str, wanted: tuple[object, object] | None) -> None:
    assert cells.ratio(text) == wanted


@pytest.mark.parametrize(
    ("text", "form", "wanted"),
    [
        ("20.05.2026", "ДД.ММ.ГГГГ", "2026-05-20"),
        ("1.2.2026", "ДД.ММ.ГГГГ", "2026-02-01"),
        ("20.05.2026 10:30", "ДД.ММ.ГГГГ", "2026-05-20 10:30"),
        ("20.05.2026, 10:30", "ДД.ММ.ГГГГ", "2026-05-20 10:30"),
        ("10.09.2026 12:30:15", "", "2026-09-10 12:30:15"),
        ("16.09.2026 г.", "", "2026-09-16"),
        ("20.05.2026", "ГГГГ-ММ-ДД", "2026-05-20"),
        ("2026-05-20", "ДД.ММ.ГГГГ", "2026-05-20"),
        ("2026-05-20T10:30:00Z", "", "2026-05-20 10:30"),
        ("2026-05-20T10:30:00+03:00", "", "2026-05-20 10:30"),
        ("2026-05-20 10:30:07.123", "", "2026-05-20 10:30:07"),
        ("2026.09.16", "", "2026-09-16"),
        ("2026/09/10 12:30:15 PM GMT+3", "", "2026-09-10 12:30:15"),
        ("2026/09/10 1:30:15 PM GMT+3", "", "2026-09-10 13:30:15"),
        ("2026/09/10 12:05:00 AM GMT+3", "ДД.ММ.ГГГГ", "2026-09-10 00:05"),
        ("12 сентября 2026  10:30", "", "2026-09-12 10:30"),
        ("12 сентября 2026", "Д месяц ГГГГ", "2026-09-12"),
        ("«12» Сентября 2026 г.", "", "2026-09-12"),
        ("1 мая 2026 года", "", "2026-05-01"),
        ("12 сент. 2026", "", "2026-09-12"),
        ("суббота, 12 сентября 2026, 10:30", "", "2026-09-12 10:30"),
        ("12\u00a0сентября\u00a02026", "", "2026-09-12"),
        ("Saturday, 12 September 2026, 10:30 AM", "", "2026-09-12 10:30"),
        ("September 12, 2026 10:30 PM", "", "2026-09-12 22:30"),
        ("12 Sep 2026", "", "2026-09-12"),
        ("46277", "", "2026-09-12"),
        ("46277.4375", "", "2026-09-12 10:30"),
        ("46277,4375", "", "2026-09-12 10:30"),
        ("40968", "ДД.ММ.ГГГГ", "2012-02-29"),
        ("01/02/2026", "ДД/ММ/ГГГГ", "2026-02-01"),
        ("01/02/2026", "ММ/ДД/ГГГГ", "2026-01-02"),
        ("9/10/2026 12:30:15", "ММ/ДД/ГГГГ", "2026-09-10 12:30:15"),
        (" 20.05.2026 ", "", "2026-05-20"),
        *(
            (text, "", "2026-05-20")
            for text in ("20. 05. 2026", "20 05 2026", "20,05,2026", "20.O5.2О26", "20-мая-2026")
        ),
        ("20.05.2026 (ср)", "", "2026-05-20"),
        ("20-май-2026", "", "2026-05-20"),
        *((text, "", None) for text in ("", "-", "20.05.26", "20.05.20261", "020.05.2026")),
        *((text, "", None) for text in ("01/02/2026", "13/02/2026", "2026-05-20x", "2026")),
        *((text, "", None) for text in ("2026-02-30", "31.04.2026", "31 апреля 2026")),
        *(
            (text, "", None)
            for text in ("12 мартобря 2026", "12.09.2026 - 13.09.2026", "1763000000")
        ),
        *((text, "", None) for text in ("завтра", "12 сентября", "4.5", "100")),
        ("01/02/2026", "ДД.ММ.ГГГГ", None),
    ],
)
def test_a_day_has_one_reading_or_none(text: str, form: str, wanted: str | None) -> None:
    found = cells.moment(text, form)
    assert found == (dt.datetime.fromisoformat(wanted) if wanted else None)
    assert cells.day(text, form) == (found.date() if found else None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        *((text, ["2026-09-16"]) for text in ("16.09.2026 г.", "16 . 09 . 2026", "16 09 2026",
                                              "16-е сентября 2026", "16-сен-2026", "2026.09.16",
                                              "09-16-2026", "16 сентября", "2026-09-16 10:00")),
        ("05/06/2026", ["2026-06-05", "2026-05-06"]),
        ("16.09.26", ["2026-09-16", "1926-09-16"]),
        ("05-06-2026", ["2026-06-05"]),
        ("31.09.2026", []),
        *((text, None) for text in ("завтра", "12 мартобря 2026", "46281", "2026-0003", "1.2.3")),
    ],
)  # fmt: skip
def test_a_typed_day_is_told_by_all_it_can_mean(text: str, wanted: list[str] | None) -> None:
    found = cells.days_meant(text, 2026)
    assert (None if found is None else [day.isoformat() for day in found]) == wanted


def test_a_phone_with_plus_eight_is_asked_about_where_one_can() -> None:
    assert cells.phone("+8 900 123 45 67", can_ask=True) is None


@pytest.mark.parametrize(
    "text",
    [
        *("8(900)123-45-67", "8 (900) 123-45-67", "+7 (900) 123-45-67", "89001234567"),
        *("9001234567", "79001234567", "7-900-123-45-67", "+8 900 123 45 67", "8.900.123.45.67"),
        *("тел. 8 900 123-45-67", "моб.: +79001234567", "8\u00a0900\u00a0123–45–67"),
        "79001234567.0",
    ],
)
def test_a_phone_of_russia_is_one_however_written(text: str) -> None:
    assert cells.phone(text) == "+79001234567"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("8 (495) 123-45-67", "+74951234567"),
        ("8.9001234567E+10", "+79001234567"),
        ("'+79001234567", "+79001234567"),
        ("+375 29 123-45-67", "+375291234567"),
        ("8 10 375 29 123 45 67", "+375291234567"),
        ("00 49 30 1234567", "+49301234567"),
        *((text, None) for text in ("", "123", "8900123456", "890012345678", "8900,8901")),
        *((text, None) for text in ("89001234567 доб. 12", "89001234567 мама", "+7900")),
        ("89001234567, 89007654321", None),
        ("8,9E+10", None),
    ],
)
def test_another_phone_is_read_whole_or_not_at_all(text: str, wanted: str | None) -> None:
    assert cells.phone(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ИВАНОВА", "Иванова"),
        ("иванова", "Иванова"),
        ("Иванова", "Иванова"),
        ("  Анна \u00a0 Мария ", "Анна Мария"),
        ("Д'АРТАНЬЯН", "Д’Артаньян"),
        ("О`Нил", "О’Нил"),
        ("ЖУРАВЛЁВ – ЯСНЫЙ", "Журавлёв-Ясный"),
        ("ГАСАН ОГЛЫ", "Гасан оглы"),
        ("МакДональд", "МакДональд"),
        ("И", "И"),
        (unicodedata.normalize("NFD", "Йозеф"), "Йозеф"),
        *((text, "") for text in ("", " ", "-", "—", "--", "нет", "Нет", "н/д", "отсутствует")),
        ("Без отчества", ""),
    ],
)
def test_a_name_is_as_papers_write_it(text: str, wanted: str) -> None:
    assert cells.name(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2-к", ("2-к", None)),
        ("№ 2-К", ("2-к", None)),
        ("№2 – к", ("2-к", None)),
        ("N 12-л/с", ("12-л/с", None)),
        ("Приказ № 2-к от 01.09.2026", ("2-к", dt.date(2026, 9, 1))),
        ("2-к от 1 сентября 2026 г.", ("2-к", dt.date(2026, 9, 1))),
        ("2026/0001", ("2026/0001", None)),
        ("2-к от вчера", None),
        ("", None),
    ],
)
def test_an_order_is_a_number_and_perhaps_a_day(
    text: str, wanted: tuple[str, dt.date | None] | None
) -> None:
    assert cells.order(text) == wanted


def test_short_words_of_a_card() -> None:
    assert {cells.sex(text) for text in ("м", "М.", "муж", "Мужской", "мальчик")} == {"мужской"}
    assert {cells.sex(text) for text in ("ж", "Ж.", "жен.", "женский", "Девочка")} == {"женский"}
    assert cells.sex("да") is None
    assert {cells.snils(text) for text in ("11223344595", "112-233-445 95", "112 233 445 95")} == {
        "112-233-445 95"
    }
    assert cells.snils("СНИЛС: 112.233.445-95") == "112-233-445 95"
    assert cells.sex("Женский пол") == cells.sex("женщина") == "женский"
    assert cells.snils("112-233-445") is None


def test_a_dash_is_nothing_and_a_mark_with_one_is_something() -> None:
    assert all(cells.is_dash(text) for text in ("-", "–", "—", " - ", "--"))
    assert not any(cells.is_dash(text) for text in ("", "5-", "+", "н/а"))
    assert not any(cells.is_nothing(text) for text in ("5-", "Нетребко", "н/а", "0"))
