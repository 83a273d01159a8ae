"""One's own unsent saves put after what others have sent meanwhile: computed, nothing is done.

Invariants: a file both sides changed is merged, never overwritten; a number taken by both sides is
a clash and stops everything; what one's later save has settled is not asked about again. The
result is judged step by step like any save. Absent on purpose: commits, signatures and seals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from papka.core.layout import place, student_folder
from papka.core.snapshot import Overlay, Snapshot, bytes_of
from papka.merging.files import Conflict, merge_file
from papka.merging.renumbering import Renamed, free_ids, renumbered
from papka.text.document import read

Changes = Mapping[str, bytes | None]

_ID = re.compile(r"[a-z][1-9][0-9]*")
_UNITS = frozenset(
    ("order", "register", "import", "import-part", "import-original", "import-unmatched")
)
"""Kinds whose path is a number given once."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A number both sides gave: a student's, an order's, a register's; `path` is on both sides."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Replay:
    """`steps`: for each unsent save what it changes now, relative to the one before it; empty when
    the others did the same. `renamed`: student -> old id -> new id."""

    steps: tuple[Changes, ...]
    conflicts: tuple[Conflict, ...]
    clashes: tuple[Clash, ...]
    renamed: Mapping[str, Renamed]


def replay(
    base: Snapshot, theirs: Snapshot, upstream: Iterable[str], unsent: Sequence[Changes]
) -> Replay:
    """Puts the saves `unsent`, which began at `base`, after `theirs`; oldest first.

    `upstream`: the paths that differ between the two states. Both must list the personal files
    that either side touches.
    """
    moved = frozenset(upstream)
    mine: dict[str, bytes | None] = {}
    for changes in unsent:
        mine |= changes
    clashes = tuple(_clashes(base, theirs, moved, mine))
    renamed = {} if clashes else _renamed(base, theirs, moved, mine)
    last = {path: index for index, changes in enumerate(unsent) for path in changes}
    state: dict[str, bytes | None] = {}
    steps: list[Changes] = []
    conflicts: list[Conflict] = []
    for index, changes in enumerate(unsent):
        step: dict[str, bytes | None] = {}
        for path, written in changes.items():
            data = written if written is None else renumbered(path, written, renamed)
            there = bytes_of(theirs, path)
            data, found = merge_file(path, bytes_of(base, path), there, data)
            if found and index < last[path]:
                continue  # a later save of the same file may have settled it
            conflicts += found
            if data != state.get(path, there):
                step[path] = state[path] = data
        steps.append(step)
    return Replay(tuple(steps), tuple(conflicts), clashes, renamed)


def said_anew(message: str, renamed: Mapping[str, Renamed]) -> str:
    """A save's message with the ids its entries have now."""
    lines = message.split("\n")
    for number, line in enumerate(lines):
        ids = renamed.get(line.partition(":")[0], {})
        for old in sorted(ids, key=lambda id_: int(id_[1:]), reverse=True):
            lines[number] = re.sub(rf"\b{old}\b", ids[old], lines[number])
    return "\n".join(lines)


def _clashes(
    base: Snapshot, theirs: Snapshot, moved: frozenset[str], mine: Changes
) -> Iterator[Clash]:
    told: set[str] = set()
    for path, data in sorted(mine.items()):
        found = place(path)
        if found is None or data is None or bytes_of(base, path) is not None:
            continue
        if found.student:
            card = f"{student_folder(found.student)}/student.yaml"
            new = bytes_of(base, card) is None and card in moved
            if new and mine.get(card) != bytes_of(theirs, card) and found.student not in told:
                told.add(found.student)
                yield Clash(found.student, card)
        elif found.kind in _UNITS and bytes_of(theirs, path) not in (None, data):
            yield Clash(found.key, path)


def _renamed(
    base: Snapshot, theirs: Snapshot, moved: frozenset[str], mine: Changes
) -> dict[str, Renamed]:
    both = _students(moved) & _students(mine)
    ours = Overlay(base, mine)
    found: dict[str, Renamed] = {}
    for student in sorted(both):
        old, left, right = (_entries(each, student) for each in (base, theirs, ours))
        clashing = [
            id_ for id_ in right if id_ not in old and id_ in left and left[id_] != right[id_]
        ]
        if clashing:
            found[student] = free_ids(left, right, clashing)
    return found


def _students(paths: Iterable[str]) -> set[str]:
    return {found.student for path in paths if (found := place(path)) and found.student}


def _entries(snapshot: Snapshot, student: str) -> dict[str, tuple[str, Any]]:
    """The entries of a personal file by id: where each stands, and what it says."""
    prefix = student_folder(student) + "/"
    paths = [p for p in snapshot.paths() if p.startswith(prefix) and p.endswith(".yaml")]
    return {
        entry["id"]: (path, entry)
        for path in paths
        if (data := bytes_of(snapshot, path)) is not None
        for entry in _numbered(read(data, path).value)
    }


def _numbered(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a YAML value
    if isinstance(value, dict):
        if _ID.fullmatch(str(value.get("id", ""))):
            yield value
        for item in value.values():
            yield from _numbered(item)
    elif isinstance(value, list):
        for item in value:
            yield from _numbered(item)
