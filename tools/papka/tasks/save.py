"""Save: check what changed, then make one signed commit of exactly what was checked.

Invariants (crash safety, in this order): the archive's own lock; the changed bytes are read once;
missing entry ids and salts are added and written atomically to the work tree; those same bytes
are judged and committed; the branch moves only from the commit that was judged against. A finding
of the severity "error" or worse leaves history as it was.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.core.errors import NotAnArchive
from papka.core.findings import Finding, Severity, in_order, worst
from papka.core.layout import SALT_BYTES, place, student_folder
from papka.core.snapshot import Overlay, Snapshot
from papka.gates import worktree
from papka.gates.git import reading, writing
from papka.gates.lock import archive_lock, clear_stale
from papka.integrity.permissions import judge_paths
from papka.model.archive import Archive
from papka.model.numbering import missing_ids
from papka.model.reading import load
from papka.tasks.actor import Actor
from papka.tasks.check import judge_step, snapshot_source
from papka.text.edit import insert_entry_ids
from papka.text.positions import Source, pinned
from papka.text.schemas import SchemaSet
from papka.views.save_message import save_message

_KEPT_ROOTS = ("records", "schema", "templates", "tools", ".github")
_KEPT_FILES = (".gitattributes", ".gitignore", "README.md")


@dataclass(frozen=True, slots=True)
class Saved:
    """`commit` is None when nothing was saved; `numbered` are entries that got an id;
    `left_out` are changed paths that do not belong to an archive."""

    commit: str | None
    subject: str
    paths: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    source: Source
    numbered: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    unlocked: tuple[str, ...] = ()


def save(
    root: Path, actor: Actor, *, now: datetime, message: str | None = None, dry_run: bool = False
) -> Saved:
    """Save everything that changed below `root`; `dry_run` judges but writes nothing."""
    with archive_lock(root):
        unlocked = clear_stale(root)
        head = reading.head(root)
        if head is None:
            raise NotAnArchive(str(root))
        states = reading.worktree_changes(root)
        kept = tuple((path, state) for path, state in states if _belongs(path))
        left_out = tuple(path for path, _ in states if not _belongs(path))
        before = reading.CommitSnapshot(root, head)
        changes = _changed_bytes(root, kept)
        if not changes:
            return Saved(
                None, "", (), (), snapshot_source(before), left_out=left_out, unlocked=unlocked
            )
        filled, numbered = _filled(before, changes)
        everything = changes | filled
        after = Overlay(before, everything)
        new, findings = judge_step(before, after, everything)
        findings += judge_paths(actor.staff, actor.signer.public, before, everything)
        source = snapshot_source(after)
        found = tuple(in_order(pinned(findings, source)))
        severity = worst(found)
        refused = severity is not None and severity >= Severity.ERROR
        text = message or save_message(_old(before, everything), new, everything)
        commit = None
        if not refused and not dry_run:
            for path, data in filled.items():
                worktree.write(root, path, data)
            commit = writing.commit(
                root,
                everything,
                text,
                author=actor.staff,
                now=now,
                sign=actor.sign,
                expected_parent=head,
            )
    subject = text.partition("\n")[0]
    return Saved(commit, subject, kept, found, source, numbered, left_out, unlocked)


def _belongs(path: str) -> bool:
    return path.partition("/")[0] in _KEPT_ROOTS or path in _KEPT_FILES


def _changed_bytes(root: Path, states: tuple[tuple[str, str], ...]) -> dict[str, bytes | None]:
    files = worktree.WorktreeSnapshot(root)
    return {path: None if state == "deleted" else files.read(path) for path, state in states}


def _filled(
    before: Snapshot, changes: dict[str, bytes | None]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Files with the ids and salts they lacked, and the addresses of entries numbered."""
    folders = {
        found.student for path in changes if (found := place(path)) is not None and found.student
    }
    after = Overlay(before, changes)
    archive = _folders(after, folders)
    earlier = _folders(before, folders)
    filled: dict[str, bytes] = {}
    numbered: list[str] = []
    for student in archive.students.values():
        if not student.has_salt:
            filled[f"{student_folder(student.id)}/.salt"] = secrets.token_bytes(SALT_BYTES)
        old = earlier.students.get(student.id)
        known = [entry.id for entry in old.entries() if entry.id] if old else []
        for (path, pointer), ids in missing_ids(student, known).items():
            data = filled.get(path) or after.read(path)
            filled[path] = insert_entry_ids(data, pointer, ids)
            numbered += [f"{student.id}#{id_}" for id_ in ids.values()]
    return filled, tuple(numbered)


def _folders(snapshot: Snapshot, students: set[str]) -> Archive:
    prefixes = tuple(student_folder(student) + "/" for student in students)
    return load(snapshot, SchemaSet.load(snapshot), wanted=lambda path: path.startswith(prefixes))


def _old(before: Snapshot, changes: dict[str, bytes | None]) -> Archive:
    folders = {
        found.student for path in changes if (found := place(path)) is not None and found.student
    }
    return _folders(before, folders)
