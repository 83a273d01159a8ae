"""Values as YAML text that the strict loader reads back unchanged.

Block style as in the hand-written records: two spaces, lists indented below their key, quotes only
where needed. Absent on purpose: comments, folding of long lines, anything not accepted by `read`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from papka.core.errors import PapkaError
from papka.text import scalars
from papka.text.characters import is_clean

_SPECIAL_START = tuple("-?:,[]{}#&*!|>'\"%@`=<")
_NEEDS_QUOTES = re.compile(r":(?:\s|\Z)|\s#|[\n\r\t]|\A\s|\s\Z|\A\.\.\.")
_IN_BRACKETS = re.compile(r"[,\[\]{}:#?\"']")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


class Unwritable(PapkaError):
    """The value has no text that every reader takes alike."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Значение нельзя записать в YAML: {reason}",
            "Исправьте значение: уберите невидимые символы, длинный номер передайте текстом",
        )


def scalar(value: object, *, flow: bool = False) -> str:
    """One value on one line; `flow`: to stand inside brackets. Raises Unwritable."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, str):
        return _text(value, flow=flow)
    raise Unwritable(f"вид {type(value).__name__}")


def flow(value: object) -> str:
    """A value on one line, collections in brackets. Raises Unwritable."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{scalar(key, flow=True)}: {flow(item)}" for key, item in value.items())
        return f"{{{inside}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value, flow=True)


def emit(mapping: Mapping[str, Any]) -> str:
    """A whole file: `key: value` lines, each ended by LF. Raises Unwritable."""
    return "".join(f"{line}\n" for line in lines(mapping))


def lines(value: Mapping[str, Any] | Sequence[Any]) -> Iterator[str]:
    """Lines of a non-empty mapping or list in block style, from column 1."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _under(f"{scalar(key)}:", item, "  ")
        return
    for item in value:
        if is_block(item):
            inner = lines(item)
            yield f"- {next(inner)}"
            yield from (f"  {line}" for line in inner)
        else:
            yield f"- {_inline(item)}"


def _under(head: str, item: object, indent: str) -> Iterator[str]:
    if not is_block(item):
        yield f"{head} {_inline(item)}"
        return
    yield head
    yield from (f"{indent}{line}" for line in lines(item))  # type: ignore[arg-type] # just tested


def is_block(value: object) -> bool:
    """Whether the value takes lines of its own: a collection that is not empty."""
    return isinstance(value, (Mapping, list, tuple)) and len(value) > 0


def _inline(value: object) -> str:
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    return scalar(value)


def _number(value: float) -> str:
    text = repr(value)
    if isinstance(value, float):
        if value - value != 0:
            raise Unwritable("не число")
        text = format(Decimal(text), "f")
        text = text if "." in text else f"{text}.0"
    if sum(map(str.isdigit, text)) > scalars.MAX_DIGITS:
        raise Unwritable(f"в числе больше {scalars.MAX_DIGITS} цифр")
    return text


def _text(text: str, *, flow: bool) -> str:
    if not is_clean(text) or not _encodable(text):
        raise Unwritable("в тексте есть символ, которого не видно")
    if _is_plain(text) and not (flow and _IN_BRACKETS.search(text)):
        return text
    if "'" not in text and ('"' in text or "\\" in text) and not re.search(r"[\n\r\t]", text):
        return f"'{text}'"
    if "\r" in text:
        raise Unwritable("в тексте есть возврат каретки")
    return f'"{text.translate(_ESCAPES)}"'


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_plain(text: str) -> bool:
    if not text or text.startswith(_SPECIAL_START) or _NEEDS_QUOTES.search(text):
        return False
    try:
        return scalars.resolve(text) == text
    except ValueError:
        return False
