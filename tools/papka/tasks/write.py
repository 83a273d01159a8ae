"""The end of every command that writes records: judge the step, then write it, or save it.

Invariants: nothing is written when a finding is an error or worse; a file that is no longer what
the caller read is not overwritten. With `save` the one way is `save_changes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.core.errors import ChangedMeanwhile, LockHeld, NotAnArchive
from papka.core.findings import Finding, Severity, in_order, worst
from papka.core.layout import STUDENTS, place, student_folder
from papka.core.snapshot import Overlay, Snapshot
from papka.gates import worktree
from papka.gates.git import reading
from papka.gates.lock import archive_lock
from papka.gates.opened import OpenedSnapshot
from papka.tasks import again
from papka.tasks.actor import Actor
from papka.tasks.check import judge_step, snapshot_source, state_before
from papka.tasks.save import Saved, save_changes
from papka.text.positions import Source, pinned


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
        known = again.noted(root, step.request)
        if known is not None and (commit := again.saved_in(root, known)) is not None:
            return repeated(root, step.request, known, commit)
        lying = again.lying(root, known) if known is not None else None
        if known is not None and lying is not None:
            step = Step(lying, lying, known.names, step.request)
            if saving is None:
                return Written(step, (), lying.get, done=True)
        again.note(root, step.request, step.names, step.after)
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


def repeated(root: Path, request: bytes, known: again.Noted, commit: str) -> Written:
    """The answer to a request that was saved before, by this commit."""
    subject = reading.read_commit(root, commit).message.partition("\n")[0]
    before = Step({}, dict.fromkeys(known.files, b""), known.names, request)
    saved = Saved(commit, subject, (), (), before.after.get)
    return Written(before, (), saved.source, done=True, saved=saved)


def _sweep(root: Path, step: Step) -> None:
    """What a killed command left beside the files would be judged as somebody's own."""
    if worktree.left_beside(root, step.after):
        with suppress(LockHeld), archive_lock(root):
            worktree.sweep(root, step.after)


def _judge(root: Path, step: Step) -> tuple[tuple[Finding, ...], Source]:
    head = reading.head(root)
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
