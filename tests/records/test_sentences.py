"""What a schema's complaint says to a person, word for word: message and next step.

What each slip finds stands in sentences.txt (`--update-snapshots` writes it anew; read it).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from papka.core.lookalikes import find_nearest
from papka.records.schema_messages import advise_choice, join_names, type_cure
from tests.records.test_schemas import own

KINDS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "s": {"title": "Слово", "type": "string"},
        "n": {"type": "number"},
        "i": {"type": ["integer", "null"]},
        "b": {"type": "boolean"},
        "l": {"type": "array", "items": {"title": "Один", "type": "string"}},
        "o": {"type": "object"},
    },
}
BOUNDS: dict[str, Any] = {
    "properties": {
        "a": {"minimum": 2},
        "b": {"maximum": 2},
        "c": {"exclusiveMinimum": 2},
        "d": {"exclusiveMaximum": 2},
        "e": {"multipleOf": 2},
        "f": {"minLength": 2},
        "g": {"minItems": 2},
        "h": {"minProperties": 2},
        "i": {"contains": {"const": 1}},
        "j": {"maxLength": 2},
        "k": {"maxItems": 2},
        "l": {"maxProperties": 2},
    }
}
WHEN: dict[str, Any] = {
    "type": "object",
    "properties": {
        "kind": {"title": "Вид", "enum": ["а", "б"]},
        "x": {"title": "Икс", "type": "integer"},
        "y": {"type": "integer"},
        "z": False,
    },
    "allOf": [
        {
            "if": {"properties": {"kind": {"const": "а"}}, "required": ["kind"]},
            "then": {
                "required": ["x"],
                "properties": {"y": False},
                "errorMessage": "У «а» есть x и нет y",
            },
            "else": {"required": ["y"], "errorMessage": "Без «а» нужен y"},
        }
    ],
    "additionalProperties": False,
}
WRITTEN: dict[str, Any] = {
    "properties": {
        "p": {
            "title": "Пэ",
            "type": "string",
            "pattern": "^[a-z]$",
            "patternErrorMessage": "Одна буква",
            "errorMessage": "Буква",
        },
        "q": {"type": "string", "pattern": "^[a-z]$", "errorMessage": "Буква"},
        "d": {"pattern": "^20", "if": True, "then": {"format": "date"}},
        "f": {"format": "date"},
        "r": {"items": {"required": ["x"], "dependentRequired": {"x": ["y", "z"]}}},
        "u": {"uniqueItems": True},
        "c": {"const": "да"},
        "v": {"not": {"const": 1}},
        "o": {"errorMessage": "Снаружи", "properties": {"x": {"type": "integer"}}},
        "w": {
            "properties": {"x": {"enum": ["а"]}, "y": {"type": "integer"}},
            "if": {"required": ["x"]},
            "then": {"required": ["y"], "errorMessage": "С иксом нужен игрек"},
        },
    },
    "propertyNames": {"pattern": "^[a-z]$", "patternErrorMessage": "Имя — одна буква"},
}
EITHER: dict[str, Any] = {
    "properties": {
        "a": {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
        "b": {"oneOf": [{"type": "string", "pattern": "^x"}, {"type": "integer"}]},
        "c": {"oneOf": [{"minimum": 1}, {"minimum": 2}]},
        "d": {"anyOf": [{"required": ["x"]}, {"required": ["y"]}]},
        "e": {"anyOf": [{"required": ["x"]}, {"required": ["y"]}], "errorMessage": "Что-то одно"},
        "f": {
            "anyOf": [{"type": "integer"}, {"type": "array"}],
            "errorMessage": "Число или список",
        },
        "g": {"anyOf": [{"required": ["x", "z"]}, {"properties": {"y": {"const": 1}}}]},
        "h": {
            "oneOf": [
                {"properties": {"x": {"const": 1}, "y": {"const": 1}}},
                {"properties": {"y": {"const": 2}}},
            ]
        },
    }
}

SLIPS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "kinds": (
        KINDS,
        [
            {"s": 1},
            {"s": 1.5},
            {"s": True},
            {"s": []},
            {"s": {}},
            {"n": "x"},
            {"n": []},
            {"i": 1.5},
            {"i": "x"},
            {"b": "да"},
            {"b": 1},
            {"l": "x"},
            {"l": {}},
            {"l": ["x", 2]},
            {"o": 1},
            {"o": []},
            [],
            {"s": None},
        ],
    ),
    "bounds": (
        BOUNDS,
        [
            {"a": 1},
            {"b": 3},
            {"c": 2},
            {"d": 2},
            {"e": 3},
            {"f": "а"},
            {"g": [1]},
            {"h": {"x": 1}},
            {"i": [2]},
            {"j": "абв"},
            {"k": [1, 2, 3]},
            {"l": {"x": 1, "y": 2, "z": 3}},
        ],
    ),
    "conditions": (
        WHEN,
        [
            {"kind": "а"},
            {"kind": "а", "x": 1, "y": 2},
            {"kind": "б"},
            {"kind": "в"},
            {"kind": "а", "x": "1"},
            {"kind": "а", "y": None},
            {"kind": None},
            {"knd": "а"},
            {"kind": "а", "x": 1, "z": 1},
            {"X": 1, "kind": "а"},
            {"kind": "а", "x": 1, "совсем": 1},
            {"a" * 41: 1, "kind": "а", "x": 1},
            {"a" * 40: 1, "kind": "а", "x": 1},
            {"kind": "а", "v": 1, "w": 2, "x": 1},
        ],
    ),
    "texts": (
        WRITTEN,
        [
            {"p": "1"},
            {"q": "1"},
            {"p": 1},
            {"d": "31.02.2026"},
            {"d": "2026-02-30"},
            {"f": "2026-02-30"},
            {"r": [{"x": 1, "z": 1}, {}]},
            {"R": 1},
            {"u": [1, 2, 2]},
            {"u": [1, True, "a", "a"]},
            {"c": "нет"},
            {"v": 1},
            {"o": {"x": "а"}},
            {"w": {"x": "а"}},
            {"w": {"x": "б"}},
        ],
    ),
    "alternatives": (
        EITHER,
        [
            {"a": "x"},
            {"b": "y"},
            {"b": []},
            {"c": 3},
            {"c": 0},
            {"d": {}},
            {"e": {}},
            {"f": "x"},
            {"g": {"y": 2}},
            {"h": {"x": 2, "y": 3}},
            {"g": {"x": 1, "y": 2}},
        ],
    ),
}


def test_a_slip_is_said_in_these_words(request: pytest.FixtureRequest) -> None:
    told = ""
    for name, (schema, values) in SLIPS.items():
        for value in values:
            told += f"## {name}: {json.dumps(value, ensure_ascii=False)}\n"
            for found in own(schema).judge("own", value, "f.yaml"):
                told += f"{found.code.name} {found.where.pointer}".rstrip()
                told += f"\n  {found.message}\n  → {found.hint}\n"
    file = Path(__file__).with_name("sentences.txt")
    if request.config.getoption("--update-snapshots"):
        file.write_text(told, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == told


@pytest.mark.parametrize(
    ("found", "types", "cure"),
    [
        ("integer", ["string"], "Возьмите значение в кавычки"),
        ("boolean", ["string", "array"], "Возьмите значение в кавычки"),
        ("array", ["string"], "Запишите одно значение в той же строке, после двоеточия"),
        ("string", ["number"], "Уберите кавычки и лишние знаки; дробную часть отделяйте точкой"),
        (
            "array",
            ["object", "string"],
            "Перечислите поля с новой строки, с отступом в два пробела",
        ),
        ("number", ["array"], "Начните с новой строки и поставьте перед каждой записью «- »"),
        ("number", ["integer"], "Исправьте значение"),
        ("null", ["string"], "Исправьте значение"),
        ("string", ["null"], "Исправьте значение"),
    ],
)
def test_what_to_do_about_a_value_of_another_kind(found: str, types: list[str], cure: str) -> None:
    assert type_cure(found, types) == cure


def test_a_dozen_words_are_listed_and_no_more() -> None:
    words = [f"w{number}" for number in range(13)]
    assert join_names(words[:12]) == ", ".join(words[:12])
    assert join_names(words) == ", ".join(words[:12]) + "…"


@pytest.mark.parametrize(
    ("typed", "near"),
    [("Учебнй", "учебный"), ("УЧЕБНЫЙ", "учебный"), ("внеурочн", "внеурочный"), ("иное", "")],
)
def test_the_nearest_word_is_offered_whatever_its_letters_are(typed: str, near: str) -> None:
    assert find_nearest(typed, ["учебный", "внеурочный", "Учебный"]) == near


def test_of_two_words_that_differ_in_letters_only_the_first_is_offered() -> None:
    assert find_nearest("ДА", ["Да", "да"]) == "Да"


def test_a_choice_names_the_nearest_and_all() -> None:
    assert advise_choice("дас", ["да", "нет"]) == "Может быть, «да»? Допустимы: да, нет"
    assert advise_choice("?", ["да", "нет"]) == "Допустимы: да, нет"
    assert advise_choice(5, ["50", "нет"]) == "Допустимы: 50, нет"
