"""Merge records: three versions of lines, values and files, and unsent saves after others' saves.

Only values in and values out: nothing here writes, commits or signs.

Lines and entries that both sides added at one place are both kept, theirs first. An entry is never
mixed of two people's fields: whatever both changed differently is a conflict with both values, and
no file is overwritten. The merged bytes read back as exactly the merged value, else there is a
conflict: comments and layout may be lost, records never.

Entry ids that two people gave at once: the unsent ones move to the next free numbers, each letter's
in order, and every reference to them in the unsent files follows. A reference is known by the word
`x-refers-to` of its schema or as an address `2026-0007#r14`. Unsent orders move on likewise
(`order_numbers`), and so do unsent acts of approval (`act_numbers`). A number of a student, an
import or a register taken by both sides is a clash and stops everything. A conflict that a later
unsent save of the same file settles is not reported.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from papka.copies.act_numbers import UnsentActs, WhereItWas
from papka.copies.order_numbers import (
    Changes,
    NewNumber,
    at_new_number,
    find_new_numbers,
    reworded,
    with_new_numbers,
)
from papka.core.kinds import LETTER_OF, SCHEMA_OF
from papka.core.places import place, student_folder
from papka.core.snapshot import Overlay, Snapshot, bytes_of
from papka.records.editing import SpliceFailed, append_entry, replace_scalar
from papka.records.schemas import SchemaSet, shipped
from papka.records.strict_yaml import Steps, Value, iterate_entries, read
from papka.records.student import iterate_names


class _Hunk(NamedTuple):
    """A change: lines `start` to `end` of the earlier version give way to `lines`."""

    start: int
    end: int
    lines: list[bytes]


def merge_lines(base: bytes, theirs: bytes, mine: bytes) -> bytes | None:
    """Return `base` with both sides' changes; None when they overlap."""
    old = base.splitlines(keepends=True)
    left, right = _diff_lines(old, theirs), _diff_lines(old, mine)
    if any(_overlap(one, other) for one in left for other in right):
        return None
    # A stable sort: at one place theirs come first; what stands before a line goes before it.
    hunks = sorted([*left, *(h for h in right if h not in left)], key=lambda h: (h.start, h.end))
    result: list[bytes] = []
    at = 0
    for hunk in hunks:
        result += old[at : hunk.start] + hunk.lines
        at = hunk.end
    return b"".join(result + old[at:])


def _diff_lines(old: list[bytes], changed: bytes) -> list[_Hunk]:
    new = changed.splitlines(keepends=True)
    same = _count_common(old, new)
    tail = _count_common(old[same:][::-1], new[same:][::-1])
    middle, other = old[same : len(old) - tail], new[same : len(new) - tail]
    found = SequenceMatcher(None, middle, other, autojunk=False).get_opcodes()
    return [
        _Hunk(same + start, same + end, other[first:last])
        for kind, start, end, first, last in found
        if kind != "equal"
    ]


def _count_common(one: list[bytes], other: list[bytes]) -> int:
    """Count the first lines that are the same."""
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return index
    return min(len(one), len(other))


def _overlap(one: _Hunk, other: _Hunk) -> bool:
    if one == other:
        return False
    return one.start < other.end and other.start < one.end


NOTHING: Any = object()
"""A field or entry that is not there."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """A value that both changed: the entry's id (empty: the file itself), the field, and both
    values as read, None where there is none."""

    entry: str
    field: str
    ours: object
    theirs: object


def merge_values(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Overlap]]:
    """Merge fields; return them and the overlaps, where theirs stand."""
    merged: dict[str, Any] = {}
    overlaps: list[Overlap] = []
    for key in [*theirs, *(key for key in mine if key not in theirs)]:
        old, their, own = (side.get(key, NOTHING) for side in (base, theirs, mine))
        value, found = _merge_value(key, old, their, own)
        overlaps += found
        if value is not NOTHING:
            merged[key] = value
    return merged, overlaps


def _merge_value(key: str, old: Any, their: Any, own: Any) -> tuple[Any, list[Overlap]]:  # noqa: ANN401 - YAML
    if own in (old, their) or their == old:
        return (their if own == old else own), []
    before = [] if old is NOTHING else old
    if isinstance(their, list) and isinstance(own, list) and isinstance(before, list):
        return _merge_lists(key, before, their, own)
    if all(isinstance(side, dict) for side in (old, their, own)) and _changes_only_lists(
        old, their, own
    ):
        return merge_values(old, their, own)
    return their, [Overlap("", key, _none_if_absent(own), _none_if_absent(their))]


def _changes_only_lists(old: dict[str, Any], their: dict[str, Any], own: dict[str, Any]) -> bool:
    """Tell whether lists are all that either side changed in a mapping: it may be merged inside."""
    changed = {k for side in (their, own) for k in {*old, *side} if side.get(k) != old.get(k)}
    return all(isinstance(side.get(k, []), list) for k in changed for side in (old, their, own))


def _merge_lists(
    key: str, old: list[Any], their: list[Any], own: list[Any]
) -> tuple[list[Any], list[Overlap]]:
    named = [_index_by_id(entries) for entries in (old, their, own)]
    if all(each is not None for each in named):
        return _merge_entries(*(each or {} for each in named))
    if their[: len(old)] == old == own[: len(old)]:
        return [*their, *(entry for entry in own[len(old) :] if entry not in their)], []
    return their, [Overlap("", key, _none_if_absent(own), _none_if_absent(their))]


def _merge_entries(
    old: dict[str, Any], their: dict[str, Any], own: dict[str, Any]
) -> tuple[list[Any], list[Overlap]]:
    merged: list[Any] = []
    overlaps: list[Overlap] = []
    for id_ in [*their, *(id_ for id_ in own if id_ not in their)]:
        before, left, right = (side.get(id_, NOTHING) for side in (old, their, own))
        if right in (before, left) or left == before:
            value = left if right == before else right
        else:
            value = left
            overlaps += _compare_entries(id_, left, right)
        if value is not NOTHING:
            merged.append(value)
    return merged, overlaps


def _compare_entries(id_: str, left: Any, right: Any) -> list[Overlap]:  # noqa: ANN401 - YAML
    """List every field in which two versions of an entry differ."""
    if left is NOTHING or right is NOTHING:
        return [Overlap(id_, "", _none_if_absent(right), _none_if_absent(left))]
    keys = [*left, *(key for key in right if key not in left)]
    return [
        Overlap(id_, key, right.get(key), left.get(key))
        for key in keys
        if left.get(key) != right.get(key)
    ]


def _index_by_id(entries: list[Any]) -> dict[str, Any] | None:
    """Map ids to entries; None when ids do not tell the entries apart."""
    if not all(isinstance(entry, dict) and "id" in entry for entry in entries):
        return None
    found = {str(entry["id"]): entry for entry in entries}
    return found if len(found) == len(entries) else None


def _none_if_absent(value: object) -> object:
    return None if value is NOTHING else value


@dataclass(frozen=True, slots=True)
class Conflict:
    """A place that both sides changed. `entry` and `field` are empty when it is the whole file;
    `ours` and `theirs` are the values as text, empty when there is none."""

    path: str
    entry: str = ""
    field: str = ""
    ours: str = ""
    theirs: str = ""


def merge_file(
    path: str, base: bytes | None, theirs: bytes | None, mine: bytes | None
) -> tuple[bytes | None, tuple[Conflict, ...]]:
    """Merge a file; return its bytes (None: it is gone) and the conflicts, where theirs stand."""
    if mine in (base, theirs):
        return theirs, ()
    if theirs == base:
        return mine, ()
    if theirs is None or mine is None or not path.endswith(".yaml"):
        return theirs, (_whole_conflict(path, mine, theirs),)
    values = [read(data, path).value for data in (base or b"{}", theirs, mine)]
    if not all(isinstance(value, dict) for value in values):
        return theirs, (_whole_conflict(path, mine, theirs),)
    merged, overlaps = merge_values(*values)
    if overlaps:
        return theirs, tuple(
            Conflict(
                path, each.entry, each.field, _write_inline(each.ours), _write_inline(each.theirs)
            )
            for each in overlaps
        )
    by_lines = None if base is None else merge_lines(base, theirs, mine)
    for attempt in (by_lines, _append_missing(theirs, values[1], merged)):
        if attempt is not None and read(attempt, path).value == merged:
            return attempt, ()
    return theirs, (_whole_conflict(path, mine, theirs),)


def _append_missing(theirs: bytes, value: dict[str, Any], merged: dict[str, Any]) -> bytes | None:
    """Return theirs with the entries it lacks written at the ends of its lists."""
    data = theirs
    try:
        for key, entries in merged.items():
            had = value.get(key, [])
            both = isinstance(entries, list) and isinstance(had, list)
            if both and entries[: len(had)] == had:
                for entry in entries[len(had) :]:
                    data = append_entry(data, key, entry)
    except SpliceFailed:
        return None
    return data


def _whole_conflict(path: str, mine: bytes | None, theirs: bytes | None) -> Conflict:
    ours, other = ("" if data is None else f"{len(data)} байт" for data in (mine, theirs))
    return Conflict(path, ours=ours, theirs=other)


def _write_inline(value: object) -> str:
    """Write a value on one line, as YAML shows it inside brackets."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_write_inline(item)}" for key, item in value.items())
    return (
        ", ".join(_write_inline(item) for item in value) if isinstance(value, list) else str(value)
    )


Renamed = Mapping[str, str]


def assign_free_ids(
    taken: Iterable[str], ours: Iterable[str], clashing: Iterable[str]
) -> dict[str, str]:
    """Return a new id for each clashing one, after all that either side has."""
    last: defaultdict[str, int] = defaultdict(int)
    for id_ in (*taken, *ours):
        last[id_[0]] = max(last[id_[0]], int(id_[1:]))
    found: dict[str, str] = {}
    for id_ in sorted(clashing, key=lambda id_: (id_[0], int(id_[1:]))):
        last[id_[0]] += 1
        found[id_] = f"{id_[0]}{last[id_[0]]}"
    return found


def renumber(
    path: str, data: bytes, renamed: Mapping[str, Renamed], schemas: SchemaSet | None = None
) -> bytes:
    """Return an unsent file with new ids; `renamed`: student -> old id -> new id; `schemas` say
    which fields name entries, the program's own where there are none."""
    if not path.endswith(".yaml"):
        return data
    for student, ids in renamed.items():
        # Highest first: what r1 becomes may be the old id of another entry.
        for old in sorted(ids, key=lambda id_: int(id_[1:]), reverse=True):
            address = rf"{student}#{old}(?!\d)".encode()
            data = re.sub(address, f"{student}#{ids[old]}".encode(), data)
    own = renamed.get(_owner_of(path, data))
    if own:
        value = read(data, path).value
        for pointer, new in _find_references(path, value, own, schemas or shipped()):
            data = replace_scalar(data, pointer, new)
    return data


def _owner_of(path: str, data: bytes) -> str:
    """Return the student whose entries a file names by bare ids: also of a register's entry, which
    says to which representative a document was handed."""
    found = place(path)
    if found is None or found.kind != "register":
        return found.student if found is not None else ""
    value = read(data, path).value
    return str(value.get("student", "")).partition("#")[0] if isinstance(value, dict) else ""


def _find_references(
    path: str, value: Value, ids: Renamed, schemas: SchemaSet
) -> Iterator[tuple[str, str]]:
    """Yield where a renamed id stands, and what it becomes."""
    for steps, entry in iterate_entries(value):
        if entry["id"] in ids:
            yield _point((*steps, "id")), ids[entry["id"]]
    for pointer, name, targets in _find_names(path, value, schemas):
        letters = {LETTER_OF[each] for each in targets if each in LETTER_OF}
        if name in ids and name[0] in letters:
            yield pointer, ids[name]


def _find_names(
    path: str, value: Value, schemas: SchemaSet
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield where a file names another record, the name, and what it may be of."""
    at = place(path)
    if at is None or at.kind not in SCHEMA_OF:
        return
    for way, targets in schemas.references(SCHEMA_OF[at.kind]).items():
        for steps, name in iterate_names(value, way):
            yield _point(steps), name, targets


def _find_orders(path: str, data: bytes, schemas: SchemaSet) -> Iterator[tuple[str, str]]:
    """Yield where a file names an order, and its key."""
    for pointer, name, targets in _find_names(path, read(data, path).value, schemas):
        if "order" in targets:
            yield pointer, name


def _point(steps: Steps) -> str:
    return "".join(f"/{step}" for step in steps)


_ID = re.compile(r"[a-z][1-9][0-9]*")
_NUMBERED_KINDS = frozenset(
    ("register", "import", "import-part", "import-original", "import-unmatched")
)
"""Kinds of records whose path holds a number given once."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A number that both sides gave to a student, an import or a register, and the file of it."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Replay:
    """Unsent saves put after others' saves. `steps`: what each save changes now, relative to the
    one before it, empty when the others did the same; `renamed`: student -> old id -> new id;
    `orders`: key of an order -> its new number; `acts`: those of approval."""

    steps: tuple[Changes, ...]
    conflicts: tuple[Conflict, ...]
    clashes: tuple[Clash, ...]
    renamed: Mapping[str, Renamed]
    orders: Mapping[str, NewNumber]
    acts: UnsentActs

    def message(self, said: str) -> str:
        """Return a save's message with the new ids of its entries, numbers of orders and acts."""
        words = reworded(renumber_message(said, self.renamed), self.orders)
        return self.acts.reworded(words)


def replay(
    base: Snapshot, theirs: Snapshot, upstream: Iterable[str], unsent: Sequence[Changes]
) -> Replay:
    """Put the saves `unsent`, oldest first, which began at `base`, after `theirs`.

    `upstream`: the paths that differ between the two states. Both states must list the personal
    files that either side touches.
    """
    moved = frozenset(upstream)
    mine: dict[str, bytes | None] = {}
    for changes in unsent:
        mine |= changes
    clashes = tuple(_find_clashes(base, theirs, moved, mine))
    renamed = {} if clashes else _plan_renaming(base, theirs, moved, mine)
    orders = {} if clashes else find_new_numbers(base, theirs, mine)
    schemas = _load_schemas(theirs) if renamed or orders else None
    acts = UnsentActs(base, theirs, renamed, lambda: _load_schemas(theirs) or shipped())
    last = {path: index for index, changes in enumerate(unsent) for path in changes}
    state: dict[str, bytes | None] = {}
    steps: list[Changes] = []
    conflicts: list[Conflict] = []
    own: dict[str, bytes | None] = {}
    moved_on: dict[str, bytes | None] = {}
    for index, changes in enumerate(unsent):
        step: dict[str, bytes | None] = {}
        own |= changes
        written = {
            path: None if data is None else renumber(path, data, renamed, schemas)
            for path, data in changes.items()
        }
        moved_on |= written
        records = WhereItWas(
            Overlay(base, own), Overlay(base, moved_on), Overlay(theirs, state | written)
        )
        for earlier, renumbered in acts.rewrite(written, records).items():
            path, data = at_new_number(earlier, orders), renumbered
            if data is not None and orders and earlier.endswith(".yaml"):
                named = _find_orders(earlier, data, schemas or shipped())
                data = with_new_numbers(earlier, data, orders, named)
            there = bytes_of(theirs, path)
            data, found = merge_file(path, bytes_of(base, path), there, data)
            if found and index < last.get(earlier, index):
                continue  # a later save of the same file may have settled it
            conflicts += found
            if data != state.get(path, there):
                step[path] = state[path] = data
        steps.append(step)
    return Replay(tuple(steps), tuple(conflicts), clashes, renamed, orders, acts)


def _load_schemas(snapshot: Snapshot) -> SchemaSet | None:
    has_schemas = any(path.startswith("schema/") for path in snapshot.paths())
    return SchemaSet.load(snapshot) if has_schemas else None


def renumber_message(message: str, renamed: Mapping[str, Renamed]) -> str:
    """Return a save's message with the new ids of its entries."""
    lines = message.split("\n")
    for number, line in enumerate(lines):
        ids = renamed.get(line.partition(":")[0], {})
        for old in sorted(ids, key=lambda id_: int(id_[1:]), reverse=True):
            lines[number] = re.sub(rf"\b{old}\b", ids[old], lines[number])
    return "\n".join(lines)


def _find_clashes(
    base: Snapshot, theirs: Snapshot, moved: frozenset[str], mine: Changes
) -> Iterator[Clash]:
    students: set[str] = set()
    for path, data in sorted(mine.items()):
        found = place(path)
        if found is None or data is None or bytes_of(base, path) is not None:
            continue
        if found.student:
            card = f"{student_folder(found.student)}/student.yaml"
            new = bytes_of(base, card) is None and card in moved
            if new and mine.get(card) != bytes_of(theirs, card) and found.student not in students:
                students.add(found.student)
                yield Clash(found.student, card)
        elif found.kind in _NUMBERED_KINDS and bytes_of(theirs, path) not in (None, data):
            yield Clash(found.key, path)


def _plan_renaming(
    base: Snapshot, theirs: Snapshot, moved: frozenset[str], mine: Changes
) -> dict[str, Renamed]:
    both = _students_of(moved) & _students_of(mine)
    ours = Overlay(base, mine)
    found: dict[str, Renamed] = {}
    for student in sorted(both):
        old, left, right = (_read_entries(each, student) for each in (base, theirs, ours))
        clashing = [
            id_ for id_ in right if id_ not in old and id_ in left and left[id_] != right[id_]
        ]
        if clashing:
            found[student] = assign_free_ids(left, right, clashing)
    return found


def _students_of(paths: Iterable[str]) -> set[str]:
    return {found.student for path in paths if (found := place(path)) and found.student}


def _read_entries(snapshot: Snapshot, student: str) -> dict[str, tuple[str, Any]]:
    """Map the ids of a personal file's entries to the path and value of each."""
    prefix = student_folder(student) + "/"
    paths = [p for p in snapshot.paths() if p.startswith(prefix) and p.endswith(".yaml")]
    return {
        entry["id"]: (path, entry)
        for path in paths
        if (data := bytes_of(snapshot, path)) is not None
        for _, entry in iterate_entries(read(data, path).value)
        if _ID.fullmatch(entry["id"])
    }
