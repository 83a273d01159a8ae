"""Changing a file by splicing text at the places of its nodes: every other byte stays.

Invariant: each function reads its own result back and compares it with the tree it meant to make;
if they differ it raises SpliceFailed and nothing is returned. Comments, quotes, CRLF and the
modeline of the untouched lines are the author's. Absent on purpose: reformatting.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from papka.text.emit import emit, lines, scalar
from papka.text.splice import Source, Splice, SpliceFailed, end_of, line_after
from papka.text.tree import child

__all__ = [
    "SpliceFailed",
    "append_entry",
    "emit",
    "insert_entry_ids",
    "replace_scalar",
    "scalar",
    "set_key",
]


def insert_entry_ids(data: bytes, pointer: str, ids: Mapping[int, str]) -> bytes:
    """Gives entries of the list a pointer shows, by position, their id as first key."""
    source = Source(data)
    intended = deepcopy(source.value)
    entries = intended
    for key in pointer.split("/")[1:]:
        entries = entries[key]
    splices = []
    for position, entry_id in ids.items():
        node, flow = source.node(f"{pointer}/{position}")
        if node.kind != "map" or any(key.value == "id" for key in node.keys):
            raise SpliceFailed(f"запись {position + 1} не набор полей без номера")
        text = f"id: {scalar(entry_id, flow=flow)}"
        if node.style == "flow":
            at = node.start.offset + 1
            splices.append(Splice(at, at, f"{text}, " if node.keys else text))
        else:
            at, indent = node.start.offset, " " * (node.start.column - 1)
            splices.append(Splice(at, at, f"{text}{source.newline}{indent}"))
        entries[position] = {"id": entry_id, **entries[position]}
    return source.apply(splices, intended)


def replace_scalar(data: bytes, pointer: str, value: object) -> bytes:
    """Puts another scalar where the pointer shows one."""
    source = Source(data)
    node, flow = source.node(pointer)
    if node.kind != "scalar":
        raise SpliceFailed("там не одно значение, а список или набор полей")
    start, end = node.start.offset, end_of(source.text, node)
    text = scalar(value, flow=flow)
    if start == end and source.text[start - 1 : start] in (":", "-", ","):
        text = f" {text}"
    return source.apply([Splice(start, end, text)], _changed(source.value, pointer, value))


def append_entry(data: bytes, list_key: str, entry: Mapping[str, Any]) -> bytes:
    """Adds an entry to the end of a top-level list; makes the list when it is not there."""
    source = Source(data)
    root = source.root
    if root.kind != "map" or root.style == "flow":
        raise SpliceFailed("это не набор полей")
    intended = deepcopy(source.value)
    found = child(root, _part(list_key))
    if found is None:
        splices = [
            source.new_lines(
                line_after(source, root), root.start.column, list(lines({list_key: [entry]}))
            )
        ]
        intended[list_key] = [_plain(entry)]
        return source.apply(splices, intended)
    key, node = found
    added = list(lines([entry]))
    if node.kind == "list" and node.style != "flow":
        at = line_after(source, node)
        splices = [source.new_lines(at, node.start.column, added)]
    elif key is not None and not node.items and (node.kind == "list" or node.value is None):
        bare = Splice(source.text.rindex(":", 0, node.start.offset + 1) + 1, node.end.offset, "")
        at = source.after_line(node.end.offset)
        splices = [bare, source.new_lines(at, key.start.column + 2, added)]
    else:
        raise SpliceFailed("список записан в скобках")
    intended[list_key] = [*(intended[list_key] or ()), _plain(entry)]
    return source.apply(splices, intended)


def set_key(data: bytes, pointer: str, key: str, value: object) -> bytes:
    """Sets a key of the mapping a pointer shows: replaces a scalar or adds the key as last."""
    source = Source(data)
    node, _ = source.node(pointer)
    if node.kind != "map":
        raise SpliceFailed("там не набор полей")
    below = f"{pointer}/{_part(key)}"
    if child(node, _part(key)) is not None:
        return replace_scalar(data, below, value)
    intended = _changed(source.value, below, value)
    if node.style == "flow":
        at = node.end.offset - 1
        text = f"{scalar(key, flow=True)}: {scalar(value, flow=True)}"
        splice = Splice(at, at, f", {text}" if node.keys else text)
    else:
        at = line_after(source, node)
        splice = source.new_lines(at, node.start.column, list(lines({key: value})))
    return source.apply([splice], intended)


def _part(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _changed(value: Any, pointer: str, new: object) -> object:  # noqa: ANN401 - a YAML value
    """A copy of the value with one place set."""
    if not pointer:
        return _plain(new)
    copy = box = deepcopy(value)
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in parts[:-1]:
        box = box[int(part) if isinstance(box, list) else part]
    box[int(parts[-1]) if isinstance(box, list) else parts[-1]] = _plain(new)
    return copy


def _plain(value: object) -> Any:  # noqa: ANN401 - a YAML value
    """As the loader would give it: dates are text, tuples are lists."""
    return json.loads(json.dumps(value, default=str))
