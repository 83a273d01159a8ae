"""Draft or approved (R-5.6): unchanged in the tree of the approving commit."""

from __future__ import annotations

from dataclasses import replace

from papka.model.acts import Approval
from papka.model.derived.approval import approval_states
from papka.model.student import Student
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
