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
from tests.checks.hand_edits import Changes, Edit, edits
from tests.support.archives import sample

EDITS = {edit.name: edit for edit in edits()}


@cache
def _school() -> tuple[dict[str, bytes], DictSnapshot, Readings]:
    files = sample()
    return files, DictSnapshot(files), Readings()


def judged(changes: Changes) -> Explained:
    """What is told of the sample school with these files changed."""
    _, before, readings = _school()
    after = Overlay(before, changes)
    step = Step(before, after, changes, whole=True, readings=readings)
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
