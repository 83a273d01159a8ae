"""What `status` remembers of personal files: the same words with it and without, and no names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from papka.desk.status_report import recall_past, report_due, status
from papka.desk.told_files import recall_told
from papka.records.archive import load
from papka.records.schemas import SchemaSet
from papka.repository.commit_snapshots import worktree_changes
from papka.repository.derived_store import DerivedStore
from papka.repository.worktree import WorktreeSnapshot
from tests.support.school import STUDENT, TEACHER, Archive

LATE = dt.date(2090, 1, 1)
CARD, NUMBER = f"{STUDENT}/student.yaml", STUDENT.rpartition("/")[2]


def told(archive: Archive, on: dt.date) -> set[str]:
    """The numbers of the files that a status on the day would not read."""
    past = recall_past(archive.root, None)
    changed = [path for path, _ in worktree_changes(archive.root)]
    return {*recall_told(archive.root, past.last, past.acts, changed, on).told}


def nothing(_: Archive) -> None:
    """As it was."""


def edit(archive: Archive) -> None:
    archive.edit(CARD, "+70000000001", "+70000000009")


def newcomer(archive: Archive) -> None:
    for path in WorktreeSnapshot(archive.root).paths():
        if path.startswith(f"{STUDENT}/") and path.endswith(".yaml"):
            archive.write(path.replace(NUMBER, "2026-0099"), archive.read(path))


def other_school(archive: Archive) -> None:
    archive.edit("records/organization.yaml", "short_name: ", "short_name: Новая ")


def save(archive: Archive) -> None:
    archive.save(TEACHER)


def hide(archive: Archive) -> None:
    archive.write(".gitignore", "/.papka/\n/print/\n/rec*\n")


def test_the_same_is_told_with_what_is_remembered_and_without(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[Callable[[Archive], None], set[str]]] = [
        (nothing, {NUMBER}), (edit, set()), (save, {NUMBER}), (newcomer, {NUMBER}),
        (other_school, set()), (hide, set()),
    ]  # fmt: skip
    for step, known in steps:
        step(archive)
        with monkeypatch.context() as patch:
            patch.setattr(DerivedStore, "recall", lambda *_: {})
            anew = status(archive.root, on=LATE)
            due = report_due(archive.root, on=LATE).findings if step is newcomer else None
        assert status(archive.root, on=LATE) == anew
        assert told(archive, LATE) == known, step
        assert step is hide or status(archive.root, on=LATE) == anew
        assert due is None or report_due(archive.root, on=LATE).findings == due


def test_what_is_remembered_serves_other_days_until_one_that_is_named_in_the_file(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    status(archive.root, on=LATE)
    days = [dt.date(2026, 9, 15), dt.date(2060, 1, 1), LATE, LATE + dt.timedelta(days=400)]
    known = {on for on in days if told(archive, on)}
    assert {LATE} < known < set(days)
    for on in days:
        with monkeypatch.context() as patch:
            patch.setattr(DerivedStore, "recall", lambda *_: {})
            anew = status(archive.root, on=on)
        assert status(archive.root, on=on) == anew, on


def test_nothing_that_is_remembered_names_a_person(archive: Archive) -> None:
    status(archive.root, on=LATE)
    kept = b"".join(DerivedStore(archive.root).recall("status").values()).decode("utf-8", "replace")
    assert kept
    files = WorktreeSnapshot(archive.root)
    school = load(files, SchemaSet.load(files))
    names = {
        word
        for student in school.students.values()
        if student.person is not None
        for word in student.person.name.full.split()
    }
    assert names
    assert [word for word in sorted(names) if word in kept] == []
