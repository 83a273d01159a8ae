"""Numbers, marks and dates as a Russian document words them."""

from __future__ import annotations

import datetime as dt

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from papka.records.school import Scale
from papka.records.student import Name
from papka.records.wording import (
    DOCUMENTS,
    ON_SHEETS,
    SHEETS,
    Gender,
    agreed,
    agreed_with,
    agreements,
    country,
    in_words,
    listed_name,
    long_day,
    mark,
    quoted,
    scale_rule,
    short_name,
    spelled,
)

FIVE = Scale(scale="5", title="Пятибалльная", lowest=2, highest=5, pass_mark=3)
HUNDRED = Scale(scale="100", title="Стобалльная", lowest=0, highest=100, step=0.5, pass_mark=60)
WORDS = Scale(scale="з", title="Зачёт", marks=("не зачтено", "зачтено"), passing_marks=("зачтено",))


@pytest.mark.parametrize(
    ("number", "masculine", "feminine"),
    [
        (0, "ноль", "ноль"),
        (1, "один", "одна"),
        (2, "два", "две"),
        (12, "двенадцать", "двенадцать"),
        (21, "двадцать один", "двадцать одна"),
        (40, "сорок", "сорок"),
        (90, "девяносто", "девяносто"),
        (100, "сто", "сто"),
        (112, "сто двенадцать", "сто двенадцать"),
        (342, "триста сорок два", "триста сорок две"),
        (1000, "одна тысяча", "одна тысяча"),
        (2001, "две тысячи один", "две тысячи одна"),
        (5000, "пять тысяч", "пять тысяч"),
        (7815, "семь тысяч восемьсот пятнадцать", "семь тысяч восемьсот пятнадцать"),
    ],
)
def test_numbers_in_words(number: int, masculine: str, feminine: str) -> None:
    assert in_words(number) == masculine
    assert in_words(number, "ж") == feminine


@pytest.mark.parametrize(
    ("number", "genitive", "prepositional"),
    [
        (0, "ноля", "ноле"),
        (1, "одного", "одном"),
        (2, "двух", "двух"),
        (12, "двенадцати", "двенадцати"),
        (21, "двадцати одного", "двадцати одном"),
        (40, "сорока", "сорока"),
        (58, "пятидесяти восьми", "пятидесяти восьми"),
        (90, "девяноста", "девяноста"),
        (100, "ста", "ста"),
        (243, "двухсот сорока трёх", "двухстах сорока трёх"),
        (500, "пятисот", "пятистах"),
        (811, "восьмисот одиннадцати", "восьмистах одиннадцати"),
        (1000, "одной тысячи", "одной тысяче"),
        (3004, "трёх тысяч четырёх", "трёх тысячах четырёх"),
        (2_000_001, "двух миллионов одного", "двух миллионах одном"),
    ],
)
def test_numbers_in_other_cases(number: int, genitive: str, prepositional: str) -> None:
    assert in_words(number, case="р") == genitive
    assert in_words(number, case="п") == prepositional


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1_000_000, "один миллион"),
        (21_002_111, "двадцать один миллион две тысячи сто одиннадцать"),
        (999_000_000, "девятьсот девяносто девять миллионов"),
        (11_000, "одиннадцать тысяч"),
    ],
)  # fmt: skip
def test_great_numbers_in_words(number: int, words: str) -> None:
    assert in_words(number) == words


UNITS = (
    "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать "
    "тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
)
TENS = "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"
HUNDREDS = "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот"
VALUES = {
    **{word: value for value, word in enumerate(UNITS.split())},
    **{word: value * 10 for value, word in enumerate(TENS.split(), 2)},
    **{word: value * 100 for value, word in enumerate(HUNDREDS.split(), 1)},
    "одна": 1, "две": 2, "одно": 1,
}  # fmt: skip


def _counted_back(words: str) -> int:
    """Reads words aloud and adds: a slow way that knows nothing of the other."""
    total = group = 0
    for word in words.split():
        if word.startswith("тысяч"):
            total, group = total + group * 1000, 0
        elif word.startswith("миллион"):
            total, group = total + group * 1_000_000, 0
        else:
            group += VALUES[word]
    return total + group


@given(st.integers(0, 10**9 - 1), st.sampled_from(["м", "ж", "с"]))
def test_words_read_back_are_the_number(number: int, gender: Gender) -> None:
    assert _counted_back(in_words(number, gender)) == number


def test_counts_agree_in_the_case_of_their_sentence() -> None:
    assert spelled(12, ON_SHEETS, case="п") == "12\u00a0(двенадцати) листах"
    assert spelled(21, ON_SHEETS, case="п") == "21\u00a0(двадцати одном) листе"


def test_a_date_in_words() -> None:
    assert long_day(dt.date(2026, 1, 15)) == "15\u00a0января\u00a02026\u00a0г."


def test_every_number_has_words_of_its_own() -> None:
    words = [in_words(number) for number in range(10_000)]
    assert len(set(words)) == 10_000
    assert all(text == " ".join(text.split()) for text in words)


@pytest.mark.parametrize("number", [-1, 10**9])
def test_numbers_beyond_the_range_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        in_words(number)


@pytest.mark.parametrize(
    ("number", "noun"),
    [(0, "листов"), (1, "лист"), (2, "листа"), (4, "листа"), (5, "листов"), (11, "листов"),
     (12, "листов"), (14, "листов"), (21, "лист"), (22, "листа"), (111, "листов"),
     (112, "листов"), (121, "лист"), (1014, "листов")],
)  # fmt: skip
def test_nouns_agree_with_numbers(number: int, noun: str) -> None:
    assert agreed(number, SHEETS) == noun


def test_counts_stand_in_figures_and_words() -> None:
    assert spelled(21, DOCUMENTS) == "21\u00a0(двадцать один) документ"


@given(st.integers(0, 9999))
def test_figure_and_noun_agree_as_the_last_word_does(number: int) -> None:
    last = in_words(number).rpartition(" ")[2]
    expected = {"один": "лист", "два": "листа", "три": "листа", "четыре": "листа"}
    assert agreed(number, SHEETS) == expected.get(last, "листов")


@pytest.mark.parametrize(
    ("value", "scale", "words"),
    [
        (5, FIVE, "5\u00a0(пять)"),
        (4.0, FIVE, "4\u00a0(четыре)"),
        (4.5, FIVE, "4,5"),
        (87, HUNDRED, "87 из\u00a0100"),
        (71.5, HUNDRED, "71,5 из\u00a0100"),
        ("зачтено", WORDS, "зачтено"),
        ("не аттестован", FIVE, "не аттестован"),
        (3, None, "3"),
    ],
)
def test_marks_are_worded_by_their_scale(
    value: float | str, scale: Scale | None, words: str
) -> None:
    assert mark(value, scale) == words


def test_scales_say_what_passes() -> None:
    assert scale_rule(FIVE) == "Пятибалльная: от\u00a02 до\u00a05; освоено — от\u00a03"
    assert scale_rule(WORDS) == "Зачёт: не зачтено, зачтено; освоено — «зачтено»"


def test_quotation_marks_inside_others_are_lower() -> None:
    assert quoted("Концерт «Капель»") == "«Концерт „Капель“»"


@pytest.mark.parametrize(
    ("name", "short", "listed"),
    [
        (Name(surname="Лунная", given="Дарья", patronymic="Львовна"),
         "Д.\u00a0Л.\u00a0Лунная", "Лунная Д.\u00a0Л."),
        (Name(surname="O’Neill", given="Ann"), "A.\u00a0O’Neill", "O’Neill A."),
        (Name(given="Ли"), "Ли", "Ли"),
    ],
)  # fmt: skip
def test_names_with_and_without_patronymic_or_surname(name: Name, short: str, listed: str) -> None:
    assert short_name(name) == short
    assert listed_name(name) == listed


@pytest.mark.parametrize("code", ["RU", "BY", "KZ", "UZ", "DE", "RS", "TJ"])
def test_a_country_is_called_by_its_name(code: str) -> None:
    assert country(code) == Locale("ru").territories[code]


def test_a_country_that_has_no_name_here_is_said_to_be_a_code() -> None:
    assert country("ZZ") == "страна с\u00a0кодом ZZ"


@pytest.mark.parametrize(
    ("title", "spoiled"),
    [
        ("Сертификат об освоении программы", "испорчен"),
        ("Справка об успеваемости", "испорчена"),
        ("Академическая справка", "испорчена"),
        ("Ведомость", "испорчена"),
        ("Запись", "испорчена"),
        ("Свидетельство", "испорчено"),
        ("Личное дело", "испорчено"),
        ("", "испорчен"),
    ],
)
def test_what_became_of_a_document_agrees_with_its_title(title: str, spoiled: str) -> None:
    assert agreed_with(title, "испорчен") == spoiled
    assert agreed_with(title, "не действует") == "не действует"
    assert spoiled in agreements("испорчен")
    assert agreements("не действует") == ("не действует",)
