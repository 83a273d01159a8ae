"""The editor shows the title of the key under the mouse, not that of what its schema refers to.

Told as yaml-language-server 1.25 and 2.0 do: what judges one value gives titles from the inside
out, and the first one wins. Any keyword beside a `$ref` but a remark makes the target such an
inside; a part of a target that two keys share bears the title of whichever was read last.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.records.test_schema_matches_model import FILES, resolved, schema_of, subschemas

_REMARKS = frozenset({"$ref", "$comment", "title", "description", "default", "examples"})
_INSIDE = ("allOf", "anyOf", "oneOf", "if", "then", "else")
Json = dict[str, Any]


def titles(schema: Json, file: str, closest: str = "") -> Iterator[str]:
    """The titles that the editor meets at a key with this schema, the first shown."""
    own = str(schema.get("title") or closest)
    if "$ref" in schema:
        target, where = resolved({"$ref": schema["$ref"]}, file)
        if schema.keys() <= _REMARKS:
            yield from titles({**target, "title": own}, where)
            return
        yield from titles(target, where, own)
    for word in _INSIDE:
        parts = schema.get(word, [])
        for part in parts if isinstance(parts, list) else [parts]:
            yield from titles(part, file, own)
    yield own


def keys(file: str) -> Iterator[tuple[str, Json]]:
    for part in subschemas(schema_of(file)):
        for key, schema in part.get("properties", {}).items():
            if isinstance(schema, dict) and "title" in schema:
                yield key, schema


def test_a_target_with_a_title_of_its_own_would_be_told_for_the_key() -> None:
    bare = {"title": "Программа", "$ref": "common.json#/$defs/name"}
    target = resolved(bare, "student")[0]["title"]
    assert next(titles(bare, "student")) == "Программа"
    assert next(titles({**bare, "x-refers-to": "program"}, "student")) == target != "Программа"


@pytest.mark.parametrize("file", FILES)
def test_every_key_is_told_by_its_own_title(file: str) -> None:
    wrong = {k: t for k, s in keys(file) if (t := next(titles(s, file))) != s["title"]}
    assert wrong == {}


def test_no_part_of_a_shared_value_takes_the_title_of_another_key() -> None:
    shared = schema_of("common")["$defs"]
    assert {name for name, one in shared.items() if not one.keys().isdisjoint(_INSIDE)} == set()
