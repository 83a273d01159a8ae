"""Level of mastery of each part (R-2.2.3): one scale, one level, never an average."""

from __future__ import annotations

from papka.model.derived.mastery import mastery
from papka.model.student import Student
from papka.model.study import Credit, CreditItem
from tests.support.derived import SCHOOL, day, enrolment, result, student


def levels(who: Student) -> dict[str, tuple[object, object, bool]]:
    found = mastery(SCHOOL, who, who.enrolments[0])
    return {level.part.part: (level.mark, level.passed, level.final) for level in found}


def test_a_part_without_a_mark_has_no_level_and_has_not_failed() -> None:
    assert levels(student()) == {
        "техника": (None, None, False),
        "ансамбль": (None, None, False),
        "беседы": (None, None, False),
    }


def test_the_final_mark_outweighs_a_later_one_of_the_period() -> None:
    who = student(
        result("r1", "2026-05-20", 3, control="итоговый"),
        result("r2", "2026-05-28", 5),
        result("r3", "2026-06-01", 2, control="текущий"),
    )
    assert levels(who)["техника"] == (3, True, True)


def test_of_equals_the_last_attempt_holds() -> None:
    who = student(result("r1", "2026-05-28", 2), result("r2", "2026-09-14", 4, resits="r1"))
    assert levels(who)["техника"] == (4, True, False)


def test_a_mark_off_the_scale_is_judged_by_nobody() -> None:
    assert levels(student(result("r1", "2026-05-28", 7)))["техника"] == (7, None, False)


def test_a_credit_says_so() -> None:
    item = CreditItem(
        their_subject="Хор", their_result="5", decision="зачесть", reason="Так", part="ансамбль"
    )
    credit = Credit(
        enrolment="e1",
        applied=day("2026-01-16"),
        organisation="Школа",
        document="d1",
        items=(item,),
    )
    who = student(credits=(credit,))
    found = {level.part.part: level for level in mastery(SCHOOL, who, who.enrolments[0])}
    assert (found["ансамбль"].credited, found["ансамбль"].passed) == (True, True)
    assert not found["техника"].credited


def test_an_individual_trajectory_has_its_own_parts() -> None:
    who = student(enrolments=(enrolment(individual_parts=("ансамбль",)),))
    assert list(levels(who)) == ["ансамбль"]
