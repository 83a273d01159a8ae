"""Small Russian phrases: nouns with numbers, days as typed, hints, grouped digits, sort order."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import PurePath, PureWindowsPath

from papka.core.cells import caseless, days_meant
from papka.core.lookalikes import find_nearest

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


HOW_TO_WRITE_A_DAY = "Дату пишут так: 28.05.2026 или 2026-05-28"


class NoSuchDay(ValueError):
    """The text is written as a day that the calendar lacks; `str()` says so in Russian."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text}: такого дня нет в календаре")


def read_day(text: str) -> dt.date | None:
    """Read a day as a person types it; None when it is no date, or two days as well as one.

    Raise NoSuchDay for 31.09.2026.
    """
    found = days_meant(text)
    if found is None:
        return None
    if not found:
        raise NoSuchDay(text.strip())
    return found[0] if len(found) == 1 else None


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


def enumerated(names: Sequence[str], limit: int) -> str:
    """Return the first `limit` names in one line and how many more there are."""
    left = len(names) - limit
    return ", ".join(names[:limit]) + (f" и ещё {left}" if left > 0 else "")


def as_one_word(typed: str) -> str:
    """Return a typed name as names are compared."""
    word = typed.replace("_", "-")
    return word if word.isascii() else caseless(word)


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
