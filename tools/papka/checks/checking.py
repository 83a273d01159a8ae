"""Check the records of the work tree or of a commit, whole or since a commit.

Invariants: what is checked is read once; a change of shared records (programmes, scales, staff…)
makes the whole archive checked, because anything may refer to them; else only the folders that
changed are read, and of exports only the manifests, so that the cost grows with the change.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from papka.checks import rules
from papka.core.findings import Finding, Location, sort_findings
from papka.core.litter import copy_in
from papka.core.places import (
    IMPORTS,
    ORGANIZATION,
    RECORDS,
    STUDENTS,
    import_of,
    place,
    student_folder,
)
from papka.core.snapshot import Snapshot, bytes_of
from papka.records import reading_codes
from papka.records.archive import Archive, Readings, load
from papka.records.documents import Source, add_lines
from papka.records.schemas import SchemaSet
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import NarrowSnapshot
from papka.repository.git_values import MAIN
from papka.repository.objects import is_nothing
from papka.repository.worktree import WorktreeSnapshot

_MANY = 1_000
"""A commit with so many touched personal files is listed whole: it is faster than by folder."""
_ALONE = ("register", "order", "import", "allowed-signers", "trust", "acceptance")
"""Kinds of shared record of which a new one can spoil only the files changed with it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check; `source` returns a path's bytes as they were checked."""

    findings: tuple[Finding, ...]
    files: int
    students: int
    source: Source


def check(root: Path, *, since: str | None = None, rev: str | None = None) -> Checked:
    """Check the folder, or with `rev` a commit; with `since` only what changed from there."""
    after: Snapshot = (
        WorktreeSnapshot(root) if rev is None else commit_snapshots.CommitSnapshot(root, rev)
    )
    found = list(_report_odd_files(after)) if isinstance(after, WorktreeSnapshot) else []
    if since is None or is_nothing(since):
        with without_collector():
            archive = load(after, SchemaSet.load(after))
            found += rules.run(archive)
    else:
        before = commit_snapshots.CommitSnapshot(root, since)
        changed = _list_changed(root, since, rev)
        archive, more = judge_step(before, after, changed)
        found += more
    source = snapshot_source(after)
    return Checked(
        tuple(sort_findings(add_lines(found, source))), archive.files, len(archive.students), source
    )


@contextmanager
def without_collector() -> Iterator[None]:
    """Suspend the garbage collector: reading makes values that live and hold no circle, and
    searching them again and again costs a tenth of a large check and finds nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _report_odd_files(files: WorktreeSnapshot) -> Iterator[Finding]:
    """Report what lies among the records and is no file."""
    for path in files.links:
        yield reading_codes.PATH_SYMLINK.at(Location(path))
    for path in files.specials:
        yield reading_codes.PATH_NOT_FILE.at(Location(path))
    for path in files.litter:
        if copy := copy_in(path):
            where = Location(copy.path.rstrip("/"))
            yield reading_codes.PATH_COPY.at(where, original=copy.original)


def judge_step(
    before: Snapshot, after: Snapshot, changed: Iterable[str], readings: Readings | None = None
) -> tuple[Archive, list[Finding]]:
    """Run all checks of `after` that the changed paths can have touched, and all transitions.

    Each state is judged by its own schemas.
    """
    wanted = select_touched(after, set(changed))
    readings = readings or Readings()
    new = load(after, SchemaSet.load(after), wanted=wanted, readings=readings)
    found = rules.run(new)
    if ORGANIZATION in before.paths():
        old = load(before, SchemaSet.load(before), wanted=wanted, readings=readings)
        found += rules.compare(old, new)
    return new, found


def state_before(root: Path, commit: str, changes: Mapping[str, bytes | None]) -> Snapshot:
    """Open a commit (a full id) as far as judging `changes` needs, so that the cost follows them.

    Any other path can still be read.
    """
    folders = _list_touched_folders(
        changes, removed={path for path, data in changes.items() if data is None}
    )
    if folders is None or len(folders) > _MANY:
        return commit_snapshots.CommitSnapshot(root, commit)
    return NarrowSnapshot(root, commit, folders)


def select_touched(after: Snapshot, changed: set[str]) -> Callable[[str], bool]:
    """Return a test for the paths to be read to judge a step that changed these."""
    folders = _list_touched_folders(changed, removed=changed.difference(after.paths()))
    if folders is None:
        return lambda _: True
    imports = {import_of(path) for path in changed}

    def wanted(path: str) -> bool:
        if path.startswith(STUDENTS + "/"):
            return "/".join(path.split("/", 4)[:4]) in folders
        other = path.startswith(IMPORTS) and not path.endswith("/manifest.yaml")
        return not other or import_of(path) in imports

    return wanted


def _list_touched_folders(changed: Iterable[str], removed: Collection[str]) -> set[str] | None:
    """List the personal folders a change touches; None when it changes something shared, so that
    all may be."""
    folders: set[str] = set()
    for path in changed:
        found = place(path)
        if found is not None and found.student:
            folders.add(student_folder(found.student))
        elif path.startswith((RECORDS + "/", "schema/", "templates/")) and (
            found is None or not found.kind.startswith(_ALONE) or path in removed
        ):
            return None
    return folders


def _list_changed(root: Path, since: str, rev: str | None) -> set[str]:
    changed = {
        change.path
        for change in commit_snapshots.changed_paths(root, since, MAIN if rev is None else rev)
    }
    if rev is None:
        changed |= {path for path, _ in commit_snapshots.worktree_changes(root)}
    return changed


def snapshot_source(snapshot: Snapshot) -> Source:
    """Return a function that reads a path's bytes, None when it is not there."""
    return partial(bytes_of, snapshot)
