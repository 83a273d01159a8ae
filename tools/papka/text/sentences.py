"""What one error of a schema engine says to a person: code, place, words.

Alternatives (`anyOf`, `oneOf`) are followed to the one that was meant. Titles and texts come from
the schema: `title`, `errorMessage`, `patternErrorMessage`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from papka.core.codes import schema as codes
from papka.core.days import NoSuchDay, read_day
from papka.core.findings import Code
from papka.text.outline import Outline, mentioned
from papka.text.words import TYPES, choice, listed, nearest, type_cure, type_of

Path = tuple[str | int, ...]

_SHOWN = 40
_BRANCHES = ("then", "else")
_BOUNDS = {
    "minimum": (codes.SCHEMA_OUT_OF_RANGE, "не меньше {}"),
    "maximum": (codes.SCHEMA_OUT_OF_RANGE, "не больше {}"),
    "exclusiveMinimum": (codes.SCHEMA_OUT_OF_RANGE, "больше {}"),
    "exclusiveMaximum": (codes.SCHEMA_OUT_OF_RANGE, "меньше {}"),
    "multipleOf": (codes.SCHEMA_OUT_OF_RANGE, "кратно {}"),
    "minLength": (codes.SCHEMA_TOO_SHORT, "знаков должно быть не меньше {}"),
    "minItems": (codes.SCHEMA_TOO_SHORT, "записей должно быть не меньше {}"),
    "minProperties": (codes.SCHEMA_TOO_SHORT, "полей должно быть не меньше {}"),
    "contains": (codes.SCHEMA_TOO_SHORT, "в списке не хватает нужной записи"),
    "maxLength": (codes.SCHEMA_TOO_LONG, "знаков должно быть не больше {}"),
    "maxItems": (codes.SCHEMA_TOO_LONG, "записей должно быть не больше {}"),
    "maxProperties": (codes.SCHEMA_TOO_LONG, "полей должно быть не больше {}"),
}


class Error(Protocol):
    """What is used of jsonschema's ValidationError."""

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


@dataclass(frozen=True, slots=True)
class Said:
    """A finding without its file. `field`: the key it is about, if the path is its object's;
    `suggested`: the field an unknown one was meant to be; `watched`: what its condition looks at.
    """

    code: Code
    path: Path
    words: dict[str, object]
    field: str = ""
    suggested: str = ""
    watched: frozenset[str] = frozenset()


class Speaker:
    """Words errors about one value by the schema `file`."""

    def __init__(self, outline: Outline, file: str) -> None:
        self._outline = outline
        self._file = file

    def say(self, error: Error) -> Iterator[Said]:
        """One finding; several only for several fields."""
        path = tuple(error.absolute_path)
        if "propertyNames" in error.absolute_schema_path:
            key = (*path, str(error.instance))
            yield self._said(
                error,
                codes.SCHEMA_BAD_FIELD_NAME,
                key,
                reason=self._reason(error),
            )
        elif error.schema is False:
            yield self._said(
                error,
                codes.SCHEMA_FORBIDDEN_FIELD,
                path,
                field=self._name(path),
                reason=self._reason(error),
            )
        elif error.instance is None:
            yield self._said(error, codes.SCHEMA_NULL, path, field=self._name(path))
        elif error.validator in ("additionalProperties", "unevaluatedProperties"):
            yield from self._unknown(error, path)
        elif error.validator in ("required", "dependentRequired"):
            yield from self._missing(error, path)
        elif error.validator in ("anyOf", "oneOf"):
            yield from self._alternatives(error, path)
        else:
            code, words = self._fault(error, path)
            if code is codes.SCHEMA_DUPLICATE_ITEM:
                path = (*path, _repeated(error.instance)[1])
            yield self._said(error, code, path, **words)

    def _said(self, error: Error, code: Code, path: Path, **words: object) -> Said:
        return Said(code, path, words, watched=self._watched(error))

    def _name(self, path: Path) -> str:
        """`«mark» (Отметка)`, `запись 3 списка …`, `файл` for the whole."""
        if not path:
            return "Файл"
        last = path[-1]
        if isinstance(last, int):
            return f"Запись {last + 1} списка {self._name(path[:-1])}"
        title = self._outline.title(self._file, path)
        return f"«{last}» ({title})" if title else f"«{last}»"

    def _reason(self, error: Error) -> str:
        """`: text` of the schema for this error: its own, else that of its `then` or `else`."""
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
        """Fields looked at by the conditions that led to this error."""
        steps = list(error.absolute_schema_path)
        if not any(step in _BRANCHES for step in steps):
            return frozenset()
        return frozenset(
            name
            for taken, schema in self._outline.trail(self._file, steps)
            if taken < len(steps) and steps[taken] in _BRANCHES and isinstance(schema, dict)
            for name in mentioned(schema.get("if", {}))
        )

    def _unknown(self, error: Error, path: Path) -> Iterator[Said]:
        allowed = self._outline.fields(self._file, path)
        unknown = [key for key in error.instance if key not in allowed]
        refused = [key for key in error.instance if repr(key) in error.message]
        for key in unknown:
            near = nearest(key, [name for name in allowed if name not in error.instance])
            cure = f"Может быть, «{near}»?" if near else f"Здесь бывают: {listed(allowed)}"
            shown = f"«{key}»" if key.isascii() and len(key) <= _SHOWN else "с таким именем"
            words: dict[str, object] = {"field": shown, "cure": cure}
            yield Said(codes.SCHEMA_UNKNOWN_FIELD, (*path, key), words, suggested=near)
        for key in refused if not unknown else ():
            words = {"field": self._name((*path, key)), "reason": self._reason(error)}
            yield self._said(error, codes.SCHEMA_FORBIDDEN_FIELD, (*path, key), **words)

    def _missing(self, error: Error, path: Path) -> Iterator[Said]:
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
            yield Said(codes.SCHEMA_MISSING_FIELD, path, words, field=name, watched=watched)

    def _alternatives(self, error: Error, path: Path) -> Iterator[Said]:
        """The alternative meant: of the right type, then with the fewest faults."""
        reason = self._reason(error)
        branches = _branches(error)
        fitting = [branch for branch in branches if not any(map(_is_root_type, branch))]
        if branches and not fitting:
            types = [kind for branch in branches for one in branch for kind in _types(one)]
            words = self._type_words(error.instance, types, path, reason)
            yield self._said(error, codes.SCHEMA_WRONG_TYPE, path, **words)
            return
        lacking = [_only_required(branch) for branch in fitting]
        if not reason and len(lacking) > 1 and all(len(names) == 1 for names in lacking):
            reason = f": нужно одно из полей {listed([names[0] for names in lacking])}"
        if reason or not fitting:
            words = {"field": self._name(path), "reason": reason}
            yield self._said(error, codes.SCHEMA_FORBIDDEN_COMBINATION, path, **words)
            return
        for one in min(fitting, key=len):
            yield from self.say(one)

    def _fault(self, error: Error, path: Path) -> tuple[Code, dict[str, object]]:
        """Code and words for an error about a single value."""
        keyword, due = str(error.validator), error.validator_value
        words: dict[str, object] = {"field": self._name(path), "reason": self._reason(error)}
        if keyword == "type":
            types = [due] if isinstance(due, str) else due
            reason = str(words["reason"])
            return codes.SCHEMA_WRONG_TYPE, self._type_words(error.instance, types, path, reason)
        if keyword in ("enum", "const"):
            allowed = [str(one) for one in (due if keyword == "enum" else [due])]
            return codes.SCHEMA_NOT_IN_ENUM, words | {"cure": choice(error.instance, allowed)}
        if keyword == "format":
            return codes.SCHEMA_BAD_DATE, {"field": words["field"]}
        if keyword == "pattern" and _is_no_day(error):
            return codes.SCHEMA_BAD_DATE, {"field": words["field"]}
        if keyword == "pattern":
            return codes.SCHEMA_BAD_PATTERN, words
        if keyword in _BOUNDS:
            code, bound = _BOUNDS[keyword]
            return code, words | {"bound": bound.format(due)}
        if keyword == "uniqueItems":
            first = _repeated(error.instance)[0] + 1
            return codes.SCHEMA_DUPLICATE_ITEM, {"field": words["field"], "first": first}
        return codes.SCHEMA_FORBIDDEN_COMBINATION, words

    def _type_words(
        self, instance: object, types: Sequence[str], path: Path, reason: str
    ) -> dict[str, object]:
        found = type_of(instance)
        expected = " или ".join(dict.fromkeys(TYPES.get(kind, kind) for kind in types))
        return {
            "field": self._name(path),
            "expected": expected,
            "found": TYPES[found],
            "reason": reason,
            "cure": type_cure(found, types),
        }


def _repeated(items: Sequence[object]) -> tuple[int, int]:
    """Positions of the first pair of equal items; 1 and true are different."""
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
    """Whether a date was written as on paper, but the calendar has no such day."""
    then = error.schema.get("then") if isinstance(error.schema, dict) else None
    if not isinstance(then, dict) or then.get("format") != "date":
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
