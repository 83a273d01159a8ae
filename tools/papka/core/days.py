"""A day as a person types it: 28.05.2026 or 2026-05-28; one that the calendar lacks is told."""

from __future__ import annotations

import datetime as dt
import re

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
