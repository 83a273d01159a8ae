"""Numbers, dates and marks as a Russian document words them.

Invariants: what belongs together is joined by no-break spaces; a mark is never converted between
scales (R-2.2.3). Absent on purpose: U+202F, U+2010 and signs the bundled fonts do not have.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from papka.model.person import Name
from papka.model.results import Mark
from papka.model.school import Scale

NBSP = "\u00a0"
NONE = "—"
_INNER_QUOTES = str.maketrans("«»", "„“")

Gender = Literal["м", "ж", "с"]
Case = Literal["и", "р", "п"]
"""Кто? кого? о ком? — a number stands in the case its sentence asks for."""
Forms = tuple[str, str, str]
"""«лист», «листа», «листов»: with 1, with 2, with 5; in another case «листе», «листах»,
«листах»."""

SHEETS: Forms = ("лист", "листа", "листов")
ON_SHEETS: Forms = ("листе", "листах", "листах")
DOCUMENTS: Forms = ("документ", "документа", "документов")
HOURS: Forms = ("час", "часа", "часов")
YEARS: Forms = ("год", "года", "лет")
MARKS: Forms = ("оценка", "оценки", "оценок")

# fmt: off
_BELOW_20 = (
    "ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять",
    "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать",
    "семнадцать", "восемнадцать", "девятнадцать",
)
_TENS = (
    "", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят",
    "восемьдесят", "девяносто",
)
_HUNDREDS = (
    "", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот",
    "девятьсот",
)
# fmt: on
_ONE: dict[Case, dict[Gender, str]] = {
    "и": {"м": "один", "ж": "одна", "с": "одно"},
    "р": {"м": "одного", "ж": "одной", "с": "одного"},
    "п": {"м": "одном", "ж": "одной", "с": "одном"},
}
_TWO: dict[Gender, str] = {"м": "два", "ж": "две", "с": "два"}
_BENT = {
    "два": "двух",
    "три": "трёх",
    "четыре": "четырёх",
    "восемь": "восьми",
    "сорок": "сорока",
    "пятьдесят": "пятидесяти",
    "шестьдесят": "шестидесяти",
    "семьдесят": "семидесяти",
    "восемьдесят": "восьмидесяти",
    "девяносто": "девяноста",
    "сто": "ста",
}
_BENT_HUNDREDS: dict[Case, str] = {"р": "сот", "п": "стах"}
_GROUPS: tuple[tuple[int, Gender, dict[Case, Forms]], ...] = (
    (10**6, "м", {
        "и": ("миллион", "миллиона", "миллионов"),
        "р": ("миллиона", "миллионов", "миллионов"),
        "п": ("миллионе", "миллионах", "миллионах"),
    }),
    (10**3, "ж", {
        "и": ("тысяча", "тысячи", "тысяч"),
        "р": ("тысячи", "тысяч", "тысяч"),
        "п": ("тысяче", "тысячах", "тысячах"),
    }),
)  # fmt: skip
_LARGEST = 10**9 - 1
MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)


def agreed(number: int, forms: Forms) -> str:
    """The form of the noun that goes with the number."""
    tens, ones = abs(number) % 100, abs(number) % 10
    if 11 <= tens <= 14:
        return forms[2]
    return forms[0] if ones == 1 else forms[1] if 2 <= ones <= 4 else forms[2]


def in_words(number: int, gender: Gender = "м", case: Case = "и") -> str:
    """0…999 999 999: «двадцать один», «двадцать одна», «(на) двадцати одном»."""
    if not 0 <= number <= _LARGEST:
        raise ValueError(number)
    if number == 0:
        return {"и": "ноль", "р": "ноля", "п": "ноле"}[case]
    words, rest = list[str](), number
    for size, own, forms in _GROUPS:
        count, rest = divmod(rest, size)
        if count:
            words += [*_below_1000(count, own, case), agreed(count, forms[case])]
    return " ".join(words + _below_1000(rest, gender, case))


def _below_1000(number: int, gender: Gender, case: Case) -> list[str]:
    hundreds, rest = divmod(number, 100)
    words = [_hundred(hundreds, case)] if hundreds else []
    if rest >= 20:
        words.append(_bent(_TENS[rest // 10], case))
        rest %= 10
    if rest == 1:
        words.append(_ONE[case][gender])
    elif rest == 2 and case == "и":
        words.append(_TWO[gender])
    elif rest:
        words.append(_bent(_BELOW_20[rest], case))
    return words


def _hundred(hundreds: int, case: Case) -> str:
    if case == "и" or hundreds == 1:
        return _bent(_HUNDREDS[hundreds], case)
    return _bent(_BELOW_20[hundreds], case) + _BENT_HUNDREDS[case]


def _bent(word: str, case: Case) -> str:
    """Both cases are alike here: «пяти», «двадцати»."""
    return word if case == "и" else _BENT.get(word) or f"{word[:-1]}и"


def counted(number: int, forms: Forms) -> str:
    """«3 листа»."""
    return f"{number}{NBSP}{agreed(number, forms)}"


def spelled(number: int, forms: Forms, gender: Gender = "м", case: Case = "и") -> str:
    """«3 (три) листа», «(на) 12 (двенадцати) листах»."""
    return f"{number}{NBSP}({in_words(number, gender, case)}) {agreed(number, forms)}"


def day(date: dt.date) -> str:
    """«28.05.2026»."""
    return f"{date:%d.%m.%Y}"


def long_day(date: dt.date) -> str:
    """«15 января 2026 г.», never broken."""
    return f"{date.day}{NBSP}{MONTHS[date.month - 1]}{NBSP}{date.year}{NBSP}г."


def number(text: str) -> str:
    """«№ 17/26»."""
    return f"№{NBSP}{text}"


def quoted(title: str) -> str:
    """«Весенний концерт „Капель“»: quotation marks inside others are the lower ones."""
    return f"«{title.translate(_INNER_QUOTES)}»"


def short_name(name: Name) -> str:
    """«А. П. Смирнова», never broken between its parts."""
    return name.short.replace(" ", NBSP)


def listed_name(name: Name) -> str:
    """«Смирнова А. П.», for lists; breaks only after the surname."""
    if name.surname is None:
        return name.given
    initials = [f"{part[0]}." for part in (name.given, name.patronymic) if part]
    return f"{name.surname} {NBSP.join(initials)}"


def mark(value: Mark, scale: Scale | None) -> str:
    """«5 (пять)» on a scale of a few whole numbers, «87 из 100» on a longer one, else the word."""
    if isinstance(value, str):
        return value
    whole = int(value) if value == int(value) else None
    figure = str(whole) if whole is not None else f"{value:g}".replace(".", ",")
    if scale is None or scale.highest is None:
        return figure
    if scale.highest <= 12:
        words = whole is not None and whole >= 0
        return f"{figure}{NBSP}({in_words(int(value))})" if words else figure
    return f"{figure} из{NBSP}{scale.highest:g}"


def scale_rule(scale: Scale) -> str:
    """One line that lets a reader judge a mark: range or words, and what passes (R-2.2.3)."""
    if scale.marks:
        passing = ", ".join(f"«{word}»" for word in scale.passing_marks)
        return f"{scale.title}: {', '.join(scale.marks)}; освоено — {passing or 'не определено'}"
    low, high = (f"{end:g}".replace(".", ",") for end in (scale.lowest or 0, scale.highest or 0))
    passing = "" if scale.pass_mark is None else f"; освоено — от{NBSP}{scale.pass_mark:g}"
    return f"{scale.title}: от{NBSP}{low} до{NBSP}{high}{passing.replace('.', ',')}"
