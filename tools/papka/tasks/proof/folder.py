"""The folder's files against the last commit, every byte hashed.

Absent on purpose: asking the index or a date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from papka.core.findings import Finding
from papka.core.history import object_id
from papka.core.store import TrackedFile
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.store import Store
from papka.gates.worktree import WorktreeSnapshot
from papka.integrity.worktree import judge_folder
from papka.tasks.proof.history import read_blob

_IGNORE = ".gitignore"


def judge_work_tree(
    room: CleanRoom, store: Store, files: Mapping[str, TrackedFile]
) -> Iterator[Finding]:
    """The folder's files against the last commit."""
    assert store.tree is not None
    present = _hashed(WorktreeSnapshot(store.tree))
    untracked = sorted(present.keys() - files.keys())
    rules = read_blob(room.objects(), files[_IGNORE].id) if _IGNORE in files else b""
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
