"""What closing a period asks for (R-2.2.6): pairs without a mark, none of them a debt."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace as changed

from papka.records.derived.result_facts import due_parts, unmarked
from papka.records.school import NOT_ATTESTED
from papka.records.student import Credit, CreditItem, Ended, Result, Student
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


@pytest.mark.parametrize(
    ("start", "ended", "owes"),
    [
        ("2025-09-01", None, True),
        ("2026-06-14", None, True),
        ("2026-06-15", None, False),
        ("2025-09-01", "2026-01-11", False),
        ("2025-09-01", "2026-01-12", True),
        ("2025-09-01", "2026-06-14", True),
        ("2026-02-01", "2026-03-01", True),
    ],
)
def test_who_studied_on_a_day_of_the_period_owes_its_marks(
    start: str, ended: str | None, *, owes: bool
) -> None:
    end = Ended(date=day(ended), reason="отчисление") if ended else None
    found = owed(student(enrolments=(enrolment(start=start, ended=end),)))
    assert found == (["техника", "ансамбль"] if owes else [])


def test_who_left_before_or_came_after_owes_nothing() -> None:
    left = Ended(date=day("2026-01-11"), reason="отчисление")
    assert owed(student(enrolments=(enrolment(start="2025-09-01", ended=left),))) == []
    assert owed(student(enrolments=(enrolment(start="2026-09-01"),))) == []


def credit(part: str | None = "ансамбль", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    item = CreditItem(
        their_subject="Хор", their_result="5", decision=more.get("decision", "зачесть"),
        reason="Совпадает", part=part,
    )  # fmt: skip
    one = Credit(
        id="k1", enrolment=more.get("enrolment", "e1"), applied=day("2026-01-16"),
        organisation="Школа", document="d1", items=(item,),
    )  # fmt: skip
    return {"credits": (one,)}


def earlier(*results: Result, name: str = "2025-2") -> dict[str, Any]:
    return {"periods": {name: results}}


FINAL = result("r1", "2025-12-20", 3, control="итоговый")
WORD = result("r2", "2025-12-20", "зачтено", part="ансамбль", control="итоговый")
ALL, TECHNIQUE, ENSEMBLE = ["техника", "ансамбль"], ["техника"], ["ансамбль"]
SETTLED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "credited in full": (credit(), TECHNIQUE),
    "credited in part": (credit(decision="зачесть частично"), ALL),
    "not credited": (credit(decision="отказать"), ALL),
    "credited to another enrolment": (credit(enrolment="e2"), ALL),
    "credited to no part of ours": (credit(None), ALL),
    "passed for good before": (earlier(FINAL), ENSEMBLE),
    "passed for good before, a word": (earlier(WORD), TECHNIQUE),
    "both passed for good before": (earlier(FINAL, WORD), []),
    "failed for good before": (earlier(changed(FINAL, mark=2)), ALL),
    "not attested for good before": (earlier(changed(FINAL, mark=NOT_ATTESTED)), ALL),
    "passed before, not for good": (earlier(changed(FINAL, control="за период")), ALL),
    "final words without a mark": (earlier(changed(FINAL, mark=None, text="Так")), ALL),
    "a final mark where there is no scale": (earlier(changed(FINAL, part="беседы")), ALL),
    "a final mark of no part": (earlier(changed(FINAL, part=None)), ALL),
    "passed for good in another enrolment": (earlier(changed(FINAL, enrolment="e2")), ALL),
    "passed for good, then corrected": (
        earlier(FINAL, result("r3", "2025-12-20", 2, control="итоговый", replaces="r1")), ALL
    ),
    "failed, then passed for good": (
        earlier(changed(FINAL, id="r0", mark=2), changed(FINAL, resits="r0")), ENSEMBLE
    ),
    "passed for good afterwards": (earlier(FINAL, name="2026-2"), ALL),
    "passed for good two periods before": (earlier(FINAL, name="2024-1"), ENSEMBLE),
}  # fmt: skip


@pytest.mark.parametrize("case", SETTLED)
def test_what_was_settled_before_owes_nothing(case: str) -> None:
    given, owes = SETTLED[case]
    assert owed(student(**given)) == owes


def test_a_part_passed_in_the_period_itself_is_due_and_marked() -> None:
    who = student(FINAL)
    assert [due.part.part for due in due_parts(SCHOOL, who, PERIOD)] == ALL
    assert owed(who) == ENSEMBLE


def test_nothing_is_due_in_an_edition_nobody_knows() -> None:
    two = (changed(enrolment("e2"), edition=9), enrolment("e1"))
    assert owed(student(enrolments=two)) == ALL


def test_both_enrolments_owe_their_marks() -> None:
    two = (enrolment("e1"), enrolment("e2"))
    who = student(result("r1", "2026-05-28", 3, enrolment="e2"), enrolments=two)
    found = [(due.enrolment.id, due.part.part) for due in unmarked(SCHOOL, who, PERIOD)]
    assert found == [("e1", "техника"), ("e1", "ансамбль"), ("e2", "ансамбль")]


def test_credited_in_full_or_passed_for_good_before_owes_nothing() -> None:
    assert owed(student(**credit(), **earlier(FINAL))) == []
