"""Numbers in the order a person counts: «10» after «9», «12-а» after «12» (R-5.4.3)."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"(\d+)")


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key to sort by: runs of digits as numbers, all else as folded text."""
    parts = (part for part in _DIGITS.split(text.casefold()) if part)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)
