"""How long what was worked out of a day stays so: the same deadlines on every day of a span."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable

import pytest

from papka.desk.deadline import Deadline
from papka.desk.deadlines import deadlines
from papka.desk.watched_day import WatchedDay
from tests.support.archives import loaded, sample

TODAY, EARLIER, LATER = dt.date(2026, 5, 5), dt.date(2026, 5, 1), dt.date(2026, 5, 9)
DAYS = [dt.date(2021, 9, 1) + dt.timedelta(days=step) for step in range(0, 9000, 211)]

COMPARED: list[tuple[Callable[[dt.date], object], dt.date, dt.date]] = [
    (lambda on: on < LATER, dt.date.min, dt.date(2026, 5, 8)),
    (lambda on: LATER >= on, dt.date.min, LATER),  # noqa: SIM300 - on the right
    (lambda on: LATER > on, dt.date.min, dt.date(2026, 5, 8)),  # noqa: SIM300 - on the right
    (lambda on: EARLIER < on, dt.date(2026, 5, 2), dt.date.max),  # noqa: SIM300 - on the right
    (lambda on: EARLIER <= on <= LATER, EARLIER, LATER),
    (lambda on: on >= TODAY, TODAY, dt.date.max),
    (lambda on: on <= dt.date.max, dt.date.min, dt.date.max),
    (
        lambda on: [each is on for each in sorted([LATER, on, EARLIER])],
        dt.date(2026, 5, 2),
        dt.date(2026, 5, 8),
    ),
]


@pytest.mark.parametrize(("ask", "first", "last"), COMPARED)
def test_a_comparison_holds_to_the_day_compared_with(
    ask: Callable[[dt.date], object], first: dt.date, last: dt.date
) -> None:
    day = WatchedDay.of(TODAY)
    assert ask(day) == ask(TODAY)
    assert (day.first, day.last) == (first, last)


ALONE: list[Callable[[dt.date], object]] = [
    lambda on: on == LATER,
    lambda on: LATER != on,  # noqa: SIM300 - on the right
    lambda on: on.year,
    lambda on: on.replace(day=1),
    lambda on: f"{on:%m}",
    str,
    hash,
    lambda on: {TODAY: 1}[on],
    lambda on: LATER - on,
    lambda on: on - LATER,
    lambda on: on - dt.timedelta(days=9) < EARLIER,
    lambda on: dt.timedelta(days=9) + on > LATER,
]


@pytest.mark.parametrize("ask", ALONE)
def test_whatever_else_is_asked_holds_for_the_day_alone(ask: Callable[[dt.date], object]) -> None:
    day = WatchedDay.of(TODAY)
    assert ask(day) == ask(TODAY)
    assert (day.first, day.last) == (TODAY, TODAY)


def by_file(found: Iterable[Deadline]) -> dict[str, list[Deadline]]:
    """The deadlines of each personal file."""
    files = defaultdict(list)
    for each in found:
        files[each.address.partition("#")[0]].append(each)
    return files


def test_deadlines_of_a_file_are_the_same_on_all_days_of_its_span() -> None:
    school = loaded(sample())
    told = {on: by_file(deadlines(school, on)) for on in DAYS}
    long = 0
    for on in DAYS:
        days = {student: WatchedDay.of(on) for student in school.students}
        assert by_file(deadlines(school, on, days=days)) == told[on]
        for student, day in days.items():
            same = [each for each in DAYS if day.first <= each <= day.last]
            assert on in same
            assert {tuple(told[each].get(student, ())) for each in same} == {
                tuple(told[on].get(student, ()))
            }, (student, on)
            long += len(same) > 1
    assert long > len(DAYS) * len(school.students) / 2  # nor is every day a span of its own
