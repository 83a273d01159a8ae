"""A file as a tree: every key and value with its place; and the parser's steps it is built from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from papka.text import scalars


class Mark(NamedTuple):
    """A place in the text: offset in characters from 0, line and column from 1."""

    offset: int
    line: int
    column: int


class Event(NamedTuple):
    """One step of a parser. `kind`: document, scalar, map, list, alias, end (of a collection),
    document end. `style`: "" for plain text, a quote, | or >; "flow" for collections in brackets.
    """

    kind: str
    start: Mark
    end: Mark
    text: str = ""
    style: str = ""
    anchor: str = ""
    tag: bool = False
    directives: bool = False


@dataclass(slots=True)
class Node:
    """A value with its place; `keys` go with `items` for a map, are empty for a list."""

    kind: str
    start: Mark
    end: Mark
    style: str = ""
    value: scalars.Plain = None
    keys: list[Node] = field(default_factory=lambda: _NO_NODES)
    items: list[Node] = field(default_factory=lambda: _NO_NODES)

    def plain(self) -> Any:  # noqa: ANN401 - a YAML value has any type
        """The value as dict, list or scalar; depth is bounded by MAX_DEPTH."""
        if self.kind == "map":
            return {
                key.value: item.plain() for key, item in zip(self.keys, self.items, strict=True)
            }
        if self.kind == "list":
            return [item.plain() for item in self.items]
        return self.value


_NO_NODES: list[Node] = []
"""Shared by all scalars: half a million empty lists would cost more than the file."""


def escaped(part: object) -> str:
    """A part of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def child(node: Node, part: str) -> tuple[Node | None, Node] | None:
    """Key and value one step of a JSON pointer down; None when it is not there."""
    if node.kind == "list":
        if part.isdecimal() and int(part) < len(node.items):
            return None, node.items[int(part)]
        return None
    name = part.replace("~1", "/").replace("~0", "~")
    for known, item in zip(node.keys, node.items, strict=True):
        if known.value == name:
            return known, item
    return None
