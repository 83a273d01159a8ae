"""What commits need, and what of it a folder of objects has not: by commit and path.

Invariants: a tree seen once is not read again, so the cost follows what changed, not commits times
files; each lost object is told once, at the oldest commit that needs it.
Absent on purpose: hashing. Ask it of a pool, whose objects were hashed on the way in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from papka.core.history import SUBMODULE, TREE, Malformed, parse_commit, parse_tree
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.objects import Objects
from papka.gates.git.runner import run_git
from papka.gates.git.walk import walk

Kind = Literal["commit", "tree", "blob"]
_Place = tuple[str, str]
"""A commit and a path in it."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An object that is not there: at `path` of `commit`, which is the object itself for one."""

    id: str
    kind: Kind
    commit: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """`commits`: those readable, parents first. Nothing `lost`: the folder holds all of it.
    `present`: ids of every object needed that is there."""

    commits: tuple[str, ...]
    lost: tuple[Lost, ...]
    present: frozenset[str] = frozenset()


def reach(folder: Path, tip: str) -> Reach:
    """Everything a commit needs, looked for in a bare repository of our own."""
    walked = walk(CleanRoom(folder), tip)
    lost = [Lost(id_, "commit", id_) for id_, _ in walked.unreadable]
    trees: dict[str, _Place] = {}
    for commit in walked.commits:
        trees.setdefault(commit.tree, (commit.id, ""))
    objects, blobs, level = Objects(folder), dict[str, _Place](), trees
    while level:
        below: dict[str, _Place] = {}
        for (id_, (commit_id, path)), found in zip(
            level.items(), objects.find_many(level), strict=True
        ):
            try:
                entries = parse_tree(found[1]) if found is not None else None
            except Malformed:
                entries = None
            if entries is None:
                lost.append(Lost(id_, "tree", commit_id, path))
                continue
            for entry in entries:
                if entry.mode == SUBMODULE:
                    continue
                into = below if entry.mode == TREE else blobs
                into.setdefault(entry.id, (commit_id, f"{path}/{entry.name}".lstrip("/")))
        level = {id_: place for id_, place in below.items() if id_ not in trees}
        trees |= level
    gone = _absent(folder, blobs)
    lost += [Lost(id_, "blob", *place) for id_, place in blobs.items() if id_ in gone]
    commits = tuple(commit.id for commit in walked.commits)
    there = frozenset((*commits, *trees, *blobs)) - {each.id for each in lost}
    return Reach(commits, tuple(lost), there)


def all_commits(folder: Path) -> dict[str, tuple[str, ...]]:
    """Every commit a bare repository of our own holds, referred to or not -> its parents."""
    ran = run_git("cat-file", "--batch-all-objects", "--batch-check", "--unordered", folder=folder)
    lines = (line.split(" ") for line in ran.text.splitlines())
    ids = [words[0] for words in lines if words[1:2] == ["commit"]]
    found: dict[str, tuple[str, ...]] = {}
    for id_, _, raw in Objects(folder).read_many(ids):
        try:
            found[id_] = parse_commit(id_, raw).parents
        except Malformed:
            continue  # no commit that a history could be walked through
    return found


def present_commits(folder: Path, ids: Iterable[str]) -> set[str]:
    """Those of the ids that are commits there."""
    wanted = list(dict.fromkeys(ids))
    return {
        id_
        for id_, found in zip(wanted, Objects(folder).find_many(wanted), strict=True)
        if found is not None and found[0] == "commit"
    }


def _absent(folder: Path, ids: Collection[str]) -> set[str]:
    """Those of the ids that no object has; their bytes are not read."""
    given = "".join(f"{id_}\n" for id_ in ids).encode()
    ran = run_git("cat-file", "--batch-check", "--buffer", folder=folder, given=given)
    return {line.partition(" ")[0] for line in ran.text.splitlines() if line.endswith(" missing")}
