"""Check the records of a commit, and open a commit as far as judging a change needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from papka.checks.checking import Checked, check_all, judge_step, list_touched_folders, report_on
from papka.core.snapshot import Snapshot
from papka.repository.commit_snapshots import (
    CommitSnapshot,
    NarrowSnapshot,
    changed_paths,
    worktree_changes,
)
from papka.repository.git_values import MAIN
from papka.repository.objects import is_nothing
from papka.repository.worktree import WorktreeSnapshot

_MANY = 1_000
"""A commit with so many touched personal files is listed whole: it is faster than by folder."""


def check_commit(root: Path, *, since: str | None, rev: str | None) -> Checked:
    """Check the commit `rev`, the folder without it; with `since` only what changed from there."""
    after: Snapshot = WorktreeSnapshot(root) if rev is None else CommitSnapshot(root, rev)
    if since is None or is_nothing(since):
        return check_all(after)
    archive, found = judge_step(CommitSnapshot(root, since), after, _list_changed(root, since, rev))
    return report_on(after, archive, found)


def _list_changed(root: Path, since: str, rev: str | None) -> set[str]:
    changed = {change.path for change in changed_paths(root, since, MAIN if rev is None else rev)}
    if rev is None:
        changed |= {path for path, _ in worktree_changes(root)}
    return changed


def state_before(root: Path, commit: str, changes: Mapping[str, bytes | None]) -> Snapshot:
    """Open a commit (a full id) as far as judging `changes` needs, so that the cost follows them.

    Any other path can still be read.
    """
    folders = list_touched_folders(
        changes, removed={path for path, data in changes.items() if data is None}
    )
    if folders is None or len(folders) > _MANY:
        return CommitSnapshot(root, commit)
    return NarrowSnapshot(root, commit, folders)
