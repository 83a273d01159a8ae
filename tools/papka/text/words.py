"""Russian words for what a schema asks: kinds of values, what to do about them, suggestions."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

_MANY = 12
TYPES = {
    "string": "текст",
    "integer": "целое число",
    "number": "число",
    "boolean": "true или false",
    "array": "список",
    "object": "набор полей",
    "null": "ничего",
}
_PYTHON_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def type_of(instance: object) -> str:
    for kinds, name in _PYTHON_TYPES:
        if isinstance(instance, kinds):
            return name
    return "null"


def type_cure(found: str, types: Sequence[str]) -> str:
    scalar = found in ("integer", "number", "boolean", "string")
    if "string" in types and scalar:
        return "Возьмите значение в кавычки"
    if found == "string" and {"integer", "number", "boolean"} & set(types):
        return "Уберите кавычки и лишние знаки; дробную часть отделяйте точкой"
    if "array" in types:
        return "Начните с новой строки и поставьте перед каждой записью «- »"
    if "object" in types:
        return "Перечислите поля с новой строки, с отступом в два пробела"
    if found in ("array", "object"):
        return "Запишите одно значение в той же строке, после двоеточия"
    return "Исправьте значение"


def choice(instance: object, allowed: Sequence[str]) -> str:
    near = nearest(str(instance), allowed)
    all_of_them = f"Допустимы: {listed(allowed)}"
    return f"Может быть, «{near}»? {all_of_them}" if near else all_of_them


def nearest(word: str, known: Sequence[str]) -> str:
    lower = {name.lower(): name for name in reversed(known)}
    found = difflib.get_close_matches(word.lower(), list(lower), n=1, cutoff=0.7)
    return lower[found[0]] if found else ""


def listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MANY])
    return f"{shown}…" if len(names) > _MANY else shown
