"""A set of JSON schemas as a person sees it, and whether it can be trusted with judging.

`lint` refuses what either engine or the editor would quietly ignore (a remote or dangling `$ref`,
`$id`, a `format` nobody checks) and a set whose judging might not end: no chain of schemas that
apply to one value comes back to itself, is long or branches without measure. A schema that judges
records must say which fields there are, or an empty one would pass everything. Raises Flaw, the
first found. Values are judged elsewhere (`schemas`).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from papka.core.kinds import REFERRED
from papka.records.yaml_tree import escaped, steps_of

Schema = Any
Node = tuple[str, str, Schema]
"""File, JSON pointer, the schema there."""

Way = tuple[str, ...]
"""The fields that lead to a place in a value, `*` through a list or any field of a mapping."""

REFERS_TO = "x-refers-to"
NAMES = "../.papka/names.json#"
"""What the editor finds the names in that records declare, from a schema; it may be missing."""
_LEAD = "dependencies"
"""No word of this dialect, but the editor's server still judges and completes by it."""
_DEEPEST = 40
_MOST_WAYS = 20_000
_NESTED = 120
"""JSON inside JSON; a schema in a schema takes up to three levels."""
_WIDEST = 5_000
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_IN_PLACE = ("allOf", "anyOf", "oneOf")
_BRANCHES = ("if", "then", "else")
_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
_SINGLES = (
    *_BRANCHES,
    "not",
    "items",
    "contains",
    "propertyNames",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
)
_LISTS = (*_IN_PLACE, "prefixItems")
_UNSUPPORTED = ("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "contentSchema")


class Flaw(Exception):
    """A fault that makes a schema unfit; `pointer` says where in the file."""

    def __init__(self, file: str, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.file = file
        self.pointer = pointer
        self.reason = reason


def check_depth(file: str, schema: Schema) -> None:
    """Raise Flaw for JSON so deep that an engine would overflow its stack."""
    level = [schema]
    for _ in range(_NESTED):
        level = [
            below
            for part in level
            if isinstance(part, (dict, list))
            for below in (part.values() if isinstance(part, dict) else part)
        ]
    if level:
        raise Flaw(file, "", f"схемы вложены одна в другую больше {_DEEPEST} раз")


class Outline:
    """Schemas by file name (`student.json`)."""

    def __init__(self, files: Mapping[str, Schema]) -> None:
        self._files = files

    def lint(self, formats: Container[str], records: Container[str] = ()) -> None:
        """Raise Flaw for the first thing that would be ignored or could not be trusted.

        `formats` are those that somebody checks, `records` the files that judge records.
        """
        nodes = []
        for name, schema in self._files.items():
            dialect = schema.get("$schema", _DIALECT) if isinstance(schema, dict) else _DIALECT
            if dialect != _DIALECT:
                raise Flaw(name, "/$schema", "нужна версия JSON Schema 2020-12")
            nodes += [(name, *placed) for placed in _walk(schema)]
        for node in nodes:
            self._lint_one(*node, formats)
        self._lint_targets(nodes)
        measure = _Measure(self)
        for node in nodes:
            measure.chain(node)
        for name, schema in self._files.items():
            if name in records:
                self._lint_records(name, schema)

    def _lint_one(
        self, name: str, at: str, schema: dict[str, Schema], formats: Container[str]
    ) -> None:
        for word in _UNSUPPORTED:
            if word in schema:
                raise Flaw(name, f"{at}/{word}", f"слово {word} здесь не поддерживается")
        for referred in referred_by(schema):
            if referred not in REFERRED:
                reason = f"«{referred}» не назвать: ссылаются на {', '.join(sorted(REFERRED))}"
                raise Flaw(name, f"{at}/{REFERS_TO}", reason)
        form = schema.get("format")
        if form is not None and form not in formats:
            raise Flaw(name, f"{at}/format", f"формат «{form}» нечем проверить")
        if _LEAD in schema and (at or not _leads_to_names(schema[_LEAD])):
            reason = f"слово {_LEAD} только ведёт редактор к {NAMES}; есть dependentSchemas"
            raise Flaw(name, f"{at}/{_LEAD}", reason)
        ref = schema.get("$ref")
        if ref is not None and (not isinstance(ref, str) or self.target(name, schema) is None):
            raise Flaw(name, f"{at}/$ref", f"ссылка «{ref}» никуда не ведёт")
        for pattern in schema.get("patternProperties", {}):
            try:
                re.compile(pattern)
            except re.error:
                raise Flaw(
                    name, f"{at}/patternProperties", f"неверное выражение «{pattern}»"
                ) from None

    def _lint_targets(self, nodes: Sequence[Node]) -> None:
        """Refuse a `$ref` to what is no schema of the set, `nodes` being all there are."""
        known = {id(schema) for _, _, schema in nodes}
        for file, pointer, schema in nodes:
            target = self.target(file, schema)
            if target and not isinstance(target[2], bool) and id(target[2]) not in known:
                reason = f"ссылка «{schema['$ref']}» ведёт не на схему; определениям место в $defs"
                raise Flaw(file, f"{pointer}/$ref", reason)

    def _lint_records(self, file: str, schema: Schema) -> None:
        top = list(self._always(file, schema))
        if not any(part.get("type") == "object" for part in top):
            raise Flaw(file, "", 'схема записей должна требовать набор полей: "type": "object"')
        closed = ("additionalProperties", "unevaluatedProperties")
        if not any(part.get(word) is False for part in top for word in closed):
            reason = 'схема записей должна запрещать лишние поля: "additionalProperties": false'
            raise Flaw(file, "", reason)

    def _always(self, file: str, schema: Schema) -> Iterator[Mapping[str, Schema]]:
        """Yield the schema and those it always applies together with: refs and `allOf`."""
        if not isinstance(schema, dict):
            return
        yield schema
        for part in schema.get("allOf", ()):
            yield from self._always(file, part)
        target = self.target(file, schema)
        if target:
            yield from self._always(target[0], target[2])

    def pattern(self, text: str | None) -> tuple[str, str] | None:
        """Return file and JSON pointer of the first `pattern` that reads so."""
        for name, schema in self._files.items():
            for at, part in _walk(schema):
                if text is not None and part.get("pattern") == text:
                    return name, f"{at}/pattern"
        return None

    def title(self, name: str, path: Sequence[str | int]) -> str:
        """Return the title of what stands at a path of the value; "" when the schema gives none."""
        for _, schema in self._schemas_at(name, path):
            if isinstance(schema, dict) and isinstance(schema.get("title"), str):
                return str(schema["title"])
        return ""

    def fields(self, name: str, path: Sequence[str | int]) -> list[str]:
        """List the fields that may stand in the object at a path, in the schema's order."""
        found: dict[str, None] = {}
        for _, schema in self._schemas_at(name, path):
            if isinstance(schema, dict):
                properties = schema.get("properties", {})
                found.update(dict.fromkeys(k for k, v in properties.items() if v is not False))
        return list(found)

    def at(self, name: str, path: Sequence[str | int]) -> list[Mapping[str, Schema]]:
        """List the schemas that judge what stands at a path of the value, the nearest first."""
        return [s for _, s in self._schemas_at(name, path) if isinstance(s, dict)]

    def ways(self, name: str) -> dict[Way, list[Mapping[str, Schema]]]:
        """Return every way to a field or an item that a file of this schema can hold, with the
        schemas that speak of it. A schema inside itself is followed once."""
        found: dict[Way, list[Mapping[str, Schema]]] = {}
        pending: list[tuple[Way, str, Schema, frozenset[int]]] = [
            ((), name, self._files[name], frozenset())
        ]
        for _ in range(_MOST_WAYS):
            if not pending:
                return found
            way, file, top, around = pending.pop()
            for where, schema in self._applying(file, top):
                if not isinstance(schema, dict) or id(schema) in around:
                    continue
                if way:
                    found.setdefault(way, []).append(schema)
                inner = around | {id(schema)}
                below = _steps_down(schema)
                pending += [((*way, step), where, part, inner) for step, part in below]
        raise Flaw(name, "", f"полей в записи больше {_MOST_WAYS}")

    def trail(self, name: str, steps: Sequence[str | int]) -> list[tuple[int, Schema]]:
        """Return the schemas an engine went through by its path of keywords: (steps taken, schema).

        The path leaves `$ref` and `if` out, as jsonschema does; a `$ref` and its target have
        taken equally many steps, the referring schema stands first.
        """
        return self._trail(name, self._files[name], steps, 0) or []

    def _trail(
        self, name: str, schema: Schema, steps: Sequence[str | int], taken: int
    ) -> list[tuple[int, Schema]] | None:
        here = (taken, schema)
        if taken == len(steps):
            return [here]
        step = steps[taken]
        if isinstance(schema, list):
            known = isinstance(step, int) and step < len(schema)
            rest = self._trail(name, schema[int(step)], steps, taken + 1) if known else None
            return None if rest is None else [here, *rest]
        if not isinstance(schema, dict):
            return None
        if step in schema:
            rest = self._trail(name, schema[str(step)], steps, taken + 1)
            if rest is not None:
                return [here, *rest]
        target = self.target(name, schema)
        rest = self._trail(target[0], target[2], steps, taken) if target else None
        return None if rest is None else [here, *rest]

    def _schemas_at(self, name: str, path: Sequence[str | int]) -> list[tuple[str, Schema]]:
        states = list(self._applying(name, self._files[name]))
        for part in path:
            down = [below for state in states for below in _step_down(*state, part)]
            states = [s for below in down for s in self._applying(*below)]
        return states

    def _applying(self, name: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
        """Yield the schema and all that apply to the same value, the nearest first; `lint` lets no
        chain of them come back to itself."""
        yield name, schema
        if not isinstance(schema, dict):
            return
        target = self.target(name, schema)
        if target:
            yield from self._applying(target[0], target[2])
        below = [part for word in _IN_PLACE for part in schema.get(word, ())]
        below += [schema[word] for word in _BRANCHES if word in schema]
        for part in below:
            yield from self._applying(name, part)

    def target(self, name: str, schema: dict[str, Schema]) -> Node | None:
        """Return what the `$ref` of a schema leads to; None without one, or when out of the set."""
        if "$ref" not in schema:
            return None
        file, _, pointer = schema["$ref"].partition("#")
        target = file or name
        if target not in self._files or (pointer and not pointer.startswith("/")):
            return None
        schema = self._files[target]
        for key in steps_of(pointer):
            if not isinstance(schema, dict) or key not in schema:
                return None
            schema = schema[key]
        return target, pointer, schema


def _steps_down(schema: Mapping[str, Schema]) -> Iterator[tuple[str, Schema]]:
    """Yield the schemas of what a value holds, by field, `*` for items and fields of any name."""
    for name, below in schema.get("properties", {}).items():
        if below is not False:
            yield name, below
    for below in schema.get("patternProperties", {}).values():
        yield "*", below
    for word in ("additionalProperties", "unevaluatedProperties", "items", "contains"):
        if isinstance(schema.get(word), dict):
            yield "*", schema[word]
    for below in schema.get("prefixItems", ()):
        yield "*", below


def _step_down(name: str, schema: Schema, part: str | int) -> Iterator[tuple[str, Schema]]:
    if not isinstance(schema, dict):
        return
    if isinstance(part, int):
        first = schema.get("prefixItems", [])
        if part < len(first):
            yield name, first[part]
        elif "items" in schema:
            yield name, schema["items"]
        return
    if part in schema.get("properties", {}):
        yield name, schema["properties"][part]
    elif isinstance(schema.get("additionalProperties"), dict):
        yield name, schema["additionalProperties"]


class _Measure:
    """Measures chains of schemas that judge one value, each once."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._measured: dict[int, tuple[int, int]] = {}
        self._open: set[int] = set()

    def chain(self, node: Node) -> tuple[int, int]:
        """Return the length of the longest chain from here and the number of schemas in all."""
        file, pointer, schema = node
        key = id(schema)
        if key in self._measured or not isinstance(schema, dict):
            return self._measured.get(key, (1, 1))
        if key in self._open:
            raise Flaw(file, pointer, "ссылки ходят по кругу, ни одна не доходит до данных")
        if len(self._open) >= _DEEPEST:
            raise Flaw(file, pointer, f"цепочка схем длиннее {_DEEPEST}")
        self._open.add(key)
        found = [self.chain(below) for below in _applied(self._outline, node)]
        self._open.discard(key)
        length = 1 + max((length for length, _ in found), default=0)
        width = 1 + sum(width for _, width in found)
        if length > _DEEPEST:
            raise Flaw(file, pointer, f"цепочка схем длиннее {_DEEPEST}")
        if width > _WIDEST:
            raise Flaw(file, pointer, f"одно значение судили бы больше {_WIDEST} схем")
        self._measured[key] = length, width
        return length, width


def _applied(outline: Outline, node: Node) -> Iterator[Node]:
    """Yield the schemas that a schema applies to the same value."""
    file, pointer, schema = node
    target = outline.target(file, schema)
    if target:
        yield target
    for word in _IN_PLACE:
        for at, part in enumerate(schema.get(word, ())):
            yield file, f"{pointer}/{word}/{at}", part
    for word in (*_BRANCHES, "not"):
        if word in schema:
            yield file, f"{pointer}/{word}", schema[word]
    for name, part in schema.get("dependentSchemas", {}).items():
        yield file, f"{pointer}/dependentSchemas/{name}", part


def _walk(schema: Schema) -> Iterator[tuple[str, dict[str, Schema]]]:
    """Yield the schema and every schema written inside it, each after its JSON pointer."""
    pending = [("", schema)]
    while pending:
        at, part = pending.pop()
        if not isinstance(part, dict):
            continue
        yield at, part
        for word in _MAPS:
            if isinstance(part.get(word), dict):
                inside = part[word].items()
                pending.extend((f"{at}/{word}/{escaped(name)}", below) for name, below in inside)
        for word in _LISTS:
            if isinstance(part.get(word), list):
                listed = enumerate(part[word])
                pending.extend((f"{at}/{word}/{number}", below) for number, below in listed)
        pending.extend((f"{at}/{word}", part[word]) for word in _SINGLES if word in part)


def _leads_to_names(leads: Schema) -> bool:
    """Tell whether the word for the editor says no more than where the names are."""
    return isinstance(leads, dict) and all(
        isinstance(lead, dict) and [*lead] == ["$ref"] and str(lead["$ref"]).startswith(NAMES)
        for lead in leads.values()
    )


def without_lead(schema: Schema) -> Schema:
    """Return a schema of a file as it judges: without what leads the editor to names."""
    if not isinstance(schema, dict):
        return schema
    return {word: part for word, part in schema.items() if word != _LEAD}


def referred_by(schema: Mapping[str, Schema]) -> tuple[str, ...]:
    """Return what the value that a schema judges is the id or the key of, () when of nothing."""
    said = schema.get(REFERS_TO, ())
    return tuple(map(str, said)) if isinstance(said, list) else (str(said),) if said else ()


def fields_mentioned(schema: Schema) -> set[str]:
    """Return the fields a condition looks at."""
    found: set[str] = set()
    for _, part in _walk(schema):
        found.update(part.get("properties", {}))
        found.update(part.get("required", ()))
    return found


def expects_date(schema: Mapping[str, Any]) -> bool:
    """Tell whether a schema lets only a day of the calendar through."""
    then = schema.get("then")
    in_branch = isinstance(then, dict) and then.get("format") == "date"
    return in_branch or schema.get("format") == "date"
