"""Words of a schema engine in Russian: errors of a value as findings, faults of a schema.

One slip gives one finding. A misspelt field is not also reported as missing; a wrong value silences
the conditions that look at it; of alternatives (`anyOf`, `oneOf`) the one that was meant is
explained. Messages hold titles, allowed values and texts of the schema (`title`, `errorMessage`,
`patternErrorMessage`), never what was written. An engine's words that are unknown here are quoted
in «…» after Russian ones, never shown bare.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from papka.core.findings import Code, Finding, Location
from papka.core.lookalikes import find_nearest
from papka.core.phrases import NoSuchDay, read_day
from papka.records import reading_codes
from papka.records.schema_outline import Outline, expects_date, fields_mentioned
from papka.records.yaml_tree import escaped, pointer_to

Path = tuple[str | int, ...]

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
_LONGEST_QUOTED = 40
_BRANCHES = ("then", "else")
_BOUNDS = {
    "minimum": (reading_codes.SCHEMA_OUT_OF_RANGE, "не меньше {}"),
    "maximum": (reading_codes.SCHEMA_OUT_OF_RANGE, "не больше {}"),
    "exclusiveMinimum": (reading_codes.SCHEMA_OUT_OF_RANGE, "больше {}"),
    "exclusiveMaximum": (reading_codes.SCHEMA_OUT_OF_RANGE, "меньше {}"),
    "multipleOf": (reading_codes.SCHEMA_OUT_OF_RANGE, "кратно {}"),
    "minLength": (reading_codes.SCHEMA_TOO_SHORT, "знаков должно быть не меньше {}"),
    "minItems": (reading_codes.SCHEMA_TOO_SHORT, "записей должно быть не меньше {}"),
    "minProperties": (reading_codes.SCHEMA_TOO_SHORT, "полей должно быть не меньше {}"),
    "contains": (reading_codes.SCHEMA_TOO_SHORT, "в списке не хватает нужной записи"),
    "maxLength": (reading_codes.SCHEMA_TOO_LONG, "знаков должно быть не больше {}"),
    "maxItems": (reading_codes.SCHEMA_TOO_LONG, "записей должно быть не больше {}"),
    "maxProperties": (reading_codes.SCHEMA_TOO_LONG, "полей должно быть не больше {}"),
}


class Error(Protocol):
    """The part of jsonschema's ValidationError that is used."""

    validator: Any
    validator_value: Any
    instance: Any
    schema: Any
    message: str
    context: Any

    @property
    def absolute_path(self) -> Sequence[str | int]: ...

    @property
    def absolute_schema_path(self) -> Sequence[str | int]: ...

    @property
    def relative_path(self) -> Sequence[str | int]: ...

    @property
    def relative_schema_path(self) -> Sequence[str | int]: ...


def make_findings(errors: Iterable[Error], outline: Outline, file: str, path: str) -> list[Finding]:
    """Make findings of all errors of one value that the schema `file` rejected."""
    speaker = _Speaker(outline, file)
    said = _drop_echoes([one for error in errors for one in speaker.say(error)])
    found: dict[tuple[str, str], Finding] = {}
    for one in said:
        pointer = pointer_to(one.path)
        finding = one.code.at(Location(path, pointer), related=(), **one.words)
        name = one.field if one.code is reading_codes.SCHEMA_MISSING_FIELD else ""
        found.setdefault((one.code.name, f"{pointer}/{escaped(name)}"), finding)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Said:
    """A finding without its file.

    `field`: the key it is about, if the path is its object's; `suggested`: the field an unknown one
    was meant to be; `watched`: the fields its condition looks at.
    """

    code: Code
    path: Path
    words: dict[str, object]
    field: str = ""
    suggested: str = ""
    watched: frozenset[str] = frozenset()


class _Speaker:
    """Puts errors about one value in words, with titles of the schema `file`."""

    def __init__(self, outline: Outline, file: str) -> None:
        self._outline = outline
        self._file = file

    def say(self, error: Error) -> Iterator[_Said]:
        """Yield one finding; several only for several fields."""
        path = tuple(error.absolute_path)
        if "propertyNames" in error.absolute_schema_path:
            key, reason = (*path, str(error.instance)), self._reason(error)
            yield self._make(error, reading_codes.SCHEMA_BAD_FIELD_NAME, key, reason=reason)
        elif error.schema is False:
            words = {"field": self._name(path), "reason": self._reason(error)}
            yield self._make(error, reading_codes.SCHEMA_FORBIDDEN_FIELD, path, **words)
        elif error.instance is None:
            yield self._make(error, reading_codes.SCHEMA_NULL, path, field=self._name(path))
        elif error.validator in ("additionalProperties", "unevaluatedProperties"):
            yield from self._report_unknown(error, path)
        elif error.validator in ("required", "dependentRequired"):
            yield from self._report_missing(error, path)
        elif error.validator in ("anyOf", "oneOf"):
            yield from self._report_alternatives(error, path)
        else:
            code, about = self._judge_value(error, path)
            if code is reading_codes.SCHEMA_DUPLICATE_ITEM:
                path = (*path, _first_repeat(error.instance)[1])
            yield self._make(error, code, path, **about)

    def _make(self, error: Error, code: Code, path: Path, **words: object) -> _Said:
        return _Said(code, path, words, watched=self._watched(error))

    def _name(self, path: Path) -> str:
        """Name a place: `«mark» (Отметка)`, `Запись 3 списка …`, `Файл` for the whole."""
        if not path:
            return "Файл"
        last = path[-1]
        if isinstance(last, int):
            return f"Запись {last + 1} списка {self._name(path[:-1])}"
        title = self._outline.title(self._file, path)
        return f"«{last}» ({title})" if title else f"«{last}»"

    def _reason(self, error: Error) -> str:
        """Return `: text` the schema has for this error: its own, else of its `then` or `else`."""
        steps = list(error.absolute_schema_path)
        trail = self._outline.trail(self._file, steps)
        own = [schema for taken, schema in trail if taken == len(steps) - 1]
        branch = [schema for taken, schema in trail if taken and steps[taken - 1] in _BRANCHES]
        texts = ["errorMessage"]
        if error.validator == "pattern":
            texts.insert(0, "patternErrorMessage")
        for schema in (*own, *reversed(branch)):
            for text in texts:
                if isinstance(schema, dict) and isinstance(schema.get(text), str):
                    return f": {schema[text]}"
        return ""

    def _watched(self, error: Error) -> frozenset[str]:
        """Return the fields that the conditions which led to this error look at."""
        steps = list(error.absolute_schema_path)
        if not any(step in _BRANCHES for step in steps):
            return frozenset()
        return frozenset(
            name
            for taken, schema in self._outline.trail(self._file, steps)
            if taken < len(steps) and steps[taken] in _BRANCHES and isinstance(schema, dict)
            for name in fields_mentioned(schema.get("if", {}))
        )

    def _report_unknown(self, error: Error, path: Path) -> Iterator[_Said]:
        allowed = self._outline.fields(self._file, path)
        unknown = [key for key in error.instance if key not in allowed]
        refused = [key for key in error.instance if repr(key) in error.message]
        for key in unknown:
            near = find_nearest(key, [name for name in allowed if name not in error.instance])
            cure = f"Может быть, «{near}»?" if near else f"Здесь бывают: {join_names(allowed)}"
            shown = (
                f"«{key}»" if key.isascii() and len(key) <= _LONGEST_QUOTED else "с таким именем"
            )
            words: dict[str, object] = {"field": shown, "cure": cure}
            yield _Said(reading_codes.SCHEMA_UNKNOWN_FIELD, (*path, key), words, suggested=near)
        for key in refused if not unknown else ():
            words = {"field": self._name((*path, key)), "reason": self._reason(error)}
            yield self._make(error, reading_codes.SCHEMA_FORBIDDEN_FIELD, (*path, key), **words)

    def _report_missing(self, error: Error, path: Path) -> Iterator[_Said]:
        due = error.validator_value
        if error.validator == "dependentRequired":
            due = [name for key, names in due.items() if key in error.instance for name in names]
        for name in due:
            if name in error.instance:
                continue
            words: dict[str, object] = {
                "field": self._name((*path, name)),
                "name": name,
                "reason": self._reason(error),
            }
            watched = self._watched(error)
            yield _Said(
                reading_codes.SCHEMA_MISSING_FIELD, path, words, field=name, watched=watched
            )

    def _report_alternatives(self, error: Error, path: Path) -> Iterator[_Said]:
        """Explain the alternative meant: of the right type, then with the fewest faults."""
        reason = self._reason(error)
        branches = _branches(error)
        fitting = [branch for branch in branches if not any(map(_is_root_type, branch))]
        if branches and not fitting:
            types = [kind for branch in branches for one in branch for kind in _types(one)]
            words = self._type_words(error.instance, types, path, reason)
            yield self._make(error, reading_codes.SCHEMA_WRONG_TYPE, path, **words)
            return
        lacking = [_only_required(branch) for branch in fitting]
        if not reason and len(lacking) > 1 and all(len(names) == 1 for names in lacking):
            reason = f": нужно одно из полей {join_names([names[0] for names in lacking])}"
        if reason or not fitting:
            words = {"field": self._name(path), "reason": reason}
            yield self._make(error, reading_codes.SCHEMA_FORBIDDEN_COMBINATION, path, **words)
            return
        for one in min(fitting, key=len):
            yield from self.say(one)

    def _judge_value(self, error: Error, path: Path) -> tuple[Code, dict[str, object]]:
        """Return code and words for an error about a single value."""
        keyword, due = str(error.validator), error.validator_value
        words: dict[str, object] = {"field": self._name(path), "reason": self._reason(error)}
        if keyword == "type":
            types = [due] if isinstance(due, str) else due
            reason = str(words["reason"])
            return reading_codes.SCHEMA_WRONG_TYPE, self._type_words(
                error.instance, types, path, reason
            )
        if keyword in ("enum", "const"):
            allowed = [str(one) for one in (due if keyword == "enum" else [due])]
            return reading_codes.SCHEMA_NOT_IN_ENUM, words | {
                "cure": advise_choice(error.instance, allowed)
            }
        if keyword == "format":
            return reading_codes.SCHEMA_BAD_DATE, {"field": words["field"]}
        if keyword == "pattern" and _is_no_day(error):
            return reading_codes.SCHEMA_BAD_DATE, {"field": words["field"]}
        if keyword == "pattern":
            return reading_codes.SCHEMA_BAD_PATTERN, words
        if keyword in _BOUNDS:
            code, bound = _BOUNDS[keyword]
            return code, words | {"bound": bound.format(due)}
        if keyword == "uniqueItems":
            first = _first_repeat(error.instance)[0] + 1
            return reading_codes.SCHEMA_DUPLICATE_ITEM, {"field": words["field"], "first": first}
        return reading_codes.SCHEMA_FORBIDDEN_COMBINATION, words

    def _type_words(
        self, instance: object, types: Sequence[str], path: Path, reason: str
    ) -> dict[str, object]:
        found = type_of(instance)
        is_day = any(map(expects_date, self._outline.at(self._file, path)))
        expected = " или ".join(dict.fromkeys(TYPES.get(kind, kind) for kind in types))
        return {
            "field": self._name(path),
            "expected": expected,
            "found": TYPES[found],
            "reason": reason,
            "cure": _DAY if is_day else type_cure(found, types),
        }


def _first_repeat(items: Sequence[object]) -> tuple[int, int]:
    """Return the positions of the first pair of equal items; 1 and true are different."""
    texts = [json.dumps(item, sort_keys=True) for item in items]
    for index, text in enumerate(texts):
        first = texts.index(text)
        if first < index:
            return first, index
    return 0, 0


def _branches(error: Error) -> list[list[Error]]:
    found: dict[str | int, list[Error]] = {}
    for one in error.context or ():
        found.setdefault(one.relative_schema_path[0], []).append(one)
    return list(found.values())


def _is_no_day(error: Error) -> bool:
    """Tell whether a date was written as on paper, but the calendar has no such day."""
    schema = error.schema if isinstance(error.schema, dict) else {}
    then = schema.get("then")
    if not any(isinstance(part, dict) and part.get("format") == "date" for part in (schema, then)):
        return False
    try:
        read_day(str(error.instance))
    except NoSuchDay:
        return True
    return False


def _is_root_type(error: Error) -> bool:
    return error.validator == "type" and not error.relative_path


def _types(error: Error) -> list[str]:
    if not _is_root_type(error):
        return []
    due = error.validator_value
    return [due] if isinstance(due, str) else list(due)


def _only_required(branch: Sequence[Error]) -> list[str]:
    if any(one.validator != "required" or one.relative_path for one in branch):
        return []
    return [name for one in branch[:1] for name in one.validator_value if name not in one.instance]


def _drop_echoes(said: list[_Said]) -> list[_Said]:
    """Drop what only repeats another finding."""
    nulls = {one.path for one in said if one.code is reading_codes.SCHEMA_NULL}
    typed = {one.path for one in said if one.code is reading_codes.SCHEMA_WRONG_TYPE}
    misspelt = {one.path for one in said if one.code is reading_codes.SCHEMA_BAD_PATTERN}
    plain = {one.path for one in said if not one.watched}
    meant = {(*one.path[:-1], one.suggested) for one in said if one.suggested}

    def echoes(one: _Said) -> bool:
        if one.code is reading_codes.SCHEMA_NULL:
            return False
        if one.path in nulls or (
            one.path in typed and one.code is not reading_codes.SCHEMA_WRONG_TYPE
        ):
            return True
        if one.code is reading_codes.SCHEMA_BAD_DATE and one.path in misspelt:
            return True
        if one.code is reading_codes.SCHEMA_MISSING_FIELD and (*one.path, one.field) in meant:
            return True
        base = one.path[:-1] if one.code in reading_codes.AT_KEY else one.path
        return any((*base, name) in plain or (*base, name) in meant for name in one.watched)

    return [one for one in said if not echoes(one)]


def type_of(instance: object) -> str:
    """Return the JSON type of a value."""
    for kinds, name in _PYTHON_TYPES:
        if isinstance(instance, kinds):
            return name
    return "null"


_DAY = "Дату пишут как год-месяц-день, например 2026-05-28"


def type_cure(found: str, types: Sequence[str]) -> str:
    """Say how to turn a value of one JSON type into one of the types due."""
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


def advise_choice(instance: object, allowed: Sequence[str]) -> str:
    """Say which values are allowed, and which was probably meant."""
    near = find_nearest(str(instance), allowed)
    all_of_them = f"Допустимы: {join_names(allowed)}"
    return f"Может быть, «{near}»? {all_of_them}" if near else all_of_them


def join_names(names: Sequence[str]) -> str:
    """Join names by commas, the first twelve of them."""
    shown = ", ".join(names[:_MANY])
    return f"{shown}…" if len(names) > _MANY else shown


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


def explain_bad_json(error: Exception) -> str:
    """Say why a file is not JSON, with the line."""
    if isinstance(error, json.JSONDecodeError):
        said = _JSON.get(error.msg) or f"«{error.msg}»"
        return f"строка {error.lineno}: это не JSON: {said}"
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        return f"строка {line}: файл не в UTF-8"
    if isinstance(error, RecursionError):
        return "это не JSON: слишком много вложенных скобок"
    return f"это не JSON («{_first_line(error)}»)"


def pointer_of(error: Exception) -> str:
    """Return the JSON pointer of what the engine rejects in a schema; "" for the whole."""
    return pointer_to(getattr(error, "instance_path", ()))


def explain_fault(error: Exception) -> str:
    """Say why the engine rejects a schema."""
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
        return f"{about}: бывает {join_names(_SIMPLE)}"
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
    """Return the regular expression the engine could not read, when that is the fault."""
    found = _REGEX.match(_first_line(error))
    return found["text"] if found else None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
