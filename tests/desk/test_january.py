"""Day by day through January: copies and the seal of a school year that ended (R-6.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from papka.desk.deadline import Deadline
from papka.desk.deadlines import SealSeen, deadlines
from papka.records.archive import Archive
from tests.support.archives import good, loaded

ORGANIZATION = "records/organization.yaml"
SEALED = SealSeen("2026", dt.date(2027, 1, 4), frozenset({"2026-1", "2026-2"}))
SHA = "0" * 64


def line(medium: str, date: str, verified: str = "", restored: str = "", device: str = "") -> str:
    """One line of the journal, as `papka backup` and a drill leave it."""
    given = {"date": date, "medium": medium, "kind": "диск", "size": "1", "sha256": f'"{SHA}"'}
    more = {"verified": verified, "restored": restored, "device": device}
    words = given | {"made_by": "s002"} | {key: word for key, word in more.items() if word}
    return "  - " + "\n    ".join(f"{key}: {word}" for key, word in words.items()) + "\n"


def proved(medium: str, date: str, device: str = "") -> str:
    return line(medium, date, date, date, device)


def school(
    *lines: str,
    journal: str = "2026",
    closed: str = "2026-12-28",
    starts: str = "01-01",
    backup_by: str = "01-25",
) -> Archive:
    """The good archive, both periods of 2026 closed, with these lines in one journal."""
    files = good()
    organization = files[ORGANIZATION].decode()
    organization = organization.replace('starts: "01-01"', f'starts: "{starts}"')
    organization = organization.replace('backup_by: "01-25"', f'backup_by: "{backup_by}"')
    files[ORGANIZATION] = organization.encode()
    act = f"period: 2026-2\nclosed: {closed}\nsigned_by: s001\n"
    files["records/approvals/2026-2.yaml"] = act.encode()
    if lines:
        files[f"records/media/{journal}.yaml"] = ("copies:\n" + "".join(lines)).encode()
    read = loaded(files)
    assert read.unreadable == frozenset(), read.findings
    return read


def asked(archive: Archive, on: dt.date, seal: SealSeen | None = SEALED) -> list[Deadline]:
    return [each for each in deadlines(archive, on, seal=seal) if each.about == "копии за год"]


def codes(archive: Archive, on: dt.date, seal: SealSeen | None = SEALED) -> list[str]:
    return [each.code.name for each in deadlines(archive, on, seal=seal) if each.code]


def days(first: str, last: str) -> Iterator[dt.date]:
    day = dt.date.fromisoformat(first)
    while day <= dt.date.fromisoformat(last):
        yield day
        day += dt.timedelta(days=1)


def test_without_copies_january_warns_until_the_25th_and_then_is_an_error() -> None:
    archive = school()
    for day in days("2026-12-20", "2026-12-31"):
        assert asked(archive, day) == [], day
    for day in days("2027-01-01", "2027-01-25"):
        assert codes(archive, day) == ["COPIES_DUE"], day
    for day in days("2027-01-26", "2027-12-31"):
        assert "COPIES_OVERDUE" in codes(archive, day), day


def test_each_step_of_two_copies_counts_from_its_own_day() -> None:
    archive = school(
        line("Н-1", "2027-01-11", "2027-01-11", "2027-01-13"),
        line("Н-2", "2027-01-15", "2027-01-18", "2027-01-22"),
    )
    said = {
        "2027-01-10": "0 из 2, срок 25.01.2027",
        "2027-01-11": "0 из 2, срок 25.01.2027; Н-1: не восстановлена на пробу",
        "2027-01-13": "1 из 2, срок 25.01.2027",
        "2027-01-15": "1 из 2, срок 25.01.2027; Н-2: не перечитана",
        "2027-01-18": "1 из 2, срок 25.01.2027; Н-2: не восстановлена на пробу",
    }
    expected = ""
    for day in days("2027-01-10", "2027-01-21"):
        expected = said.get(f"{day}", expected)
        [one] = asked(archive, day)
        assert one.text == f"хороших носителей {expected}", day
    for day in days("2027-01-22", "2027-12-31"):
        assert asked(archive, day) == [], day


def test_one_medium_is_not_two_however_many_copies_it_holds() -> None:
    same_label = school(proved("Н-1", "2027-01-11"), proved("Н-1", "2027-01-12"))
    same_disk = school(proved("Н-1", "2027-01-11", "uuid-1"), proved("Н-2", "2027-01-12", "uuid-1"))
    two = school(proved("Н-1", "2027-01-11", "uuid-1"), proved("Н-2", "2027-01-12", "uuid-2"))
    for day in days("2027-01-26", "2027-01-31"):
        assert codes(same_label, day) == ["COPIES_OVERDUE"]
        assert codes(same_disk, day) == ["COPIES_OVERDUE"]
        assert codes(two, day) == []


def test_a_medium_is_as_good_as_its_best_copy() -> None:
    archive = school(
        proved("Н-1", "2027-01-11"), proved("Н-2", "2027-01-12"), line("Н-2", "2027-03-01")
    )
    for day in days("2027-01-12", "2027-04-01"):
        assert asked(archive, day) == [], day


def test_a_copy_made_before_the_year_ended_holds_less_than_the_year() -> None:
    archive = school(proved("Н-1", "2026-12-31"), proved("Н-2", "2027-01-01"))
    [one] = asked(archive, dt.date(2027, 1, 26))
    assert one.text.startswith("хороших носителей 1 из 2, срок был 25.01.2027")


def test_a_period_closed_after_the_copies_asks_for_new_ones() -> None:
    lines = [proved("Н-1", "2027-01-11"), proved("Н-2", "2027-01-12")]
    archive = school(*lines, closed="2027-01-12")
    [one] = asked(archive, dt.date(2027, 1, 12))
    assert "Н-1: сделана раньше, чем закрыли период" in one.text
    assert one.text.startswith("хороших носителей 1 из 2")
    again = school(*lines, proved("Н-1", "2027-01-13"), closed="2027-01-12")
    assert asked(again, dt.date(2027, 1, 13)) == []


@pytest.mark.parametrize("journal", ["2026", "2027"])
def test_a_later_copy_holds_the_year_in_whichever_journal_it_stands(journal: str) -> None:
    lines = [proved("Н-1", "2027-02-11"), proved("Н-2", "2027-02-12")]
    archive = school(*lines, journal=journal)
    assert codes(archive, dt.date(2027, 2, 11)) == ["COPIES_OVERDUE"]
    assert codes(archive, dt.date(2027, 2, 12)) == []


def test_last_years_debt_stays_an_error_while_the_new_one_only_warns() -> None:
    archive = school(proved("Н-1", "2027-02-11"))
    after = SealSeen("2027", dt.date(2028, 1, 1), SEALED.closed)
    for day in days("2028-01-01", "2028-01-25"):
        found = [(each.address, each.code.name) for each in asked(archive, day) if each.code]
        assert found == [("2026", "COPIES_OVERDUE"), ("2027", "COPIES_DUE")], day
    assert codes(archive, dt.date(2028, 1, 26), after) == ["COPIES_OVERDUE"]


def test_nothing_is_asked_of_years_before_the_first_study_period() -> None:
    archive = school()
    for day in days("2026-01-01", "2026-12-31"):
        assert asked(archive, day) == [], day


def test_a_school_year_may_start_in_september() -> None:
    archive = school(starts="09-01")
    for day in days("2027-08-25", "2027-08-31"):
        assert asked(archive, day) == [], day
    found = {day: asked(archive, day)[0] for day in days("2027-09-01", "2028-01-31")}
    assert {each.address for each in found.values()} == {"2026"}
    assert {day for day, each in found.items() if each.overdue} == set(
        days("2028-01-26", "2028-01-31")
    )


def test_a_declared_day_that_this_february_lacks_is_the_next_one() -> None:
    archive = school(backup_by="02-29")
    assert not asked(archive, dt.date(2027, 3, 1))[0].overdue
    assert asked(archive, dt.date(2027, 3, 2))[0].overdue


def test_the_seal_of_a_year_warns_in_january_and_then_is_overdue() -> None:
    archive = school(proved("Н-1", "2027-01-01"), proved("Н-2", "2027-01-01"))
    closing = SealSeen("2026-2", dt.date(2026, 12, 28), SEALED.closed)
    of_the_year = SealSeen("2026", dt.date(2026, 12, 30), SEALED.closed)
    for day in days("2026-12-28", "2026-12-31"):
        assert codes(archive, day, closing) == [], day
    for day in days("2027-01-01", "2027-01-25"):
        assert codes(archive, day, closing) == ["SEAL_DUE"], day
        assert codes(archive, day, of_the_year) == [], day
    for day in days("2027-01-26", "2027-01-31"):
        assert codes(archive, day, closing) == ["SEAL_OVERDUE"], day
        assert codes(archive, day, SEALED) == [], day


def test_a_period_closed_without_its_seal_is_overdue_from_that_day() -> None:
    archive = school()
    only_first = SealSeen("2026-1", dt.date(2026, 6, 15), frozenset({"2026-1"}))
    assert codes(archive, dt.date(2026, 12, 27), only_first) == []
    [one] = deadlines(archive, dt.date(2026, 12, 28), seal=only_first)
    assert (one.address, one.overdue) == ("2026-2", True)
    without = deadlines(archive, dt.date(2026, 12, 28))
    assert [each.address for each in without] == ["2026-1", "2026-2"]
