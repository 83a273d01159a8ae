"""What a schema asks of a person who fills a record in: nothing of it is lost on the way."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from papka.core.snapshot import DictSnapshot
from papka.records.fields import Field, FieldCondition, FieldForm, FieldListing
from papka.records.schemas import SchemaSet

OWN: dict[str, Any] = {
    "title": "Запись",
    "description": "О чём.",
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {
            "title": "Вид",
            "description": "Какой.",
            "type": "string",
            "enum": ["а", "б"],
            "enumDescriptions": ["первый", "второй"],
        },
        "id": {"pattern": "^r[1-9][0-9]*$", "patternErrorMessage": "Буква r"},
        "day": {"$ref": "common.json#/$defs/date", "title": "День"},
        "a/b": {"type": ["integer", "number"], "default": 5, "errorMessage": "Не", "x-ask": True},
        "gone": False,
        "any": True,
        "names": {
            "type": "array",
            "items": {"$ref": "common.json#/$defs/formerName"},
            "allOf": [
                {"contains": {"required": ["given"]}, "errorMessage": "Нужно имя"},
                {"minItems": 1},
                {"contains": {"required": ["until"]}},
            ],
        },
        "words": {"type": "array", "items": {"type": "string", "title": "Слово"}},
        "inner": {
            "title": "Внутри",
            "properties": {
                "x": {"type": "boolean"},
                "deep": {"type": "array", "items": {"$ref": "#/$defs/deepOne2Two"}},
            },
            "required": ["x"],
        },
    },
    "$defs": {"deepOne2Two": {"type": "object", "properties": {"z": {}}}},
    "if": {"required": ["day"]},
    "then": {"required": ["a/b"], "errorMessage": "С днём нужно число"},
    "allOf": [
        {
            "if": {"properties": {"kind": {"const": "б"}}, "required": ["kind"]},
            "then": {
                "required": ["day"],
                "properties": {"words": False, "inner": True},
                "errorMessage": "У «б» есть день",
            },
        },
        {"minProperties": 1},
        {"if": True, "then": False},
    ],
    "additionalProperties": False,
}
COMMON: dict[str, Any] = {
    "$defs": {
        "date": {
            "title": "Дата",
            "type": "string",
            "if": {"pattern": "-"},
            "then": {"format": "date"},
            "patternErrorMessage": "Год-месяц-день",
            "errorMessage": "Не день",
        },
        "formerName": {
            "title": "Прежнее имя",
            "description": "До какого дня.",
            "type": "object",
            "properties": {"given": {"type": "string"}, "until": {"format": "date"}},
            "required": ["until"],
        },
    }
}


@pytest.fixture
def schemas() -> SchemaSet:
    files = {"schema/own.json": OWN, "schema/common.json": COMMON}
    return SchemaSet.load(DictSnapshot({path: json.dumps(s).encode() for path, s in files.items()}))


@pytest.fixture
def form(schemas: SchemaSet) -> FieldForm:
    return schemas.forms.of("own")


def shown(field: Field) -> dict[str, object]:
    """What a field says besides nothing; of what is inside it only the names."""
    said = {each.name: getattr(field, each.name) for each in fields(field)}
    said |= {"item": field.item and field.item.title, "form": field.form and field.form.word}
    return {name: value for name, value in said.items() if value not in ("", (), None, False)}


def test_every_field_says_all_that_its_schema_says(form: FieldForm) -> None:
    assert [shown(field) for field in form.fields] == [
        {
            "name": "kind",
            "title": "Вид",
            "description": "Какой.",
            "ref": "own.json#/properties/kind",
            "types": ("string",),
            "choices": ("а", "б"),
            "notes": ("первый", "второй"),
        },
        {
            "name": "id",
            "title": "id",
            "ref": "own.json#/properties/id",
            "types": ("string",),
            "complaint": "^r[1-9][0-9]*$",
        },
        {
            "name": "day",
            "title": "День",
            "ref": "own.json#/properties/day",
            "types": ("string",),
            "complaint": "Год-месяц-день",
            "is_date": True,
        },
        {
            "name": "a/b",
            "title": "a/b",
            "ref": "own.json#/properties/a~1b",
            "types": ("integer", "number"),
            "complaint": "Не",
            "default": 5,
            "is_asked": True,
        },
        {
            "name": "gone",
            "title": "gone",
            "ref": "own.json#/properties/gone",
            "types": ("nothing",),
        },
        {"name": "any", "title": "any", "ref": "own.json#/properties/any", "types": ("string",)},
        {
            "name": "names",
            "title": "names",
            "ref": "own.json#/properties/names",
            "types": ("array",),
            "owed": (
                ("own.json#/properties/names/allOf/0/contains", "Нужно имя"),
                ("own.json#/properties/names/allOf/2/contains", ""),
            ),
            "item": "Прежнее имя",
            "form": "formerName",
        },
        {
            "name": "words",
            "title": "words",
            "ref": "own.json#/properties/words",
            "types": ("array",),
            "item": "Слово",
        },
        {
            "name": "inner",
            "title": "Внутри",
            "ref": "own.json#/properties/inner",
            "types": ("object",),
            "form": "inner",
        },
    ]


def test_a_form_says_what_its_schema_says(form: FieldForm) -> None:
    assert (form.word, form.title, form.description) == ("own", "Запись", "О чём.")
    assert form.required == {"kind"}
    assert form.conditions == (
        FieldCondition("own.json#/if", ("a/b",), (), "С днём нужно число"),
        FieldCondition("own.json#/allOf/0/if", ("day",), ("words",), "У «б» есть день"),
    )


def inside(form: FieldForm, name: str) -> FieldForm:
    field = form.field(name)
    assert field is not None
    assert field.form is not None
    return field.form


def test_an_item_is_asked_for_by_the_form_of_its_definition(form: FieldForm) -> None:
    names = inside(form, "names")
    assert (names.title, names.description) == ("Прежнее имя", "До какого дня.")
    assert [(field.name, field.ref, field.is_date) for field in names.fields] == [
        ("given", "common.json#/$defs/formerName/properties/given", False),
        ("until", "common.json#/$defs/formerName/properties/until", True),
    ]
    assert names.required == {"until"}
    assert names.conditions == ()
    assert inside(form, "inner").required == {"x"}
    assert form.field("none") is None


def test_only_the_id_of_an_entry_has_a_letter(form: FieldForm) -> None:
    letters = {field.name: field.letter for field in form.fields}
    assert {name for name, letter in letters.items() if letter} == {"id"}
    assert letters["id"] == form.letter == "r"
    assert inside(form, "inner").letter == ""


def test_every_list_of_mappings_outside_other_lists_is_found(
    form: FieldForm, schemas: SchemaSet
) -> None:
    found = list(schemas.forms.listings("own"))
    deep = inside(form, "inner").field("deep")
    assert deep is not None
    assert deep.form is not None
    assert found == [
        FieldListing("own", "/names", inside(form, "names")),
        FieldListing("own", "/inner/deep", deep.form),
    ]
    assert [each.kind for each in found] == ["former-name", "deep-one2-two"]


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ({}, {"kind": ""}),
        ({"kind": "а"}, {}),
        ({"kind": "б"}, {"day": "У «б» есть день"}),
        ({"day": "2026-01-15"}, {"kind": "", "a/b": "С днём нужно число"}),
        ({"kind": "б", "day": "2026-01-15"}, {"a/b": "С днём нужно число"}),
        ({"kind": "б", "day": "2026-01-15", "a/b": 1}, {}),
    ],
)
def test_what_is_due_follows_from_what_stands(
    value: dict[str, object], due: dict[str, str], form: FieldForm, schemas: SchemaSet
) -> None:
    found = form.due(value, schemas.accepts)
    assert found == due
    assert list(found) == [field.name for field in form.fields if field.name in found]


@pytest.mark.parametrize(
    ("value", "barred"),
    [({"kind": "а"}, {"gone"}), ({"kind": "б"}, {"gone", "words"}), ({}, {"gone"})],
)
def test_what_may_not_stand_follows_from_what_does(
    value: dict[str, object], barred: set[str], form: FieldForm, schemas: SchemaSet
) -> None:
    assert form.barred(value, schemas.accepts) == barred
