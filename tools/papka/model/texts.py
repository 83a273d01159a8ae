"""Every text a record holds, with the JSON pointer to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from papka.model.record import Record


def texts(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any field
    """(pointer, text), depth first; keys, numbers and dates are no texts."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Record):
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        for attribute, key in names:
            yield from texts(getattr(value, attribute), f"{pointer}/{key}")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, f"{pointer}/{key}")
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            yield from texts(item, f"{pointer}/{index}")
