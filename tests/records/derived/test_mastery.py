"""Level of mastery of each part (R-2.2.3): one scale, one level, never an average."""

from __future__ import annotations

import pytest
from msgspec.structs import replace as changed

from papka.records.derived.result_facts import Mastery, mastery
from papka.records.student import Credit, CreditItem, Result, Student
from tests.support.derived import EDITION, FIVE, SCHOOL, WORDS, day, enrolment, result, student


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


FINAL, PERIOD, NONE, ONGOING = "итоговый", "за период", None, "текущий"


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (("2026-05-01", FINAL), ("2026-05-28", PERIOD)),
        (("2026-05-01", FINAL), ("2026-05-28", NONE)),
        (("2026-05-01", PERIOD), ("2026-05-28", NONE)),
        (("2026-05-01", NONE), ("2026-05-28", ONGOING)),
        (("2026-05-28", FINAL), ("2026-05-01", FINAL)),
        (("2026-05-28", ONGOING), ("2026-05-01", ONGOING)),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_the_weightier_mark_holds_then_the_later(
    stronger: tuple[str, str | None], weaker: tuple[str, str | None], *, first: bool
) -> None:
    marks = [
        result("r1", stronger[0], 5, control=stronger[1]),
        result("r2", weaker[0], 3, control=weaker[1]),
    ]
    assert levels(student(*(marks if first else marks[::-1])))["техника"][0] == 5


def test_of_two_marks_of_one_day_the_one_written_last_holds() -> None:
    """As in dynamics, where it is the newest point of the line."""
    two = (result("r2", "2026-05-28", 5), result("r1", "2026-05-28", 3))
    assert levels(student(*two))["техника"][0] == 3
    periods = {"2026-2": (two[0],), "2026-1": (two[1],)}
    assert levels(student(periods=periods))["техника"][0] == 5


@pytest.mark.parametrize(
    "other",
    [
        result("r1", "2026-05-28", 5, enrolment="e2"),
        result("r1", "2026-05-28", 5, part="беседы"),
        result("r1", "2026-05-28", text="Старается"),
    ],
)
def test_what_is_of_another_part_or_has_no_mark_gives_no_level(other: Result) -> None:
    (level, *_) = mastery(SCHOOL, student(other), enrolment())
    assert level == Mastery(
        EDITION.parts[0], FIVE,
        mark=None, passed=None, final=False, credited=False, period=None, result=None,
    )  # fmt: skip


def test_a_level_says_where_it_is_from() -> None:
    given = result("r1", "2026-05-28", "зачтено", part="ансамбль", control=FINAL)
    found = list(mastery(SCHOOL, student(given), enrolment()))
    assert found[1] == Mastery(
        EDITION.parts[1], WORDS, "зачтено",
        passed=True, final=True, credited=False, period="2026-1", result=given,
    )  # fmt: skip


def test_a_mark_where_there_is_no_scale_is_judged_by_nobody() -> None:
    assert levels(student(result("r1", "2026-05-28", 5, part="беседы")))["беседы"] == (
        5, None, False
    )  # fmt: skip


def test_nothing_is_known_of_an_edition_that_is_not_there() -> None:
    assert list(mastery(SCHOOL, student(), changed(enrolment(), edition=9))) == []


def test_a_mark_off_the_scale_is_judged_by_nobody() -> None:
    assert levels(student(result("r1", "2026-05-28", 7)))["техника"] == (7, None, False)


def credited(*items: CreditItem, to: str = "e1") -> Credit:
    return Credit(
        enrolment=to, applied=day("2026-01-16"), organisation="Школа", document="d1", items=items
    )


def item(part: str | None, decision: str = "зачесть", mark: str | None = None) -> CreditItem:
    return CreditItem(
        their_subject="Хор", their_result="5", decision=decision, reason="Так", part=part, mark=mark  # type: ignore[arg-type] # a word of the schema
    )  # fmt: skip


CREDIT = (None, True, True, True)
CREDITS: dict[str, tuple[tuple[Credit, ...], tuple[object, ...]]] = {
    "in full": ((credited(item("ансамбль")),), CREDIT),
    "in full, with a mark": (
        (credited(item("ансамбль", mark="зачтено")),), ("зачтено", True, True, True)
    ),
    "in part": ((credited(item("ансамбль", "зачесть частично")),), (None, None, False, False)),
    "not at all": ((credited(item("ансамбль", "отказать")),), (None, None, False, False)),
    "another part": ((credited(item("техника")),), (None, None, False, False)),
    "no part": ((credited(item(None)),), (None, None, False, False)),
    "another enrolment": ((credited(item("ансамбль"), to="e2"),), (None, None, False, False)),
    "the second subject": ((credited(item("техника"), item("ансамбль")),), CREDIT),
    "the second credit": ((credited(item("техника")), credited(item("ансамбль"))), CREDIT),
    "refused, then in full": (
        (credited(item("ансамбль", "отказать")), credited(item("ансамбль"))), CREDIT
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CREDITS)
def test_a_part_credited_in_full_says_so(case: str) -> None:
    credits_, expected = CREDITS[case]
    _, level, _ = mastery(SCHOOL, student(credits=credits_), enrolment())
    assert (level.mark, level.passed, level.final, level.credited) == expected
    assert level.scale == WORDS


def test_a_mark_of_ones_own_outweighs_a_credit() -> None:
    mark = result("r1", "2026-05-28", "не зачтено", part="ансамбль")
    who = student(mark, credits=(credited(item("ансамбль")),))
    assert levels(who)["ансамбль"] == ("не зачтено", False, False)


def test_a_credit_says_so() -> None:
    who = student(credits=(credited(item("ансамбль")),))
    found = {level.part.part: level for level in mastery(SCHOOL, who, who.enrolments[0])}
    assert (found["ансамбль"].credited, found["ансамбль"].passed) == (True, True)
    assert not found["техника"].credited


def test_an_individual_trajectory_has_its_own_parts() -> None:
    who = student(enrolments=(enrolment(individual_parts=("ансамбль",)),))
    assert list(levels(who)) == ["ансамбль"]
