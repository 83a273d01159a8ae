"""A schema and its Struct say the same: keys, which are required, types, enumerations.

What the schema lets through must build the Struct, and no key may be known to only one of them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec import inspect

from papka.core.kinds import SCHEMA_OF
from papka.records.archive import TYPES

SCHEMA = Path(__file__).parents[2] / "schema"

NAMES = sorted(SCHEMA_OF.values())
TYPED = {SCHEMA_OF[kind]: type_ for kind, type_ in TYPES.items() if type_ is not None}
FILES = sorted(path.stem for path in SCHEMA.glob("*.json"))

Json = dict[str, Any]


def schema_of(name: str) -> Json:
    """A schema as validators read it, without what is for the editor."""
    value: Json = json.loads((SCHEMA / f"{name}.json").read_text(encoding="utf-8"))
    for word in ("schemaSequence", "dependencies"):
        value.pop(word, None)
    return value


def resolved(schema: Json, file: str) -> tuple[Json, str]:
    """The schema a `$ref` leads to, and the file it stands in."""
    while "$ref" in schema:
        target, _, pointer = schema["$ref"].partition("#")
        file = target.removesuffix(".json") or file
        found: Any = schema_of(file)
        for step in pointer.strip("/").split("/"):
            found = found[step]
        schema = found
    return schema, file


def subschemas(schema: object) -> list[Json]:
    """Every mapping inside a schema file."""
    if isinstance(schema, list):
        return [found for item in schema for found in subschemas(item)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(found for item in schema.values() for found in subschemas(item))]


def properties(name: str) -> list[tuple[str, Json]]:
    """Every declared property, as `key, schema`; those named only inside a condition are left
    out."""
    found: list[tuple[str, Json]] = []
    for schema in subschemas(schema_of(name)):
        if schema.get("type") == "object":
            found += schema.get("properties", {}).items()
    return found


def differences(kind: inspect.Type, schema: Json, file: str, where: str) -> list[str]:
    """What the Struct's type and the schema say differently, one line each."""
    schema, file = resolved(schema, file)
    match kind:
        case inspect.StructType():
            return of_struct(kind, schema, file, where)
        case inspect.VarTupleType(item_type=item):
            below = differences(item, schema.get("items", {}), file, f"{where}[]")
            return below + differ(where, "array", schema.get("type"))
        case inspect.DictType(value_type=value):
            below = differences(value, schema["additionalProperties"], file, f"{where}{{}}")
            return below + differ(where, "object", schema.get("type"))
        case inspect.LiteralType(values=values):
            return differ(where, set(values), set(schema.get("enum", [])))
        case inspect.UnionType(types=types):
            known = [one for one in types if not isinstance(one, inspect.NoneType)]
            if len(known) == 1:
                return differences(known[0], schema, file, where)
            if "anyOf" in schema:
                return of_alternatives(known, schema["anyOf"], file, where)
            expected = {type_name(one) for one in known} - {"integer"}
            declared = schema.get("type", [])
            return differ(
                where, expected, {declared} if isinstance(declared, str) else set(declared)
            )
        case inspect.DateType():
            return differ(where, "date", schema.get("format"))
        case _:
            return differ(where, type_name(kind), schema.get("type"))


def of_alternatives(
    known: list[inspect.Type], options: list[Json], file: str, where: str
) -> list[str]:
    """What the types of a union and the alternatives of the schema say differently."""
    declared = {found["type"]: (found, at) for found, at in (resolved(o, file) for o in options)}
    found = differ(where, {type_name(one) for one in known}, set(declared))
    for one in known:
        if type_name(one) in declared:
            found += differences(one, *declared[type_name(one)], where)
    return found


def type_name(kind: inspect.Type) -> str:
    return {
        inspect.StructType: "object",
        inspect.VarTupleType: "array",
        inspect.StrType: "string",
        inspect.IntType: "integer",
        inspect.FloatType: "number",
        inspect.BoolType: "boolean",
    }[type(kind)]


def differ(where: str, in_struct: object, in_schema: object) -> list[str]:
    if in_struct == in_schema:
        return []
    return [f"{where}: Struct {in_struct!r}, schema {in_schema!r}"]


def of_struct(kind: inspect.StructType, schema: Json, file: str, where: str) -> list[str]:
    fields = {field.encode_name: field for field in kind.fields}
    declared: Json = schema.get("properties", {})
    required = sorted(name for name, field in fields.items() if field.required)
    found = differ(where, sorted(fields), sorted(declared))
    found += differ(f"{where} required", required, sorted(schema.get("required", [])))
    found += differ(
        f"{where} closed", in_struct=False, in_schema=schema.get("additionalProperties")
    )
    for name in fields.keys() & declared.keys():
        found += differences(fields[name].type, declared[name], file, f"{where}.{name}")
    return found


@pytest.mark.parametrize("name", sorted(TYPED))
def test_schema_and_struct_know_the_same_keys_types_and_values(name: str) -> None:
    assert differences(inspect.type_info(TYPED[name]), schema_of(name), name, name) == []


def test_every_kind_of_record_has_a_schema_and_no_schema_is_left_over() -> None:
    assert sorted([*NAMES, "common"]) == FILES


@pytest.mark.parametrize("name", FILES)
def test_schema_is_one_and_works_in_the_editor(name: str) -> None:
    """An `$id` or an absolute reference silences the editor; a format it cannot check misleads."""
    schema = schema_of(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for part in subschemas(schema):
        assert "$id" not in part
        assert "defaultSnippets" not in part
        if isinstance(part.get("format"), str):
            assert part["format"] == "date"
        if "$ref" in part:
            assert part["$ref"].startswith(("#/", "common.json#/"))
            assert resolved(part, name)
        if isinstance(part.get("pattern"), str) and "patternErrorMessage" not in part:
            assert part == {"pattern": part["pattern"]}  # only asked by an `if`


@pytest.mark.parametrize("name", FILES)
def test_every_key_is_explained_in_russian(name: str) -> None:
    for key, schema in properties(name):
        assert russian(schema.get("title", "")), key
        assert russian(schema.get("description", "")), key
        told = schema.get("enumDescriptions")
        assert told is None or len(told) == len(schema["enum"]), key


def russian(text: str) -> bool:
    return any("а" <= letter <= "я" for letter in text.lower()) and not text[0].islower()


def test_conditions_are_worded() -> None:
    """A rule of two keys at once would else be told in the schema engine's English."""
    for name in FILES:
        for schema in subschemas(schema_of(name)):
            if "if" in schema:
                for branch in (schema["then"], schema.get("else", {"errorMessage": ""})):
                    assert all("errorMessage" in part for part in branch.get("allOf", [branch]))
