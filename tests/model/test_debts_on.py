"""Debts on a date (R-2.2.6): open, overdue, passed; no mark is no debt."""

from __future__ import annotations

import pytest

from papka.model.derived.debts_on import debts_on
from papka.model.school import NOT_ATTESTED
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
