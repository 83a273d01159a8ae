"""Check the records of a state: all of them, or what a step from one to the next can have touched.

Invariants: what is checked is read once; a change of shared records (programmes, scales, staff…)
makes the whole archive checked, because anything may refer to them; else only the folders that
changed are read, and of exports only the manifests, so that the cost grows with the change.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from papka.checks import rules, transitions
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
from papka.core.snapshot import Snapshot
from papka.records import reading_codes
from papka.records.archive import Archive, Readings, load
from papka.records.documents import Source, add_lines, snapshot_source
from papka.records.schemas import SchemaSet
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


def check(root: Path) -> Checked:
    """Check the folder."""
    return _check_all(WorktreeSnapshot(root))


def check_commit(root: Path, *, since: str | None, rev: str | None) -> Checked:
    """Check the commit `rev`, the folder without it; with `since` only what changed from there."""
    from papka.repository import commit_snapshots  # noqa: PLC0415 - the folder alone needs no git
    from papka.repository.git_values import MAIN  # noqa: PLC0415 - as above
    from papka.repository.objects import is_nothing  # noqa: PLC0415 - as above

    after: Snapshot = (
        WorktreeSnapshot(root) if rev is None else commit_snapshots.CommitSnapshot(root, rev)
    )
    if since is None or is_nothing(since):
        return _check_all(after)
    changes = commit_snapshots.changed_paths(root, since, MAIN if rev is None else rev)
    changed = {change.path for change in changes}
    if rev is None:
        changed |= {path for path, _ in commit_snapshots.worktree_changes(root)}
    before = commit_snapshots.CommitSnapshot(root, since)
    archive, found = judge_step(before, after, changed)
    return _report_on(after, archive, found)


def _check_all(files: Snapshot) -> Checked:
    """Check every record of a state."""
    with without_collector():
        archive = load(files, SchemaSet.load(files))
        found = rules.run(archive)
    return _report_on(files, archive, found)


def _report_on(files: Snapshot, archive: Archive, found: Iterable[Finding]) -> Checked:
    """Add what lies among the records of a folder and is no file, and put findings in order."""
    odd = _report_odd_files(files) if isinstance(files, WorktreeSnapshot) else ()
    source = snapshot_source(files)
    findings = sort_findings(add_lines([*odd, *found], source))
    return Checked(tuple(findings), archive.files, len(archive.students), source)


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
        found += transitions.compare(old, new)
    return new, found


def state_before(root: Path, commit: str, changes: Mapping[str, bytes | None]) -> Snapshot:
    """Open a commit (a full id) as far as judging `changes` needs, so that the cost follows them.

    Any other path can still be read.
    """
    from papka.repository.commit_snapshots import (  # noqa: PLC0415 - as in check_commit
        CommitSnapshot,
        NarrowSnapshot,
    )

    folders = _list_touched_folders(
        changes, removed={path for path, data in changes.items() if data is None}
    )
    if folders is None or len(folders) > _MANY:
        return CommitSnapshot(root, commit)
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
