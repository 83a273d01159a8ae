"""Counts for publication: a small group would let a reader recognize a student (R-2.2.12, R-3.5).

Invariants: a count from 1 to 4 is never shown; where the others of a shown total would give it
away by subtraction, the next smallest is hidden with it; zero is shown. One sign stands for both,
so that it says nothing about the size.
"""

from __future__ import annotations

from collections.abc import Sequence

from papka.views.wording import NBSP

SMALLEST = 5
HIDDEN = "*"
EXPLAINED = (
    f"{HIDDEN}{NBSP}— число не публикуется: оно меньше {SMALLEST} или вместе с остальными выдаёт "
    "число, которое меньше, и по нему можно было бы узнать обучающегося."
)


def published(count: int) -> str:
    """A count that stands alone."""
    return HIDDEN if 0 < count < SMALLEST else str(count)


def divided(total: int, counts: Sequence[int]) -> tuple[str, ...]:
    """Counts that may be subtracted from a total shown beside them, or all hidden with it."""
    hidden = {n for n, count in enumerate(counts) if 0 < count < SMALLEST}
    if 0 < total < SMALLEST:
        hidden = {n for n, count in enumerate(counts) if count}
    elif hidden:
        rest = sorted((count, n) for n, count in enumerate(counts) if count and n not in hidden)
        for _, n in rest:
            if len(hidden) > 1 and sum(counts[i] for i in hidden) >= SMALLEST:
                break
            hidden.add(n)
    return tuple(HIDDEN if n in hidden else str(count) for n, count in enumerate(counts))


def share(shown: str, count: int, total: int) -> str:
    """«33,3 %» of a total; nothing where the count itself is hidden or there is no total."""
    if shown == HIDDEN or total < SMALLEST:
        return HIDDEN if shown == HIDDEN else ""
    return f"{100 * count / total:.1f}{NBSP}%".replace(".", ",")
