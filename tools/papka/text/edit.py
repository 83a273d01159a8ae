"""Changing a file by splicing text at the places of its nodes: every other byte stays.

Invariant: each function reads its own result back and compares it with the tree it meant to make;
if they differ it raises SpliceFailed and nothing is returned. Comments, quotes, CRLF and the
modeline of the untouched lines are the author's. Absent on purpose: reformatting, and taking
anything away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from papka.text.document import read
from papka.text.emit import emit, flow, is_block, lines, scalar
from papka.text.splice import Source, Splice, SpliceFailed, end_of, line_after
from papka.text.tree import Node, child, escaped

__all__ = [
    "SpliceFailed",
    "append_entries",
    "append_entry",
    "emit",
    "insert_entry_ids",
    "replace_scalar",
    "scalar",
    "set_key",
    "set_value",
]


def insert_entry_ids(data: bytes, pointer: str, ids: Mapping[int, str]) -> bytes:
    """Gives entries of the list a pointer shows, by position, their id as first key."""
    source = Source(data)
    intended = deepcopy(source.value)
    entries = intended
    for part in _parts(pointer):
        entries = entries[int(part) if isinstance(entries, list) else part]
    splices = []
    for position, entry_id in ids.items():
        node, brackets = source.node(f"{pointer}/{position}")
        if node.kind != "map" or any(key.value == "id" for key in node.keys):
            raise SpliceFailed(f"запись {position + 1} не набор полей без номера")
        text = f"id: {scalar(entry_id, flow=brackets)}"
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
    node, brackets = source.node(pointer)
    if node.kind != "scalar":
        raise SpliceFailed("там не одно значение, а список или набор полей")
    text = scalar(value, flow=brackets)
    return source.apply([_inline(source, node, text)], _changed(source.value, pointer, value))


def set_value(data: bytes, pointer: str, value: object) -> bytes:
    """Sets what the pointer shows to any value: replaces it, or adds the key as the last of its
    mapping; mappings that are missing above it are made."""
    source = Source(data)
    above, below = pointer, value
    while above:
        above, _, part = above.rpartition("/")
        name = _parts(f"/{part}")[0]
        if (found := _find(source, above)) is None:
            below = {name: below}
            continue
        if child(found, part) is None and found.kind == "map":
            return source.apply(
                [_new_key(source, above, name, below)],
                _changed(source.value, f"{above}/{part}", below),
            )
        break
    node, brackets = source.node(pointer)
    intended = _changed(source.value, pointer, value)
    if brackets or node.style == "flow":
        splices = [_inline(source, node, flow(value))]
        if not brackets and is_block(value):
            splices[0] = splices[0]._replace(end=node.end.offset)
    elif node.kind == "scalar" and is_block(value):
        splices = _scalar_to_block(source, pointer, node, value)
    elif node.kind == "scalar":
        splices = [_inline(source, node, flow(value))]
    elif is_block(value):
        splices = [_block_to_block(source, node, value)]
    else:
        raise SpliceFailed("список или набор полей нельзя заменить одним значением")
    return source.apply(splices, intended)


def append_entry(data: bytes, list_key: str, entry: object) -> bytes:
    """Adds an entry to the end of a list; makes the list when it is not there.

    `list_key` is a key of the file or, with a slash in front, a JSON pointer.
    """
    pointer = list_key if list_key.startswith("/") else f"/{escaped(list_key)}"
    source = Source(data)
    node = _find(source, pointer)
    if node is None:
        return set_value(data, pointer, [entry])
    intended = _changed(source.value, pointer, [*(node.plain() or ()), entry])
    if node.kind == "list" and node.items:
        return source.apply([_appended(source, node, entry)], intended)
    if node.kind != "list" and node.value is not None:
        raise SpliceFailed("там не список")
    if source.node(pointer)[1]:
        return source.apply([_inline(source, node, flow([entry]))], intended)
    key = source.key(pointer)
    bare = Splice(source.text.rindex(":", 0, node.start.offset + 1) + 1, node.end.offset, "")
    at = source.after_line(node.end.offset)
    added = source.new_lines(at, key.start.column + 2, list(lines([entry])))
    return source.apply([bare, added], intended)


def append_entries(data: bytes, key: str, entries: Sequence[object]) -> bytes:
    """Adds entries to the end of the list under a key of the file, however many, at once."""
    if not entries:
        return data
    return append_lines(data, key, [f"  {line}" for line in lines(entries)])


def append_lines(data: bytes, key: str, added: Sequence[str]) -> bytes:
    """As `append_entries`, of entries that are text already: lines of a list, two spaces in.

    Where the list is the last thing in the file, or is not there, they are written below the rest,
    which is quick; else as `append_entry`.
    """
    text = "".join(f"{line}\n" for line in added).encode()
    entries = read(f"{scalar(key)}:\n".encode() + text, "").value[key]
    before = read(data, "").value
    known = before.get(key) if isinstance(before, dict) else None
    if isinstance(before, dict) and b"\r" not in data and (not known or key == list(before)[-1]):
        head = b"" if key in before else f"{scalar(key)}:\n".encode()
        made = data + (b"" if data.endswith(b"\n") else b"\n") + head + text
        if read(made, "").value == {**before, key: [*(known or ()), *entries]}:
            return made
    for entry in entries:
        data = append_entry(data, key, entry)
    return data


def set_key(data: bytes, pointer: str, key: str, value: object) -> bytes:
    """Sets a key of the mapping a pointer shows: replaces a scalar or adds the key as last."""
    source = Source(data)
    node, _ = source.node(pointer)
    if node.kind != "map":
        raise SpliceFailed("там не набор полей")
    below = f"{pointer}/{escaped(key)}"
    if child(node, escaped(key)) is not None:
        return replace_scalar(data, below, value)
    return source.apply(
        [_new_key(source, pointer, key, value)], _changed(source.value, below, value)
    )


def _find(source: Source, pointer: str) -> Node | None:
    node = source.root
    for part in pointer.split("/")[1:]:
        found = child(node, part)
        if found is None:
            return None
        node = found[1]
    return node


def _inline(source: Source, node: Node, text: str) -> Splice:
    """Another text where a value on one line stands."""
    start, end = node.start.offset, end_of(source.text, node)
    if start == end and source.text[start - 1 : start] in (":", "-", ","):
        text = f" {text}"
    return Splice(start, end, text)


def _new_key(source: Source, pointer: str, key: str, value: object) -> Splice:
    node, _ = source.node(pointer)
    if node.style == "flow":
        return _in_brackets(source, node, f"{scalar(key, flow=True)}: {flow(value)}")
    at = line_after(source, node)
    return source.new_lines(at, node.start.column, list(lines({key: value})))


def _appended(source: Source, node: Node, entry: object) -> Splice:
    if node.style == "flow":
        return _in_brackets(source, node, flow(entry))
    return source.new_lines(line_after(source, node), node.start.column, list(lines([entry])))


def _in_brackets(source: Source, node: Node, text: str) -> Splice:
    """One more item right behind the last one of a collection in brackets."""
    if not node.items:
        at = node.start.offset + 1
        return Splice(at, at, text)
    at = end_of(source.text, node.items[-1])
    return Splice(at, at, f", {text}")


def _scalar_to_block(source: Source, pointer: str, node: Node, value: object) -> list[Splice]:
    key = source.key(pointer)
    end = end_of(source.text, node)
    colon = source.text.index(":", key.end.offset) + 1
    at = source.after_line(max(end, node.start.offset))
    column = key.start.column + 2
    added = source.new_lines(at, column, list(lines(value)))  # type: ignore[arg-type] # is_block
    return [Splice(colon, end, ""), added]


def _block_to_block(source: Source, node: Node, value: object) -> Splice:
    at = line_after(source, node)
    end = at - len(source.newline) if source.text[:at].endswith("\n") else at
    indent = source.newline + " " * (node.start.column - 1)
    return Splice(node.start.offset, end, indent.join(lines(value)))  # type: ignore[arg-type] # is_block


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _changed(value: Any, pointer: str, new: object) -> object:  # noqa: ANN401 - a YAML value
    """A copy of the value with one place set."""
    if not pointer:
        return _plain(new)
    copy = box = deepcopy(value)
    parts = _parts(pointer)
    for part in parts[:-1]:
        box = box[int(part) if isinstance(box, list) else part]
    box[int(parts[-1]) if isinstance(box, list) else parts[-1]] = _plain(new)
    return copy


def _plain(value: object) -> Any:  # noqa: ANN401 - a YAML value
    """As the loader would give it: dates are text, tuples are lists."""
    return json.loads(json.dumps(value, default=str))
