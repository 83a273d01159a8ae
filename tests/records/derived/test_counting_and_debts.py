"""Which results count, and what is a debt (R-2.2.6)."""

from __future__ import annotations

import datetime as dt

from papka.records.archive import Archive
from papka.records.derived.result_facts import counting_results, debts, resits, valid_results
from papka.records.school import Edition, Program, ProgramPart, Scale
from papka.records.student import Enrolment, Result, Student

DAY = dt.date(2026, 5, 28)


def result(number: int, mark: float | str | None = None, **keys: str | dt.date) -> Result:
    ordinary: dict[str, object] = {"part": "техника", "control": "за период"}
    return Result(
        id=f"r{number}", enrolment="e1", kind="учебный", origin="текущий контроль", date=DAY,
        mark=mark, **{**ordinary, **keys},  # type: ignore[arg-type]  # keys of Result by name
    )  # fmt: skip


def ids(results: tuple[Result, ...]) -> list[str | None]:
    return [found.id for found in results]


def owed(*results: Result) -> list[str | None]:
    scale = Scale(scale="5", title="5", lowest=2, highest=5, pass_mark=3)
    edition = Edition(
        edition=1, order="2026/0001", hours=1, planned_results=(),
        parts=(ProgramPart(part="техника", title="Техника", hours=1, scale="5"),),
    )  # fmt: skip
    student = Student(
        "2026-0001",
        enrolments=(Enrolment(id="e1", program="p", edition=1, start=DAY),),
        periods={"2026-1": results},
    )
    archive = Archive(
        programs={"p": Program(code="p", title="П", editions=(edition,))}, scales={"5": scale}
    )
    return [debt.result.id for debt in debts(archive, student)]


def test_a_failed_attempt_its_failed_resit_and_the_passed_one() -> None:
    chain = (result(1, 2), result(2, 2, resits="r1"), result(3, 4, resits="r2"))
    assert ids(counting_results(chain)) == ["r3"]
    assert ids(valid_results(chain)) == ["r1", "r2", "r3"]
    assert owed(*chain) == []
    assert owed(*chain[:2]) == ["r2"]


def test_a_corrected_resit_still_counts_as_the_resit() -> None:
    chain = (result(1, 2), result(2, 3, resits="r1"), result(3, 4, resits="r1", replaces="r2"))
    assert ids(counting_results(chain)) == ["r3"]
    assert resits(chain)["r1"].id == "r3"


def test_a_correction_that_is_no_resit_any_more_brings_the_debt_back() -> None:
    chain = (result(1, 2), result(2, 3, resits="r1"), result(3, 3, replaces="r2"))
    assert ids(counting_results(chain)) == ["r1", "r3"]
    assert owed(*chain) == ["r1"]


def test_a_resit_of_a_corrected_result_belongs_to_the_correction() -> None:
    chain = (result(1, 4), result(2, 2, replaces="r1"), result(3, 5, resits="r1"))
    assert ids(counting_results(chain)) == ["r3"]


def test_a_circle_of_corrections_ends() -> None:
    chain = (result(1, 2, replaces="r2"), result(2, 2, replaces="r1"), result(3, 3, resits="r1"))
    assert ids(counting_results(chain)) == ["r3"]


def test_not_attested_is_a_debt_and_no_mark_is_none() -> None:
    assert owed(result(1, "не аттестован")) == ["r1"]
    assert owed(result(1)) == []


def test_ongoing_control_is_never_owed() -> None:
    assert owed(result(1, 2, control="текущий")) == []
    assert owed(result(1, 2, control="текущий", resit_by=DAY)) == []


def test_a_mark_the_scale_does_not_have_is_judged_by_nobody() -> None:
    assert owed(result(1, 1)) == []
    assert owed(result(1, 2, part="нет такой")) == []
