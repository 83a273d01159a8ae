"""Volumes: which sheets are bound together (R-6.5).

Invariants: at most LIMIT numbered sheets a volume; a volume ends between two lines of the
inventory, only a line that is longer than a volume is itself divided, and the inventory says so;
numbers run on through all volumes, also from those bound before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from papka.views.personal_file.sheets import Piece, Placed

LIMIT = 250


@dataclass(frozen=True, slots=True)
class Part:
    """Sheets `start` to `stop` (excluded) of a placed piece."""

    placed: Placed
    start: int
    stop: int

    @property
    def piece(self) -> Piece:
        return self.placed.piece

    @property
    def count(self) -> int:
        return self.stop - self.start

    @property
    def labels(self) -> tuple[str, ...] | None:
        return None if self.placed.labels is None else self.placed.labels[self.start : self.stop]

    @property
    def goes_on(self) -> bool:
        return self.stop < (self.piece.sheets or 0)

    @property
    def skipped(self) -> tuple[int, ...]:
        """Numbers passed over before one of these sheets; those of the record where the sheets
        bear none."""
        known = self.placed.labels
        if known is None:
            return self.piece.skipped
        before, until = (
            max((int(label) for label in labels if label.isdecimal()), default=0)
            for labels in (known[: self.start], known[: self.stop])
        )
        return tuple(number for number in self.placed.missing if before < number < until)


@dataclass(frozen=True, slots=True)
class Volume:
    """`number` of `of`, counted with the volumes bound before."""

    number: int
    of: int
    parts: tuple[Part, ...]

    @property
    def labels(self) -> tuple[str, ...] | None:
        """What its sheets bear, None when a paper was not counted."""
        found: list[str] = []
        for part in self.parts:
            if part.labels is None:
                return None
            found += part.labels
        return tuple(found)

    @property
    def printed(self) -> int:
        """Numbered sheets that come out of the printer."""
        return sum(part.count for part in self.parts if part.piece.is_printed)

    @property
    def title(self) -> str:
        """«том 2 из 3», empty when there is only one."""
        return f"том {self.number} из {self.of}" if self.of > 1 else ""


def volumes(pieces: Iterable[Placed], bound: int = 0) -> tuple[Volume, ...]:
    """Divide after what is already bound in `bound` volumes."""
    shelves = [tuple(parts) for parts in _divided(pieces)]
    count = bound + len(shelves)
    return tuple(Volume(number, count, parts) for number, parts in enumerate(shelves, bound + 1))


def _divided(pieces: Iterable[Placed]) -> Iterator[list[Part]]:
    parts: list[Part] = []
    room = LIMIT
    for placed in pieces:
        sheets = placed.piece.sheets or 0
        if room < sheets <= LIMIT:
            yield parts
            parts, room = [], LIMIT
        start = 0
        while sheets - start > room:
            if room:
                parts.append(Part(placed, start, start + room))
            start += room
            yield parts
            parts, room = [], LIMIT
        parts.append(Part(placed, start, sheets))
        room -= sheets - start
    yield parts
