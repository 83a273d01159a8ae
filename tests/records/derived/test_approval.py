"""Draft or approved (R-5.6): unchanged in the tree of the approving commit."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from msgspec.structs import replace as changed

from papka.records.acts import Approval
from papka.records.derived import result_facts
from papka.records.derived.result_facts import approval_states
from papka.records.student import Student
from tests.support.derived import SCHOOL, day, result, student

FIRST = result("r1", "2026-05-28", 2)
ACT = Approval(period="2026-1", closed=day("2026-06-15"), signed_by="s001")


def states(now: Student, then: Student, *, approved: bool = True) -> dict[str, str]:
    school = replace(
        SCHOOL, students={then.id: then}, approvals={"2026-1": ACT} if approved else {}
    )
    return {**approval_states(now, {"2026-1": school})["2026-1"]}


def test_what_stood_in_the_approved_tree_is_approved() -> None:
    assert states(student(FIRST), student(FIRST)) == {"r1": "утверждено"}


def test_what_came_or_changed_after_it_is_a_draft() -> None:
    changed = result("r1", "2026-05-28", 3)
    added = result("r2", "2026-09-14", 4, resits="r1")
    assert states(student(changed, added), student(FIRST)) == {"r1": "черновик", "r2": "черновик"}


def test_without_an_approving_act_all_is_draft() -> None:
    assert states(student(FIRST), student(FIRST), approved=False) == {"r1": "черновик"}
    assert approval_states(student(FIRST), {}) == {"2026-1": {"r1": "черновик"}}


def test_there_is_no_third_state() -> None:
    found = states(student(FIRST, result("r2", "2026-06-20", 4)), student(FIRST))
    assert found == {"r1": "утверждено", "r2": "черновик"}
    assert set(found.values()) == set(get_args(result_facts.ApprovalState))


def test_who_came_after_the_act_and_a_period_of_which_nothing_was_there_are_drafts() -> None:
    newcomer = replace(student(FIRST), id="2026-0002")
    assert states(newcomer, student(FIRST)) == {"r1": "черновик"}
    assert states(student(FIRST), student(periods={})) == {"r1": "черновик"}


def test_an_entry_without_a_number_has_no_state_and_periods_have_their_own() -> None:
    unsaved = changed(FIRST, id=None)
    other = result("r3", "2026-12-20", 4)
    who = student(periods={"2026-1": (FIRST, unsaved), "2026-2": (other,), "2027-1": ()})
    school = replace(SCHOOL, students={who.id: who}, approvals={"2026-1": ACT})
    assert approval_states(who, {"2026-1": school, "2026-2": school}) == {
        "2026-1": {"r1": "утверждено"}, "2026-2": {"r3": "черновик"}, "2027-1": {},
    }  # fmt: skip
