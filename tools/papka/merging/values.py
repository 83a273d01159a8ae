"""Three versions of one record's value merged: by field of the file, by entry of a list.

Invariants: an entry is never mixed of two people's fields; new entries of both are kept, theirs
first; whatever both changed differently is an Overlap with both values. Absent on purpose: bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NOTHING: Any = object()
"""Stands for a field or entry that is not there."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What both changed: the entry's id (empty: the file itself), the field, both values as they
    are read; None where the value is not there."""

    entry: str
    field: str
    ours: object
    theirs: object


def merge_values(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Overlap]]:
    """The merged fields and what overlaps; where there is an overlap theirs stand."""
    merged: dict[str, Any] = {}
    overlaps: list[Overlap] = []
    for key in [*theirs, *(key for key in mine if key not in theirs)]:
        old, their, own = (side.get(key, NOTHING) for side in (base, theirs, mine))
        value, found = _merge(key, old, their, own)
        overlaps += found
        if value is not NOTHING:
            merged[key] = value
    return merged, overlaps


def _merge(key: str, old: Any, their: Any, own: Any) -> tuple[Any, list[Overlap]]:  # noqa: ANN401 - YAML
    if own in (old, their) or their == old:
        return (their if own == old else own), []
    before = [] if old is NOTHING else old
    if isinstance(their, list) and isinstance(own, list) and isinstance(before, list):
        return _merge_lists(key, before, their, own)
    if all(isinstance(side, dict) for side in (old, their, own)) and _only_lists(old, their, own):
        return merge_values(old, their, own)
    return their, [Overlap("", key, _shown(own), _shown(their))]


def _only_lists(old: Any, their: Any, own: Any) -> bool:  # noqa: ANN401 - YAML
    """Whether lists are all that either side changed in a mapping: it may be merged inside."""
    changed = {k for side in (their, own) for k in {*old, *side} if side.get(k) != old.get(k)}
    return all(isinstance(side.get(k, []), list) for k in changed for side in (old, their, own))


def _merge_lists(
    key: str, old: list[Any], their: list[Any], own: list[Any]
) -> tuple[list[Any], list[Overlap]]:
    named = [_by_id(entries) for entries in (old, their, own)]
    if all(each is not None for each in named):
        return _merge_entries(*(each or {} for each in named))
    if their[: len(old)] == old == own[: len(old)]:
        return [*their, *(entry for entry in own[len(old) :] if entry not in their)], []
    return their, [Overlap("", key, _shown(own), _shown(their))]


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
            overlaps += _fields(id_, left, right)
        if value is not NOTHING:
            merged.append(value)
    return merged, overlaps


def _fields(id_: str, left: Any, right: Any) -> list[Overlap]:  # noqa: ANN401 - YAML
    """Every field in which two versions of an entry differ."""
    if left is NOTHING or right is NOTHING:
        return [Overlap(id_, "", _shown(right), _shown(left))]
    keys = [*left, *(key for key in right if key not in left)]
    return [
        Overlap(id_, key, right.get(key), left.get(key))
        for key in keys
        if left.get(key) != right.get(key)
    ]


def _by_id(entries: list[Any]) -> dict[str, Any] | None:
    """Entries by id; None when they are not told apart by one."""
    if not all(isinstance(entry, dict) and "id" in entry for entry in entries):
        return None
    found = {str(entry["id"]): entry for entry in entries}
    return found if len(found) == len(entries) else None


def _shown(value: Any) -> Any:  # noqa: ANN401 - YAML
    return None if value is NOTHING else value
