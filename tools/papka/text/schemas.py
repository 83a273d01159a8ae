"""Schemas of records: judge a value. The only module that knows jsonschema and jsonschema_rs.

The fast engine says yes; whatever it rejects, the thorough one judges and `wording` words.
Invariants: nothing outside the set is ever fetched; a `format` is checked by the same function in
both engines, a `pattern` by the same engine; if the two disagree, the record is not accepted.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from papka.core.codes import schema as codes
from papka.core.errors import BrokenSchema
from papka.core.findings import Finding, Location
from papka.core.snapshot import Snapshot
from papka.text import wording
from papka.text.outline import Outline, Schema

_FOLDER = "schema/"
_BASE = "file:///schema/"


def is_date(text: str) -> bool:
    """Whether the text is YYYY-MM-DD and a day of the calendar."""
    try:
        return len(text) == len("2026-01-15") and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


FORMATS: Mapping[str, Callable[[str], bool]] = {"date": is_date}
"""Every `format` a schema may name; any other makes the schema a broken one."""


class SchemaSet:
    """The schemas of one archive. Compiles a schema when it is first asked for."""

    def __init__(self, files: Mapping[str, Schema]) -> None:
        """`files`: file name -> schema. Raises BrokenSchema."""
        self._files = dict(files)
        for file, schema in self._files.items():
            try:
                jsonschema_rs.meta.validate(schema)
            except ValueError as error:
                raise BrokenSchema(_FOLDER + file, _first_line(error)) from None
        self._outline = Outline(self._files)
        self._outline.lint(FORMATS.keys())
        resources = [(_BASE + file, schema) for file, schema in self._files.items()]
        self._registry = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft202012)
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._thorough: dict[str, Any] = {}

    @classmethod
    def load(cls, snapshot: Snapshot) -> SchemaSet:
        """The set lying in `schema/*.json` of a snapshot. Raises BrokenSchema."""
        paths = [
            path
            for path in snapshot.paths()
            if path.startswith(_FOLDER) and path.endswith(".json") and path.count("/") == 1
        ]
        if not paths:
            raise BrokenSchema(_FOLDER, "в папке нет ни одной схемы")
        files = snapshot.read_many(paths)
        return cls({path.removeprefix(_FOLDER): _parse(path, data) for path, data in files})

    @property
    def names(self) -> tuple[str, ...]:
        """Names to judge by: file names without `.json`."""
        return tuple(sorted(file.removesuffix(".json") for file in self._files))

    def judge(self, name: str, value: Any, path: str) -> list[Finding]:  # noqa: ANN401 - YAML
        """Findings about a value, [] when it fits; `path` only names the file in them.

        Locations carry a JSON pointer, no line; for codes in `AT_KEY` it means the key.
        Raises BrokenSchema when there is no such schema or it cannot be compiled.
        """
        file = f"{name}.json"
        fast = self._compiled.get(file) or self._compile(file)
        if fast.is_valid(value):
            return []
        if file not in self._thorough:
            self._thorough[file] = self._slow(file)
        errors = list(self._thorough[file].iter_errors(value))
        found = wording.word(errors, self._outline, file, path)
        return found or [codes.SCHEMA_ENGINES_DISAGREE.at(Location(path), schema=name)]

    def _slow(self, file: str) -> Any:  # noqa: ANN401 - jsonschema's validators carry no type
        """jsonschema's validator; imported here because it is only needed for rejected files."""
        import jsonschema  # noqa: PLC0415 - costs 80 ms
        from referencing import Registry, Resource  # noqa: PLC0415 - comes with jsonschema
        from referencing.jsonschema import DRAFT202012  # noqa: PLC0415

        checker = jsonschema.FormatChecker(formats=())
        for form, is_right in FORMATS.items():
            checker.checks(form)(_on_text(is_right))
        thorough = jsonschema.validators.extend(  # type: ignore[no-untyped-call] # as the stub has it
            jsonschema.Draft202012Validator, {"pattern": _pattern, "properties": _properties}
        )
        resources = [
            (_BASE + name, Resource.from_contents(_undeclared(schema), DRAFT202012))
            for name, schema in self._files.items()
        ]
        return thorough(
            {"$ref": _BASE + file},
            registry=Registry().with_resources(resources),
            format_checker=checker,
        )

    def _compile(self, file: str) -> jsonschema_rs.Draft202012Validator:
        if file not in self._files:
            raise BrokenSchema(_FOLDER + file, "такого файла нет")
        try:
            compiled = jsonschema_rs.Draft202012Validator(
                {"$ref": _BASE + file},
                registry=self._registry,
                formats=dict(FORMATS),
                validate_formats=True,
                ignore_unknown_formats=False,
                offline=True,
            )
        except ValueError as error:
            raise BrokenSchema(_FOLDER + file, _first_line(error)) from None
        self._compiled[file] = compiled
        return compiled

    def title(self, name: str, path: tuple[str | int, ...]) -> str:
        """Russian title of the field at a path of the value; "" when the schema gives none."""
        return self._outline.title(f"{name}.json", path)


def _parse(path: str, data: bytes) -> Schema:
    try:
        schema = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise BrokenSchema(path, f"это не JSON ({_first_line(error)})") from None
    if not isinstance(schema, dict):
        raise BrokenSchema(path, "схема — не набор полей")
    return schema


def _undeclared(schema: dict[str, Any]) -> dict[str, Any]:
    """Without `$schema`, at which jsonschema would go back to its own classes."""
    return {word: value for word, value in schema.items() if word != "$schema"}


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _on_text(is_right: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or is_right(value)


def _pattern(_validator: object, pattern: str, instance: object, _schema: object) -> Any:  # noqa: ANN401
    """Patterns in the fast engine's dialect, which is the editor's: Python's `$` is another."""
    from jsonschema import ValidationError  # noqa: PLC0415 - see _slow

    if isinstance(instance, str) and not _matcher(pattern).is_valid(instance):
        yield ValidationError("pattern")


def _properties(validator: Any, properties: Any, instance: Any, _schema: object) -> Any:  # noqa: ANN401
    """As jsonschema's own, but the error of a `false` schema keeps its path."""
    from jsonschema import ValidationError  # noqa: PLC0415 - see _slow

    for name, schema in properties.items() if isinstance(instance, dict) else ():
        if name not in instance:
            continue
        if schema is False:
            yield ValidationError(
                "false",
                validator="false",
                path=(name,),
                schema_path=(name,),
                instance=instance[name],
                schema=False,
            )
        else:
            yield from validator.descend(instance[name], schema, path=name, schema_path=name)


@cache
def _matcher(pattern: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern})
