"""Small Russian phrases: nouns with numbers, days as typed, hints, grouped digits, sort order."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Iterable
from pathlib import PurePath, PureWindowsPath

from papka.core.lookalikes import clean, find_nearest

_NO_BREAK = "\u00a0"


def printable(text: str) -> str:
    """Return the text without what would steer a terminal or break the line."""
    return "".join(char if char.isprintable() or char == _NO_BREAK else "·" for char in text)


def agree(number: int, one: str, few: str, many: str) -> str:
    """Return the form that goes with the number: 1 лист, 2 листа, 5 листов, 11 листов, 21 лист."""
    tens, units = number // 10 % 10, number % 10
    if tens == 1 or units == 0 or units >= 5:
        return many
    return one if units == 1 else few


def count_phrase(number: int, one: str, few: str, many: str) -> str:
    """Return the number and its noun, held together by a no-break space."""
    return f"{number}{_NO_BREAK}{agree(number, one, few, many)}"


_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_NUMBERS = re.compile(
    r"(?P<a>\d{1,4})\s*(?P<sign>[-./ ])\s*(?P<b>\d{1,2})\s*(?P=sign)\s*(?P<c>\d{1,4})", re.ASCII
)
_WORDS = re.compile(
    r"(?P<day>\d{1,2})(?:-?[ео]го|-?е)?[ .-]+(?P<month>[а-я]{3,8})\.?(?:[ .-]+(?P<year>\d{4}))?"
)
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?\Z")
_YEAR_WORD = re.compile(r"\s*(?:г|год|года)?\.?\Z")
HOW_TO_WRITE_A_DAY = "Дату пишут так: 28.05.2026 или 2026-05-28"


class NoSuchDay(ValueError):
    """The text is written as a day that the calendar lacks; `str()` says so in Russian."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text}: такого дня нет в календаре")


def read_day(text: str) -> dt.date | None:
    """Read a day as a person types it; None when it is no date, or two days as well as one.

    Raise NoSuchDay for 31.09.2026.
    """
    found = readings_of_day(text)
    if found is None:
        return None
    if not found:
        raise NoSuchDay(text.strip())
    return found[0] if len(found) == 1 else None


def readings_of_day(text: str, year: int | None = None) -> tuple[dt.date, ...] | None:
    """List the days a text can mean, the likeliest first; None when it is no date.

    `year` is meant where none is written. With dots the day comes first, with other signs it may
    be the month; of two digits of a year the century is not known.
    """
    plain = _YEAR_WORD.sub("", _TIME.sub("", clean(text).strip()).lower()).replace("ё", "е")
    if found := _NUMBERS.fullmatch(plain):
        return _real_days(_orders(found["a"], found["b"], found["c"], found["sign"]))
    if found := _WORDS.fullmatch(plain):
        month = next((n for n, name in enumerate(_MONTHS, 1) if found["month"].startswith(name)), 0)
        written = int(found["year"]) if found["year"] else year
        if month and written:
            return _real_days([(written, month, int(found["day"]))])
    return None


def _orders(a: str, b: str, c: str, sign: str) -> list[tuple[int, int, int]]:
    """List year, month and day as three numbers can be meant."""
    first, second, third = int(a), int(b), int(c)
    if len(a) == 4:
        return [(first, second, third)]
    if len(c) == 4:
        years = [third]
    elif len(c) == 2 and len(a) <= 2:
        years = [2000 + third, 1900 + third]
    else:
        return []
    days = [(year, second, first) for year in years]
    if sign not in ". " and first != second and (second > 12 or sign == "/"):
        days += [(year, first, second) for year in years]
    return days


def _real_days(written: Iterable[tuple[int, int, int]]) -> tuple[dt.date, ...]:
    found = []
    for year, month, day in written:
        try:
            found.append(dt.date(year, month, day))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))


def suggest(word: object, known: Iterable[object], *, are_told: bool = False) -> str:
    """Return a Russian sentence with the nearest known word, or the known words when they are few
    or hold the same numbers.

    It starts with a space, to join a hint; "" when there is nothing to name. `are_told`: the hint
    lists the known words itself.
    """
    words = sorted({str(item) for item in known} - {str(word)})
    near = find_nearest(str(word), words, cutoff=0.6)
    if near:
        return f" Может быть, «{near}»?"
    if len(words) > _MANY:
        digits = re.findall(r"\d+", str(word))
        words = [item for item in words if digits and re.findall(r"\d+", item) == digits]
    if 0 < len(words) <= _MANY and not are_told:
        return " Есть: " + ", ".join(f"«{item}»" for item in words) + "."
    return ""


_MANY = 8


def as_one_word(typed: str) -> str:
    """Return a typed name as names are compared."""
    word = typed.replace("_", "-")
    return word if word.isascii() else word.casefold().replace("ё", "е")


def hyphenated(title: str) -> str:
    """Make a name of a title: «Дата рождения» is `дата-рождения`."""
    return re.sub(r"\W+", "-", title.casefold()).strip("-")


def quoted(word: str | PurePath) -> str:
    """Quote a word of a command line for a person to paste into a shell."""
    text = str(word)
    if isinstance(word, PureWindowsPath):
        return f'"{text}"' if " " in text else text
    return text if re.fullmatch(r"[\w@%+=:,./#-]+", text) else shlex.quote(text)


def grouped(digits: str) -> tuple[str, ...]:
    """Split a long number into groups of eight as people read it: «e7d2dd6e 12a0b3c4 …»."""
    return tuple(digits[at : at + 8] for at in range(0, len(digits), 8))


def natural_key(text: str) -> tuple[tuple[int, str], ...]:
    """Return a key to sort by as people count: «10» after «9», «12-а» after «12» (R-5.4.3)."""
    parts = (part for part in re.split(r"(\d+)", text.casefold()) if part)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)
