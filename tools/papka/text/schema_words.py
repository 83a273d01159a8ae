"""Why a schema itself is unfit, in Russian: what the fast engine or the JSON reader says of it.

Invariant: words unknown here are quoted in «…» after Russian ones, never shown bare.
"""

from __future__ import annotations

import json
import re
from typing import Any

from papka.text.tree import escaped
from papka.text.words import TYPES, listed

_JSON = {
    "Expecting value": "здесь должно стоять значение",
    "Expecting property name enclosed in double quotes": "здесь должно стоять имя в кавычках",
    "Expecting ',' delimiter": "не хватает запятой",
    "Expecting ':' delimiter": "не хватает двоеточия",
    "Extra data": "лишнее после конца",
    "Unterminated string starting at": "не закрыты кавычки",
    "Invalid control character at": "перенос строки внутри кавычек",
    "Illegal trailing comma before end of object": "лишняя запятая в конце",
    "Illegal trailing comma before end of array": "лишняя запятая в конце",
}
_SIMPLE = ("array", "boolean", "integer", "null", "number", "object", "string")
_REGEX = re.compile(r'"(?P<text>.*)" is not a "regex"', re.DOTALL)
_LOST = re.compile(r"Resource '(?P<ref>.*)' is not present|Pointer '(?P<at>.*)' does not exist")


def not_json(error: Exception) -> str:
    """Why a file is not JSON, with the line."""
    if isinstance(error, json.JSONDecodeError):
        said = _JSON.get(error.msg) or f"«{error.msg}»"
        return f"строка {error.lineno}: это не JSON: {said}"
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        return f"строка {line}: файл не в UTF-8"
    if isinstance(error, RecursionError):
        return "это не JSON: слишком много вложенных скобок"
    return f"это не JSON («{_first_line(error)}»)"


def pointer(error: Exception) -> str:
    """JSON pointer of what the engine does not like in the schema; "" for the whole."""
    return "".join(f"/{escaped(step)}" for step in getattr(error, "instance_path", ()))


def unfit(error: Exception) -> str:
    """What the engine does not like in a schema."""
    kind: Any = getattr(error, "kind", None)
    steps = list(getattr(error, "instance_path", ()))
    word = next((step for step in reversed(steps) if isinstance(step, str)), "")
    name = getattr(kind, "name", "")
    about = f"значение слова «{word}» не годится" if word else "содержимое не годится"
    if bad_pattern(error) is not None:
        return f"неверное выражение «{bad_pattern(error)}»"
    if name == "type":
        types = [TYPES.get(kind_name, kind_name) for kind_name in kind.types]
        return f"{about}: нужно {' или '.join(types)}"
    if word == "type":
        return f"{about}: бывает {listed(_SIMPLE)}"
    if name in ("minimum", "exclusiveMinimum"):
        return f"{about}: число слишком мало"
    if name == "uniqueItems":
        return f"{about}: повторы в списке"
    if isinstance(error, RecursionError):
        return "схемы без конца ссылаются друг на друга"
    lost = _LOST.search(str(error))
    if lost:
        return f"ссылка «{lost['ref'] or lost['at']}» никуда не ведёт"
    return f"{about} («{_first_line(error)}»)"


def bad_pattern(error: Exception) -> str | None:
    """The regular expression the engine could not read, when that is the fault."""
    found = _REGEX.match(_first_line(error))
    return found["text"] if found else None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
