"""What is told of an edit by hand: one message, at its place, with the line to type.

Each edit of `hand_edits` is judged as `papka check` judges the folder, on the sample school.
"""

from __future__ import annotations

from functools import cache

import pytest

from papka.checks.checking import Step
from papka.checks.root_causes import Explained, explain
from papka.core.findings import Finding
from papka.core.snapshot import DictSnapshot, Overlay
from papka.records.archive import Readings
from papka.records.mending import decision_key, mend
from papka.records.schemas import SchemaSet
from tests.checks.hand_edits import RESULTS, Changes, Edit, edits, two_conflicts
from tests.support.archives import sample

EDITS = {edit.name: edit for edit in edits()}


@cache
def _school() -> tuple[dict[str, bytes], DictSnapshot, Readings]:
    files = sample()
    return files, DictSnapshot(files), Readings()


def judged(changes: Changes, *, whole: bool = True) -> Explained:
    """What is told of the sample school with these files changed; not `whole`: as `save` judges,
    no more than the change can have touched.
    """
    _, before, readings = _school()
    after = Overlay(before, changes)
    step = Step(before, after, changes, whole=whole, readings=readings)
    archive, found = step.judge(after)
    return explain(after, step, archive, found) if found else Explained()


def _first_change(old: bytes | None, new: bytes | None) -> int:
    was, now = ((data or b"").split(b"\n") for data in (old, new))
    for number, line in enumerate(now, 1):
        if number > len(was) or was[number - 1] != line:
            return number
    return len(now)


def _told(finding: Finding) -> str:
    return f"{finding.code.name} {finding.where} {finding.message} → {finding.hint}"


def test_names_of_edits_are_their_own() -> None:
    assert len(EDITS) == len(list(edits()))


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_by_hand_is_told_once_at_its_place_with_the_line_to_type(edit: Edit) -> None:
    """None is silent, told elsewhere or told twice: of each just this one message."""
    files = _school()[0]
    changes = edit.changes(files)
    found = judged(changes).findings
    told = [_told(one) for one in found]
    if not edit.code:
        assert told == []
        return
    assert [one.code.name for one in found] == [edit.code], told
    one = found[0]
    assert one.where.path == edit.path
    line = edit.line or _first_change(files.get(edit.path), changes.get(edit.path))
    if edit.line >= 0:
        assert one.where.line == line, told
    if edit.instead == "same":
        assert one.instead == files[edit.path].decode().split("\n")[line - 1]
    elif edit.instead:
        assert one.instead == edit.instead
    assert edit.says in f"{one.message} {one.hint}"


@pytest.mark.parametrize(
    ("chosen", "mark", "teacher", "is_whole"),
    [
        ((0, 0), "mark: 5", True, True),
        ((1, 0), "mark: 4", True, True),
        ((0, 1), "mark: 5", False, True),
        ((None, 1), "mark: 5", False, False),
        ((1, None), "mark: 4", True, False),
    ],
)
def test_each_place_of_two_versions_is_chosen_by_itself(
    chosen: tuple[int | None, ...], mark: str, *, teacher: bool, is_whole: bool
) -> None:
    files = _school()[0]
    spoilt = two_conflicts(files[RESULTS])
    schemas = SchemaSet.load(DictSnapshot(files))
    asked = [one.finding for one in mend(spoilt, RESULTS, schemas).mends]
    told = [one.where.line for one in asked]
    assert told == [n for n, line in enumerate(spoilt.split(b"\n"), 1) if line[:4] == b"<<<<"]
    decided = dict(zip(map(decision_key, asked), chosen, strict=True))
    mended = mend(spoilt, RESULTS, schemas, decisions=decided)
    assert mended.data is not None
    text = mended.data.decode()
    first = text[: text.index("id: r28")]
    assert mark in first
    assert ("assessed_by" in first) == teacher
    assert (mended.alone is None) == is_whole
    assert text.count("<<<<<<<") == chosen.count(None)


def test_two_versions_without_a_choice_stay() -> None:
    files = _school()[0]
    schemas = SchemaSet.load(DictSnapshot(files))
    assert mend(two_conflicts(files[RESULTS]), RESULTS, schemas).data is None
