"""programs/<code>.yaml: a programme and its editions.

Planned results are compared with actual ones (R-2.2.5); target orientations are texts without
ids, so that nothing can refer to or grade them (R-4.1).
"""

from __future__ import annotations

from typing import Literal

from papka.model.record import Record


class Part(Record, frozen=True, kw_only=True):
    """A part of the programme; without `scale` its results are words only."""

    part: str
    title: str
    hours: int
    scale: str | None = None


class PlannedResult(Record, frozen=True, kw_only=True):
    outcome: str
    kind: Literal["предметный", "личностный"]
    text: str
    parts: tuple[str, ...] = ()


class Edition(Record, frozen=True, kw_only=True):
    """A used edition is never changed, a new one is added."""

    edition: int
    order: str
    hours: int
    parts: tuple[Part, ...]
    planned_results: tuple[PlannedResult, ...]
    target_orientations: tuple[str, ...] = ()

    def part(self, code: str) -> Part | None:
        for part in self.parts:  # a loop, not a generator: asked for every result
            if part.part == code:
                return part
        return None


class Program(Record, frozen=True, kw_only=True):
    code: str
    title: str
    editions: tuple[Edition, ...]
    direction: str | None = None
    continues: str | None = None

    def edition(self, number: int) -> Edition | None:
        for edition in self.editions:
            if edition.edition == number:
                return edition
        return None
