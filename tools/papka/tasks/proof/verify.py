"""Verify: is this archive what the people trusted with it signed, whole and unaltered?

Invariants: git never runs inside the archive, only in a clean room beside it; everything is
listed, not only the first; every byte is hashed, no index and no date is believed.
Absent on purpose: repair, and the calendar (`status --due`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.core.codes import history as codes
from papka.core.errors import GitFailed
from papka.core.findings import Finding, Location
from papka.core.history import EMPTY_TREE, Change, Commit, object_id
from papka.core.layout import ALLOWED_SIGNERS
from papka.core.store import MAIN, TrackedFile
from papka.gates.git.cleanroom import CleanRoom, clean_room
from papka.gates.git.objects import Objects
from papka.gates.git.store import Store, count_objects, locate, observe
from papka.gates.git.walk import walk
from papka.gates.worktree import WorktreeSnapshot
from papka.integrity.chronicle import Chronicle, Step, judge
from papka.integrity.rules import judge_history
from papka.integrity.store import judge_facts, judge_objects
from papka.integrity.trust import TrustFile, read_trust
from papka.integrity.worktree import judge_folder

_IGNORE = ".gitignore"


@dataclass(frozen=True, slots=True)
class Verified:
    """The verdict. `head` is the commit verified, `root_key` the fingerprint of the key that signed
    the first one; both are empty when there was nothing to read."""

    findings: tuple[Finding, ...]
    commits: int = 0
    objects: int = 0
    files: int = 0
    head: str = ""
    root_key: str = ""


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
            findings += _folder(room, store, files)
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


def changes_of(room: CleanRoom, commits: Sequence[Commit]) -> dict[str, tuple[Change, ...]]:
    """What each commit did to its first parent's files; nothing where that parent is unreadable."""
    trees = {commit.id: commit.tree for commit in commits}
    known = [c for c in commits if not c.parents or c.parents[0] in trees]
    pairs = [(trees[c.parents[0]] if c.parents else EMPTY_TREE, c.tree) for c in known]
    return {c.id: found for c, found in zip(known, room.changes(pairs), strict=True)}


def trust_files(
    room: CleanRoom, commits: Sequence[Commit], changes: Mapping[str, tuple[Change, ...]]
) -> dict[str, TrustFile]:
    """The trust file as each commit has it; a file is read once however many commits share it."""
    objects = room.objects()
    blob_of: dict[str, str] = {}
    for commit in commits:
        own = ""
        if commit.parents:
            # An unreadable parent leaves nothing to compare with: the file itself is asked for.
            known = blob_of.get(commit.parents[0])
            own = _blob(objects, f"{commit.id}:{ALLOWED_SIGNERS}") if known is None else known
        for change in changes.get(commit.id, ()):
            if change.path == ALLOWED_SIGNERS:
                own = change.new_id
        blob_of[commit.id] = own
    blobs = set(blob_of.values())
    read = {blob: read_trust(_read_blob(objects, blob)) if blob else TrustFile() for blob in blobs}
    return {commit: read[blob] for commit, blob in blob_of.items()}


def _blob(objects: Objects, name: str) -> str:
    """The id of the blob a name leads to, empty when there is none."""
    data = _read_blob(objects, name)
    return object_id("blob", data) if data else ""


def _read_blob(objects: Objects, name: str) -> bytes:
    """The bytes; none when they are lost, which the store's check has told already."""
    try:
        return objects.read(name)[1]
    except (KeyError, GitFailed):
        return b""


def _folder(room: CleanRoom, store: Store, files: Mapping[str, TrackedFile]) -> Iterator[Finding]:
    """The folder's files against the last commit."""
    assert store.tree is not None
    present = _hashed(WorktreeSnapshot(store.tree))
    untracked = sorted(present.keys() - files.keys())
    rules = _read_blob(room.objects(), files[_IGNORE].id) if _IGNORE in files else b""
    for path in room.ignored(untracked, rules):
        del present[path]
    yield from judge_folder(files, present)


def _hashed(snapshot: WorktreeSnapshot) -> dict[str, str | None]:
    """Path -> blob id of the bytes that lie there; None for a link or what cannot be read."""
    found: dict[str, str | None] = dict.fromkeys(snapshot.links)
    left = snapshot.paths()
    while left:
        done = 0
        try:
            for path, data in snapshot.read_many(left):
                found[path] = object_id("blob", data)
                done += 1
        except (KeyError, OSError):
            found[left[done]] = None
            done += 1
        left = left[done:]
    return found
