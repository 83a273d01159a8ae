"""Whether a set of schemas can be trusted with judging: it ends, and it judges.

Invariants: a value is judged in bounded steps, because no chain of schemas that apply to one value
comes back to itself, is long or branches without measure; a schema that judges records says which
fields there are, so that an empty one does not pass everything. Raises Flaw, the first found.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

Schema = Any
Node = tuple[str, str, Schema]
"""File, JSON pointer, the schema there."""
Follow = Callable[[str, str], Node | None]
"""File and `$ref` -> what it leads to."""

_DEEPEST = 40
_NESTED = 120
"""JSON inside JSON; a schema in a schema takes up to three levels."""
_WIDEST = 5_000
_SAME_VALUE_LISTS = ("allOf", "anyOf", "oneOf")
_SAME_VALUE = ("if", "then", "else", "not")


class Flaw(Exception):
    """What makes a schema unfit; `pointer` says where in the file."""

    def __init__(self, file: str, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.file = file
        self.pointer = pointer
        self.reason = reason


def shallow(file: str, schema: Schema) -> None:
    """Refuses JSON so deep that an engine would fall through."""
    level = [schema]
    for _ in range(_NESTED):
        level = [below for part in level for below in _inside(part)]
    if level:
        raise Flaw(file, "", f"схемы вложены одна в другую больше {_DEEPEST} раз")


def _inside(part: Schema) -> Iterable[Schema]:
    if isinstance(part, dict):
        return part.values()
    return part if isinstance(part, list) else ()


def examine(
    files: Mapping[str, Schema], nodes: Sequence[Node], follow: Follow, records: Container[str]
) -> None:
    """Refuses a set whose judging might not end, or a schema of `records` that judges nothing.

    `nodes` are all schemas of the set, also those inside others.
    """
    known = {id(schema) for _, _, schema in nodes}
    for file, pointer, schema in nodes:
        target = follow(file, schema["$ref"]) if "$ref" in schema else None
        if target and not isinstance(target[2], bool) and id(target[2]) not in known:
            reason = f"ссылка «{schema['$ref']}» ведёт не на схему; определениям место в $defs"
            raise Flaw(file, f"{pointer}/$ref", reason)
    walk = _Walk(follow)
    for node in nodes:
        walk.measure(node)
    for file, schema in files.items():
        if file in records:
            walk.judges(file, schema)


class _Walk:
    """Chains of schemas that judge one value, each looked at once."""

    def __init__(self, follow: Follow) -> None:
        self._follow = follow
        self._measured: dict[int, tuple[int, int]] = {}
        self._open: set[int] = set()

    def measure(self, node: Node) -> tuple[int, int]:
        """Length of the longest chain from here and number of all schemas in all of them."""
        file, pointer, schema = node
        key = id(schema)
        if key in self._measured or not isinstance(schema, dict):
            return self._measured.get(key, (1, 1))
        if key in self._open:
            raise Flaw(file, pointer, "ссылки ходят по кругу, ни одна не доходит до данных")
        if len(self._open) >= _DEEPEST:
            raise Flaw(file, pointer, f"цепочка схем длиннее {_DEEPEST}")
        self._open.add(key)
        found = [self.measure(below) for below in self._same_value(node)]
        self._open.discard(key)
        length = 1 + max((length for length, _ in found), default=0)
        width = 1 + sum(width for _, width in found)
        if length > _DEEPEST:
            raise Flaw(file, pointer, f"цепочка схем длиннее {_DEEPEST}")
        if width > _WIDEST:
            raise Flaw(file, pointer, f"одно значение судили бы больше {_WIDEST} схем")
        self._measured[key] = length, width
        return length, width

    def judges(self, file: str, schema: Schema) -> None:
        """Refuses a schema of records that does not say which fields there are."""
        top = list(self._always((file, "", schema)))
        if not any(part.get("type") == "object" for part in top):
            raise Flaw(file, "", 'схема записей должна требовать набор полей: "type": "object"')
        closed = ("additionalProperties", "unevaluatedProperties")
        if not any(part.get(word) is False for part in top for word in closed):
            raise Flaw(
                file,
                "",
                'схема записей должна запрещать лишние поля: "additionalProperties": false',
            )

    def _always(self, node: Node) -> Iterator[Mapping[str, Schema]]:
        """The schema and those it always applies together with: refs and `allOf`."""
        file, pointer, schema = node
        if not isinstance(schema, dict):
            return
        yield schema
        for at, part in enumerate(schema.get("allOf", ())):
            yield from self._always((file, f"{pointer}/allOf/{at}", part))
        target = self._follow(file, schema["$ref"]) if "$ref" in schema else None
        if target:
            yield from self._always(target)

    def _same_value(self, node: Node) -> Iterator[Node]:
        file, pointer, schema = node
        target = self._follow(file, schema["$ref"]) if "$ref" in schema else None
        if target:
            yield target
        for word in _SAME_VALUE_LISTS:
            for at, part in enumerate(schema.get(word, ())):
                yield file, f"{pointer}/{word}/{at}", part
        for word in _SAME_VALUE:
            if word in schema:
                yield file, f"{pointer}/{word}", schema[word]
        for name, part in schema.get("dependentSchemas", {}).items():
            yield file, f"{pointer}/dependentSchemas/{name}", part
