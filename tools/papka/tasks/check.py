"""Check the records of the work tree or of a commit, whole or since a commit.

Invariants: what is checked is read once; a change of shared records (programmes, scales, staff…)
makes the whole archive checked, because anything may refer to them; else only the folders that
changed are read, so that the cost grows with the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from papka import checks
from papka.core.codes import history
from papka.core.findings import Finding, Location, in_order
from papka.core.layout import ORGANIZATION, RECORDS, place, unit
from papka.core.snapshot import Snapshot
from papka.gates.git import reading
from papka.gates.worktree import WorktreeSnapshot
from papka.model.archive import Archive
from papka.model.reading import load
from papka.text.positions import Source, pinned
from papka.text.schemas import SchemaSet


@dataclass(frozen=True, slots=True)
class Checked:
    """`source` gives a path's bytes as they were checked."""

    findings: tuple[Finding, ...]
    files: int
    students: int
    source: Source


def check(root: Path, *, since: str | None = None, rev: str | None = None) -> Checked:
    """Check the folder, or with `rev` a commit; with `since` only what changed from there."""
    after: Snapshot = reading.CommitSnapshot(root, rev) if rev else WorktreeSnapshot(root)
    links = after.links if isinstance(after, WorktreeSnapshot) else ()
    found = [history.PATH_SYMLINK.at(Location(path)) for path in links]
    if since is None:
        archive = load(after, SchemaSet.load(after))
        found += checks.run(archive)
    else:
        before = reading.CommitSnapshot(root, since)
        changed = _changed(root, since, rev)
        archive, more = judge_step(before, after, changed)
        found += more
    source = snapshot_source(after)
    return Checked(
        tuple(in_order(pinned(found, source))), archive.files, len(archive.students), source
    )


def judge_step(
    before: Snapshot, after: Snapshot, changed: Iterable[str]
) -> tuple[Archive, list[Finding]]:
    """All checks of `after` that `changed` can have touched, and all transitions.

    The later state's schemas judge it; the earlier state is judged by its own.
    """
    wanted = _wanted(after, set(changed))
    new = load(after, SchemaSet.load(after), wanted=wanted)
    found = checks.run(new)
    if ORGANIZATION in before.paths():
        old = load(before, SchemaSet.load(before), wanted=wanted)
        found += checks.compare(old, new)
    return new, found


def _wanted(after: Snapshot, changed: set[str]) -> Callable[[str], bool]:
    present = set(after.paths())
    folders = set()
    for path in changed:
        found = place(path)
        if found is not None and found.student:
            folders.add(unit(path))
        elif path.startswith((RECORDS + "/", "schema/")) and (
            found is None or found.kind not in ("register", "order") or path not in present
        ):
            return lambda _: True
    return lambda path: not path.startswith(RECORDS + "/students/") or unit(path) in folders


def _changed(root: Path, since: str, rev: str | None) -> set[str]:
    changed = {change.path for change in reading.changed_paths(root, since, rev or "HEAD")}
    if rev is None:
        changed |= {path for path, _ in reading.worktree_changes(root)}
    return changed


def snapshot_source(snapshot: Snapshot) -> Source:
    """A path's bytes in the snapshot, or None."""

    def source(path: str) -> bytes | None:
        try:
            return snapshot.read(path)
        except KeyError:
            return None

    return source
