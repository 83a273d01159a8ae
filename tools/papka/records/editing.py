"""Values as YAML text, and changes to a file that keep every other byte.

New text is block style as in the hand-written records: two spaces, lists indented below their key,
quotes only where needed, no folding of long lines; the strict reader reads it back unchanged. A
change is spliced in at the places of nodes: comments, quotes, CRLF and the modeline of untouched
lines stay the author's, nothing is reformatted, and `drop_key` alone takes away. Each function
reads its result back and compares it with the value it meant to make; if they differ it raises
SpliceFailed.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from papka.core.errors import PapkaError
from papka.records import yaml_tree
from papka.records.strict_yaml import parse_tree, read
from papka.records.yaml_tree import Node, child, escaped, is_clean, steps_of

_SPECIAL_START = tuple("-?:,[]{}#&*!|>'\"%@`=<")
_NEEDS_QUOTES = re.compile(r":(?:\s|\Z)|\s#|[\n\r\t]|\A\s|\s\Z|\A\.\.\.")
_IN_BRACKETS = re.compile(r"[,\[\]{}:#?\"']")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


_COLLECTIONS = (dict, list, tuple, Mapping)


class Unwritable(PapkaError):
    """The value has no text that every reader takes alike."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Значение нельзя записать в YAML: {reason}",
            "Исправьте значение: уберите невидимые символы, длинный номер передайте текстом",
        )


def write_scalar(value: object, *, flow: bool = False) -> str:
    """Write one value on one line; `flow`: to stand inside brackets. Raise Unwritable."""
    if isinstance(value, str):
        return _write_text(value, flow=flow)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _write_number(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    raise Unwritable(f"вид {type(value).__name__}")


def write_flow(value: object) -> str:
    """Write a value on one line, collections in brackets. Raise Unwritable."""
    if isinstance(value, Mapping):
        inside = ", ".join(
            f"{write_scalar(key, flow=True)}: {write_flow(item)}" for key, item in value.items()
        )
        return f"{{{inside}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(write_flow, value))}]"
    return write_scalar(value, flow=True)


def write_file(mapping: Mapping[str, Any]) -> str:
    """Write a whole file: `key: value` lines, each ended by LF. Raise Unwritable."""
    return "".join(f"{line}\n" for line in block_lines(mapping))


def block_lines(value: Mapping[str, Any] | Sequence[Any], indent: str = "") -> Iterator[str]:
    """Yield the lines of a non-empty mapping or list in block style, behind the indent."""
    inside = f"{indent}  "
    if isinstance(value, Mapping):
        for key, item in value.items():
            if is_block(item):
                yield f"{indent}{write_scalar(key)}:"
                yield from block_lines(item, inside)
            else:
                yield f"{indent}{write_scalar(key)}: {_inline(item)}"
        return
    for item in value:
        if is_block(item):
            lines = block_lines(item, inside)
            yield f"{indent}- {next(lines).removeprefix(inside)}"
            yield from lines
        else:
            yield f"{indent}- {_inline(item)}"


def is_block(value: object) -> bool:
    """Tell whether the value takes lines of its own: a collection that is not empty."""
    return not isinstance(value, str) and isinstance(value, _COLLECTIONS) and len(value) > 0


def _inline(value: object) -> str:
    """Write a scalar or an empty collection on one line of a block."""
    if not isinstance(value, str) and isinstance(value, _COLLECTIONS):
        return write_flow(value)
    return write_scalar(value)


def _write_number(value: float) -> str:
    text = repr(value)
    if isinstance(value, float):
        if value - value != 0:
            raise Unwritable("не число")
        text = format(Decimal(text), "f")
        text = text if "." in text else f"{text}.0"
    if sum(map(str.isdigit, text)) > yaml_tree.MAX_DIGITS:
        raise Unwritable(f"в числе больше {yaml_tree.MAX_DIGITS} цифр")
    return text


@lru_cache(maxsize=4096)  # keys, codes and words stand in thousands of entries
def _write_text(text: str, *, flow: bool) -> str:
    if not is_clean(text) or text.encode(errors="ignore").decode() != text:
        raise Unwritable("в тексте есть символ, которого не видно")
    if _is_plain(text) and not (flow and _IN_BRACKETS.search(text)):
        return text
    if "'" not in text and ('"' in text or "\\" in text) and not re.search(r"[\n\r\t]", text):
        return f"'{text}'"
    if "\r" in text:
        raise Unwritable("в тексте есть возврат каретки")
    return f'"{text.translate(_ESCAPES)}"'


def _is_plain(text: str) -> bool:
    if not text or text.startswith(_SPECIAL_START) or _NEEDS_QUOTES.search(text):
        return False
    try:
        return yaml_tree.resolve(text) == text
    except ValueError:
        return False


class SpliceFailed(PapkaError):
    """The change cannot be made without touching more than it should."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Не удалось изменить файл, не задев остального: {reason}",
            "Внесите изменение в редакторе и проверьте: papka check",
        )


def insert_entry_ids(data: bytes, pointer: str, ids: Mapping[int, str]) -> bytes:
    """Give entries of the list a pointer shows, by position, their id as first key."""
    source = EditedText(data)
    intended = deepcopy(source.value)
    entries = intended
    for part in steps_of(pointer):
        entries = entries[int(part) if isinstance(entries, list) else part]
    splices = []
    for position, entry_id in ids.items():
        node, brackets = source.node(f"{pointer}/{position}")
        if node.kind != "map" or any(key.value == "id" for key in node.keys):
            raise SpliceFailed(f"запись {position + 1} не набор полей без номера")
        text = f"id: {write_scalar(entry_id, flow=brackets)}"
        if node.style == "flow":
            at = node.start.offset + 1
            splices.append(Splice(at, at, f"{text}, " if node.keys else text))
        else:
            at, indent = node.start.offset, " " * (node.start.column - 1)
            splices.append(Splice(at, at, f"{text}{source.newline}{indent}"))
        entries[position] = {"id": entry_id, **entries[position]}
    return source.apply(splices, intended)


def replace_scalar(data: bytes, pointer: str, value: object) -> bytes:
    """Put another scalar where the pointer shows one."""
    source = EditedText(data)
    node, brackets = source.node(pointer)
    if node.kind != "scalar":
        raise SpliceFailed("там не одно значение, а список или набор полей")
    text = write_scalar(value, flow=brackets)
    return source.apply(
        [_replace_inline(source, node, text)], _change(source.value, pointer, value)
    )


def set_value(data: bytes, pointer: str, value: object) -> bytes:
    """Set what the pointer shows to any value: replace it, or add the key as last of its mapping.

    Mappings that are missing above it are made.
    """
    source = EditedText(data)
    above, below = pointer, value
    while above:
        above, _, part = above.rpartition("/")
        (name,) = steps_of(f"/{part}")
        found = source.find(above)
        if found is None:
            below = {name: below}
            continue
        if child(found[0], part) is None and found[0].kind == "map":
            return source.apply(
                [_add_key(source, above, name, below)],
                _change(source.value, f"{above}/{part}", below),
            )
        break
    node, brackets = source.node(pointer)
    intended = _change(source.value, pointer, value)
    if brackets or node.style == "flow":
        splices = [_replace_inline(source, node, write_flow(value))]
        if not brackets and is_block(value):
            splices[0] = splices[0]._replace(end=node.end.offset)
    elif node.kind == "scalar" and is_block(value):
        splices = _scalar_to_block(source, pointer, node, value)
    elif node.kind == "scalar":
        splices = [_replace_inline(source, node, write_flow(value))]
    elif is_block(value):
        splices = [_block_to_block(source, node, value)]
    else:
        raise SpliceFailed("список или набор полей нельзя заменить одним значением")
    return source.apply(splices, intended)


def append_entry(data: bytes, list_key: str, entry: object) -> bytes:
    """Add an entry to the end of a list; make the list when it is not there.

    `list_key` is a key of the file or, with a slash in front, a JSON pointer.
    """
    pointer = list_key if list_key.startswith("/") else f"/{escaped(list_key)}"
    source = EditedText(data)
    found = source.find(pointer)
    if found is None:
        return set_value(data, pointer, [entry])
    node, brackets = found
    intended = _change(source.value, pointer, [*(node.plain() or ()), entry])
    if node.kind == "list" and node.items:
        return source.apply([_add_item(source, node, entry)], intended)
    if node.kind != "list" and node.value is not None:
        raise SpliceFailed("там не список")
    if brackets:
        return source.apply([_replace_inline(source, node, write_flow([entry]))], intended)
    key = source.key(pointer)
    bare = Splice(source.text.rindex(":", 0, node.start.offset + 1) + 1, node.end.offset, "")
    at = source.after_line(node.end.offset)
    added = source.new_lines(at, key.start.column + 2, list(block_lines([entry])))
    return source.apply([bare, added], intended)


def append_entries(data: bytes, key: str, entries: Sequence[object]) -> bytes:
    """Add entries to the end of the list under a key of the file, however many, at once."""
    if not entries:
        return data
    return append_lines(data, key, [f"  {line}" for line in block_lines(entries)])


def append_lines(data: bytes, key: str, added: Sequence[str]) -> bytes:
    """Do as `append_entries` with entries that are text already: lines of a list, two spaces in.

    Where the list is the last thing in the file, or is not there, they are written below the rest,
    which is quick; else as `append_entry`.
    """
    text = "".join(f"{line}\n" for line in added).encode()
    entries = read(f"{write_scalar(key)}:\n".encode() + text, "").value[key]
    before = read(data, "").value
    known = before.get(key) if isinstance(before, dict) else None
    if isinstance(before, dict) and b"\r" not in data and (not known or key == list(before)[-1]):
        head = b"" if key in before else f"{write_scalar(key)}:\n".encode()
        made = data + (b"" if data.endswith(b"\n") else b"\n") + head + text
        if read(made, "").value == {**before, key: [*(known or ()), *entries]}:
            return made
    for entry in entries:
        data = append_entry(data, key, entry)
    return data


def set_key(data: bytes, pointer: str, key: str, value: object) -> bytes:
    """Set a key of the mapping a pointer shows: replace a scalar or add the key as last."""
    source = EditedText(data)
    node, _ = source.node(pointer)
    if node.kind != "map":
        raise SpliceFailed("там не набор полей")
    below = f"{pointer}/{escaped(key)}"
    if child(node, escaped(key)) is not None:
        return replace_scalar(data, below, value)
    return source.apply(
        [_add_key(source, pointer, key, value)], _change(source.value, below, value)
    )


def drop_key(data: bytes, pointer: str, key: str) -> bytes:
    """Take a key with its value out of the block mapping a pointer shows, whole lines.

    Comments above it stay.
    """
    source = EditedText(data)
    node, is_inside = source.node(pointer)
    found = child(node, escaped(key)) if node.kind == "map" else None
    if found is None or found[0] is None or is_inside or node.style == "flow":
        raise SpliceFailed("там нет поля на строке")
    start = source.text.rfind("\n", 0, found[0].start.offset) + 1
    end = source.after_node(found[1])
    intended = deepcopy(source.value)
    box = intended
    for part in steps_of(pointer):
        box = box[int(part) if isinstance(box, list) else part]
    del box[key]
    return source.apply([Splice(start, end, "")], intended)


class Splice(NamedTuple):
    """Text to put in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


class EditedText:
    """A readable file that can be cut and sewn: its text, tree and value."""

    def __init__(self, data: bytes) -> None:
        document = read(data, "")
        root = parse_tree(data)
        if document.findings or root is None:
            raise SpliceFailed("в нём есть ошибки")
        self.text = data.decode()
        self.root = root
        self.value = document.value
        self.newline = "\r\n" if "\r\n" in self.text else "\n"

    def find(self, pointer: str) -> tuple[Node, bool] | None:
        """Return the node a JSON pointer addresses, and whether it stands inside brackets."""
        node, is_inside = self.root, False
        for part in pointer.split("/")[1:]:
            is_inside = is_inside or node.style == "flow"
            found = child(node, part)
            if found is None:
                return None
            node = found[1]
        return node, is_inside

    def node(self, pointer: str) -> tuple[Node, bool]:
        """Do as `find`; raise SpliceFailed when there is none."""
        found = self.find(pointer)
        if found is None:
            raise SpliceFailed("такого места в нём нет")
        return found

    def key(self, pointer: str) -> Node:
        """Return the key of the value a pointer addresses, which is no item of a list."""
        above, _, part = pointer.rpartition("/")
        found = child(self.node(above)[0], part)
        if found is None or found[0] is None:
            raise SpliceFailed("там нет поля")
        return found[0]

    def after_line(self, offset: int) -> int:
        """Return where the line that holds an offset ends, its line break included."""
        found = self.text.find("\n", offset)
        return len(self.text) if found < 0 else found + 1

    def after_node(self, node: Node) -> int:
        """Return the start of the line below a block node; later comments stay below it."""
        last = node
        while last.items and last.style != "flow":
            last = last.items[-1]
        return self.after_line(max(self.end_of(last), last.start.offset))

    def end_of(self, node: Node) -> int:
        """Return the end of a node's own text: a block scalar's mark runs past the line break."""
        if node.style in ("|", ">"):
            text = self.text[node.start.offset : node.end.offset]
            return node.start.offset + len(text.rstrip())
        return node.end.offset

    def new_lines(self, at: int, column: int, added: list[str]) -> Splice:
        """Put whole lines at the start of a line, or after an unfinished last one."""
        indent = " " * (column - 1)
        block = "".join(f"{indent}{line}{self.newline}" for line in added)
        if at and self.text[at - 1] != "\n":
            block = self.newline + block
        return Splice(at, at, block)

    def apply(self, splices: list[Splice], intended: object) -> bytes:
        """Return the new bytes; raise SpliceFailed when they do not read back as intended.

        Values, their types and the order of keys must be equal.
        """
        text = self.text
        for splice in sorted(splices, reverse=True):
            text = text[: splice.start] + splice.text + text[splice.end :]
        data = text.encode()
        document = read(data, "")
        if document.findings or json.dumps(document.value) != json.dumps(intended):
            raise SpliceFailed("получилось бы не то, что задумано")
        return data


def _replace_inline(source: EditedText, node: Node, text: str) -> Splice:
    """Replace the text of a value that stands on one line."""
    start, end = node.start.offset, source.end_of(node)
    if start == end and source.text[start - 1 : start] in (":", "-", ","):
        text = f" {text}"
    return Splice(start, end, text)


def _add_key(source: EditedText, pointer: str, key: str, value: object) -> Splice:
    node, _ = source.node(pointer)
    if node.style == "flow":
        return _add_in_brackets(
            source, node, f"{write_scalar(key, flow=True)}: {write_flow(value)}"
        )
    at = source.after_node(node)
    return source.new_lines(at, node.start.column, list(block_lines({key: value})))


def _add_item(source: EditedText, node: Node, entry: object) -> Splice:
    if node.style == "flow":
        return _add_in_brackets(source, node, write_flow(entry))
    return source.new_lines(source.after_node(node), node.start.column, list(block_lines([entry])))


def _add_in_brackets(source: EditedText, node: Node, text: str) -> Splice:
    """Add an item right behind the last one of a collection in brackets."""
    if not node.items:
        at = node.start.offset + 1
        return Splice(at, at, text)
    at = source.end_of(node.items[-1])
    return Splice(at, at, f", {text}")


def _scalar_to_block(source: EditedText, pointer: str, node: Node, value: object) -> list[Splice]:
    key = source.key(pointer)
    end = source.end_of(node)
    colon = source.text.index(":", key.end.offset) + 1
    at = source.after_line(max(end, node.start.offset))
    column = key.start.column + 2
    added = source.new_lines(at, column, list(block_lines(value)))  # type: ignore[arg-type] # is_block
    return [Splice(colon, end, ""), added]


def _block_to_block(source: EditedText, node: Node, value: object) -> Splice:
    at = source.after_node(node)
    end = at - len(source.newline) if source.text[:at].endswith("\n") else at
    indent = source.newline + " " * (node.start.column - 1)
    return Splice(node.start.offset, end, indent.join(block_lines(value)))  # type: ignore[arg-type] # is_block


def _change(value: Any, pointer: str, new: object) -> object:  # noqa: ANN401 - a YAML value
    """Copy a value with one place set."""
    if not pointer:
        return _as_read(new)
    copy = box = deepcopy(value)
    parts = steps_of(pointer)
    for part in parts[:-1]:
        box = box[int(part) if isinstance(box, list) else part]
    box[int(parts[-1]) if isinstance(box, list) else parts[-1]] = _as_read(new)
    return copy


def _as_read(value: object) -> Any:  # noqa: ANN401 - a YAML value
    """Return the value as the reader would: dates are text, tuples are lists."""
    return json.loads(json.dumps(value, default=str))
