"""The day of which a page shows a file: what was valid then by the dates, or what was known then.

Two times, never mixed: `valid` hides what is dated later and calls people by the name of the day
(`papka show --on`); `known` shows the last save made by the end of that day (`--rev`), as things
stand today. Without a day it is the folder as it lies, saved or not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from papka.core.errors import NotFound
from papka.records.derived.in_force import days_after
from papka.records.wording import day
from papka.repository.history import commit_before

Way = Literal["valid", "known"]
_TICKS = 60
"""More marks under a slider cannot be told apart."""


@dataclass(frozen=True, slots=True)
class AskedDay:
    """What an address asks for; `day` None is now. `wrong`: what was typed in place of a day."""

    day: dt.date | None = None
    way: Way = "valid"
    wrong: str = ""

    @property
    def arguments(self) -> dict[str, str]:
        """The words of an address that ask for it."""
        return {"day": self.day.isoformat(), "as": self.way} if self.day else {}


def read_asked(words: Mapping[str, str], today: dt.date) -> AskedDay:
    """Read the day and the way an address asks for; «2026-03-01» or «01.03.2026»."""
    way: Way = "known" if words.get("as") == "known" else "valid"
    text = words.get("day", "").strip()
    found = None
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        with suppress(ValueError):
            found = dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
    if text and found is None:
        return AskedDay(None, way, text)
    if found is not None and found >= today:
        found = None  # a day to come knows no more than today
    return AskedDay(found, way)


def find_save(root: Path, asked: AskedDay) -> str | None:
    """Return the last save by the end of the day asked for; None for the folder as it lies.

    Raise NotFound for a day before the first save.
    """
    if asked.day is None or asked.way == "valid":
        return None
    end = dt.datetime.combine(asked.day, dt.time.max)
    found = commit_before(root, "HEAD", end)
    if found is None:
        raise NotFound(
            f"К {day(asked.day)} в архиве не было ещё ни одного сохранения",
            "Выберите день позже или «что действовало»: оно считается по датам в записях",
        )
    return found


@dataclass(frozen=True, slots=True)
class DayBar:
    """The slider: its ends, the day it stands at, and days on which something turned."""

    first: dt.date
    last: dt.date
    asked: AskedDay
    ticks: tuple[dt.date, ...]

    @property
    def shown(self) -> dt.date:
        return self.asked.day or self.last

    @property
    def span(self) -> int:
        """Days from the first to the last."""
        return (self.last - self.first).days

    @property
    def place(self) -> int:
        """The day it stands at, in days from the first."""
        return min(max((self.shown - self.first).days, 0), self.span)

    def place_of(self, tick: dt.date) -> int:
        return (tick - self.first).days


def make_bar(asked: AskedDay, days: Iterable[dt.date], today: dt.date) -> DayBar:
    """Return a slider from the day before the first of these to today; the latest of too many are
    marked."""
    past = sorted({each for each in days if each < today})
    first = min(days_after(past[0], -1) if past else today, asked.day or today)
    first = min(first, days_after(today, -1))
    return DayBar(first, today, asked, tuple(past[-_TICKS:]))
