"""A record in the words of its schema: (label, text) of every leaf."""

from __future__ import annotations

from collections.abc import Iterator

from papka.text.entries import Steps, Value
from papka.text.schemas import SchemaSet


def labelled(schemas: SchemaSet, kind: str, at: Steps, value: Value) -> Iterator[tuple[str, str]]:
    """In the order of the record; a nested leaf says the labels on the way to it."""
    for key, inner in value.items():
        label = schemas.title(kind, (*at, key)) or key
        if isinstance(inner, dict):
            for below, text in labelled(schemas, kind, (*at, key), inner):
                yield f"{label}: {below}", text
        elif isinstance(inner, list):
            for index, item in enumerate(inner):
                if isinstance(item, dict):
                    for below, text in labelled(schemas, kind, (*at, key, index), item):
                        yield f"{label} {index + 1}: {below}", text
                else:
                    yield label, str(item)
        else:
            yield label, str(inner)


def differences(
    old: list[tuple[str, str]], new: list[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    """(label, old text, new text) of labels whose texts differ; "" where there was nothing."""
    before, after = _joined(old), _joined(new)
    for label in {**before, **after}:
        was, now = before.get(label, ""), after.get(label, "")
        if was != now:
            yield label, was, now


def _joined(lines: list[tuple[str, str]]) -> dict[str, str]:
    """A list of plain values has one label for all of them."""
    found: dict[str, str] = {}
    for label, text in lines:
        found[label] = f"{found[label]}, {text}" if label in found else text
    return found
