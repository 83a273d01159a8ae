"""A push judged: the rules of `verify` over every new commit, those of `check` over what it leaves.

Invariants: the cost follows the change; a seal, a merge or what is no plain line makes the whole
history looked at, and then only what is new may be refused; the first push is judged whole, by
paper if there is any; records of a history that lies are not read any further.
Absent on purpose: comparing the first state with the last, each commit having been compared with
the one before it: what the head accepted there stays accepted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from papka.core.codes import history as codes
from papka.core.codes import records
from papka.core.codes.trust import REFOUNDING_UNKNOWN
from papka.core.errors import Refused
from papka.core.findings import Finding, Location, Severity, in_order, worst
from papka.core.history import Commit
from papka.core.seals import SEALS
from papka.core.snapshot import DictSnapshot
from papka.core.store import MAIN, StoreFacts, TrackedFile
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.reading import CommitSnapshot, changed_paths
from papka.gates.git.received import ListedRoom, before, new_line
from papka.gates.git.store import Store
from papka.gates.git.walk import Walked, walk
from papka.integrity.anchors import Anchors
from papka.tasks.check import check, judge_step, snapshot_source, state_before
from papka.tasks.hosting.paper import Paper
from papka.tasks.hosting.touched_files import touched_files
from papka.tasks.proof.examined import Case, examine, examine_after
from papka.tasks.proof.since import Start
from papka.text.positions import pinned


@dataclass(frozen=True, slots=True)
class Push:
    """What is pushed: main is to move from `old` (empty: there is none yet) to `new`."""

    room: CleanRoom
    store: Store
    old: str
    new: str


def judge_push(push: Push, paper: Paper, now: datetime) -> tuple[Finding, ...]:
    """What is wrong with it; raises Refused when it is no continuation of what is there."""
    found = _history(push, paper, int(now.timestamp()))
    if not _is_grave(found):
        found = [*found, *_records(push)]
    return tuple(in_order(found))


def _history(push: Push, paper: Paper, now: int) -> list[Finding]:
    line = new_line(push.room, push.old, push.new) if push.old else None
    done = _examined_after(push, line, paper, now) if line else None
    if done is not None:
        return done
    walked = walk(push.room, push.new)
    if push.old and push.old not in {commit.id for commit in walked.commits}:
        raise Refused(
            "присланное не продолжает то, что уже принято: это переписанная история, старая "
            "копия или другой архив"
        )
    found = [
        codes.HISTORY_UNREADABLE.at(Location(commit=id_), detail=detail)
        for id_, detail in walked.unreadable
    ]
    case = _case(push, walked, push.room.files(push.new), paper, now)
    found += examine(case if not push.old else replace(case, anchors=Anchors())).findings
    known = {commit.id for commit in walk(push.room, push.old).commits} if push.old else set()
    # An act typed in at the server vouches for what may come later; unmet it says nothing.
    return [
        each
        for each in found
        if each.where.commit not in known and each.code is not REFOUNDING_UNKNOWN
    ]


def _examined_after(
    push: Push, line: tuple[Commit, ...], paper: Paper, now: int
) -> list[Finding] | None:
    """What the new commits did; None when a seal came, which is put on all there is."""
    changes = changed_paths(push.room.folder, push.old, push.new)
    if any(change.path.startswith(f"{SEALS}/") for change in changes):
        return None
    files = push.room.files(push.new)
    room = ListedRoom(push.room.folder, listed={push.old: before(files, changes)})
    case = _case(push, Walked(line, ()), files, paper, now)
    looked = touched_files(files, changes)
    case = replace(case, room=room, anchors=Anchors(), looked_into=looked)
    done = examine_after(case, Start(push.old))
    return None if done is None else list(done.findings)


def _case(
    push: Push, walked: Walked, files: Mapping[str, TrackedFile], paper: Paper, now: int
) -> Case:
    facts = StoreFacts({MAIN: push.new}, f"ref: {MAIN}", bare=True)
    return Case(push.room, push.store, facts, walked, files, now, paper.anchors, paper.acts)


def _records(push: Push) -> list[Finding]:
    """What `check` says of the state it leaves, as far as the change can have touched it."""
    folder = push.room.folder
    if not push.old:
        return [*check(folder, rev=push.new).findings, *_forms(push, None)]
    changes = changed_paths(folder, push.old, push.new)
    states = {change.path: None if change.deleted else b"" for change in changes}
    after = state_before(folder, push.new, states)
    _, found = judge_step(DictSnapshot({}), after, states)
    return [*pinned(found, snapshot_source(after)), *_forms(push, states)]


def _forms(push: Push, changed: Mapping[str, bytes | None] | None) -> list[Finding]:
    """Printed forms that cannot work; `changed`: None for all."""
    if changed is not None and not any(path.startswith("templates/") for path in changed):
        return []
    from papka.gates.html import compile_all  # noqa: PLC0415 - Jinja only when forms change

    return [
        records.TEMPLATE_BROKEN.at(Location(path, line=line), reason=reason)
        for path, line, reason in compile_all(CommitSnapshot(push.room.folder, push.new))
    ]


def _is_grave(found: Collection[Finding]) -> bool:
    severity = worst(found)
    return severity is not None and severity >= Severity.ERROR
