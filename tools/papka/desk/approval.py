"""Which results of personal files the head has approved, as one commit of the archive shows it.

Invariants: as in `approval`: approved is what stands unchanged in the latest commit that touched
the acts of approval; that state is opened once for many files, each file of it when asked for.

Which results the head has not approved, though their period is closed (R-5.6, R-6.7).

Invariants: approved is what stands unchanged in the tree of the latest commit that touched the
acts of approval; so a correction made after closing is a draft until the next act. The cost
follows what changed since that commit. Absent on purpose: the signature of that commit (`verify`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from papka.core.errors import NotFound
from papka.core.places import RECORDS, place, record_folder
from papka.core.snapshot import Part
from papka.desk.open_records import open_file
from papka.records.archive import Archive
from papka.records.derived.mastery import ApprovalState, approval_states
from papka.records.documents import Value, entries_in, read
from papka.records.lazy_archive import OnDemand
from papka.records.schemas import SchemaSet
from papka.records.student import Student
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import CommitTree
from papka.repository.history import last_change, newest_change
from papka.repository.objects import Objects
from papka.repository.worktree import WorktreeSnapshot

_ACTS = record_folder("approval")


class Approving:
    """`tip` is the full id of the commit shown."""

    def __init__(self, root: Path, tip: str) -> None:
        self._root = root
        self._tip = tip

    def states(
        self, archive: Archive, student: Student, consulted: set[str]
    ) -> dict[str, dict[str, ApprovalState]]:
        """Period -> id of a result -> its state; what that rests on is added to `consulted`."""
        consulted.add(_ACTS)
        then = self._then
        acts = [period for period in then.approvals if period in archive.approvals] if then else []
        return approval_states(student, dict.fromkeys(acts, then or Archive()))

    @cached_property
    def _then(self) -> Archive | None:
        """The archive of the latest act; None when there is none."""
        commit = newest_change(self._root, (_ACTS,), self._tip)
        if commit is None:
            return None
        tree = CommitTree(self._root, commit)
        return OnDemand(tree, SchemaSet.load(Part(tree, "schema"))).archive(set())


ACTS = f"{RECORDS}/approvals"


def approval_of(
    root: Path, archive: Archive, student: Student, rev: str | None = None
) -> dict[str, dict[str, ApprovalState]]:
    """Period -> id of a result -> its state, for one personal file."""
    commit = last_change(root, ACTS, rev or "HEAD") if (root / ".git").exists() else None
    approving: dict[str, Archive] = {}
    if commit is not None:
        try:
            then = open_file(root, student.id, rev=commit).archive
        except NotFound:
            then = Archive()
        approving = {p: then for p in then.approvals if p in archive.approvals}
    return approval_states(student, approving)


def late_entries(
    root: Path, archive: Archive, unsaved: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Closed period -> addresses of its entries no act covers; `unsaved` are changed paths."""
    commit = last_change(root, ACTS)
    if commit is None:
        return {}
    changed = {change.path for change in commit_snapshots.changed_paths(root, commit, "HEAD")}
    objects, files = Objects(root), WorktreeSnapshot(root)
    found: dict[str, list[str]] = {}
    for path in sorted(changed | set(unsaved)):
        at = place(path)
        if at is None or at.kind != "results" or at.key not in archive.approvals:
            continue
        then = _entries(next(objects.find_many([f"{commit}:{path}"])), path)
        try:
            now = _entries(("blob", files.read(path)), path)
        except KeyError:
            continue
        found.setdefault(at.key, []).extend(
            f"{at.student}#{id_}" for id_, value in now.items() if then.get(id_) != value
        )
    return {period: tuple(addresses) for period, addresses in found.items() if addresses}


def _entries(blob: tuple[str, bytes] | None, path: str) -> dict[str, Value]:
    if blob is None or blob[0] != "blob":
        return {}
    return {value["id"]: value for _, value in entries_in(read(blob[1], path).value, ())}
