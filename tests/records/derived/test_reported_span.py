"""The days a report is about: of a study period, of a school year, of a calendar year."""

from __future__ import annotations

from dataclasses import replace

import pytest

from papka.records.derived.headcount import Reported, StudySpan, calendar_year, find_reported, years
from papka.records.school import Period
from tests.support.derived import SCHOOL, day, organization, period

CALENDAR = [
    period("2026-1", "2026-01-12", "2026-06-14", 2026),
    period("2026-2", "2026-09-01", "2026-12-27", 2026),
    period("2027-1", "2027-01-11", "2027-06-13", 2027),
]
AUTUMN = [
    period("2026-1", "2026-09-01", "2026-12-27", 2026),
    period("2026-2", "2027-01-11", "2027-05-30", 2026),
    period("2027-1", "2027-09-02", "2027-12-26", 2027),
]
LATE = [period("2026-2", "2027-01-11", "2027-05-30", 2026)]
LONG = [period("2026-1", "2026-09-01", "2027-09-03", 2026)]


@pytest.mark.parametrize(
    ("starts", "periods", "name", "first", "last", "inside"),
    [
        (None, CALENDAR, "2026-1", "2026-01-12", "2026-06-14", ["2026-1"]),
        (None, CALENDAR, "2026", "2026-01-01", "2026-12-31", ["2026-1", "2026-2"]),
        (None, CALENDAR, "2027", "2027-01-01", "2027-12-31", ["2027-1"]),
        ("09-01", AUTUMN, "2026", "2026-09-01", "2027-08-31", ["2026-1", "2026-2"]),
        ("08-20", AUTUMN, "2026", "2026-08-20", "2027-08-19", ["2026-1", "2026-2"]),
        ("09-01", AUTUMN, "2027", "2027-09-01", "2028-08-31", ["2027-1"]),
        ("09-01", LATE, "2026", "2026-09-01", "2027-08-31", ["2026-2"]),
        ("09-01", LONG, "2026", "2026-09-01", "2027-09-03", ["2026-1"]),
        ("09-01", AUTUMN[::-1], "2026", "2026-09-01", "2027-08-31", ["2026-1", "2026-2"]),
    ],
)
def test_a_report_is_about_a_period_or_a_school_year(  # noqa: PLR0913 - a table
    starts: str | None, periods: list[Period], name: str, first: str, last: str, inside: list[str]
) -> None:
    school = replace(
        SCHOOL,
        organization=organization(starts) if starts else None,
        periods={each.period: each for each in periods},
    )
    assert find_reported(school, name) == Reported(
        StudySpan(day(first), day(last)), frozenset(inside)
    )


@pytest.mark.parametrize("name", ["2026-3", "2028", "26", ""])
def test_there_is_no_report_about_what_is_not_there(name: str) -> None:
    school = replace(SCHOOL, periods={each.period: each for each in CALENDAR})
    assert find_reported(school, name) is None


@pytest.mark.parametrize(
    ("periods", "expected"), [([], []), (CALENDAR, [2026, 2027]), (AUTUMN[::-1], [2026, 2027])]
)
def test_school_years_are_those_with_a_period(periods: list[Period], expected: list[int]) -> None:
    assert years(replace(SCHOOL, periods={each.period: each for each in periods})) == expected


def test_a_calendar_year_has_its_first_and_its_last_day() -> None:
    assert calendar_year(2026) == StudySpan(day("2026-01-01"), day("2026-12-31"))
