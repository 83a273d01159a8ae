"""Debts on a date (R-2.2.6): open, overdue, passed; no mark is no debt."""

from __future__ import annotations

from typing import get_args

import pytest

from papka.records.derived import result_facts
from papka.records.derived.result_facts import debts_on, outstanding
from papka.records.school import NOT_ATTESTED
from tests.support.derived import SCHOOL, day, result, student

FAILED = result("r1", "2026-05-28", 2, resit_by=day("2026-09-30"))


def states(on: str, *results: object) -> list[tuple[str, str, str]]:
    found = debts_on(SCHOOL, student(*results), day(on))  # type: ignore[arg-type] # results only
    return [(str(debt.first.id), str(debt.last.id), debt.state) for debt in found]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-05-27", []),
        ("2026-05-28", [("r1", "r1", "открыта")]),
        ("2026-09-30", [("r1", "r1", "открыта")]),
        ("2026-10-01", [("r1", "r1", "просрочена")]),
    ],
)
def test_a_debt_begins_with_the_failure_and_is_overdue_after_its_day(
    on: str, expected: list[tuple[str, str, str]]
) -> None:
    assert states(on, FAILED) == expected


def test_a_passed_resit_ends_the_debt_on_its_day_and_not_before() -> None:
    passed = result("r2", "2026-09-14", 3, resits="r1")
    assert states("2026-09-13", FAILED, passed) == [("r1", "r1", "открыта")]
    assert states("2026-09-14", FAILED, passed) == [("r1", "r2", "погашена")]


def test_the_life_of_a_debt_has_every_state_there_is() -> None:
    passed = result("r2", "2026-10-15", 3, resits="r1")
    life = ["2026-05-27", "2026-05-28", "2026-09-30", "2026-10-01", "2026-10-14", "2026-10-15"]
    found = [state for on in life for _, _, state in states(on, FAILED, passed)]
    assert found == ["открыта", "открыта", "просрочена", "просрочена", "погашена"]
    assert set(found) == set(get_args(result_facts.DebtState))


@pytest.mark.parametrize(("on", "owes"), [("2026-09-13", ["r1"]), ("2026-09-14", [])])
def test_a_debt_is_outstanding_until_it_is_passed(on: str, owes: list[str]) -> None:
    who = student(FAILED, result("r2", "2026-09-14", 3, resits="r1"))
    assert [debt.first.id for debt in outstanding(SCHOOL, who, day(on))] == owes


def test_a_failed_resit_of_a_passed_result_is_a_debt_of_its_own() -> None:
    """Whoever re-sits to be better and fails owes what the last attempt says."""
    passed = result("r1", "2026-05-28", 3)
    again = result("r2", "2026-09-14", 2, resits="r1", resit_by=day("2026-11-01"))
    assert states("2026-10-15", passed, again) == [("r2", "r2", "открыта")]


def test_debts_of_two_periods_stand_in_their_order() -> None:
    who = student(periods={"2026-2": (result("r2", "2026-06-20", 2),), "2026-1": (FAILED,)})
    found = debts_on(SCHOOL, who, day("2026-07-01"))
    assert [(debt.period, debt.first.id) for debt in found] == [("2026-1", "r1"), ("2026-2", "r2")]


def test_a_failed_resit_is_the_same_debt_with_its_own_day() -> None:
    again = result("r2", "2026-09-14", 2, resits="r1", resit_by=day("2026-11-01"))
    assert states("2026-10-15", FAILED, again) == [("r1", "r2", "открыта")]
    assert states("2026-11-02", FAILED, again) == [("r1", "r2", "просрочена")]


def test_a_correction_of_the_failure_takes_the_debt_back() -> None:
    corrected = result("r2", "2026-05-28", 4, replaces="r1", reason="Описка")
    assert states("2026-06-01", FAILED, corrected) == []


def test_not_attested_is_a_debt_on_every_scale() -> None:
    both = (
        result("r1", "2026-05-28", NOT_ATTESTED),
        result("r2", "2026-05-28", NOT_ATTESTED, part="ансамбль"),
    )
    assert [debt[0] for debt in states("2026-06-01", *both)] == ["r1", "r2"]


def test_no_mark_and_an_ongoing_mark_without_a_resit_day_are_no_debt() -> None:
    words = result("r1", "2026-05-28", text="Старается")
    ongoing = result("r2", "2026-05-28", 2, control="текущий")
    assert states("2026-06-01", words, ongoing) == []


def test_a_circle_of_resits_begins_nowhere_and_ends() -> None:
    ring = (result("r1", "2026-05-28", 2, resits="r2"), result("r2", "2026-05-28", 2, resits="r1"))
    assert states("2026-06-01", *ring) == []


def test_a_chain_of_resits_that_leads_into_a_circle_ends() -> None:
    """Two results of one id, as only a broken file has them: the chain comes back to itself."""
    into = (FAILED, result("r2", "2026-06-01", 2, resits="r1"))
    ring = (*into, result("r1", "2026-06-02", 2, resits="r2"))
    assert states("2026-06-03", *ring) == [("r1", "r1", "открыта")]
