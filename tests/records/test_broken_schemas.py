"""Why a schema is unfit is said with its line, in words; what it may hold is held at the limit.

What each source is told stands in broken_schemas.txt (`--update-snapshots` writes it anew; read
it).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from papka.core.errors import BrokenSchema
from papka.core.snapshot import DictSnapshot
from papka.records.schema_outline import Flaw, Outline
from papka.records.schemas import SchemaSet
from tests.records.test_schemas import doubling, nested

SOURCES = (
    # no JSON
    '{"a": }',
    "{a: 1}",
    '{"a" 1}',
    '{"a": 1 "b": 2}',
    "{} x",
    '{"a": "x',
    '{"a": "x\n"}',
    '{"a": \n\nnope}',
    "[]",
    '"x"',
    # no schema
    '{\n"title": "x",\n"type": "strang"}',
    '{"type": []}',
    '{\n"minimum": "x"}',
    '{"required":\n"x"}',
    '{"required": ["a", "a"]}',
    '{"minLength": -1}',
    '{"multipleOf": 0}',
    '{"enum": 5}',
    '{"properties": []}',
    '{"maxItems": 1.5}',
    '{"uniqueItems": 1}',
    '{"pattern": 5}',
    '{"pattern": "("}',
    '{"properties": {"a/b": {\n"pattern": "[z-a]"}}}',
    '{"patternProperties": {"(": true}}',
    '{"dependencies": {"a": ["b"]}}',
    '{"items": {\n"dependencies": {"a": {"$ref": "../.papka/names.json#/$defs/own.json"}}}}',
    '{"additionalProperties": 3}',
    '{"not": {"items": {\n"type": "strang"}}}',
    '{"allOf": []}',
    '{"anyOf": [5]}',
    # what would be ignored
    '{"$schema": "http://json-schema.org/draft-07/schema#"}',
    '{"$id": "x"}',
    '{"properties": {"a": {\n"$anchor": "x"}}}',
    '{"$dynamicRef": "#x"}',
    '{"$dynamicAnchor": "x"}',
    '{"$vocabulary": {}}',
    '{"contentSchema": {}}',
    '{"items": {"properties": {"a": {\n"format": "time"}}}}',
    *(
        f'{{"{word}":\n{{"format": "time"}}}}'
        for word in (
            *("if", "then", "else", "not", "items", "contains", "propertyNames"),
            *("additionalProperties", "unevaluatedProperties", "unevaluatedItems"),
        )
    ),
    *(
        f'{{"{word}": {{"a~/b":\n{{"format": "time"}}}}}}'
        for word in ("properties", "patternProperties", "$defs", "dependentSchemas")
    ),
    *(
        f'{{"{word}": [true,\n{{"format": "time"}}]}}'
        for word in ("allOf", "anyOf", "oneOf", "prefixItems")
    ),
    # where references lead
    '{"$ref": 5}',
    '{"$ref": "none.json"}',
    '{\n"$ref": "#/$defs/none"}',
    '{"$ref": "#none"}',
    '{"default": {"$ref": "#/default"},\n"$ref": "#/default"}',
    '{"$ref": "#"}',
    *(
        f'{{"$defs": {{"a":\n{{"{word}": [true, {{"$ref": "#/$defs/a"}}]}}}}}}'
        for word in ("allOf", "anyOf", "oneOf")
    ),
    *(
        f'{{"$defs": {{"a":\n{{"{word}": {{"$ref": "#/$defs/a"}}}}}}}}'
        for word in ("if", "then", "else", "not")
    ),
    '{"$defs": {"a":\n{"dependentSchemas": {"x": {"$ref": "#/$defs/a"}}}}}',
)


def told(files: dict[str, bytes]) -> str:
    """Why the set cannot judge by `own`; "" when it can."""
    try:
        SchemaSet.load(DictSnapshot(files)).judge("own", {}, "f.yaml")
    except BrokenSchema as broken:
        return broken.message
    return ""


def test_what_is_unfit_is_said_with_its_line(request: pytest.FixtureRequest) -> None:
    said = ""
    for source in SOURCES:
        said += f"## {source!r}\n  {told({'schema/own.json': source.encode()})}\n"
    file = Path(__file__).with_name("broken_schemas.txt")
    if request.config.getoption("--update-snapshots"):
        file.write_text(said, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == said


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    begins = "Схема schema/own.json повреждена: "
    foreign = told({"schema/own.json": b'{\n"a": "\xff"}'})
    assert foreign == f"{begins}строка 2: файл не в UTF-8"
    deep = told({"schema/own.json": b"[" * 100_000})
    assert deep == f"{begins}это не JSON: слишком много вложенных скобок"


def test_only_json_files_of_the_folder_itself_are_schemas() -> None:
    beside = {"schema/read.me": b"x", "schema/old/x.json": b"[", "records/schema/y.json": b"["}
    assert told({"schema/own.json": b"{}", **beside}) == ""
    assert told(beside) == "Схема schema/ повреждена: в папке нет ни одной схемы"
    assert SchemaSet.load(DictSnapshot({"schema/own.json": b"{}", **beside})).names == ("own",)


def test_a_schema_of_records_may_be_closed_beside_one_that_takes_all() -> None:
    closed = {"type": "object", "allOf": [True], "additionalProperties": False}
    assert (
        told({"schema/own.json": b"{}", "schema/student.json": json.dumps(closed).encode()}) == ""
    )


def test_a_schema_that_is_not_there_is_named() -> None:
    with pytest.raises(BrokenSchema, match=r"schema/none\.json повреждена: такого файла нет"):
        SchemaSet.load(DictSnapshot({"schema/own.json": b"{}"})).judge("none", {}, "f.yaml")


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (nested("not", 39), ""),
        (nested("not", 40), "цепочка схем длиннее 40"),
        (nested("not", 38, within=True), ""),
        (nested("not", 39, within=True), ""),
        (nested("not", 40, within=True), "цепочка схем длиннее 40"),
        (nested("not", 119), "цепочка схем длиннее 40"),
        (nested("not", 120), "схемы вложены одна в другую больше 40 раз"),
        (nested("items", 119), ""),
        (nested("items", 120), "схемы вложены одна в другую больше 40 раз"),
        (doubling(11), ""),
        (doubling(12), "одно значение судили бы больше 5000 схем"),
    ],
    ids=[
        "39",
        "40",
        "38 true",
        "39 true",
        "40 true",
        "119",
        "120",
        "119 items",
        "120 items",
        "2047",
        "4095",
    ],
)
def test_what_a_schema_may_be_ends_here(schema: dict[str, Any], said: str) -> None:
    found = told({"schema/own.json": json.dumps(schema).encode()})
    assert (found.endswith(said), bool(found)) == (True, bool(said))


FILES: dict[str, Any] = {
    "own.json": {
        "title": "Всё",
        "properties": {
            "a": {"title": "А"},
            "gone": False,
            "list": {"$ref": "other.json#/$defs/l"},
            "map": {
                "properties": {"own": {}},
                "additionalProperties": {"title": "Прочее", "properties": {"x": {"title": "Икс"}}},
            },
        },
        "allOf": [{"properties": {"b": {"title": "Б", "pattern": "^b$"}}}],
        "anyOf": [{"properties": {"c": {"title": "В"}}}, True],
        "oneOf": [{"properties": {"d": {"title": "Г"}, "a": {"title": "Второе"}}}],
        "if": {"properties": {"e": {"title": "Д"}}},
        "then": {"properties": {"f": {"title": "Е"}}},
        "else": {"properties": {"g": {"title": "Ж"}}},
    },
    "other.json": {
        "$defs": {
            "l": {
                "title": "Список",
                "prefixItems": [{"title": "Первый"}],
                "items": {"title": "Прочий", "$ref": "#/$defs/i"},
            },
            "i": {"properties": {"y/z": {"title": "Игрек", "pattern": "^y$"}, "n": {"title": 5}}},
        }
    },
}
OUTLINE = Outline(FILES)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ((), "Всё"),
        *(((name,), title) for name, title in zip("abcdefg", "АБВГДЕЖ", strict=True)),
        (("gone",), ""),
        (("map", "any"), "Прочее"),
        (("map", "any", "x"), "Икс"),
        (("map", "own"), ""),
        (("other",), ""),
        (("list",), "Список"),
        (("list", 0), "Первый"),
        (("list", 1), "Прочий"),
        (("list", 1, "y/z"), "Игрек"),
        (("list", 1, "n"), ""),
        (("list", "0"), ""),
        (("a", "deeper"), ""),
    ],
)
def test_a_title_is_found_wherever_the_schema_has_it(
    path: tuple[str | int, ...], title: str
) -> None:
    assert OUTLINE.title("own.json", path) == title


def test_all_fields_that_may_stand_are_known_in_their_order() -> None:
    assert OUTLINE.fields("own.json", ()) == ["a", "list", "map", *"bcdefg"]
    assert OUTLINE.fields("own.json", ("map", "any")) == ["x"]
    assert OUTLINE.fields("own.json", ("list", 3)) == ["y/z", "n"]
    assert OUTLINE.fields("own.json", ("gone",)) == []


def test_the_first_place_of_a_pattern_is_found() -> None:
    assert OUTLINE.pattern("^b$") == ("own.json", "/allOf/0/properties/b/pattern")
    assert OUTLINE.pattern("^y$") == ("other.json", "/$defs/i/properties/y~1z/pattern")
    assert OUTLINE.pattern("^c$") is None
    assert OUTLINE.pattern(None) is None


@pytest.mark.parametrize(
    ("steps", "taken"),
    [
        ((), [0]),
        (("allOf", 0, "properties", "b", "pattern"), [0, 1, 2, 3, 4, 5]),
        (("properties", "list", "items", "properties", "n"), [0, 1, 2, 2, 3, 3, 4, 5]),
        (("allOf", 1), []),
        (("allOf", "0"), []),
        (("none",), []),
        (("properties", "gone", "x"), []),
    ],
)
def test_the_way_of_an_engine_is_followed_through_references(
    steps: tuple[str | int, ...], taken: list[int]
) -> None:
    assert [at for at, _ in OUTLINE.trail("own.json", steps)] == taken


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"$schema": "x"}, "/$schema"),
        ({"items": {"$id": "x"}}, "/items/$id"),
        ({"properties": {"a": {"format": "x"}}}, "/properties/a/format"),
        ({"allOf": [{}, {"$ref": "#/no"}]}, "/allOf/1/$ref"),
        ({"not": {"patternProperties": {"(": {}}}}, "/not/patternProperties"),
    ],
)
def test_a_flaw_stands_where_it_is(schema: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Flaw) as caught:
        Outline({"own.json": schema}).lint(())
    assert (caught.value.file, caught.value.pointer) == ("own.json", pointer)
