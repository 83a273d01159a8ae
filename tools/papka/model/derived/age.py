"""Age on a date, in whole years."""

from __future__ import annotations

import datetime as dt


def age(born: dt.date, on: dt.date) -> int:
    """Years lived; one born on 29 February is a year older on 1 March of a common year. Never
    below zero."""
    had_birthday = (on.month, on.day) >= (born.month, born.day)
    return max(0, on.year - born.year - (0 if had_birthday else 1))
