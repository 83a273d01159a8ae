"""Which results of personal files the head has approved, and which came later (R-5.6, R-6.7).

Invariant: approved is what stands unchanged in the tree of the latest commit that touched the acts
of approval; a correction made after closing is a draft until the next act. Whether that commit is
properly signed is the question of `verify`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from papka.core.errors import NotFound
from papka.core.places import place, record_folder
from papka.core.snapshot import Part
from papka.records.archive import Archive
from papka.records.derived.result_facts import ApprovalState, approval_states
from papka.records.lazy_archive import ArchiveReader
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import Value, iterate_entries, read
from papka.records.student import Student
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import CommitTree
from papka.repository.history import last_change, newest_change
from papka.repository.objects import Objects
from papka.repository.worktree import WorktreeSnapshot

_ACTS = record_folder("approval")


class ApprovalAtCommit:
    """Approval of many files as one commit shows it: `tip` is its full id.

    The state the head approved is opened once, each file of it when asked for.
    """

    def __init__(self, root: Path, tip: str) -> None:
        self._root = root
        self._tip = tip

    def states(
        self, archive: Archive, student: Student, consulted: set[str]
    ) -> dict[str, dict[str, ApprovalState]]:
        """Return period -> id of a result -> its state; add what it rests on to `consulted`."""
        consulted.add(_ACTS)
        return _compare(archive, student, self._approved)

    @cached_property
    def _approved(self) -> Archive:
        """The archive at the latest act; empty when there is none."""
        commit = newest_change(self._root, (_ACTS,), self._tip)
        if commit is None:
            return Archive()
        tree = CommitTree(self._root, commit)
        return ArchiveReader(tree, SchemaSet.load(Part(tree, "schema"))).archive(set())


def read_approval(
    root: Path, archive: Archive, student: Student, rev: str | None = None
) -> dict[str, dict[str, ApprovalState]]:
    """Return period -> id of a result -> its state, for one personal file."""
    commit = last_change(root, _ACTS, rev or "HEAD") if (root / ".git").exists() else None
    approved = Archive()
    if commit is not None:
        from papka.desk.open_records import open_file  # a press opens no folder

        with suppress(NotFound):  # the file is newer than the act
            approved = open_file(root, student.id, rev=commit).archive
    return _compare(archive, student, approved)


def _compare(
    archive: Archive, student: Student, approved: Archive
) -> dict[str, dict[str, ApprovalState]]:
    acts = [period for period in approved.approvals if period in archive.approvals]
    return approval_states(student, dict.fromkeys(acts, approved))


def list_late_entries(
    root: Path, archive: Archive, unsaved: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return closed period -> addresses of its entries that no act covers.

    `unsaved` are changed paths. The cost follows what changed since the latest act.
    """
    commit = last_change(root, _ACTS)
    if commit is None:
        return {}
    changed = {change.path for change in commit_snapshots.changed_paths(root, commit, "HEAD")}
    objects, files = Objects(root), WorktreeSnapshot(root)
    found: dict[str, list[str]] = {}
    for path in sorted(changed | set(unsaved)):
        at = place(path)
        if at is None or at.kind != "results" or at.key not in archive.approvals:
            continue
        then = _read_entries(next(objects.find_many([f"{commit}:{path}"])), path)
        try:
            now = _read_entries(("blob", files.read(path)), path)
        except KeyError:
            continue
        found.setdefault(at.key, []).extend(
            f"{at.student}#{id_}" for id_, value in now.items() if then.get(id_) != value
        )
    return {period: tuple(addresses) for period, addresses in found.items() if addresses}


def _read_entries(blob: tuple[str, bytes] | None, path: str) -> dict[str, Value]:
    if blob is None or blob[0] != "blob":
        return {}
    return {value["id"]: value for _, value in iterate_entries(read(blob[1], path).value, ())}
