"""Hashes the objects that came after one commit: for a check of what is new only.

Invariant: an object counts as sound only when its bytes give its name.
Absent on purpose: objects that no commit needs (the full check asks of them).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from papka.core.errors import GitFailed
from papka.core.history import object_id
from papka.core.store import ObjectFault
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.objects import Objects
from papka.gates.git.runner import run_git

_WRONG = "содержимое не совпадает с именем"
_LOST = "его нет или он повреждён"


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
            elif object_id(*found) != id_:
                yield ObjectFault("corrupt", id_, _WRONG)
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
        if object_id(*found) != id_:
            yield ObjectFault("corrupt", id_, _WRONG)
