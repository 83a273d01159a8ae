"""Dynamics against one's own earlier results (R-2.2.4): per part and scale, never an average."""

from __future__ import annotations

from papka.model.derived.dynamics import lines, overall
from papka.model.school import NOT_ATTESTED
from tests.support.derived import SCHOOL, enrolment, result, student


def test_each_mark_is_held_against_the_one_before() -> None:
    who = student(
        result("r3", "2026-05-01", 4),
        result("r1", "2026-02-01", 3),
        result("r2", "2026-03-01", 5),
        result("r4", "2026-06-01", 4),
    )
    (line,) = lines(SCHOOL, who)
    assert [(point.mark, point.change) for point in line.points] == [
        (3, None),
        (5, "выше"),
        (4, "ниже"),
        (4, "так же"),
    ]


def test_parts_and_scales_keep_lines_of_their_own() -> None:
    who = student(
        result("r1", "2026-02-01", 3),
        result("r2", "2026-03-01", "не зачтено", part="ансамбль"),
        result("r3", "2026-05-01", "зачтено", part="ансамбль"),
    )
    found = lines(SCHOOL, who)
    assert [(line.part.part, line.points[-1].change) for line in found] == [
        ("техника", None),
        ("ансамбль", "выше"),
    ]
    assert overall(found) == {"выше": 1}


def test_not_attested_is_shown_and_compared_with_nothing() -> None:
    who = student(
        result("r1", "2026-02-01", 3),
        result("r2", "2026-03-01", NOT_ATTESTED),
        result("r3", "2026-05-01", 4),
    )
    (line,) = lines(SCHOOL, who)
    assert [point.change for point in line.points] == [None, None, "выше"]


def test_a_corrected_mark_and_one_off_the_scale_are_no_points() -> None:
    who = student(
        result("r1", "2026-02-01", 5),
        result("r2", "2026-02-01", 3, replaces="r1", reason="Описка"),
        result("r3", "2026-03-01", 9),
    )
    (line,) = lines(SCHOOL, who)
    assert [point.mark for point in line.points] == [3]


def test_a_returning_student_continues_the_line() -> None:
    who = student(
        result("r1", "2026-02-01", 3),
        result("r2", "2026-05-01", 4, enrolment="e2"),
        enrolments=(enrolment(), enrolment("e2", "2026-04-01")),
    )
    (line,) = lines(SCHOOL, who)
    assert line.points[-1].change == "выше"
