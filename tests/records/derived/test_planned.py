"""Planned against actual (R-2.2.5): no data is not failure, orientations are never compared."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace as changed

from papka.records.derived import result_facts
from papka.records.derived.result_facts import Outcome, Reached, Share, count_reached, outcomes
from papka.records.student import Result, Shown
from tests.support.derived import SCHOOL, enrolment, result, student

FINAL = {"control": "итоговый"}


def reached(*results: Result) -> dict[str, str]:
    who = student(*results)
    found = outcomes(SCHOOL, who, who.enrolments[0])
    return {outcome.planned.outcome: outcome.reached for outcome in found}


def shows(id_: str, date: str, level: str, outcome: str = "сцена") -> Result:
    shown = Shown(outcome=outcome, level=level)  # type: ignore[arg-type] # one of three words
    return result(id_, date, kind="личностный", part=None, control=None, text="Так", shows=(shown,))


def test_only_planned_results_are_compared() -> None:
    assert reached() == {"этюды": "нет данных", "сцена": "нет данных"}


@pytest.mark.parametrize(
    ("technique", "ensemble", "expected"),
    [
        (5, "зачтено", "достигнут"),
        (5, "не зачтено", "достигнут частично"),
        (2, "зачтено", "достигнут частично"),
        (2, "не зачтено", "не достигнут"),
        (5, None, "достигнут частично"),
        (2, None, "нет данных"),
        (None, "зачтено", "достигнут частично"),
    ],
)
def test_the_outcome_follows_from_final_marks_of_its_parts(
    technique: int | None, ensemble: str | None, expected: str
) -> None:
    marks = []
    if technique is not None:
        marks.append(result("r1", "2026-05-28", technique, **FINAL))
    if ensemble is not None:
        marks.append(result("r2", "2026-05-28", ensemble, part="ансамбль", **FINAL))
    assert reached(*marks)["этюды"] == expected


def test_a_mark_of_the_period_is_not_final() -> None:
    assert reached(result("r1", "2026-05-28", 2))["этюды"] == "нет данных"


def test_the_latest_observation_holds_and_a_replaced_one_does_not() -> None:
    early, late = shows("r1", "2026-03-01", "нет"), shows("r2", "2026-05-01", "да")
    assert reached(late, early)["сцена"] == "достигнут"
    untrue = shows("r2", "2026-05-01", "частично")
    corrected = result(
        "r3", "2026-05-01", kind="личностный", part=None, text="Нет", replaces="r2", reason="Так"
    )
    assert reached(early, untrue, corrected)["сцена"] == "не достигнут"


def test_marks_and_observations_that_differ_make_it_partly() -> None:
    marks = (
        result("r1", "2026-05-28", 5, **FINAL),
        result("r2", "2026-05-28", "зачтено", part="ансамбль", **FINAL),
    )
    assert reached(*marks, shows("r3", "2026-05-30", "нет", "этюды"))["этюды"] == (
        "достигнут частично"
    )


def test_the_share_leaves_out_what_is_not_known() -> None:
    who = student(shows("r1", "2026-03-01", "да"))
    assert count_reached(outcomes(SCHOOL, who, who.enrolments[0])) == Share(
        reached=1, known=1, planned=2
    )


@pytest.mark.parametrize(
    ("marks", "shown", "expected"),
    [
        ([], None, "нет данных"),
        ([], "да", "достигнут"),
        ([], "частично", "достигнут частично"),
        ([], "нет", "не достигнут"),
        ([5, "зачтено"], None, "достигнут"),
        ([5, "зачтено"], "да", "достигнут"),
        ([5, "зачтено"], "частично", "достигнут частично"),
        ([5, "зачтено"], "нет", "достигнут частично"),
        ([2, "не зачтено"], "нет", "не достигнут"),
        ([2, "не зачтено"], "да", "достигнут частично"),
        ([2, "зачтено"], "частично", "достигнут частично"),
        ([7, "зачтено"], None, "достигнут частично"),  # 7 is on no scale
        ([7, "не зачтено"], None, "нет данных"),
    ],
)
def test_marks_and_observations_together(
    marks: list[float | str], shown: str | None, expected: str
) -> None:
    given = [
        result(f"r{n}", "2026-05-28", mark, part=part, **FINAL)
        for n, (mark, part) in enumerate(zip(marks, ("техника", "ансамбль"), strict=False))
    ]
    seen = [shows("r9", "2026-05-30", shown, "этюды")] if shown else []
    assert reached(*given, *seen)["этюды"] == expected


def test_there_is_a_row_for_every_word_about_an_outcome() -> None:
    words = {"достигнут", "достигнут частично", "не достигнут", "нет данных"}
    assert words == set(get_args(result_facts.Reached))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([shows("r1", "2026-05-01", "нет"), shows("r2", "2026-05-01", "да")], "достигнут"),
        ([shows("r2", "2026-05-01", "да"), shows("r1", "2026-05-01", "нет")], "не достигнут"),
        ([changed(shows("r1", "2026-05-01", "да"), enrolment="e2")], "нет данных"),
        (
            [
                shows("r1", "2026-05-01", "нет"),
                changed(shows("r2", "2026-06-01", "да"), resits="r1"),
            ],
            "достигнут",
        ),
    ],
)
def test_of_observations_the_last_of_this_study_holds(seen: list[Result], expected: str) -> None:
    assert reached(*seen)["сцена"] == expected


def test_a_part_outside_the_trajectory_is_not_asked() -> None:
    own = enrolment(individual_parts=("техника",))
    who = student(result("r1", "2026-05-28", 5, **FINAL), enrolments=(own,))
    assert [each.reached for each in outcomes(SCHOOL, who, own)] == ["достигнут", "нет данных"]


def test_nothing_was_planned_in_an_edition_that_is_not_there() -> None:
    assert outcomes(SCHOOL, student(), changed(enrolment(), edition=9)) == ()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], Share(0, 0, 0)),
        (["нет данных"], Share(0, 0, 1)),
        (["достигнут"], Share(1, 1, 1)),
        (["не достигнут", "достигнут частично"], Share(0, 2, 2)),
        (["достигнут", "нет данных", "не достигнут", "достигнут"], Share(2, 3, 4)),
    ],
)
def test_a_share_counts_what_is_reached_in_full(words: list[Reached], expected: Share) -> None:
    planned = SCHOOL.programs["guitar"].editions[0].planned_results[0]
    assert count_reached(Outcome(planned, word) for word in words) == expected
