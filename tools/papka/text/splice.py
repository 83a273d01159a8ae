"""A readable file that can be cut and sewn: places of its lines, and proof of the result."""

from __future__ import annotations

import json
from typing import NamedTuple

from papka.core.errors import PapkaError
from papka.text.document import compose, read
from papka.text.tree import Node, child


class SpliceFailed(PapkaError):
    """The change cannot be made without touching more than it should."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Не удалось изменить файл, не задев остального: {reason}",
            "Внесите изменение в редакторе и проверьте: papka check",
        )


class Splice(NamedTuple):
    start: int
    end: int
    text: str


class Source:
    """A readable file: its text, tree and value."""

    def __init__(self, data: bytes) -> None:
        document = read(data, "")
        root = compose(data)
        if document.findings or root is None:
            raise SpliceFailed("в нём есть ошибки")
        self.text = data.decode()
        self.root = root
        self.value = document.value
        self.newline = "\r\n" if "\r\n" in self.text else "\n"

    def node(self, pointer: str) -> tuple[Node, bool]:
        """The node a JSON pointer addresses, and whether it stands inside brackets."""
        node, flow = self.root, False
        for part in pointer.split("/")[1:]:
            flow = flow or node.style == "flow"
            found = child(node, part)
            if found is None:
                raise SpliceFailed("такого места в нём нет")
            node = found[1]
        return node, flow

    def key(self, pointer: str) -> Node:
        """The key under which the value a pointer addresses stands; it is no item of a list."""
        above, _, part = pointer.rpartition("/")
        found = child(self.node(above)[0], part)
        if found is None or found[0] is None:
            raise SpliceFailed("там нет поля")
        return found[0]

    def after_line(self, offset: int) -> int:
        """Where the line that holds an offset ends, its line break included."""
        found = self.text.find("\n", offset)
        return len(self.text) if found < 0 else found + 1

    def new_lines(self, at: int, column: int, added: list[str]) -> Splice:
        """Whole lines at the start of a line, or after an unfinished last one."""
        indent = " " * (column - 1)
        block = "".join(f"{indent}{line}{self.newline}" for line in added)
        if at and self.text[at - 1] != "\n":
            block = self.newline + block
        return Splice(at, at, block)

    def apply(self, splices: list[Splice], intended: object) -> bytes:
        """The new bytes; raises SpliceFailed when they do not read back as intended."""
        text = self.text
        for splice in sorted(splices, reverse=True):
            text = text[: splice.start] + splice.text + text[splice.end :]
        data = text.encode()
        document = read(data, "")
        if document.findings or not _same(document.value, intended):
            raise SpliceFailed("получилось бы не то, что задумано")
        return data


def line_after(source: Source, node: Node) -> int:
    """Start of the line after the last one a block node fills; later comments stay below."""
    last = node
    while last.items and last.style != "flow":
        last = last.items[-1]
    return source.after_line(max(end_of(source.text, last), last.start.offset))


def end_of(text: str, node: Node) -> int:
    """End of a node's own text: a block scalar's mark runs past the line break."""
    if node.style in ("|", ">"):
        return node.start.offset + len(text[node.start.offset : node.end.offset].rstrip())
    return node.end.offset


def _same(one: object, other: object) -> bool:
    """Equal in values, types and order of keys."""
    return json.dumps(one) == json.dumps(other)
