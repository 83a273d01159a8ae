"""Verify: is this archive what the people trusted with it signed, whole and unaltered?

Invariants: git never runs inside the archive, only in a clean room beside it; everything is
listed, not only the first; every byte is hashed, no index and no date is believed.
Absent on purpose: repair, and the calendar (`status --due`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from papka.core.codes import history as codes
from papka.core.errors import GitFailed
from papka.core.findings import Finding, Location
from papka.core.store import MAIN, TrackedFile
from papka.gates.git.cleanroom import CleanRoom, clean_room
from papka.gates.git.store import count_objects, locate, observe
from papka.gates.git.walk import walk
from papka.integrity.chronicle import Chronicle, Step, judge
from papka.integrity.rules import judge_history
from papka.integrity.store import judge_facts, judge_objects
from papka.tasks.proof.folder import judge_work_tree
from papka.tasks.proof.history import changes_of, trust_files
from papka.tasks.proof.verdict import Verified


def verify(root: Path, *, now: datetime, anchors: Collection[str] = ()) -> Verified:
    """Verifies an archive or a bare mirror.

    `anchors`: fingerprints (`SHA256:…`) of the head's keys, taken from paper. Raises NotAnArchive.
    """
    store = locate(root)
    facts = observe(store)
    findings = list(judge_facts(facts))
    head = facts.refs.get(MAIN)
    if facts.alternates or head is None:
        return Verified(tuple(findings), objects=count_objects(store))
    with clean_room(store) as room:
        findings += judge_objects(room.check(set(facts.refs.values())))
        steps, files, unread = _read(room, head)
        findings += unread
        chronicle = Chronicle(steps, int(now.timestamp()), frozenset(anchors), files)
        findings += judge_history(chronicle)
        if store.tree is not None and files:
            findings += judge_work_tree(room, store, files)
    roots = [step.verdict.key for step in steps if step.is_root]
    return Verified(
        tuple(findings),
        commits=len(steps),
        objects=count_objects(store),
        files=len(files),
        head=head,
        root_key=roots[0] if roots else "",
    )


def _read(
    room: CleanRoom, head: str
) -> tuple[tuple[Step, ...], Mapping[str, TrackedFile], list[Finding]]:
    """The history judged, the last commit's files, and what could not be read."""
    walked = walk(room, head)
    changes = changes_of(room, walked.commits)
    steps = judge(walked.commits, changes, trust_files(room, walked.commits, changes))
    found = [
        codes.HISTORY_UNREADABLE.at(Location(commit=id_), detail=detail)
        for id_, detail in walked.unreadable
    ]
    try:
        return steps, room.files(head), found
    except GitFailed:
        return steps, {}, found  # the missing trees are findings of the store already
