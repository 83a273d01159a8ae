"""A student's own progress (R-2.2.4): one small plot a programme part, on that part's own scale.

Nothing is averaged, parts and scales are never joined, nobody is compared with anybody. Corrected
entries are left out, a failed attempt and its re-sit both stay; a part with fewer than two marks
has no progress to show. More marks than can be told apart are shown as the median and the span of
each study period, of each month where there is but one period; a median is a mark that was given.
Numbers are units of the plot's own grid, 0,0 top left; the template draws.

A label stands above or below its point, on the side where it touches least: another label is
dearest, then another point, the line of progress, the pass level. One that would cover another
label on both sides is left out: the tables hold every mark.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from papka.records.archive import Archive
from papka.records.derived.approvals import approval_states
from papka.records.derived.result_facts import enrolment_of, part_of, scale_of, valid_results
from papka.records.school import NOT_ATTESTED, Scale
from papka.records.student import Mark, Result, Student
from papka.records.wording import MARKS, counted, day, mark, program

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
    """Return the baseline of each point's label, from left to right; None when there is no room.

    `passing`: the height of the level drawn as the pass level.
    """
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
                + _POINT * sum(box.meets(_circle_box(p)) for p in others)
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


def _circle_box(point: Place) -> _Box:
    x, y = point
    return _Box(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS)


def _crosses(box: _Box, start: Place, end: Place) -> bool:
    """Tell whether the piece of line between two neighbours runs through the box."""
    left, right = max(box.left, start[0]), min(box.right, end[0])
    if left >= right:
        return False
    slope = (end[1] - start[1]) / (end[0] - start[0])
    steps = (left + (right - left) * step / (_SAMPLES - 1) for step in range(_SAMPLES))
    return any(box.top < start[1] + slope * (x - start[0]) < box.bottom for x in steps)


WIDTH, LEFT, RIGHT, INSET = 470.0, 88.0, 14.0, 16.0
TOP, BOTTOM, STEP, MIDDLE = 16.0, 27.0, 17.0, 60.0
_LABELLED = 12
"""Up to so many points each carries its mark; more would cover each other."""
_CROWDED = 60
"""More cannot be told apart: each period, or month, is a point."""


class ChartRule(NamedTuple):
    """A level of the scale; `is_pass` is the least that passes."""

    y: float
    label: str
    is_pass: bool


class Tick(NamedTuple):
    """A date under the plot."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A mark; `label_y` counts only with a label; `is_missing`: «не аттестован»."""

    x: float
    y: float
    label: str
    label_y: float
    passes: bool
    is_draft: bool
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """The marks of one programme part; `line` joins them where the scale is one of numbers.

    `spans`: x, top and bottom of a bar from the highest to the lowest mark that a point stands for.
    """

    part: str
    summary: str
    height: float
    radius: float
    rules: tuple[ChartRule, ...]
    ticks: tuple[Tick, ...]
    points: tuple[ChartPoint, ...]
    line: tuple[tuple[float, float], ...]
    spans: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """Plots of one programme on one scale."""

    program: str
    scale: str
    plots: tuple[Plot, ...]


def charts(archive: Archive, student: Student) -> tuple[Chart, ...]:
    """Return a chart for every programme and scale with something to show."""
    series: dict[tuple[str, str], dict[str, list[tuple[str, Result]]]] = {}
    for period in student.periods:
        for result in valid_results(student.periods[period]):
            scale = scale_of(archive, enrolment_of(student, result.enrolment), result.part)
            if scale and result.mark is not None and scale.has(result.mark):
                parts = series.setdefault((result.enrolment, scale.scale), {})
                parts.setdefault(result.part or "", []).append((period, result))
    states = approval_states(archive, student)
    found = []
    for (enrolment_id, code), parts in series.items():
        enrolment = enrolment_of(student, enrolment_id)
        scale = archive.scales[code]
        plots = []
        for part_code, dated in parts.items():
            if len(dated) < 2:
                continue
            part = part_of(archive, enrolment, part_code)
            marks = [
                _Dated(r.date, r.mark, states[period].get(r.id or "") != "утверждено", period)
                for period, r in sorted(dated, key=lambda item: item[1].date)
                if r.mark is not None
            ]
            plots.append(_make_plot(part.title if part else part_code, scale, marks))
        if plots:
            found.append(
                Chart(program(archive, enrolment, enrolment_id), scale.title, tuple(plots))
            )
    return tuple(found)


class _Dated(NamedTuple):
    date: dt.date
    mark: Mark
    is_draft: bool
    period: str


class _Condensed(NamedTuple):
    """Many marks as one: their median, dated as it was given, the lowest and the highest."""

    median: _Dated
    low: Mark
    high: Mark


def _condense(scale: Scale, marks: list[_Dated]) -> list[_Condensed]:
    """Return the median and span of each period, else of each month; of two middles the lower.

    A group in which nobody gave a mark but «не аттестован» stays so.
    """
    is_one = len({each.period for each in marks}) == 1
    groups: dict[str, list[_Dated]] = {}
    for each in marks:
        groups.setdefault(f"{each.date:%Y-%m}" if is_one else each.period, []).append(each)
    found = []
    for group in groups.values():
        given = (
            sorted(
                (each for each in group if each.mark != NOT_ATTESTED),
                key=lambda each: (_rank(scale, each.mark), each.date),
            )
            or group
        )
        middle = given[(len(given) - 1) // 2]
        is_draft = any(each.is_draft for each in group)
        found.append(_Condensed(middle._replace(is_draft=is_draft), given[0].mark, given[-1].mark))
    return sorted(found, key=lambda each: each.median.date)


def _rank(scale: Scale, value: Mark) -> float:
    return float(scale.marks.index(value)) if isinstance(value, str) else float(value)


def _make_plot(title: str, scale: Scale, given: list[_Dated]) -> Plot:
    levels = _Levels(scale, has_missing=any(m.mark == NOT_ATTESTED for m in given))
    many = _condense(scale, given) if len(given) > _CROWDED else []
    marks = [each.median for each in many] or given
    first, last = given[0], given[-1]
    days = max((last.date - first.date).days, 1)

    def x(date: dt.date) -> float:
        return round(
            LEFT + INSET + (WIDTH - LEFT - RIGHT - 2 * INSET) * (date - first.date).days / days, 2
        )

    places = [(x(m.date), levels.y(m.mark)) for m in marks]
    is_labelled = len(marks) <= _LABELLED
    labels = [
        _write_label(m.mark) if is_labelled and not isinstance(m.mark, str) else "" for m in marks
    ]
    passing = levels.y(scale.lowest or 0 if scale.pass_mark is None else scale.pass_mark)
    points = tuple(
        ChartPoint(
            *place,
            label if height is not None else "",
            height or 0.0,
            scale.passes(m.mark),
            m.is_draft,
            m.mark == NOT_ATTESTED,
        )
        for m, place, label, height in zip(
            marks, places, labels, label_heights(places, labels, passing), strict=True
        )
    )
    return Plot(
        title,
        f"{counted(len(given), MARKS)}: первая {mark(first.mark, scale)}, {day(first.date)}; "
        f"последняя {mark(last.mark, scale)}, {day(last.date)}"
        + (f"; знак — медиана за {_word_span(given)}, черта — от низшей до высшей" if many else ""),
        levels.height + TOP + BOTTOM,
        3.4 if len(marks) <= _LABELLED else 2.4,
        tuple(levels.rules()),
        _make_ticks(first.date, last.date, x),
        points,
        tuple((p.x, p.y) for p in points if not p.is_missing) if not scale.marks else (),
        tuple(
            (x(m.median.date), levels.y(m.high), levels.y(m.low)) for m in many if m.low != m.high
        ),
    )


def _word_span(marks: list[_Dated]) -> str:
    return "месяц" if len({each.period for each in marks}) == 1 else "период"


class _Levels:
    """Heights of a scale's marks: words at even steps as declared, numbers in proportion."""

    def __init__(self, scale: Scale, *, has_missing: bool) -> None:
        self._scale = scale
        self._missing = STEP if has_missing else 0.0
        low, high = scale.lowest or 0, scale.highest or 1
        steps = len(scale.marks) - 1 if scale.marks else (high - low) / scale.step
        self._is_long = not scale.marks and steps > 6
        self._inner = MIDDLE if self._is_long else max(steps, 1) * STEP
        self._low, self._span = low, (high - low) or 1

    @property
    def height(self) -> float:
        return self._inner + self._missing

    def y(self, value: Mark) -> float:
        if value == NOT_ATTESTED:
            return TOP + self.height
        if isinstance(value, str):
            last = max(len(self._scale.marks) - 1, 1)
            share = self._scale.marks.index(value) / last
        else:
            share = (value - self._low) / self._span
        return round(TOP + self._inner * (1 - share), 2)

    def rules(self) -> Iterator[ChartRule]:
        scale = self._scale
        if scale.marks:
            for word in scale.marks:
                yield ChartRule(self.y(word), word, is_pass=False)
        else:
            for value in self._values():
                yield ChartRule(
                    self.y(value), _write_label(value), is_pass=value == scale.pass_mark
                )
        if self._missing:
            yield ChartRule(TOP + self.height, "не аттестован", is_pass=False)

    def _values(self) -> list[int | float]:
        scale = self._scale
        low, high = scale.lowest or 0, scale.highest or 0
        if self._is_long:
            middle = [] if scale.pass_mark is None else [scale.pass_mark]
            return sorted({low, *middle, high})
        count = round((high - low) / scale.step)
        return [low + scale.step * index for index in range(count + 1)]


def _write_label(value: Mark) -> str:
    return value if isinstance(value, str) else f"{value:g}".replace(".", ",")


def _make_ticks(first: dt.date, last: dt.date, x: Callable[[dt.date], float]) -> tuple[Tick, ...]:
    ends = [first] if first == last else [first, last]
    return tuple(Tick(x(date), day(date)) for date in ends)
