"""Three versions of one file merged: the bytes of theirs with one's own changes sewn in.

Invariant: the merged bytes read back as exactly the merged value, or there is a conflict: comments
and layout are a matter of luck, the records are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from papka.merging.lines import merge_lines
from papka.merging.values import Overlap, merge_values
from papka.text.document import read
from papka.text.edit import SpliceFailed, append_entry


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place both sides changed. `entry` and `field` are empty when it is the whole file;
    `ours` and `theirs` are the values as text, empty: it is not there."""

    path: str
    entry: str = ""
    field: str = ""
    ours: str = ""
    theirs: str = ""


def merge_file(
    path: str, base: bytes | None, theirs: bytes | None, mine: bytes | None
) -> tuple[bytes | None, tuple[Conflict, ...]]:
    """The merged bytes (None: the file is gone), or what stands in the way."""
    if mine in (base, theirs):
        return theirs, ()
    if theirs == base:
        return mine, ()
    if theirs is None or mine is None or not path.endswith(".yaml"):
        return theirs, (_whole(path, mine, theirs),)
    values = [read(data, path).value for data in (base or b"{}", theirs, mine)]
    if not all(isinstance(value, dict) for value in values):
        return theirs, (_whole(path, mine, theirs),)
    merged, overlaps = merge_values(*values)
    if overlaps:
        return theirs, tuple(_conflict(path, overlap) for overlap in overlaps)
    for attempt in (_sewn(base, theirs, mine), _appended(theirs, values[1], merged)):
        if attempt is not None and read(attempt, path).value == merged:
            return attempt, ()
    return theirs, (_whole(path, mine, theirs),)


def _sewn(base: bytes | None, theirs: bytes, mine: bytes) -> bytes | None:
    return None if base is None else merge_lines(base, theirs, mine)


def _appended(theirs: bytes, value: dict[str, Any], merged: dict[str, Any]) -> bytes | None:
    """Theirs with the entries it lacks written at the ends of its lists."""
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


def _conflict(path: str, overlap: Overlap) -> Conflict:
    ours, theirs = (_text(value) for value in (overlap.ours, overlap.theirs))
    return Conflict(path, overlap.entry, overlap.field, ours, theirs)


def _whole(path: str, mine: bytes | None, theirs: bytes | None) -> Conflict:
    ours, other = ("" if data is None else f"{len(data)} байт" for data in (mine, theirs))
    return Conflict(path, ours=ours, theirs=other)


def _text(value: object) -> str:
    """A value on one line, as YAML would show it in brackets."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(item)}" for key, item in value.items())
    return ", ".join(_text(item) for item in value) if isinstance(value, list) else str(value)
