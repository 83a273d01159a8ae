"""An archive brought from its last commit to another one that waits in quarantine.

Invariants: a file edited and not saved is never overwritten, so one that must change stops all;
then objects, files, branch, index, in this order: after a crash the next command puts back the
files it had begun. Absent on purpose: judging what is taken (`incoming`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from papka.core.history import EXECUTABLE, Change, object_id
from papka.core.snapshot import bytes_of
from papka.core.store import MAIN
from papka.gates import unfinished, worktree
from papka.gates.git import writing
from papka.gates.git.objects import Objects
from papka.gates.git.quarantine import Quarantine, absorb
from papka.gates.git.reading import changed_paths
from papka.merging.files import Conflict, merge_file


def take(  # noqa: PLR0913  # from where to where, when, by whom
    root: Path, held: Quarantine, ours: str, tip: str, *, now: datetime, staff: str, dry_run: bool
) -> tuple[Conflict, ...]:
    """Moves main from `ours` to `tip` with the files; or what unsaved edits stand in the way.

    The caller holds the lock. Raises ChangedMeanwhile when main has moved.
    """
    changes = changed_paths(held.folder, ours, tip)
    objects = held.room.objects()
    found = [*_unsaved(root, objects, changes)]
    if found or dry_run:
        return tuple(found)
    absorb(root, held.folder, tip, ours)
    paths = [change.path for change in changes]
    worktree.sweep(root, paths)
    unfinished.begin(root, tip, ours, unfinished.standing(root, ours, paths))
    for change in changes:
        if change.deleted:
            worktree.remove(root, change.path)
        else:
            data = objects.read(change.new_id)[1]
            worktree.write(root, change.path, data, executable=change.new_mode == EXECUTABLE)
    person = writing.person_now(staff, now, None)  # for the log only
    writing.move(root, MAIN, tip, ours, person, "papka sync")
    unfinished.end(root)
    entries = {c.path: None if c.deleted else (c.new_mode, c.new_id) for c in changes}
    writing.refresh_index(root, entries)
    return ()


def _unsaved(root: Path, objects: Objects, changes: Sequence[Change]) -> Iterator[Conflict]:
    """Edits in the folder that taking would overwrite."""
    files = worktree.WorktreeSnapshot(root)
    for change in changes:
        lies = bytes_of(files, change.path)
        id_ = "" if lies is None else object_id("blob", lies)
        if id_ in (change.old_id, change.new_id):
            continue
        old, new = (objects.read(i)[1] if i else None for i in (change.old_id, change.new_id))
        _, conflicts = merge_file(change.path, old, new, lies)
        whole = Conflict(change.path, ours="не сохранено", theirs="изменено")
        yield from conflicts or (whole,)
