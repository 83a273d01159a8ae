"""Long hexadecimal numbers as a person reads and types them: «e7d2dd6e 12a0b3c4 …»."""

from __future__ import annotations

GROUP = 8


def grouped(digits: str) -> tuple[str, ...]:
    """Groups of eight, in order; the last may be shorter."""
    return tuple(digits[at : at + GROUP] for at in range(0, len(digits), GROUP))
