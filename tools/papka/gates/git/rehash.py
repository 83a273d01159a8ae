"""Hashes the objects that came after one commit: for a check of what is new only.

Invariants: an object counts as sound only when its bytes give its name, and a tree when it is
written in the one way git writes it: `git fsck` reads the whole store or nothing.
Absent on purpose: objects that no commit needs (the full check asks of them).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from papka.core.errors import GitFailed
from papka.core.history import (
    EXECUTABLE,
    FILE,
    LINK,
    SUBMODULE,
    TREE,
    Malformed,
    compose_tree,
    object_id,
    parse_tree,
)
from papka.core.store import ObjectFault
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.objects import Objects
from papka.gates.git.runner import run_git

_WRONG = "содержимое не совпадает с именем"
_LOST = "его нет или он повреждён"
_BENT = "дерево записано не так, как пишет git"
_MODES = frozenset((FILE, EXECUTABLE, LINK, SUBMODULE, TREE))


def check_after(room: CleanRoom, start: str, tip: str) -> tuple[int, list[ObjectFault]]:
    """How many objects `tip` needs that `start` does not, and what is wrong with them."""
    ran = run_git(
        "rev-list", "--objects", "--no-object-names", "--missing=print", tip, f"^{start}",
        folder=room.folder, accepted=range(-64, 256),
    )  # fmt: skip
    ids = [line.lstrip("?") for line in ran.text.splitlines()]
    faults = list(_faults(room.objects(), ids))
    if ran.code and not faults:
        faults.append(ObjectFault("missing", tip, ran.trouble.strip().partition("\n")[0]))
    return len(ids), faults


def _faults(objects: Objects, ids: Sequence[str]) -> Iterator[ObjectFault]:
    done = 0
    try:
        for id_, found in zip(ids, objects.find_many(ids), strict=True):
            done += 1
            if found is None:
                yield ObjectFault("missing", id_, _LOST)
            elif wrong := _wrong(id_, *found):
                yield ObjectFault("corrupt", id_, wrong)
    except GitFailed:
        yield from _one_by_one(objects, ids[done:])


def _one_by_one(objects: Objects, ids: Sequence[str]) -> Iterator[ObjectFault]:
    """Where git dies of a damaged object, the others are still asked for."""
    for id_ in ids:
        try:
            found = objects.read(id_)
        except (KeyError, GitFailed):
            yield ObjectFault("corrupt", id_, _LOST)
            continue
        if wrong := _wrong(id_, *found):
            yield ObjectFault("corrupt", id_, wrong)


def _wrong(id_: str, kind: str, data: bytes) -> str:
    if object_id(kind, data) != id_:
        return _WRONG
    return _BENT if kind == "tree" and _is_bent(data) else ""


def _is_bent(tree: bytes) -> bool:
    """Whether two programs could read the tree differently."""
    try:
        entries = parse_tree(tree)
    except Malformed:
        return True
    names = {entry.name for entry in entries}
    odd = any(e.mode not in _MODES or "/" in e.name or e.name in ("", ".", "..") for e in entries)
    return odd or len(names) != len(entries) or compose_tree(entries) != tree
