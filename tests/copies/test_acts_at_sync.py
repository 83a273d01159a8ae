"""Two heads who approve on two computers: both acts stand, nothing is approved twice or lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from papka.copies.merging import Replay, replay
from papka.core.places import student_folder
from papka.core.snapshot import DictSnapshot
from papka.desk.approving import WhatToApprove, approve, plan_act
from papka.desk.open_records import open_file
from papka.records.approved_entries import (
    ApprovedLine,
    pin,
    read_list,
    write_act,
    write_list,
)
from papka.records.archive import load_part
from papka.records.derived.approvals import approval_states, entries_of
from papka.records.schemas import shipped
from papka.records.strict_yaml import read
from papka.repository.signing import find_actor
from tests.support.clones import HEAD, Clone
from tests.support.school import NOW, autumn_results

PERIOD = "2026-2"
ONE, TWO = "2026-0007", "2026-0008"
SALT = b"\x07" * 32
ACTS = "records/approvals/"
Files = dict[str, bytes]


def person(student: str, *ids: str) -> Files:
    text = "period: 2026-2\nresults:\n" + "".join(
        autumn_results(id_, "2026-11-05", 5).partition("results:\n")[2] for id_ in ids
    )
    folder = student_folder(student)
    return {f"{folder}/results/{PERIOD}.yaml": text.encode(), f"{folder}/.salt": SALT}


def line(files: Mapping[str, bytes], student: str) -> ApprovedLine:
    found = load_part(files.items(), shipped()).students[student]
    entries = entries_of(found, PERIOD)
    return ApprovedLine(student, tuple(entries), pin(SALT, entries.values()))


def act(key: str, files: Files, *students: str, day: str = "approved") -> Files:
    listed = write_list(line(files, each) for each in students)
    said = {"period": PERIOD, day: dt.date(2026, 11, 20), "signed_by": "s001"}
    return write_act(key, said, listed)


PEOPLE = person(ONE, "r1") | person(TWO, "r1", "r2")


def put(theirs: Files, *mine: Files, base: Files = PEOPLE) -> Replay:
    after = base | theirs
    return replay(DictSnapshot(base), DictSnapshot(after), list(theirs), list(mine))


def lists(done: Replay) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    found = {}
    for step in done.steps:
        for path, data in step.items():
            if path.endswith(".entries") and data is not None:
                key = path.removeprefix(ACTS).removesuffix(".entries")
                found[key] = [(each.student, each.ids) for each in read_list(data)]
    return found


def said(done: Replay, key: str) -> dict[str, Any]:
    [data] = [step[path] for step in done.steps for path in step if path == f"{ACTS}{key}.yaml"]
    value: dict[str, Any] = read(data or b"", key).value
    return value


FIRST, BOTH = act(f"{PERIOD}-1", PEOPLE, ONE), act(f"{PERIOD}-1", PEOPLE, ONE, TWO)
OTHER = act(f"{PERIOD}-1", PEOPLE, TWO)
CLOSED = act(PERIOD, PEOPLE, ONE, TWO, day="closed")


@pytest.mark.parametrize(
    ("theirs", "mine", "left", "numbers"),
    [
        pytest.param(
            FIRST, OTHER, {f"{PERIOD}-2": [(TWO, ("r1", "r2"))]}, {f"{PERIOD}-1": f"{PERIOD}-2"},
            id="each another person",
        ),
        pytest.param(
            FIRST, BOTH, {f"{PERIOD}-2": [(TWO, ("r1", "r2"))]}, {f"{PERIOD}-1": f"{PERIOD}-2"},
            id="one of both the same",
        ),
        pytest.param(BOTH, FIRST, {}, {f"{PERIOD}-1": ""}, id="all of it approved"),
        pytest.param(FIRST, CLOSED, {PERIOD: [(TWO, ("r1", "r2"))]}, {}, id="mine closes"),
        pytest.param(BOTH, CLOSED, {}, {}, id="mine closes with nothing left"),
        pytest.param(CLOSED, OTHER, {}, {f"{PERIOD}-1": ""}, id="theirs closed"),
    ],
)  # fmt: skip
def test_what_the_other_approved_leaves_the_list(
    theirs: Files, mine: Files, left: dict[str, Any], numbers: dict[str, str]
) -> None:
    done = put(theirs, mine)
    assert (done.conflicts, done.clashes) == ((), ())
    assert lists(done) == left
    assert done.acts.numbers == numbers
    if mine is CLOSED:
        assert ("entries" in said(done, PERIOD)) == bool(left)
        assert said(done, PERIOD)["closed"] == "2026-11-20"


def test_what_is_kept_of_a_line_is_pinned_anew_and_of_a_forged_one_is_not() -> None:
    theirs = act(f"{PERIOD}-1", person(TWO, "r1"), TWO)
    for forged in (False, True):
        mine = dict(OTHER)
        if forged:
            lied = [ApprovedLine(TWO, ("r1", "r2"), "0" * 64)]
            mine[f"{ACTS}{PERIOD}-1.entries"] = write_list(lied)
        done = put(theirs, mine)
        assert lists(done) == {f"{PERIOD}-2": [(TWO, ("r2",))]}
        [data] = [s[p] for s in done.steps for p in s if p.endswith(".entries")]
        entries = load_part(PEOPLE.items(), shipped()).students[TWO].periods[PERIOD]
        good = pin(SALT, entries[1:])
        assert read_list(data or b"")[0].pin == ("0" * 64 if forged else good)


def test_the_list_follows_an_entry_whose_number_moved_on() -> None:
    base = person(ONE, "r1")
    theirs = {**person(ONE, "r1", "r2")}
    path = f"{student_folder(ONE)}/results/{PERIOD}.yaml"
    theirs[path] = theirs[path].replace(b"mark: 5", b"mark: 4", 2).replace(
        b"mark: 4", b"mark: 5", 1
    )  # fmt: skip
    own = person(ONE, "r1", "r2")
    done = put({path: theirs[path]}, {path: own[path]}, act(f"{PERIOD}-1", own, ONE), base=base)
    assert done.renamed == {ONE: {"r2": "r3"}}
    assert lists(done) == {f"{PERIOD}-1": [(ONE, ("r1", "r3"))]}
    [merged] = [step[path] for step in done.steps if path in step]
    now = load_part([(path, merged or b"")], shipped()).students[ONE].periods[PERIOD]
    [data] = [s[p] for s in done.steps for p in s if p.endswith(".entries")]
    assert read_list(data or b"")[0].pin == pin(SALT, [e for e in now if e.id in {"r1", "r3"}])


def test_an_act_before_the_closing_comes_after_it_as_a_later_one() -> None:
    closed = act(PERIOD, PEOPLE, ONE, day="closed")
    done = put(closed, OTHER)
    assert said(done, f"{PERIOD}-1")["closed"] == "2026-11-20"
    assert "approved" not in said(done, f"{PERIOD}-1")


def test_two_closings_are_a_conflict_and_no_other_act_is_touched() -> None:
    done = put(act(PERIOD, PEOPLE, ONE, day="closed"), CLOSED)
    assert done.conflicts
    alone = put({f"{student_folder(ONE)}/notices.yaml": b"x: 1\n"}, BOTH)
    assert alone.steps == (BOTH,)
    assert alone.acts.reworded(f"утверждение {PERIOD}-1") == f"утверждение {PERIOD}-1"


def test_a_message_names_the_new_number() -> None:
    done = put(FIRST, OTHER)
    assert done.message(f"утверждение {PERIOD}-1; x {PERIOD}-1-1").startswith(
        f"утверждение {PERIOD}-2; x {PERIOD}-1-1"
    )


def approves(clone: Clone, *entries: str) -> None:
    actor = find_actor(clone.root, HEAD)
    wanted = WhatToApprove(entries)
    planned = plan_act(clone.root, actor, PERIOD, wanted, today=NOW.date())
    assert approve(clone.root, actor, planned, now=NOW).commit


def test_two_heads_approve_and_both_copies_hold_both_acts(one: Clone, two: Clone) -> None:
    path = f"records/students/2026/2026-0001/results/{PERIOD}.yaml"
    second = autumn_results("r5", "2026-11-19", 4, part="теория").partition("results:\n")[2]
    one.write(path, autumn_results("r4", "2026-11-18", 5) + second)
    one.save()
    one.sync()
    two.sync()
    approves(one, "2026-0001#r4")
    approves(two, "2026-0001#r4", "2026-0001#r5")
    one.sync(HEAD)
    synced = two.sync(HEAD)
    assert synced.acts == {f"{PERIOD}-1": f"{PERIOD}-2"}
    assert two.read(f"{ACTS}{PERIOD}-2.entries").startswith("2026-0001 r5 ")
    one.sync()
    assert one.head == two.head
    for clone in (one, two):
        found = open_file(clone.root, "2026-0001")
        states = approval_states(found.archive, found.student)[PERIOD]
        assert states == {"r4": "утверждено", "r5": "утверждено"}
        assert (clone.unsaved(), clone.grave()) == ((), [])
