"""Which years still lack two media, and what each medium lacks (R-6.3).

The school year is the calendar year and is copied by 25 January; 2026 is the first year taught.
Its only period was closed on 10 January 2027.
"""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from papka.records.acts import Approval, Media, MediumCopy
from papka.records.archive import Archive
from papka.records.derived import in_force
from papka.records.derived.in_force import YearOfCopies, backup_by, copies_due, first_day
from tests.support.derived import SCHOOL, day, organization, period

PERIODS = (
    period("2025-2", "2025-09-01", "2025-12-27", 2025),
    period("2026-1", "2026-01-12", "2026-06-14", 2026),
    period("2026-2", "2026-09-01", "2026-12-27", 2026),
)


def act(name: str, closed: str) -> Approval:
    return Approval(period=name, closed=day(closed), signed_by="s001")


def copy(
    made: str, medium: str = "Н-1", *, read: str | None = None, tried: str | None = None,
    disk: str | None = None,
) -> MediumCopy:  # fmt: skip
    """Made, read back and restored on these days."""
    return MediumCopy(
        date=day(made), medium=medium, kind="диск", size=1, sha256="0" * 64, made_by="s003",
        verified=day(read) if read else None, restored=day(tried) if tried else None, device=disk,
    )  # fmt: skip


def good(made: str, medium: str = "Н-1", disk: str | None = None) -> MediumCopy:
    return copy(made, medium, read=made, tried=made, disk=disk)


def school(*copies: MediumCopy, acts: dict[str, str] | None = None) -> Archive:
    closed = acts or {"2026-1": "2027-01-10"}
    return replace(
        SCHOOL,
        media={"2026": Media(copies=copies)},
        approvals={name: act(name, on) for name, on in closed.items()},
    )


def standing(archive: Archive, on: str = "2027-01-20") -> tuple[int, dict[str, str]]:
    """How many media hold 2026, and what each of the others lacks."""
    (found,) = copies_due(archive, day(on))
    assert found.year == 2026
    return found.good, dict(found.lacking)


@pytest.mark.parametrize(
    ("on", "years"),
    [
        ("2026-06-01", []),
        ("2026-12-31", []),
        ("2027-01-01", [2026]),
        ("2027-01-25", [2026]),
        ("2027-01-26", [2026]),
        ("2027-12-31", [2026]),
        ("2028-01-01", [2026, 2027]),
        ("2028-01-25", [2026, 2027]),
        ("2028-01-26", [2027]),
    ],
)
def test_a_year_is_asked_about_from_its_end_until_the_next_one_is_late(
    on: str, years: list[int]
) -> None:
    found = list(copies_due(SCHOOL, day(on)))
    assert [each.year for each in found] == years
    assert found == [YearOfCopies(year, day(f"{year + 1}-01-25"), 0, ()) for year in years]


MEDIA = {
    "none": ([], 0, {}),
    "made on the last day of the year": ([good("2026-12-31")], 0, {}),
    "made on the first day after it": ([good("2027-01-01")], 0, {"Н-1": "до закрытия"}),
    "made on the eve of the closing": ([good("2027-01-09")], 0, {"Н-1": "до закрытия"}),
    "made on the day of the closing": ([good("2027-01-10")], 1, {}),
    "not read": ([copy("2027-01-10", tried="2027-01-10")], 0, {"Н-1": "не перечитана"}),
    "read later than today": (
        [copy("2027-01-10", read="2027-01-21", tried="2027-01-10")], 0, {"Н-1": "не перечитана"}
    ),
    "read today": ([copy("2027-01-10", read="2027-01-20", tried="2027-01-10")], 1, {}),
    "not restored": ([copy("2027-01-10", read="2027-01-10")], 0, {"Н-1": "не восстановлена"}),
    "restored later than today": (
        [copy("2027-01-10", read="2027-01-10", tried="2027-01-21")], 0, {"Н-1": "не восстановлена"}
    ),
    "restored today": ([copy("2027-01-10", read="2027-01-10", tried="2027-01-20")], 1, {}),
    "neither read nor restored": ([copy("2027-01-10")], 0, {"Н-1": "не перечитана"}),
    "made today": ([good("2027-01-20")], 1, {}),
    "made tomorrow": ([good("2027-01-21")], 0, {}),
    "two copies on one medium": ([good("2027-01-12"), good("2027-01-13")], 1, {}),
    "good, then one not read": ([good("2027-01-12"), copy("2027-01-13")], 1, {}),
    "early, then one not read": (
        [good("2026-12-31"), copy("2027-01-13")], 0, {"Н-1": "не перечитана"}
    ),
    "not restored, then one not read": (
        [copy("2027-01-12", read="2027-01-12"), copy("2027-01-13")], 0, {"Н-1": "не восстановлена"}
    ),
    "one disk under two labels, named by the newest": (
        [copy("2027-01-13", "Н-2", disk="uuid:1"), copy("2027-01-12", "Н-1", disk="uuid:1")],
        0, {"Н-2": "не перечитана"},
    ),
    "one good of two": (
        [good("2027-01-12"), copy("2027-01-12", "Н-2")], 1, {"Н-2": "не перечитана"}
    ),
    "two that lack something": (
        [copy("2027-01-12", "Н-1"), good("2027-01-02", "Н-2")],
        0, {"Н-1": "не перечитана", "Н-2": "до закрытия"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MEDIA)
def test_a_medium_is_as_good_as_its_best_copy(case: str) -> None:
    copies, held, lacking = MEDIA[case]
    assert standing(school(*copies)) == (held, lacking)


def test_every_fault_is_told_but_of_a_copy_of_an_earlier_year() -> None:
    told = {fault for _, _, lacking in MEDIA.values() for fault in lacking.values()}
    assert {*told, "рано"} == set(get_args(in_force.Fault))


@pytest.mark.parametrize("media", [2, 3])
def test_a_year_on_two_media_is_due_no_more(media: int) -> None:
    copies = [good("2027-01-12", f"Н-{number}") for number in range(media)]
    assert list(copies_due(school(*copies), day("2027-01-20"))) == []


@pytest.mark.parametrize(
    ("acts", "lacking"),
    [
        ({"2026-1": "2026-06-15", "2026-2": "2027-01-12"}, {}),
        ({"2026-1": "2026-06-15", "2026-2": "2027-01-13"}, {"Н-1": "до закрытия"}),
        ({"2026-1": "2027-01-13", "2026-2": "2027-01-11"}, {"Н-1": "до закрытия"}),
        ({"2026-2": "2027-01-20"}, {"Н-1": "до закрытия"}),
        ({"2026-2": "2027-01-21"}, {}),  # nobody knows of tomorrow's act
        ({"2025-2": "2027-01-15"}, {}),  # an act of another year
    ],
)
def test_a_copy_is_made_after_the_last_act_known_of_the_year(
    acts: dict[str, str], lacking: dict[str, str]
) -> None:
    found = replace(
        school(good("2027-01-12"), acts=acts), periods={each.period: each for each in PERIODS}
    )
    told = {each.year: dict(each.lacking) for each in copies_due(found, day("2027-01-20"))}
    assert told[2026] == lacking


@pytest.mark.parametrize(
    ("starts", "by", "year", "next_year", "last_day"),
    [
        (None, None, 2026, "2027-01-01", "2027-01-25"),  # a school that declares nothing
        ("01-01", "01-25", 2026, "2027-01-01", "2027-01-25"),
        ("09-01", "10-01", 2026, "2027-09-01", "2027-10-01"),
        ("09-01", "09-01", 2026, "2027-09-01", "2027-09-01"),
        ("09-01", "08-31", 2026, "2027-09-01", "2028-08-31"),
        ("09-01", "01-25", 2026, "2027-09-01", "2028-01-25"),
        ("02-29", "02-29", 2026, "2027-03-01", "2027-03-01"),
        ("02-29", "02-29", 2027, "2028-02-29", "2028-02-29"),
        ("09-01", "02-29", 2026, "2027-09-01", "2028-02-29"),
        ("09-01", "02-29", 2027, "2028-09-01", "2029-03-01"),
    ],
)
def test_copies_are_due_by_the_first_such_day_after_the_year(
    starts: str | None, by: str | None, year: int, next_year: str, last_day: str
) -> None:
    found = replace(SCHOOL, organization=organization(starts, by) if starts and by else None)
    assert (first_day(found, year + 1), backup_by(found, year)) == (day(next_year), day(last_day))


@pytest.mark.parametrize(("on", "years"), [("2027-08-31", [2025]), ("2027-09-01", [2025, 2026])])
def test_a_year_from_autumn_to_summer_ends_in_summer(on: str, years: list[int]) -> None:
    periods = {each.period: each for each in PERIODS}
    found = replace(SCHOOL, organization=organization("09-01"), periods=periods)
    assert [each.year for each in copies_due(found, day(on))] == years
