"""The end of every command that writes records: judge the step, then write or save it.

Invariants: nothing is written when a finding is an error or worse; a file that is no longer what
the caller read is not overwritten. A command that is killed before it reports can be given again:
before anything is written a note says what will be, and it goes when the outcome was reported. A
note counts only while every file is, byte for byte, what it says, so a wrong one repeats nothing;
the same command after its report is a new request.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from papka.checks.checking import judge_step, state_before
from papka.core.errors import LockHeld, NotAnArchive
from papka.core.findings import Finding, Severity, has_errors, sort_findings
from papka.core.places import STUDENTS, TRUST, place, student_folder
from papka.core.snapshot import Overlay, Snapshot
from papka.desk.saving import Saved, require_unchanged, salt_orders, save_changes
from papka.records.strict_yaml import Source, add_lines, snapshot_source
from papka.repository import commit_snapshots, dot_papka, unfinished_work, worktree
from papka.repository.commit_snapshots import CommitSnapshot, CommitTree
from papka.repository.dot_papka import archive_lock
from papka.repository.files import read_present
from papka.repository.git_values import MAIN, object_id
from papka.repository.history import newest_change
from papka.repository.signing import SigningActor
from papka.repository.worktree import OpenedSnapshot


@dataclass(frozen=True, slots=True)
class WriteStep:
    """Files to write, as they are and as they shall be; `names` are addresses of what that is.

    `request`: equal whenever the same is asked for; empty where repeating it changes nothing.
    """

    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes]
    names: tuple[str, ...]
    request: bytes = b""


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome; `done`: the files are written; `saved` is set when they were to be saved too."""

    step: WriteStep
    findings: tuple[Finding, ...]
    source: Source
    done: bool
    saved: Saved | None = None

    @property
    def refused(self) -> bool:
        return has_errors(self.findings)


class FileDifference(NamedTuple):
    """What a step changes in a file, as lines of a unified diff; none for one that is no text."""

    path: str
    size: int
    lines: tuple[str, ...]


def list_differences(step: WriteStep) -> Iterator[FileDifference]:
    """Yield what a step changes, a file at a time."""
    for path, after in step.after.items():
        before = step.before.get(path) or b""
        lines: Iterable[str] = ()
        if path.endswith(".yaml"):
            lines = difflib.unified_diff(
                before.decode("utf-8", "replace").splitlines(),
                after.decode("utf-8", "replace").splitlines(),
                path if before else "(нового файла не было)",
                path,
                lineterm="",
            )
        yield FileDifference(path, len(after), tuple(lines))


def write(
    root: Path,
    step: WriteStep,
    *,
    now: datetime,
    saving: SigningActor | None = None,
    dry_run: bool = False,
) -> Written:
    """Judge the step and write it; `saving` is who signs when it is to be saved too.

    What the same request wrote before it was killed is reported, not written again.
    """
    if step.request and not dry_run:
        if (known := find_note(root, step.request)) is not None:
            if (commit := find_saving_commit(root, known)) is not None:
                return report_repeated(root, step.request, known, commit)
            if (current := read_unchanged(root, known)) is not None:
                step = WriteStep(current, current, known.names, step.request)
                if saving is None:
                    return Written(step, (), current.get, done=True)
        step = _with_salts(root, step) if saving is not None else step
        note(root, step.request, step.names, step.after)
    if saving is not None:
        saved = save_changes(
            root, saving, step.after, now=now, dry_run=dry_run, expected=step.before
        )
        found = _choose_findings(saved.findings, step)
        return Written(step, found, saved.source, saved.commit is not None, saved)
    if worktree.left_beside(root, step.after):
        # what a killed command left would be judged as somebody's own
        with suppress(LockHeld), archive_lock(root):
            worktree.sweep(root, step.after)
    findings, source = _judge(root, step, now)
    judged = Written(step, findings, source, done=False)
    if judged.refused or dry_run:
        return judged
    with archive_lock(root):
        require_unchanged(root, step.before)
        for path, data in step.after.items():
            worktree.write(root, path, data)
    return Written(step, findings, source, done=bool(step.after))


def _with_salts(root: Path, step: WriteStep) -> WriteStep:
    """Return the step with the salts of its new orders, so that what is noted is what is saved."""
    if not any(found.kind == "order" for path in step.after if (found := place(path))):
        return step
    salted = salt_orders(CommitSnapshot(root, MAIN), step.after)
    return replace(step, after={**step.after, **dict(salted)})


def report_repeated(root: Path, request: bytes, known: Noted, commit: str) -> Written:
    """Return the outcome of a request that was saved before, by this commit."""
    subject = commit_snapshots.read_commit(root, commit).subject
    before = WriteStep({}, dict.fromkeys(known.files, b""), known.names, request)
    saved = Saved(commit, subject, (), (), before.after.get)
    return Written(before, (), saved.source, done=True, saved=saved)


def _judge(root: Path, step: WriteStep, now: datetime) -> tuple[tuple[Finding, ...], Source]:
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
    before = state_before(root, head, step.after)
    _, findings = judge_step(before, after, step.after, day=now.date())
    source = snapshot_source(after)
    return _choose_findings(sort_findings(add_lines(findings, source)), step), source


def _choose_findings(findings: Iterable[Finding], step: WriteStep) -> tuple[Finding, ...]:
    """Return the errors, and of lesser findings only those about the files that change."""
    return tuple(
        finding
        for finding in findings
        if finding.severity >= Severity.ERROR or finding.where.path in step.after
    )


@dataclass(frozen=True, slots=True)
class Noted:
    """A note of what was to be written: addresses, and path -> git's id of the bytes."""

    names: tuple[str, ...]
    files: Mapping[str, str]


def note(root: Path, request: bytes, names: Iterable[str], files: Mapping[str, bytes]) -> None:
    """Note what is about to be written; `request` is equal each time the same is asked for."""
    unfinished_work.keep_note(root, request, json.dumps([list(names), _blob_ids(files)]).encode())


def find_note(root: Path, request: bytes) -> Noted | None:
    """Return what the same request was about to write, if it never reported."""
    found = unfinished_work.find_note(root, request)
    try:
        names, files = json.loads(found) if found else ((), {})
        known = Noted(tuple(map(str, names)), {str(k): str(v) for k, v in files.items()})
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return known if known.files else None


def answered(root: Path, request: bytes) -> None:
    """Drop the note: the outcome was reported, the same request would be a second one."""
    if request:
        unfinished_work.drop_note(root, request)


def find_saving_commit(root: Path, known: Noted) -> str | None:
    """Return the commit that saved it, while the last commit still has it so."""
    tree = CommitTree(root, MAIN)
    if any(tree.id_of(path) != id_ for path, id_ in known.files.items()):
        return None
    return newest_change(root, known.files, tree.commit) or tree.commit


def read_unchanged(root: Path, known: Noted) -> dict[str, bytes] | None:
    """Return the bytes in the folder, if they are what was to be written."""
    found = read_present(root, list(known.files))
    return found if _blob_ids(found) == known.files else None


def draft_of(root: Path, known: Noted) -> str | None:
    """Return the name of the draft that it was kept as, waiting for its number."""
    drafts = dot_papka.list_drafts(root)
    return next((each.name for each in drafts if _blob_ids(each.files) == known.files), None)


def _blob_ids(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: object_id("blob", data) for path, data in files.items()}


def note_trust(root: Path, request: bytes, told: str, marks: Sequence[str]) -> None:
    """Note a commit that is about to add lines of trust, each of `marks` in one of them.

    `told` is what will be reported of it.
    """
    noted = [commit_snapshots.head(root), told, list(marks)]
    unfinished_work.keep_note(root, request, json.dumps(noted).encode())


def trust_noted(root: Path, request: bytes) -> tuple[str, str] | None:
    """Return the last commit, if it is the one noted, and what is to be reported of it."""
    found, head = unfinished_work.find_note(root, request), commit_snapshots.head(root)
    try:
        before, told, marks = json.loads(found) if found else ("", "", ())
        marks = [str(mark) for mark in marks]
    except (ValueError, TypeError, RecursionError):
        return None
    if head is None or not marks or commit_snapshots.read_commit(root, head).parents != (before,):
        return None
    new = _read_trust_lines(root, head) - _read_trust_lines(root, before)
    stands = all(any(mark in line for line in new) for mark in marks)
    return (head, str(told)) if stands else None


def _read_trust_lines(root: Path, commit: str) -> set[str]:
    tree = CommitTree(root, commit)
    files = tree.read_many(tree.below(TRUST))
    return {line for _, data in files for line in data.decode("utf-8", "replace").splitlines()}
