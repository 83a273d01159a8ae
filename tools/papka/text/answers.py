"""What a person answers, as the values of a record: one text a field, put together by a form.

A dotted name (`ended.date`) is a field inside a field. Answers to a list's fields fill its last
item; one that is already answered there begins the next item. Absent on purpose: asking (`cli`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from papka.core.days import NoSuchDay, read_day
from papka.text.form import Accepts, Field, Form
from papka.text.words import choice, nearest

Trail = tuple[Field, ...]
"""From a field of the form down to the one answered."""

_INTEGER = re.compile(r"[-+]?\d{1,15}")
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:[.,]\d{1,15})?")
_TRUTH = {"да": True, "true": True, "нет": False, "false": False}


class BadAnswer(Exception):
    """`str()` says what a good one looks like."""


def value_of(field: Field, text: str, accepts: Accepts) -> Any:  # noqa: ANN401 - a YAML value
    """The value a text stands for in this field, or in an item of its list. Raises BadAnswer.

    Dates may be written 28.05.2026, telephones 8 (900) 000-00-55; quotes around a number make it
    text.
    """
    leaf = field.item if field.is_list and field.item is not None else field
    value = _converted(leaf, text.strip())
    if leaf.choices:
        if value not in leaf.choices:
            found = nearest(str(value), leaf.choices)
            if found.casefold() != str(value).casefold():
                raise BadAnswer(choice(value, leaf.choices))
            value = found
    elif not accepts(leaf.ref, value):
        dialled = _dialled(text)
        if accepts(leaf.ref, dialled):
            return dialled
        raise BadAnswer(leaf.complaint or f"«{text}» сюда не подходит")
    return value


def trails(form: Form) -> Iterator[Trail]:
    """Every field that takes a value, the way down to it first; the form's order."""
    for field in form.fields:
        if field.form is None:
            yield (field,)
        else:
            yield from ((field, *below) for below in trails(field.form))


def dotted(trail: Trail) -> str:
    return ".".join(field.name for field in trail)


def put_together(answers: Iterable[tuple[Trail, Any]]) -> dict[str, Any]:
    """The record that answers make, in the order they were given."""
    record: dict[str, Any] = {}
    for trail, value in answers:
        _put(record, trail, value)
    return record


def in_order(form: Form, record: Mapping[str, Any]) -> dict[str, Any]:
    """The same record with keys as the form lists them; what it does not know comes last."""
    names = [field.name for field in form.fields]
    keys = sorted(record, key=lambda key: names.index(key) if key in names else len(names))
    return {key: _inner(form.field(key), record[key]) for key in keys}


def _inner(field: Field | None, value: Any) -> Any:  # noqa: ANN401 - a YAML value
    if field is None or field.form is None:
        return value
    if isinstance(value, list):
        return [in_order(field.form, item) if isinstance(item, dict) else item for item in value]
    return in_order(field.form, value) if isinstance(value, dict) else value


def _put(record: dict[str, Any], trail: Trail, value: Any) -> None:  # noqa: ANN401 - a YAML value
    box: dict[str, Any] = record
    deepest: tuple[list[Any], int] | None = None
    for depth, field in enumerate(trail[:-1], 1):
        if field.is_list:
            items = box.setdefault(field.name, [])
            if not items:
                items.append({})
            deepest = (items, depth)
            box = items[-1]
        else:
            box = box.setdefault(field.name, {})
    leaf = trail[-1]
    if leaf.is_list:
        box.setdefault(leaf.name, []).append(value)
    elif leaf.name in box and deepest is not None:
        items, depth = deepest
        items.append({})
        box = items[-1]
        for field in trail[depth:-1]:
            box = box.setdefault(field.name, {})
        box[leaf.name] = value
    else:
        box[leaf.name] = value


def _dialled(text: str) -> str:
    """A telephone as records write it: «8 (900) 000-00-55» as +79000000055."""
    digits = re.sub(r"[\s()-]", "", text)
    return re.sub(r"\A(?:8|\+?7)(?=\d{10}\Z)", "+7", digits)


def _converted(field: Field, text: str) -> Any:  # noqa: ANN401 - a YAML value
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if field.is_date:
        try:
            found = read_day(text)
        except NoSuchDay as error:
            raise BadAnswer(str(error)) from None
        if found is not None:
            return found.isoformat()
    types = field.types
    if {"integer", "number"} & set(types) and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        number = float(text.replace(",", "."))
        return int(number) if number.is_integer() else number
    if "boolean" in types and text.casefold() in _TRUTH:
        return _TRUTH[text.casefold()]
    return text
