"""Values drawn from the archive's own schemas: any record that they accept may come out.

Everything comes from one seeded `Random`. Names that records refer to each other by are mostly
drawn from small pools, so that references often meet and rules have something to judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from papka.records.schemas import SchemaSet

_POOLS: dict[str, tuple[str, ...]] = {
    "date": ("2026-01-15", "2026-05-28", "2026-09-14", "2025-12-31", "0001-01-01", "9999-12-31"),
    "staffId": ("s001", "s002"),
    "studentId": ("2026-0001", "2026-0002"),
    "address": ("2026-0001", "2026-0001#e1", "2026-0002#a1", "2026-0009#r1"),
    "enrolmentAddress": ("2026-0001#e1", "2026-0002#e2"),
    "orderRef": ("2026/0001", "2026/0002"),
    "eventRef": ("2026/01", "2026/02"),
    "period": ("2026-1", "2026-2"),
    "word": ("техника", "ансамбль", "фото-на-сайте"),
    "code": ("guitar", "progress", "kurs"),
    "group": ("Г-26-1",),
    "namePart": ("Аглая", "Абрикосова-Лунная", "Li", "Aнна", "Ю 2"),
    "importRef": ("2026-1/1",),
    "mark": ("зачтено", "не аттестован"),
    "line": ("фотография", "Аглая Абрикосова-Лунная", "8 (000) 000-00-01", "не подтверждено"),
}
_LETTERS = "abzАяё019 .-!\u00e9\u6f22"
_POOLED, _PRESENT = 0.9, 0.6
_TRIES, _LONGEST = 2000, 3
_NUMBERS = (0, 1, 2, 3, 5, -1, 100, 0.5, 2.0, -12345.678, 10**12)
_FOLDER_IDS = ("1", "2", "3")


class Values:
    """A source of records: `value("results")` is one that results.json accepts."""

    def __init__(
        self, files: Mapping[str, dict[str, Any]], schemas: SchemaSet, rng: Random
    ) -> None:
        self._files = files
        self._schemas = schemas
        self._rng = rng

    def value(self, name: str) -> Any:  # noqa: ANN401 - any record
        return self._by_ref(f"{name}.json", f"{name}.json")

    def _by_ref(self, ref: str, file: str) -> Any:  # noqa: ANN401
        name, _, pointer = ref.partition("#")
        file = name or file
        schema: Any = self._files[file]
        for part in pointer.split("/")[1:]:
            schema = schema[part]
        pool = _POOLS.get(pointer.rpartition("/")[2])
        if pool and self._rng.random() < _POOLED:
            return self._rng.choice(pool)
        for _ in range(_TRIES):
            value = self._any(schema, file)
            if self._schemas.accepts(f"{file}#{pointer}" if pointer else file, value):
                return value
        raise AssertionError(f"{ref}: nothing drawn fits")

    def _any(self, schema: dict[str, Any], file: str) -> Any:  # noqa: ANN401
        rng = self._rng
        if "$ref" in schema:
            return self._by_ref(schema["$ref"], file)
        for word in ("enum", "const"):
            if word in schema:
                return rng.choice(schema[word]) if word == "enum" else schema[word]
        kinds = schema.get("type", "string")
        kind = rng.choice(kinds) if isinstance(kinds, list) else kinds
        if kind == "object":
            return self._object(schema, file)
        if kind == "array":
            least = schema.get("minItems", 0)
            count = rng.randint(least, least + _LONGEST)
            items = [self._any(schema["items"], file) for _ in range(count)]
            unique = {repr(item): item for item in items}
            return list(unique.values()) if schema.get("uniqueItems") else items
        return self._scalar(kind, schema)

    def _object(self, schema: dict[str, Any], file: str) -> dict[str, Any]:
        required = schema.get("required", ())
        made = {
            key: self._any(inner, file)
            for key, inner in schema.get("properties", {}).items()
            if key in required or self._rng.random() < _PRESENT
        }
        if isinstance(schema.get("additionalProperties"), dict):
            inner = schema["additionalProperties"]
            made |= {word: self._any(inner, file) for word in self._rng.sample(("a", "b"), 1)}
        return made

    def _scalar(self, kind: str, schema: dict[str, Any]) -> str | float | bool:
        rng = self._rng
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "integer":
            least: int = schema.get("minimum", 0)
            most: int = schema.get("maximum", 10**9)
            return min(rng.choice((least, least + 1, least + 2, most)), most)
        if kind == "number":
            return rng.choice(_NUMBERS)
        if "pattern" in schema:
            return self.text(schema["pattern"])
        return "".join(rng.choices(_LETTERS, k=rng.randint(schema.get("minLength", 1), 8))).strip()

    def text(self, pattern: str) -> str:
        """A text the pattern matches; entry ids get one of a few numbers."""
        if entry := re.fullmatch(r"\^([a-z])\[1-9\]\[0-9\]\*\$", pattern):
            return entry[1] + self._rng.choice(_FOLDER_IDS)
        # the parser of `re` is the one reader of patterns in the library; its module is not public
        from re import _parser  # type: ignore[attr-defined]

        return self._drawn(_parser.parse(pattern))

    def _drawn(self, parsed: Any) -> str:  # noqa: ANN401 - pairs of operator and argument
        return "".join(self._one(str(operator), argument) for operator, argument in parsed)

    def _one(self, operator: str, argument: Any) -> str:  # noqa: ANN401
        rng = self._rng
        if operator == "LITERAL":
            return chr(argument)
        if operator == "IN":
            return self._of_class(argument)
        if operator in ("ANY", "NOT_LITERAL"):
            return rng.choice([sign for sign in _LETTERS if ord(sign) != argument])
        if operator in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, inner = argument
            count = rng.randint(least, min(int(most), least + _LONGEST))
            return "".join(self._drawn(inner) for _ in range(count))
        if operator == "SUBPATTERN":
            return self._drawn(argument[3])
        if operator == "BRANCH":
            return self._drawn(rng.choice(argument[1]))
        if operator == "CATEGORY":
            return rng.choice("абвz9")
        if operator == "AT":
            return ""
        raise NotImplementedError(operator)

    def _of_class(self, parts: Any) -> str:  # noqa: ANN401
        rng = self._rng
        if str(parts[0][0]) == "NEGATE":
            refused = re.compile("|".join(_excluded(part) for part in parts[1:]) or "(?!)")
            return rng.choice([sign for sign in _LETTERS if not refused.match(sign)])
        operator, argument = rng.choice(parts)
        if str(operator) == "RANGE":
            return chr(rng.choice((argument[0], argument[1], rng.randint(*argument))))
        return self._one(str(operator), argument)


def _excluded(part: Any) -> str:  # noqa: ANN401
    operator, argument = part
    if str(operator) == "RANGE":
        return f"[{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}]"
    if str(operator) == "CATEGORY":
        return r"\s" if str(argument).endswith("_SPACE") else r"\d"
    return re.escape(chr(argument))
