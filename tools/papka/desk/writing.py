"""The same command again: what was asked for stands already, when a kill took only the answer.

Invariants: before anything is written a note says what will be, and it goes when the answer was
given; a note counts only while every file is, byte for byte, what it says, so a wrong one repeats
nothing. Asked again after its answer, it is asked for a second time.

The end of every command that writes records: judge the step, then write it, or save it.

Invariants: nothing is written when a finding is an error or worse; a file that is no longer what
the caller read is not overwritten. With `save` the one way is `save_changes`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.checks.checking import judge_step, snapshot_source, state_before
from papka.core.errors import ChangedMeanwhile, LockHeld, NotAnArchive
from papka.core.findings import Finding, Severity, in_order, worst
from papka.core.places import STUDENTS, TRUST, place, student_folder
from papka.core.snapshot import Overlay, Snapshot
from papka.desk.saving import Saved, save_changes
from papka.records.documents import Source, pinned
from papka.repository import commit_snapshots, dot_papka, journal, worktree
from papka.repository.commit_snapshots import CommitTree
from papka.repository.dot_papka import archive_lock
from papka.repository.files import read_present
from papka.repository.git_values import MAIN, object_id
from papka.repository.history import newest_change
from papka.repository.signing import Actor
from papka.repository.worktree import OpenedSnapshot


@dataclass(frozen=True, slots=True)
class Noted:
    """`names`: addresses of what was to be written; `files`: path -> id of its bytes."""

    names: tuple[str, ...]
    files: Mapping[str, str]


def note(root: Path, request: bytes, names: Iterable[str], files: Mapping[str, bytes]) -> None:
    """Before the work; `request` is equal each time the same is asked for."""
    ids = {path: object_id("blob", data) for path, data in files.items()}
    journal.keep(root, request, json.dumps([list(names), ids]).encode())


def noted(root: Path, request: bytes) -> Noted | None:
    """What the same request, whose answer was not given, was about to write."""
    found = journal.find(root, request)
    try:
        names, files = json.loads(found) if found else ((), {})
        known = Noted(tuple(map(str, names)), {str(k): str(v) for k, v in files.items()})
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return known if known.files else None


def answered(root: Path, request: bytes) -> None:
    """The answer was given: asked once more, it is asked for a second time."""
    if request:
        journal.drop(root, request)


def saved_in(root: Path, known: Noted) -> str | None:
    """The commit that saved it, while the last one still has it so."""
    tree = CommitTree(root, MAIN)
    if any(tree.id_of(path) != id_ for path, id_ in known.files.items()):
        return None
    return newest_change(root, known.files, tree.commit) or tree.commit


def read_unchanged(root: Path, known: Noted) -> dict[str, bytes] | None:
    """The bytes in the folder, while they are what was to be written."""
    found = read_present(root, list(known.files))
    ids = {path: object_id("blob", data) for path, data in found.items()}
    return found if ids == known.files else None


def draft_of(root: Path, known: Noted) -> str | None:
    """The draft it was kept as, waiting for its number."""
    for draft in dot_papka.kept(root):
        if {path: object_id("blob", data) for path, data in draft.files.items()} == known.files:
            return draft.name
    return None


def note_trust(root: Path, request: bytes, told: str, marks: Sequence[str]) -> None:
    """Before one commit that adds lines of trust: each of `marks` will stand in one of them;
    `told` is what will be said of it."""
    journal.keep(
        root, request, json.dumps([commit_snapshots.head(root), told, list(marks)]).encode()
    )


def trust_noted(root: Path, request: bytes) -> tuple[str, str] | None:
    """The last commit, when it is the one noted, and what is said of it."""
    found, head = journal.find(root, request), commit_snapshots.head(root)
    try:
        before, told, marks = json.loads(found) if found else ("", "", ())
        marks = [str(mark) for mark in marks]
    except (ValueError, TypeError, RecursionError):
        return None
    if head is None or not marks or commit_snapshots.read_commit(root, head).parents != (before,):
        return None
    new = _lines_of_trust(root, head) - _lines_of_trust(root, before)
    stands = all(any(mark in line for line in new) for mark in marks)
    return (head, str(told)) if stands else None


def _lines_of_trust(root: Path, commit: str) -> set[str]:
    tree = CommitTree(root, commit)
    files = tree.read_many(tree.below(TRUST))
    return {line for _, data in files for line in data.decode("utf-8", "replace").splitlines()}


@dataclass(frozen=True, slots=True)
class Step:
    """Files to write, as they are and as they shall be; `names` say what that is: addresses.

    `request`: equal whenever the same is asked for; empty where asking twice does nothing twice.
    """

    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes]
    names: tuple[str, ...]
    request: bytes = b""


@dataclass(frozen=True, slots=True)
class Written:
    """`done`: the files are written. `saved` is set when they were to be saved as well."""

    step: Step
    findings: tuple[Finding, ...]
    source: Source
    done: bool
    saved: Saved | None = None

    @property
    def refused(self) -> bool:
        severity = worst(self.findings)
        return severity is not None and severity >= Severity.ERROR


def write(
    root: Path, step: Step, *, now: datetime, saving: Actor | None = None, dry_run: bool = False
) -> Written:
    """Judge the step and write it; `saving` is who signs when it is to be saved too.

    What the same request has written before its answer was lost is answered, not written again.
    """
    if step.request and not dry_run:
        known = noted(root, step.request)
        if known is not None and (commit := saved_in(root, known)) is not None:
            return repeated(root, step.request, known, commit)
        lying = read_unchanged(root, known) if known is not None else None
        if known is not None and lying is not None:
            step = Step(lying, lying, known.names, step.request)
            if saving is None:
                return Written(step, (), lying.get, done=True)
        note(root, step.request, step.names, step.after)
    if saving is not None:
        saved = save_changes(
            root, saving, step.after, now=now, dry_run=dry_run, expected=step.before
        )
        found = _told(saved.findings, step)
        return Written(step, found, saved.source, saved.commit is not None, saved)
    _sweep(root, step)
    findings, source = _judge(root, step)
    judged = Written(step, findings, source, done=False)
    if judged.refused or dry_run:
        return judged
    with archive_lock(root):
        _refuse_changed(root, step)
        for path, data in step.after.items():
            worktree.write(root, path, data)
    return Written(step, findings, source, done=bool(step.after))


def repeated(root: Path, request: bytes, known: Noted, commit: str) -> Written:
    """The answer to a request that was saved before, by this commit."""
    subject = commit_snapshots.read_commit(root, commit).message.partition("\n")[0]
    before = Step({}, dict.fromkeys(known.files, b""), known.names, request)
    saved = Saved(commit, subject, (), (), before.after.get)
    return Written(before, (), saved.source, done=True, saved=saved)


def _sweep(root: Path, step: Step) -> None:
    """What a killed command left beside the files would be judged as somebody's own."""
    if worktree.left_beside(root, step.after):
        with suppress(LockHeld), archive_lock(root):
            worktree.sweep(root, step.after)


def _judge(root: Path, step: Step) -> tuple[tuple[Finding, ...], Source]:
    head = commit_snapshots.head(root)
    if head is None:
        raise NotAnArchive(str(root))
    opened = {
        student_folder(found.student) for path in step.after if (found := place(path))
        if found.student
    }  # fmt: skip
    here: Snapshot = OpenedSnapshot(root, opened)
    if any(not path.startswith(STUDENTS + "/") for path in step.after):
        here = worktree.WorktreeSnapshot(root)
    after = Overlay(here, step.after)
    _, findings = judge_step(state_before(root, head, step.after), after, step.after)
    source = snapshot_source(after)
    return _told(in_order(pinned(findings, source)), step), source


def _told(findings: tuple[Finding, ...] | list[Finding], step: Step) -> tuple[Finding, ...]:
    """Errors, and of lesser things only those about the files that change."""
    return tuple(
        finding
        for finding in findings
        if finding.severity >= Severity.ERROR or finding.where.path in step.after
    )


def _refuse_changed(root: Path, step: Step) -> None:
    files = snapshot_source(worktree.WorktreeSnapshot(root))
    for path, data in step.before.items():
        if files(path) != data:
            raise ChangedMeanwhile(path)
