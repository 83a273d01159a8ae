"""Dynamics against one's own earlier results (R-2.2.4): per part and scale, never an average."""

from __future__ import annotations

from typing import get_args

import pytest

from papka.records.derived import result_facts
from papka.records.derived.result_facts import MarkPoint, dynamics
from papka.records.school import NOT_ATTESTED
from papka.records.student import Result
from tests.support.derived import EDITION, FIVE, SCHOOL, enrolment, result, student


def test_each_mark_is_held_against_the_one_before() -> None:
    who = student(
        result("r3", "2026-05-01", 4),
        result("r1", "2026-02-01", 3),
        result("r2", "2026-03-01", 5),
        result("r4", "2026-06-01", 4),
    )
    (line,) = dynamics(SCHOOL, who)
    assert [(point.mark, point.change) for point in line.points] == [
        (3, None),
        (5, "выше"),
        (4, "ниже"),
        (4, "так же"),
    ]


def test_every_change_is_told() -> None:
    (line,) = dynamics(SCHOOL, student(*(result(f"r{n}", f"2026-0{n}-01", mark)
                                      for n, mark in enumerate([3, 5, 4, 4], 1))))  # fmt: skip
    changes = {point.change for point in line.points}
    assert changes == {None, *get_args(result_facts.Trend)}


@pytest.mark.parametrize(
    "given",
    [
        result("r1", "2026-05-28", text="Старается"),
        result("r1", "2026-05-28", 5, part="беседы"),
        result("r1", "2026-05-28", 5, part="хор"),
        result("r1", "2026-05-28", 5, part=None),
        result("r1", "2026-05-28", 5, enrolment="e9"),
        result("r1", "2026-05-28", 0),
    ],
)
def test_without_a_mark_on_a_scale_there_is_no_line(given: Result) -> None:
    assert dynamics(SCHOOL, student(given)) == ()


def test_points_say_where_they_are_from_and_stand_by_day() -> None:
    """Two of one day as they are written; of two periods the earlier period first."""
    first, late = result("r1", "2026-02-01", 3), result("r9", "2026-09-14", 4, resits="r1")
    second, third = result("r2", "2026-05-28", 5), result("r3", "2026-05-28", 4)
    who = student(periods={"2026-2": (third,), "2026-1": (late, second, first)})
    (line,) = dynamics(SCHOOL, who)
    assert (line.program, line.part, line.scale) == ("guitar", EDITION.parts[0], FIVE)
    assert line.points == (
        MarkPoint("2026-1", first.date, 3, None, first),
        MarkPoint("2026-1", second.date, 5, "выше", second),
        MarkPoint("2026-2", third.date, 4, "ниже", third),
        MarkPoint("2026-1", late.date, 4, "так же", late),
    )


def test_parts_and_scales_keep_lines_of_their_own() -> None:
    who = student(
        result("r1", "2026-02-01", 3),
        result("r2", "2026-03-01", "не зачтено", part="ансамбль"),
        result("r3", "2026-05-01", "зачтено", part="ансамбль"),
    )
    found = dynamics(SCHOOL, who)
    assert [(line.part.part, line.points[-1].change) for line in found] == [
        ("техника", None),
        ("ансамбль", "выше"),
    ]


def test_not_attested_is_shown_and_compared_with_nothing() -> None:
    who = student(
        result("r1", "2026-02-01", 3),
        result("r2", "2026-03-01", NOT_ATTESTED),
        result("r3", "2026-05-01", 4),
    )
    (line,) = dynamics(SCHOOL, who)
    assert [point.change for point in line.points] == [None, None, "выше"]


def test_a_corrected_mark_and_one_off_the_scale_are_no_points() -> None:
    who = student(
        result("r1", "2026-02-01", 5),
        result("r2", "2026-02-01", 3, replaces="r1", reason="Описка"),
        result("r3", "2026-03-01", 9),
    )
    (line,) = dynamics(SCHOOL, who)
    assert [point.mark for point in line.points] == [3]


def test_a_returning_student_continues_the_line() -> None:
    who = student(
        result("r1", "2026-02-01", 3),
        result("r2", "2026-05-01", 4, enrolment="e2"),
        enrolments=(enrolment(), enrolment("e2", "2026-04-01")),
    )
    (line,) = dynamics(SCHOOL, who)
    assert line.points[-1].change == "выше"
