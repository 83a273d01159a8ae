"""Schemas: one slip, one finding, worded for a person; broken schemas are told apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.core.errors import BrokenSchema
from papka.core.findings import Finding
from papka.core.snapshot import DictSnapshot
from papka.records.schemas import SchemaSet, is_date
from papka.records.strict_yaml import read
from tests.support.archives import good

RESULT = {
    "id": "r1",
    "enrolment": "e1",
    "kind": "учебный",
    "origin": "текущий контроль",
    "part": "техника",
    "date": "2026-05-28",
    "mark": 2,
}


def shipped() -> SchemaSet:
    return SchemaSet.load(DictSnapshot(good()))


def own(schema: dict[str, Any], **others: Any) -> SchemaSet:  # noqa: ANN401 - a JSON value
    """A set whose `own` schema is this one."""
    files = {"own": schema, **others}
    return SchemaSet.load(
        DictSnapshot({f"schema/{name}.json": json.dumps(s).encode() for name, s in files.items()})
    )


def judged(schema: dict[str, Any], value: object) -> list[tuple[str, str]]:
    return [(f.code.name, f.where.pointer) for f in own(schema).judge("own", value, "f.yaml")]


def results(**changes: object) -> list[Finding]:
    entry = {key: value for key, value in {**RESULT, **changes}.items() if value != "absent"}
    return shipped().judge("results", {"period": "2026-1", "results": [entry]}, "f.yaml")


def test_a_good_record_has_no_finding() -> None:
    assert results() == []


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"kind": "absent"}, "SCHEMA_MISSING_FIELD", "/results/0"),
        ({"date": "2026-02-30"}, "SCHEMA_BAD_DATE", "/results/0/date"),
        ({"date": "28.05.2026"}, "SCHEMA_BAD_PATTERN", "/results/0/date"),
        ({"mark": None}, "SCHEMA_NULL", "/results/0/mark"),
        ({"mark": True}, "SCHEMA_WRONG_TYPE", "/results/0/mark"),
        ({"mark": [2]}, "SCHEMA_WRONG_TYPE", "/results/0/mark"),
        ({"kind": "учебнй"}, "SCHEMA_NOT_IN_ENUM", "/results/0/kind"),
        ({"kind": 5}, "SCHEMA_WRONG_TYPE", "/results/0/kind"),
        ({"kind": "absent", "knd": "учебный"}, "SCHEMA_UNKNOWN_FIELD", "/results/0/knd"),
        ({"extra/field": 1}, "SCHEMA_UNKNOWN_FIELD", "/results/0/extra~1field"),
        ({"part": "absent"}, "SCHEMA_MISSING_FIELD", "/results/0"),
        ({"part": "absent", "prt": "техника"}, "SCHEMA_UNKNOWN_FIELD", "/results/0/prt"),
        ({"shows": []}, "SCHEMA_TOO_SHORT", "/results/0/shows"),
    ],
)
def test_one_slip_is_one_finding(changes: dict[str, object], code: str, pointer: str) -> None:
    found = [(finding.code.name, finding.where.pointer) for finding in results(**changes)]
    assert found == [(code, pointer)]


def test_every_slip_of_a_record_is_told_in_one_run() -> None:
    found = results(date="2026-02-30", kind="учебнй", extra=1)
    assert len(found) == 3


def test_a_misspelt_word_is_met_with_the_right_one() -> None:
    (wrong_value,) = results(kind="Учебнй")
    (wrong_field,) = results(kind="absent", knd="учебный")
    assert "Может быть, «учебный»?" in wrong_value.hint
    assert "Может быть, «kind»?" in wrong_field.hint


def test_titles_and_error_texts_of_the_schema_reach_the_reader() -> None:
    (pattern,) = results(enrolment="x1")
    assert "«enrolment» (Зачисление)" in pattern.message
    assert "номер зачисления" in pattern.message
    (condition,) = results(part="absent")
    assert "(п. 2.2.3)" in condition.message


def test_messages_never_repeat_the_value() -> None:
    secret = "Абрикосова"
    for field in RESULT:
        for finding in results(**{field: secret}):
            assert secret not in finding.message + finding.hint


def test_a_name_typed_as_a_field_is_not_repeated() -> None:
    (finding,) = results(**{"Абрикосова Аглая": 1})
    assert finding.code.name == "SCHEMA_UNKNOWN_FIELD"
    assert "Абрикосова" not in finding.message + finding.hint


def test_fields_that_exclude_each_other_are_shown_at_the_key() -> None:
    found = [(f.code.name, f.where.pointer) for f in results(kind="личностный", text="Смело")]
    assert found == [
        ("SCHEMA_FORBIDDEN_FIELD", "/results/0/mark"),
        ("SCHEMA_FORBIDDEN_FIELD", "/results/0/part"),
    ]


ALTERNATIVES = {
    "type": "object",
    "properties": {
        "a": {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
        "b": {"oneOf": [{"type": "string", "pattern": "^x"}, {"type": "integer"}]},
        "c": {"oneOf": [{"minimum": 1}, {"minimum": 2}]},
        "d": {"anyOf": [{"required": ["x"]}, {"required": ["y"]}]},
        "e": {"not": {"const": 1}},
        "f": {"type": "array", "uniqueItems": True},
        "g": {"multipleOf": 5},
        "h": {"propertyNames": {"pattern": "^[a-z]$"}},
        "i": {"maxLength": 2, "minLength": 1},
        "j": {"dependentRequired": {"x": ["y"]}},
        "k": {
            "properties": {"x": True},
            "allOf": [{"properties": {"y": True}}],
            "unevaluatedProperties": False,
        },
        "l": {"const": "да"},
        "m": {"contains": {"const": 1}},
        "n": {"exclusiveMaximum": 5},
    },
}


@pytest.mark.parametrize(
    ("value", "code", "pointer"),
    [
        ({"a": "x"}, "SCHEMA_WRONG_TYPE", "/a"),
        ({"b": "y"}, "SCHEMA_BAD_PATTERN", "/b"),
        ({"b": []}, "SCHEMA_WRONG_TYPE", "/b"),
        ({"c": 3}, "SCHEMA_FORBIDDEN_COMBINATION", "/c"),
        ({"c": 0}, "SCHEMA_OUT_OF_RANGE", "/c"),
        ({"d": {}}, "SCHEMA_FORBIDDEN_COMBINATION", "/d"),
        ({"e": 1}, "SCHEMA_FORBIDDEN_COMBINATION", "/e"),
        ({"f": [1, True, {"a": 1}, {"a": 1}]}, "SCHEMA_DUPLICATE_ITEM", "/f/3"),
        ({"g": 7}, "SCHEMA_OUT_OF_RANGE", "/g"),
        ({"h": {"A": 1}}, "SCHEMA_BAD_FIELD_NAME", "/h/A"),
        ({"i": "абв"}, "SCHEMA_TOO_LONG", "/i"),
        ({"i": ""}, "SCHEMA_TOO_SHORT", "/i"),
        ({"j": {"x": 1}}, "SCHEMA_MISSING_FIELD", "/j"),
        ({"k": {"x": 1, "y": 2, "z": 3}}, "SCHEMA_UNKNOWN_FIELD", "/k/z"),
        ({"l": "нет"}, "SCHEMA_NOT_IN_ENUM", "/l"),
        ({"m": [2]}, "SCHEMA_TOO_SHORT", "/m"),
        ({"n": 5}, "SCHEMA_OUT_OF_RANGE", "/n"),
    ],
)
def test_every_keyword_has_its_words(value: object, code: str, pointer: str) -> None:
    assert judged(ALTERNATIVES, value) == [(code, pointer)]


def nested(word: str, times: int, *, within: Any = None) -> dict[str, Any]:  # noqa: ANN401 - a schema
    schema: dict[str, Any] = {word: within} if within else {}
    for _ in range(times - bool(within)):
        schema = {word: schema}
    return schema


def doubling(times: int) -> dict[str, Any]:
    """2**times judgements of one value, in `times` definitions."""
    definitions: dict[str, Any] = {"a0": {"type": "string"}}
    for at in range(1, times):
        definitions[f"a{at}"] = {"allOf": [{"$ref": f"#/$defs/a{at - 1}"}] * 2}
    return {"$ref": f"#/$defs/a{times - 1}", "$defs": definitions}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (nested("not", 300), "вложены"),
        (nested("not", 60), "цепочка"),
        (
            {"properties": {"a": {"$ref": "#/$defs/z"}}, "$defs": {"z": {"$ref": "#/$defs/z"}}},
            "круг",
        ),
        ({"$ref": "own.json"}, "круг"),
        ({"allOf": [{"$ref": "#"}]}, "круг"),
        ({"not": {"anyOf": [{"if": {"$ref": "#"}}]}}, "круг"),
        ({"$ref": "other.json"}, "круг"),
        (doubling(16), "больше 5000 схем"),
        ({"default": {"$ref": "#/default"}, "$ref": "#/default"}, "не на схему"),
    ],
)
def test_a_schema_whose_judging_may_not_end_is_refused(schema: dict[str, Any], said: str) -> None:
    with pytest.raises(BrokenSchema, match=said):
        own(schema, other={"$ref": "own.json"} if schema == {"$ref": "other.json"} else {})


def test_a_schema_may_come_back_to_itself_through_data() -> None:
    tree = own({"type": "object", "properties": {"below": {"$ref": "#"}, "n": {"type": "integer"}}})
    assert tree.judge("own", {"below": {"below": {"n": 1}}}, "f.yaml") == []
    found = tree.judge("own", {"below": {"below": {"n": "x"}}}, "f.yaml")
    assert [f.where.pointer for f in found] == ["/below/below/n"]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({}, '"type": "object"'),
        ({"allOf": [{}]}, '"type": "object"'),
        ({"$ref": "#/$defs/all", "$defs": {"all": {}}}, '"type": "object"'),
        ({"type": "object"}, '"additionalProperties": false'),
        ({"type": ["object", "string"], "additionalProperties": False}, '"type": "object"'),
        ({"type": "object", "additionalProperties": {}}, '"additionalProperties": false'),
    ],
)
def test_a_schema_of_records_that_checks_nothing_is_refused(
    schema: dict[str, Any], said: str
) -> None:
    with pytest.raises(BrokenSchema) as caught:
        own({}, student=schema)
    assert "schema/student.json" in caught.value.message
    assert said in caught.value.message


def test_a_schema_of_records_may_be_closed_where_its_references_lead() -> None:
    closed = {"type": "object", "properties": {"a": True}, "unevaluatedProperties": False}
    assert own({"$defs": {"r": closed}}, student={"$ref": "own.json#/$defs/r"}).names


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            '{\n"title": "x",\n"type": "strang"}',
            "строка 3: значение слова «type» не годится: бывает",
        ),
        ('{\n"minimum": "x"}', "строка 2: значение слова «minimum» не годится: нужно число"),
        ('{"required":\n"x"}', "строка 2: значение слова «required» не годится: нужно список"),
        ('{"minLength": -1}', "строка 1: значение слова «minLength» не годится"),
        ('{\n"title": "x"\n"type": "x"}', "строка 3: это не JSON: не хватает запятой"),
        ('{"properties": {\n"a": {"$ref": "#/nowhere"}}}', "строка 2: ссылка «#/nowhere»"),
        ('{"properties": {\n"a": {"pattern": "("}}}', "строка 2: неверное выражение «(»"),
        ("[" * 100_000, "слишком много вложенных скобок"),
    ],
)
def test_a_broken_schema_is_told_in_russian_with_its_line(source: str, said: str) -> None:
    with pytest.raises(BrokenSchema) as caught:
        SchemaSet.load(DictSnapshot({"schema/own.json": source.encode()})).judge("own", {}, "f")
    assert said in caught.value.message
    assert "schema/own.json" in caught.value.message


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"schema/own.json": b"{"},
        {"schema/own.json": b"\xff"},
        {"schema/own.json": b"[]"},
        {"schema/own.json": b"[" * 100_000},
        {"schema/own.json": b'{"type": "strang"}'},
        {"schema/own.json": b'{"$schema": "http://json-schema.org/draft-07/schema#"}'},
        {"schema/own.json": b'{"$id": "https://example.org/own.json"}'},
        {"schema/own.json": b'{"$ref": "none.json"}'},
        {"schema/own.json": b'{"$ref": "#/$defs/none"}'},
        {"schema/own.json": b'{"$ref": "https://example.org/a.json"}'},
        {"schema/own.json": b'{"$ref": "file:///etc/passwd"}'},
        {"schema/own.json": b'{"properties": {"a": {"format": "time"}}}'},
        {"schema/own.json": b'{"patternProperties": {"(": true}}'},
    ],
)
def test_a_broken_schema_is_named_with_a_next_step(files: dict[str, bytes]) -> None:
    with pytest.raises(BrokenSchema) as caught:
        SchemaSet.load(DictSnapshot(files))
    assert "schema/" in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.next_step


def test_a_pattern_no_engine_can_read_breaks_its_schema_only() -> None:
    both = own({"pattern": "("}, other={"type": "string"})
    assert both.judge("other", "x", "f.yaml") == []
    with pytest.raises(BrokenSchema):
        both.judge("own", "x", "f.yaml")


def test_a_schema_that_is_not_there_is_a_broken_one() -> None:
    with pytest.raises(BrokenSchema):
        own({}).judge("none", {}, "f.yaml")


def test_references_lead_to_other_files_of_the_set() -> None:
    one = own(
        {"$ref": "other.json#/$defs/a"},
        other={"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"type": "string"}}},
    )
    assert one.judge("own", "x", "f.yaml") == []
    assert [f.code.name for f in one.judge("own", 1, "f.yaml")] == ["SCHEMA_WRONG_TYPE"]
    assert one.names == ("other", "own")


@given(st.text(alphabet="0123456789-٣ \n", max_size=11) | st.dates().map(str))
def test_both_engines_take_the_same_texts_for_dates(text: str) -> None:
    found = judged({"format": "date"}, text)
    assert found == ([] if is_date(text) else [("SCHEMA_BAD_DATE", "")])


LEAVES = st.sampled_from(
    [None, True, 0, 1, 2.0, 2.5, "", "e1", "r1", "учебный", "2026-05-28", "x\n"]
)
KEYS = st.sampled_from([*RESULT, "text", "author", "replaces", "reason", "extra"])
ENTRIES = st.dictionaries(KEYS, LEAVES | st.lists(LEAVES, max_size=2)).map(
    lambda changes: {**RESULT, **changes}
)
SHIPPED = shipped()


@given(ENTRIES)
def test_the_two_engines_agree_on_distorted_records(entry: dict[str, object]) -> None:
    found = SHIPPED.judge("results", {"period": "2026-1", "results": [entry]}, "f.yaml")
    assert "SCHEMA_ENGINES_DISAGREE" not in {finding.code.name for finding in found}
    assert len({(f.code, f.where.pointer, f.message) for f in found}) == len(found)


def test_a_record_read_from_yaml_fits_what_the_schemas_expect() -> None:
    files = good()
    path = "records/students/2026/2026-0001/results/2026-1.yaml"
    assert SHIPPED.judge("results", read(files[path], path).value, path) == []


def test_titles_can_be_asked_for() -> None:
    assert SHIPPED.title("results", ("results", 0, "mark")) == "Отметка"
    assert SHIPPED.title("results", ("nothing",)) == ""
