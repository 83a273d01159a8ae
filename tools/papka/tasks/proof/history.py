"""A history as values: what each commit changed, and whom it trusts.

Invariants: a file is read once however many commits share it; what is lost is read as nothing, for
the store's check has told of it. Absent on purpose: judging.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from papka.core.errors import GitFailed
from papka.core.history import EMPTY_TREE, TREE, Change, Commit, Malformed, parse_tree
from papka.core.store import TrackedFile
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.objects import Objects
from papka.integrity.trust_state import TRUST_FOLDER, TrustState, read_trust_state

_DEEPEST, _MOST = 8, 64
"""Folders in folders: trust has two, an archive eight. Deeper ones are made to exhaust who reads
them."""


def changes_of(room: CleanRoom, commits: Sequence[Commit]) -> dict[str, tuple[Change, ...]]:
    """What each commit did to its first parent's files; commits where that cannot be told, for
    something is lost, are left out."""
    trees = {commit.id: commit.tree for commit in commits}
    known = [c for c in commits if not c.parents or c.parents[0] in trees]
    pairs = [(trees[c.parents[0]] if c.parents else EMPTY_TREE, c.tree) for c in known]
    found = zip(known, room.changes(pairs), strict=True)
    return {commit.id: changes for commit, changes in found if changes is not None}


def readable_files(
    objects: Objects, commit: Commit
) -> tuple[dict[str, TrackedFile], tuple[str, ...]]:
    """Every path below a commit that can be read, and the folders that cannot, with a slash."""
    files: dict[str, TrackedFile] = {}
    lost: list[str] = []
    left = [("", commit.tree)]
    while left:
        folder, tree = left.pop()
        try:
            kind, raw = objects.read(tree)
            entries = parse_tree(raw) if kind == "tree" and folder.count("/") < _MOST else None
        except (KeyError, GitFailed, Malformed):
            entries = None
        if entries is None:
            lost.append(folder)
        for entry in entries or ():
            if entry.mode == TREE:
                left.append((f"{folder}{entry.name}/", entry.id))
            else:
                files[f"{folder}{entry.name}"] = TrackedFile(entry.mode, entry.id)
    return dict(sorted(files.items())), tuple(lost)


def trust_states(
    room: CleanRoom, commits: Sequence[Commit], changes: Mapping[str, tuple[Change, ...]]
) -> dict[str, TrustState]:
    """What `records/trust/` says in each commit; equal folders are read once."""
    objects = room.objects()
    folders: dict[str, frozenset[tuple[str, str]]] = {}
    for commit in commits:
        known = folders.get(commit.parents[0]) if commit.parents else frozenset()
        # Where nothing can be compared, the folder itself is asked for.
        is_told = known is not None and commit.id in changes
        own = known if known is not None and is_told else _folder(objects, commit) or known
        own = own or frozenset()
        touched = [c for c in changes.get(commit.id, ()) if c.path.startswith(TRUST_FOLDER)]
        if touched:
            left = {path: id_ for path, id_ in own if path not in {c.path for c in touched}}
            left |= {c.path: c.new_id for c in touched if c.new_id}
            own = frozenset(left.items())
        folders[commit.id] = own
    distinct = set(folders.values())
    blobs = {id_: read_blob(objects, id_) for folder in distinct for _, id_ in folder}
    states = {
        folder: read_trust_state({path: blobs[id_] for path, id_ in folder}) for folder in distinct
    }
    return {commit: states[folder] for commit, folder in folders.items()}


def _folder(objects: Objects, commit: Commit) -> frozenset[tuple[str, str]]:
    found = _listed(objects, f"{commit.id}:{TRUST_FOLDER[:-1]}", _DEEPEST)
    return frozenset((TRUST_FOLDER + path, id_) for path, id_ in found.items())


def _listed(objects: Objects, name: str, depth: int) -> dict[str, str]:
    """Every file below a folder of a commit, by its path there; none when it cannot be read."""
    if not depth:
        return {}
    try:
        kind, raw = objects.read(name)
        entries = parse_tree(raw) if kind == "tree" else []
    except (KeyError, GitFailed, Malformed):
        return {}
    found = {entry.name: entry.id for entry in entries if entry.mode.startswith("100")}
    for entry in entries:
        if entry.mode == TREE:
            inside = _listed(objects, entry.id, depth - 1)
            found |= {f"{entry.name}/{path}": id_ for path, id_ in inside.items()}
    return found


def read_blob(objects: Objects, name: str) -> bytes:
    """The bytes; none when they are lost, which the store's check has told already."""
    try:
        return objects.read(name)[1]
    except (KeyError, GitFailed):
        return b""
