"""The folder's files against the last commit, every byte hashed.

The index is asked one thing: whether git would notice the differences found without it.
Absent on purpose: believing the index or a date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from papka.core.codes import repository as codes
from papka.core.findings import Finding, Location
from papka.core.history import object_id
from papka.core.layout import ARCHIVE_FOLDERS
from papka.core.store import TrackedFile
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.index import read_index
from papka.gates.git.refs import read_bytes
from papka.gates.git.store import Store
from papka.gates.worktree import WorktreeSnapshot, is_program, stamp
from papka.integrity.concealed import EXCLUDED, concealed
from papka.integrity.worktree import differing, judge_folder
from papka.tasks.proof.history import read_blob

_IGNORE = ".gitignore"


def judge_work_tree(
    room: CleanRoom, store: Store, files: Mapping[str, TrackedFile], lost: tuple[str, ...] = ()
) -> Iterator[Finding]:
    """The folder's files against the last commit; nothing is said of those in its `lost` folders,
    which cannot be read."""
    assert store.tree is not None
    snapshot = WorktreeSnapshot(store.tree)
    hashed = _hashed(snapshot)
    present = {path: id_ for path, id_ in hashed.items() if not path.startswith(lost)}
    rules = read_blob(room.objects(), files[_IGNORE].id) if _IGNORE in files else b""
    for path in room.ignored(sorted(present.keys() - files.keys()), {_IGNORE: rules}):
        del present[path]
    index = read_index(store.own, room)
    if index.fault:
        yield codes.INDEX_DAMAGED.at(Location(), detail=index.fault)
    stamps = {path: stamp(store.tree, path) for path in differing(files, present)}
    hidden = concealed(files, stamps, index)
    untracked = sorted(present.keys() - files.keys())
    hidden |= dict.fromkeys(_excluded(room, store, snapshot, untracked), EXCLUDED)
    programs = [path for path in untracked if is_program(store.tree, path)]
    yield from judge_folder(files, present, hidden, programs)


def _excluded(
    room: CleanRoom, store: Store, snapshot: WorktreeSnapshot, untracked: list[str]
) -> set[str]:
    """Untracked files where the archive keeps its own that lists outside of history hide.

    Anything elsewhere is somebody's own: that a person hides it is no secret.
    """
    rules = {
        path: snapshot.read(path)
        for path in untracked
        if path.rpartition("/")[2] == _IGNORE and path not in snapshot.links
    }
    rules[_IGNORE] = read_bytes(store.common / "info" / "exclude") + b"\n" + rules.get(_IGNORE, b"")
    ours = [path for path in untracked if path.partition("/")[0] in ARCHIVE_FOLDERS]
    return room.ignored(ours, rules)


def _hashed(snapshot: WorktreeSnapshot) -> dict[str, str | None]:
    """Path -> blob id of the bytes that lie there; None for a link or what cannot be read."""
    left = snapshot.paths()
    found: dict[str, str | None] = dict.fromkeys((*snapshot.links, *snapshot.specials))
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
