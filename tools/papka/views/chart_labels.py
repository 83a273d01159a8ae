"""On which side of its point a mark is written, so that it covers nothing.

Invariant: a label is above or below its own point; of the two sides the one that touches least is
taken, counted dearest first: another label, another point, the line of progress, the pass level.
A label that would cover another on both sides is left out: the tables hold every mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

_ABOVE, _BELOW = -6.0, 13.5
_HALF_LETTER, _ASCENT, _DESCENT = 3.2, 8.5, 1.5
_RADIUS = 4.5
_SAMPLES = 9
_LABEL, _POINT, _LINE, _PASS = 64, 16, 4, 1

Place = tuple[float, float]


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def label_heights(
    points: Sequence[Place], labels: Sequence[str], passing: float
) -> list[float | None]:
    """Baseline of each point's label, from left to right, None when there is no room; `passing` is
    the height of the level drawn as the pass level."""
    taken: list[_Box] = []
    heights: list[float | None] = []
    for index, (x, y) in enumerate(points):
        half = _HALF_LETTER * len(labels[index])

        def at(height: float, x: float = x, half: float = half) -> _Box:
            return _Box(x - half, height - _ASCENT, x + half, height + _DESCENT)

        def cost(height: float, index: int = index) -> int:
            box = at(height)
            others = (p for other, p in enumerate(points) if other != index)
            return (
                _LABEL * sum(map(box.meets, taken))
                + _POINT * sum(box.meets(_spot(p)) for p in others)
                + _LINE * sum(_crosses(box, *pair) for pair in pairwise(points))
                + _PASS * (box.top < passing < box.bottom)
            )

        best = min((y + _ABOVE, y + _BELOW), key=cost)
        if not labels[index] or cost(best) >= _LABEL:
            heights.append(None)
            continue
        taken.append(at(best))
        heights.append(round(best, 2))
    return heights


def _spot(point: Place) -> _Box:
    x, y = point
    return _Box(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS)


def _crosses(box: _Box, start: Place, end: Place) -> bool:
    """Whether the piece of line between two neighbours runs through the box."""
    left, right = max(box.left, start[0]), min(box.right, end[0])
    if left >= right:
        return False
    slope = (end[1] - start[1]) / (end[0] - start[0])
    steps = (left + (right - left) * step / (_SAMPLES - 1) for step in range(_SAMPLES))
    return any(box.top < start[1] + slope * (x - start[0]) < box.bottom for x in steps)
