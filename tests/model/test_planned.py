"""Planned against actual (R-2.2.5): no data is not failure, orientations are never compared."""

from __future__ import annotations

import pytest

from papka.model.derived.planned import Share, outcomes, share
from papka.model.results import Result, Shown
from tests.support.derived import SCHOOL, result, student

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
    assert share(outcomes(SCHOOL, who, who.enrolments[0])) == Share(reached=1, known=1, planned=2)
