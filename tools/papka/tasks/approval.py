"""Which results the head has not approved, though their period is closed (R-5.6, R-6.7).

Invariants: approved is what stands unchanged in the tree of the latest commit that touched the
acts of approval; so a correction made after closing is a draft until the next act. The cost
follows what changed since that commit. Absent on purpose: the signature of that commit (`verify`).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from papka.core.errors import NotFound
from papka.core.layout import RECORDS, place
from papka.gates.git import reading
from papka.gates.git.objects import Objects
from papka.gates.git.tracing import last_change
from papka.gates.worktree import WorktreeSnapshot
from papka.model.archive import Archive
from papka.model.derived.approval import ApprovalState, approval_states
from papka.model.student import Student
from papka.tasks.open_file import open_file
from papka.text.document import read
from papka.text.entries import Value, entries_in

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
    changed = {change.path for change in reading.changed_paths(root, commit, "HEAD")}
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
