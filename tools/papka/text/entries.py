"""Entries of a record as they were read: mappings of a list that have an id.

Invariant: an entry is known by its id, wherever in the file it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Value = Any
"""A value read from YAML."""
Steps = tuple[str | int, ...]


def entries_in(value: Value, at: Steps = ()) -> Iterator[tuple[Steps, dict[str, Value]]]:
    """Every entry with the steps that lead to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from entries_in(inner, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                yield (*at, index), item
            yield from entries_in(item, (*at, index))
