"""What closing a period asks for (R-2.2.6): pairs without a mark, none of them a debt."""

from __future__ import annotations

import pytest

from papka.model.derived.due_parts import unmarked
from papka.model.results import Result
from papka.model.school import NOT_ATTESTED
from papka.model.student import Student
from papka.model.study import Credit, CreditItem, Ended
from tests.support.derived import PERIOD, SCHOOL, day, enrolment, result, student


def owed(who: Student) -> list[str]:
    return [due.part.part for due in unmarked(SCHOOL, who, PERIOD)]


def test_parts_with_a_scale_owe_a_mark_and_others_do_not() -> None:
    assert owed(student()) == ["техника", "ансамбль"]


@pytest.mark.parametrize(
    "given",
    [
        result("r1", "2026-05-28", 2),
        result("r1", "2026-05-28", NOT_ATTESTED),
        result("r1", "2026-05-28", 5, control="итоговый"),
    ],
)
def test_any_mark_of_the_period_settles_its_part(given: Result) -> None:
    assert owed(student(given)) == ["ансамбль"]


@pytest.mark.parametrize(
    "given",
    [
        result("r1", "2026-05-28", 5, control="текущий"),
        result("r1", "2026-05-28", text="Старается"),
        result("r1", "2026-05-28", 5, enrolment="e2"),
    ],
)
def test_other_results_settle_nothing(given: Result) -> None:
    assert owed(student(given)) == ["техника", "ансамбль"]


def test_an_individual_trajectory_owes_its_own_parts() -> None:
    assert owed(student(enrolments=(enrolment(individual_parts=("ансамбль",)),))) == ["ансамбль"]


def test_who_left_before_or_came_after_owes_nothing() -> None:
    left = Ended(date=day("2026-01-11"), reason="отчисление")
    assert owed(student(enrolments=(enrolment(start="2025-09-01", ended=left),))) == []
    assert owed(student(enrolments=(enrolment(start="2026-09-01"),))) == []


def test_credited_in_full_or_passed_for_good_before_owes_nothing() -> None:
    item = CreditItem(
        their_subject="Хор",
        their_result="5",
        decision="зачесть",
        reason="Совпадает",
        part="ансамбль",
    )
    credit = Credit(
        id="k1",
        enrolment="e1",
        applied=day("2026-01-16"),
        organisation="Школа",
        document="d1",
        items=(item,),
    )
    final = result("r1", "2025-12-20", 4, control="итоговый")
    who = student(credits=(credit,), periods={"2025-2": (final,)})
    assert owed(who) == []
