"""A day that notes for how long what was worked out of it stays so.

What is worked out by comparing a day with others comes out the same on every day that compares so
with all of them. Whatever else is asked of the day (its year, how it is written, another day
counted from it) holds for that day alone: a span may be told too short, never too long.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

_DAY = dt.timedelta(days=1)
_NOTED = frozenset({"first", "last"})
_WATCHED = frozenset({"__lt__", "__le__", "__gt__", "__ge__"})
_HARMLESS = frozenset({"__new__", "__getattribute__"})


class WatchedDay(dt.date):
    """A date for one outcome: from `first` to `last` all days compare alike with what it was
    compared with."""

    first: dt.date = dt.date.min
    last: dt.date = dt.date.max

    @classmethod
    def of(cls, day: dt.date) -> WatchedDay:
        """Return the day, not compared with anything yet."""
        return cls(day.year, day.month, day.day)

    def __lt__(self, other: dt.date, /) -> bool:
        self._split(other)
        return super().__lt__(other)

    def __ge__(self, other: dt.date, /) -> bool:
        self._split(other)
        return super().__ge__(other)

    def __le__(self, other: dt.date, /) -> bool:
        self._split_after(other)
        return super().__le__(other)

    def __gt__(self, other: dt.date, /) -> bool:
        self._split_after(other)
        return super().__gt__(other)

    def __getattribute__(self, name: str) -> object:
        if not (name in _NOTED or name.startswith("_")):
            self._stand_alone()
        return super().__getattribute__(name)

    def _split(self, at: dt.date) -> None:
        """Note that the days before one and those from it on do not compare alike."""
        if super().__lt__(at):
            if at <= self.last:
                self.last = at - _DAY
        elif at > self.first:
            self.first = at

    def _split_after(self, day: dt.date) -> None:
        if day < dt.date.max:
            self._split(day + _DAY)

    def _stand_alone(self) -> None:
        """Note that the outcome may be of no other day."""
        self.first = self.last = dt.date.fromordinal(dt.date.toordinal(self))


def _for_it_alone(asked: Callable[..., object]) -> Callable[..., object]:
    def answer(day: WatchedDay, *more: object) -> object:
        day._stand_alone()  # noqa: SLF001 - a method of its own, made below
        return asked(day, *more)

    return answer


for _name, _asked in vars(dt.date).items():
    if _name.startswith("__") and callable(_asked) and _name not in _WATCHED | _HARMLESS:
        setattr(WatchedDay, _name, _for_it_alone(_asked))
