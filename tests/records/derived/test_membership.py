"""In which group a student is on a day, and who teaches it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from papka.records.derived.headcount import StudySpan, find_enrolled
from papka.records.derived.in_force import student_on
from papka.records.derived.membership import group_on, group_until, members_on, teacher_on
from papka.records.school import FormerTeacher, Group
from papka.records.student import Ended, Student, Transfer
from tests.support.derived import SCHOOL, day, enrolment, student

MOVED = student(
    enrolments=(enrolment("e1", "2026-01-15", group="Г-1"), enrolment("e2", "2026-09-01")),
    transfers=(
        Transfer(id="t2", enrolment="e1", date=day("2026-11-10"), group="Г-3"),
        Transfer(id="t1", enrolment="e1", date=day("2026-09-01"), group="Г-2"),
    ),
)
FIRST, SECOND = MOVED.enrolments


@pytest.mark.parametrize(
    ("on", "group"),
    [
        ("2026-01-15", "Г-1"),
        ("2026-08-31", "Г-1"),
        ("2026-09-01", "Г-2"),
        ("2026-11-09", "Г-2"),
        ("2026-11-10", "Г-3"),
        ("2027-01-01", "Г-3"),
    ],
)
def test_each_transfer_counts_from_its_day(on: str, group: str) -> None:
    assert group_on(MOVED, FIRST, day(on)) == group
    assert group_on(MOVED, SECOND, day(on)) is None


def test_a_period_shows_the_group_of_its_last_day_studied() -> None:
    assert group_until(MOVED, FIRST, day("2026-06-14")) == "Г-1"
    assert group_until(MOVED, FIRST, day("2026-12-27")) == "Г-3"
    left = replace_end(day("2026-10-01"))
    assert group_until(left, left.enrolments[0], day("2026-12-27")) == "Г-2"


def replace_end(on: dt.date) -> Student:
    ended = enrolment("e1", "2026-01-15", group="Г-1", ended=Ended(date=on, reason="отчисление"))
    return replace(MOVED, enrolments=(ended, SECOND))


def test_figures_of_a_span_count_everybody_in_one_group() -> None:
    school = replace(SCHOOL, students={MOVED.id: MOVED})
    for end, group in (("2026-06-14", "Г-1"), ("2026-12-27", "Г-3")):
        found = find_enrolled(school, StudySpan(day("2026-01-12"), day(end)))
        assert next(each.group for each in found if each.enrolment is FIRST) == group


def test_members_of_a_day_have_begun_and_not_left() -> None:
    school = replace(SCHOOL, students={MOVED.id: MOVED})
    assert [each for _, each in members_on(school, "Г-3", day("2026-11-10"))] == [FIRST]
    assert list(members_on(school, "Г-3", day("2026-11-09"))) == []
    assert list(members_on(school, "Г-1", day("2026-01-14"))) == []
    left = replace_end(day("2026-11-10"))
    gone = replace(SCHOOL, students={MOVED.id: left})
    assert len(list(members_on(gone, "Г-3", day("2026-11-10")))) == 1
    assert list(members_on(gone, "Г-3", day("2026-11-11"))) == []


def test_a_later_transfer_is_not_seen_from_an_earlier_day() -> None:
    assert [each.id for each in student_on(MOVED, day("2026-10-01")).transfers] == ["t1"]


def test_a_group_has_had_other_teachers() -> None:
    group = Group(
        group="Г-1", program="guitar", teacher="s003",
        former_teachers=(
            FormerTeacher(until=day("2026-11-01"), teacher="s002"),
            FormerTeacher(until=day("2026-05-31"), teacher="s001"),
        ),
    )  # fmt: skip
    days = ("2026-05-31", "2026-06-01", "2026-11-01", "2026-11-02")
    assert [teacher_on(group, day(on)) for on in days] == ["s001", "s002", "s002", "s003"]
