"""Which copies are on different media, which year they hold, whose journal they belong to.

R-6.3
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from msgspec.structs import replace as with_fields

from papka.records.acts import Media, MediumCopy
from papka.records.archive import Archive
from papka.records.derived.in_force import (
    copies_holding,
    end_of,
    group_by_medium,
    journal_year,
    school_year,
)
from tests.paper.forms_school import COPIES, short
from tests.support.derived import period

D = dt.date
ONE, TWO = (with_fields(copy, device=None) for copy in COPIES)


def archive(**media: tuple[MediumCopy, ...]) -> Archive:
    found = {year.removeprefix("y"): Media(copies=copies) for year, copies in media.items()}
    return replace(short(), media=found)


def media_of(*copies: MediumCopy) -> list[list[str]]:
    return [[copy.medium for copy in group] for group in group_by_medium(copies)]


def test_a_label_or_a_file_system_in_common_makes_one_medium() -> None:
    same = with_fields(TWO, device="uuid:1")
    assert media_of(ONE, TWO, ONE) == [["Н-2"], ["Н-1", "Н-1"]]
    assert media_of(ONE, TWO) == [["Н-1"], ["Н-2"]]
    third = with_fields(same, medium="Н-3")
    assert media_of(same, ONE, third) == [["Н-1"], ["Н-2", "Н-3"]]
    # Н-1 was seen on the disk of Н-2 once: all three are one
    assert media_of(ONE, third, with_fields(ONE, device="uuid:1")) == [["Н-1", "Н-3", "Н-1"]]


def test_only_a_copy_made_after_the_year_and_read_back_holds_it() -> None:
    early = with_fields(ONE, date=D(2026, 12, 31), verified=D(2026, 12, 31))
    unread = with_fields(TWO, verified=None)
    assert end_of(archive(), 2026) == D(2026, 12, 31)
    assert copies_holding(archive(y2026=(early, unread)), 2026) == ()
    assert copies_holding(archive(y2026=(early, ONE, TWO)), 2026) == ((ONE,), (TWO,))


def test_a_copy_made_before_the_last_period_was_closed_does_not_hold_the_year() -> None:
    found = archive(y2026=(ONE, TWO))
    late = with_fields(found.approvals["2026-2"], closed=D(2027, 1, 16))
    assert copies_holding(replace(found, approvals={"2026-2": late}), 2026) == ((TWO,),)


@pytest.mark.parametrize(
    ("made", "holds"), [("2026-12-31", 0), ("2027-01-01", 1), ("2027-01-02", 1)]
)
def test_the_first_day_after_the_year_is_early_enough(made: str, holds: int) -> None:
    found = archive(y2026=(with_fields(ONE, date=D.fromisoformat(made)),))
    assert len(copies_holding(replace(found, approvals={}), 2026)) == holds


def test_a_copy_in_a_later_journal_holds_the_year_too() -> None:
    assert len(copies_holding(archive(y2026=(ONE,), y2027=(TWO,)), 2026)) == 2
    assert copies_holding(archive(y2025=(ONE, TWO)), 2026) == ()
    assert copies_holding(archive(y2026=(ONE,), other=(TWO,)), 2026) == ((ONE,),)


def test_a_copy_belongs_to_the_year_that_ended_until_it_has_two() -> None:
    day = D(2027, 1, 20)
    assert school_year(archive(), day) == 2027
    assert journal_year(archive(), day) == 2026
    assert journal_year(archive(y2026=(ONE, ONE)), day) == 2026
    assert journal_year(archive(y2026=(ONE, TWO)), day) == 2027
    # both hold 2025, neither 2026
    early = tuple(with_fields(copy, date=D(2026, 12, 31)) for copy in (ONE, TWO))
    assert journal_year(archive(y2026=early), day) == 2026


@pytest.mark.parametrize(
    ("taught", "journal"),
    [([], 2027), ([2025], 2027), ([2026], 2026), ([2026, 2027], 2026), ([2027], 2027)],
)
def test_a_year_in_which_nobody_was_taught_has_no_journal(taught: list[int], journal: int) -> None:
    periods = {f"{year}-1": period(f"{year}-1", "2026-01-12", "2026-06-14", year)
               for year in taught}  # fmt: skip
    assert journal_year(replace(archive(), periods=periods), D(2027, 1, 20)) == journal


def test_a_school_that_declares_no_year_has_the_calendars() -> None:
    undeclared = replace(archive(), organization=None)
    assert end_of(undeclared, 2026) == D(2026, 12, 31)
    assert school_year(undeclared, D(2026, 12, 31)) == 2026
    assert school_year(undeclared, D(2027, 1, 1)) == 2027


def test_a_year_that_starts_in_autumn_ends_in_summer() -> None:
    found = archive()
    assert found.organization
    year = with_fields(found.organization.school_year, starts="09-01")
    autumn = replace(found, organization=with_fields(found.organization, school_year=year))
    assert school_year(autumn, D(2027, 8, 31)) == 2026
    assert end_of(autumn, 2026) == D(2027, 8, 31)
    leap = with_fields(found.organization.school_year, starts="02-29")
    odd = replace(found, organization=with_fields(found.organization, school_year=leap))
    assert [end_of(odd, 2026), end_of(odd, 2027)] == [D(2027, 2, 28), D(2028, 2, 28)]
