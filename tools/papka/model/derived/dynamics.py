"""Dynamics: a student's marks against the same student's earlier ones (R-2.2.4).

Invariants: marks are compared only on one scale and in one part of a programme; nothing is
averaged, students are never compared or ranked; «не аттестован» is shown and compared with
nothing. A part keeps its line when the student returns under another enrolment.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from papka.model.archive import Archive
from papka.model.derived.chains import true_results
from papka.model.derived.scales import enrolment_of, part_of, scale_of
from papka.model.program import Part
from papka.model.results import Mark, Result
from papka.model.school import NOT_ATTESTED, Scale
from papka.model.student import Student

Change = Literal["выше", "ниже", "так же"]


@dataclass(frozen=True, slots=True)
class Point:
    """One mark; `change` against the one before it, None for the first or where none is due."""

    period: str
    date: dt.date
    mark: Mark
    change: Change | None
    result: Result


@dataclass(frozen=True, slots=True)
class Line:
    """The marks of one part of a programme on one scale, by date."""

    program: str
    part: Part
    scale: Scale
    points: tuple[Point, ...]


def lines(archive: Archive, student: Student) -> tuple[Line, ...]:
    """One line for each programme, part and scale with a mark, in the order they began."""
    heads: dict[tuple[str, str, str], tuple[Part, Scale]] = {}
    marks: defaultdict[tuple[str, str, str], list[tuple[str, Result]]] = defaultdict(list)
    for period in sorted(student.periods):
        for result in true_results(student.periods[period]):
            enrolment = enrolment_of(student, result.enrolment)
            part = part_of(archive, enrolment, result.part)
            scale = scale_of(archive, enrolment, result.part)
            if enrolment is None or part is None or scale is None or result.mark is None:
                continue
            if scale.has(result.mark):
                key = (enrolment.program, part.part, scale.scale)
                heads[key] = part, scale
                marks[key].append((period, result))
    return tuple(
        Line(key[0], *heads[key], _points(heads[key][1], sorted(found, key=_day)))
        for key, found in marks.items()
    )


def overall(found: Iterable[Line]) -> Counter[Change]:
    """In how many lines the newest step went up, down or stayed; counted, never averaged."""
    steps = [[point.change for point in line.points if point.change] for line in found]
    return Counter(changes[-1] for changes in steps if changes)


def _day(item: tuple[str, Result]) -> dt.date:
    return item[1].date


def _points(scale: Scale, found: list[tuple[str, Result]]) -> tuple[Point, ...]:
    points: list[Point] = []
    before: float | None = None
    for period, result in found:
        mark = result.mark
        assert mark is not None
        place = _place(scale, mark)
        change: Change | None = None
        if place is not None:
            if before is not None:
                change = "так же" if place == before else "выше" if place > before else "ниже"
            before = place
        points.append(Point(period, result.date, mark, change, result))
    return tuple(points)


def _place(scale: Scale, mark: Mark) -> float | None:
    """Where a mark stands on its scale; words are listed lowest first."""
    if isinstance(mark, str):
        return None if mark == NOT_ATTESTED else float(scale.marks.index(mark))
    return float(mark)
