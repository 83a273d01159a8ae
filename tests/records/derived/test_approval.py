"""Draft or approved (R-5.6): held, as it stands now, by the latest act that names it."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from msgspec.structs import replace as changed

from papka.records.archive import Archive
from papka.records.derived import approvals
from papka.records.derived.approvals import (
    acts_of,
    approval_states,
    is_settled,
    judge_period,
    late_entries,
    next_act,
    settled_periods,
)
from papka.records.student import Result, Student, Voided
from tests.support.approvals import ACT, with_acts
from tests.support.derived import SCHOOL, day, result, student

FIRST = result("r1", "2026-05-28", 2)
RESIT = result("r2", "2026-09-14", 4, resits="r1")


def beside_history(then: Student, *, approved: bool = True) -> Archive:
    """The school with an act without a list, and what stood in one file at that act."""
    return replace(
        SCHOOL,
        approvals={"2026-1": ACT} if approved else {},
        stood=lambda _, id_: then if id_ == then.id else None,
    )


def states(now: Student, then: Student, *, approved: bool = True) -> dict[str, str]:
    return {**approval_states(beside_history(then, approved=approved), now)["2026-1"]}


def test_what_stood_in_the_approved_tree_is_approved() -> None:
    assert states(student(FIRST), student(FIRST)) == {"r1": "утверждено"}


def test_what_came_or_changed_after_it_is_a_draft() -> None:
    changed = result("r1", "2026-05-28", 3)
    added = result("r2", "2026-09-14", 4, resits="r1")
    assert states(student(changed, added), student(FIRST)) == {
        "r1": "не утверждено",
        "r2": "не утверждено",
    }


def test_without_an_approving_act_all_is_draft() -> None:
    assert states(student(FIRST), student(FIRST), approved=False) == {"r1": "не утверждено"}
    assert approval_states(SCHOOL, student(FIRST)) == {"2026-1": {"r1": "не утверждено"}}


def test_there_is_no_third_state() -> None:
    found = states(student(FIRST, result("r2", "2026-06-20", 4)), student(FIRST))
    assert found == {"r1": "утверждено", "r2": "не утверждено"}
    assert set(found.values()) == set(get_args(approvals.ApprovalState))


def test_who_came_after_the_act_and_a_period_of_which_nothing_was_there_are_drafts() -> None:
    newcomer = replace(student(FIRST), id="2026-0002")
    assert states(newcomer, student(FIRST)) == {"r1": "не утверждено"}
    assert states(student(FIRST), student(periods={})) == {"r1": "не утверждено"}


def test_an_entry_without_a_number_has_no_state_and_periods_have_their_own() -> None:
    unsaved = changed(FIRST, id=None)
    other = result("r3", "2026-12-20", 4)
    who = student(periods={"2026-1": (FIRST, unsaved), "2026-2": (other,), "2027-1": ()})
    assert approval_states(beside_history(who), who) == {
        "2026-1": {"r1": "утверждено"}, "2026-2": {"r3": "не утверждено"}, "2027-1": {},
    }  # fmt: skip


def test_an_act_with_a_list_approves_what_it_lists_and_asks_no_history() -> None:
    school = replace(with_acts({"2026-1": [FIRST]}), stood=None)
    assert approval_states(school, student(FIRST, RESIT))["2026-1"] == {
        "r1": "утверждено", "r2": "не утверждено",
    }  # fmt: skip
    assert [each.address for each in late_entries(school, student(FIRST, RESIT))] == [
        "2026-0001#r2"
    ]


def test_a_supplementary_act_approves_by_name_and_is_the_one_to_cite() -> None:
    school = with_acts({"2026-1": [FIRST], "2026-1-1": [RESIT]})
    found = judge_period(school, student(FIRST, RESIT), "2026-1")
    assert (found.held, found.unapproved) == ({"r1": "2026-1", "r2": "2026-1-1"}, ())


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(student(changed(FIRST, mark=5)), id="mark"),
        pytest.param(student(changed(FIRST, assessed_by="s009")), id="teacher"),
        pytest.param(replace(student(FIRST), salt=b"another"), id="salt"),
        pytest.param(student(periods={"2026-1": (), "2026-2": (FIRST,)}), id="moved away"),
        pytest.param(student(), id="deleted"),
        pytest.param(student(changed(FIRST, reason="x", date=day("2026-09-01"))), id="added again"),
    ],
)
def test_what_is_not_as_it_was_listed_is_approved_no_longer(now: Student) -> None:
    (found,) = late_entries(with_acts({"2026-1": [FIRST]}), now)
    assert (found.address, found.is_named) == ("2026-0001#r1", True)


def test_of_a_line_with_one_changed_entry_the_others_are_told_by_the_history() -> None:
    other = result("r2", "2026-05-29", 3)
    school = with_acts({"2026-1": [FIRST, other]})
    now = student(changed(FIRST, mark=5), other)
    assert set(judge_period(school, now, "2026-1").held) == set(), "nobody vouches for either"
    beside = replace(school, stood=lambda *_: student(FIRST, other))
    assert judge_period(beside, now, "2026-1").held == {"r2": "2026-1"}
    forged = replace(school, stood=lambda *_: now)
    assert judge_period(forged, now, "2026-1").held == {}, (
        "a history that the pin does not bear out"
    )


def test_a_list_that_the_act_does_not_name_approves_nothing() -> None:
    school = with_acts({"2026-1": [FIRST]})
    other = with_acts({"2026-1": [FIRST, RESIT]})
    for lists in ({}, other.approval_lists):
        found = judge_period(replace(school, approval_lists=lists), student(FIRST, RESIT), "2026-1")
        assert found.held == {}


def test_an_act_covers_its_own_period_alone() -> None:
    school = with_acts({"2026-1": [FIRST]})
    moved = replace(
        school,
        approvals={"2026-2": school.approvals["2026-1"]},
        approval_lists={"2026-2": school.approval_lists["2026-1"]},
    )
    now = student(periods={"2026-2": (FIRST,)})
    assert approval_states(moved, now) == {"2026-2": {"r1": "не утверждено"}}


def test_acts_of_a_period_count_up_to_the_first_that_is_not_there() -> None:
    school = with_acts({"2026-1": [FIRST], "2026-1-2": [RESIT]})
    assert list(approvals.acts_of(school, "2026-1")) == ["2026-1"]
    assert judge_period(school, student(FIRST, RESIT), "2026-1").held == {"r1": "2026-1"}


def test_a_mark_of_a_mistake_waits_for_an_act_and_leaves_the_others_approved() -> None:
    other = result("r2", "2026-05-29", 3)
    void = changed(FIRST, void=Voided(date=day("2026-09-01"), reason="не тот"))
    now = replace(
        student(other),
        voided={("records/students/2026/2026-0001/results/2026-1.yaml", "/results"): ((0, void),)},
    )
    school = with_acts({"2026-1": [FIRST, other]})
    found = judge_period(school, now, "2026-1")
    assert (found.held, [each.id for each in found.unapproved]) == ({"r2": "2026-1"}, ["r1"])
    done = with_acts({"2026-1": [FIRST, other], "2026-1-1": [void]})
    found = judge_period(done, now, "2026-1")
    assert (found.held, found.unapproved) == ({"r2": "2026-1", "r1": "2026-1-1"}, ())
    never = judge_period(with_acts({"2026-1": [other]}), now, "2026-1")
    assert never.unapproved == (), "a draft that was marked as a mistake counts nowhere"


OTHER = result("r3", "2026-05-29", 5)
LAST = result("r6", "2026-05-30", 5)
EARLY_KEYS = ("2026-1-1", "2026-1-2")


def early(acts: dict[str, list[Result]]) -> Archive:
    return replace(with_acts(acts, early=EARLY_KEYS), stood=None)


def test_an_act_before_the_closing_approves_its_list_and_closes_nothing() -> None:
    school = early({"2026-1-1": [FIRST]})
    found = judge_period(school, student(FIRST, OTHER), "2026-1")
    assert found.held == {"r1": "2026-1-1"}
    assert [(each.id, each.is_late) for each in found.unapproved] == [("r3", False)]
    assert "2026-1" not in school.approvals


def test_acts_stand_as_they_were_made_whatever_their_numbers() -> None:
    school = early(
        {"2026-1-1": [FIRST], "2026-1": [OTHER], "2026-1-2": [LAST], "2026-1-3": [RESIT]}
    )
    assert list(acts_of(school, "2026-1")) == ["2026-1-1", "2026-1-2", "2026-1", "2026-1-3"]
    assert next_act(school, "2026-1") == "2026-1-4"
    found = judge_period(school, student(FIRST, OTHER, RESIT, LAST), "2026-1")
    assert found.held == {"r3": "2026-1", "r1": "2026-1-1", "r2": "2026-1-3", "r6": "2026-1-2"}


def test_a_closing_without_a_list_approves_nothing_where_acts_before_it_have_one() -> None:
    acts = early({"2026-1-1": [FIRST]})
    closed = replace(acts, approvals={**acts.approvals, "2026-1": ACT})
    found = judge_period(closed, student(FIRST, OTHER), "2026-1")
    assert (dict(found.held), found.unapproved[0].is_late) == ({"r1": "2026-1-1"}, True)
    bare = replace(acts, approvals={"2026-1-1": changed(acts.approvals["2026-1-1"], entries=None)})
    assert judge_period(bare, student(FIRST), "2026-1").held == {}


def test_in_an_open_period_what_touches_the_approved_is_late_and_the_rest_is_not() -> None:
    fixed = result("r4", "2026-05-30", 4, replaces="r1", reason="описка")
    again = result("r5", "2026-05-30", 5, replaces="r4", reason="описка")
    school = early({"2026-1-1": [FIRST]})
    who = student(FIRST, OTHER, fixed, again)
    assert [each.id for each in late_entries(school, who)] == ["r4", "r5"]
    now = student(changed(FIRST, mark=5), OTHER)
    assert [each.id for each in late_entries(school, now)] == ["r1"]
    assert not late_entries(early({}), who)


@pytest.mark.parametrize(
    ("acts", "settled"),
    [
        pytest.param(early({}), (), id="no act"),
        pytest.param(early({"2026-1-1": [FIRST]}), ("r1",), id="before the closing"),
        pytest.param(early({"2026-1-1": [FIRST], "2026-1-2": [OTHER]}), ("r1", "r3"), id="two"),
        pytest.param(with_acts({"2026-1": [FIRST]}), ("r1", "r3"), id="closed"),
    ],
)
def test_settled_is_what_only_another_entry_corrects(
    acts: Archive, settled: tuple[str, ...]
) -> None:
    who = student(FIRST, OTHER)
    found = [id_ for id_ in ("r1", "r3") if is_settled(acts, who.id, "2026-1", id_)]
    assert found == list(settled)
    assert settled_periods(acts, who) == (["2026-1"] if settled else [])
