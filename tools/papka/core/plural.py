"""Russian agreement of a noun with a number."""

from __future__ import annotations


def agreed(number: int, one: str, few: str, many: str) -> str:
    """The form that goes with the number: 1 лист, 2 листа, 5 листов, 11 листов, 21 лист."""
    tens, units = number // 10 % 10, number % 10
    if tens == 1 or units == 0 or units >= 5:
        return many
    return one if units == 1 else few


def counted(number: int, one: str, few: str, many: str) -> str:
    """The number and its noun, held together by a no-break space."""
    return f"{number}\u00a0{agreed(number, one, few, many)}"
