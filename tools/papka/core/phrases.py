"""Russian agreement of a noun with a number.

A day as a person types it: 28.05.2026 or 2026-05-28; one that the calendar lacks is told.

What a person may type next: the nearest known word, and words as a shell takes them.

Long hexadecimal numbers as a person reads and types them: «e7d2dd6e 12a0b3c4 …».

Numbers in the order a person counts: «10» after «9», «12-а» after «12» (R-5.4.3).
"""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import PurePath, PureWindowsPath


def agreed(number: int, one: str, few: str, many: str) -> str:
    """The form that goes with the number: 1 лист, 2 листа, 5 листов, 11 листов, 21 лист."""
    tens, units = number // 10 % 10, number % 10
    if tens == 1 or units == 0 or units >= 5:
        return many
    return one if units == 1 else few


def counted(number: int, one: str, few: str, many: str) -> str:
    """The number and its noun, held together by a no-break space."""
    return f"{number}\u00a0{agreed(number, one, few, many)}"


_WRITTEN = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"|(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})",
    re.ASCII,
)
HOW = "Дату пишут так: 28.05.2026 или 2026-05-28"


class NoSuchDay(ValueError):
    """Written as a day, but the calendar has none; `str()` says so."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text}: такого дня нет в календаре")


def read_day(text: str) -> dt.date | None:
    """The day; None when the text is no date. Raises NoSuchDay for 31.09.2026."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = (
        int(found[long] or found[short])
        for long, short in (("year", "y"), ("month", "m"), ("day", "d"))
    )
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise NoSuchDay(text.strip()) from None


_PLAIN = re.compile(r"[\w@%+=:,./#-]+")


def may_be(word: object, known: Iterable[object]) -> str:
    """A Russian sentence naming the nearest known word, or the known words when they are few,
    or nothing. Starts with a space, so that it joins a hint."""
    words = sorted({str(item) for item in known})
    folded = {item.casefold(): item for item in words}
    near = get_close_matches(str(word).casefold(), folded, n=1, cutoff=0.6)
    if near:
        return f" Может быть, «{folded[near[0]]}»?"
    if 0 < len(words) <= 8:
        return " Есть: " + ", ".join(f"«{item}»" for item in words) + "."
    return ""


def quoted(word: str | PurePath) -> str:
    """A word of a command line that a person may paste into a shell."""
    text = str(word)
    if isinstance(word, PureWindowsPath):
        return f'"{text}"' if " " in text else text
    return text if _PLAIN.fullmatch(text) else shlex.quote(text)


GROUP = 8


def grouped(digits: str) -> tuple[str, ...]:
    """Groups of eight, in order; the last may be shorter."""
    return tuple(digits[at : at + GROUP] for at in range(0, len(digits), GROUP))


_DIGITS = re.compile(r"(\d+)")


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key to sort by: runs of digits as numbers, all else as folded text."""
    parts = (part for part in _DIGITS.split(text.casefold()) if part)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)
