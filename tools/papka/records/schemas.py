"""The schemas of an archive: judge a value, name its fields, tell two records apart in words.

The fast engine (jsonschema_rs) says yes; what it rejects is judged again by the thorough one
(jsonschema), whose errors `schema_messages` puts in Russian. This is the only module that knows
either. Nothing outside the set is ever fetched; a `format` is checked by the same function in both
engines, a `pattern` by the same engine; if the two disagree, the record is not accepted.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from papka.core.errors import BrokenSchema
from papka.core.findings import Finding, Location
from papka.core.installation import ShippedSnapshot, known_digests
from papka.core.kinds import SCHEMA_OF
from papka.core.snapshot import Snapshot
from papka.records import reading_codes
from papka.records.schema_outline import (
    Flaw,
    Outline,
    Schema,
    Way,
    check_depth,
    referred_by,
    without_lead,
)
from papka.records.strict_yaml import Steps, Value, locate

if TYPE_CHECKING:
    from papka.records.fields import FieldForms

_FOLDER = "schema/"
_BASE = "file:///schema/"
_OF_RECORDS = frozenset(f"{name}.json" for name in SCHEMA_OF.values())
_ENGINE = (ValueError, RecursionError)
"""How an engine says that a schema is beyond it."""


def is_date(text: str) -> bool:
    """Tell whether the text is YYYY-MM-DD and a day of the calendar."""
    try:
        return len(text) == len("2026-01-15") and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


FORMATS: Mapping[str, Callable[[str], bool]] = {"date": lru_cache(maxsize=4096)(is_date)}
"""Every `format` a schema may name; any other makes the schema a broken one."""


class SchemaSet:
    """The schemas of one archive. Compiles a schema when it is first asked for."""

    def __init__(self, files: Mapping[str, Schema], sources: Mapping[str, bytes]) -> None:
        """`files`: file name -> schema; `sources`: its bytes, for lines. Raise BrokenSchema."""
        self._files = dict(files)
        self._sources = sources
        self._outline = Outline(self._files)
        file = ""
        try:
            for file, schema in self._files.items():
                check_depth(file, schema)
                jsonschema_rs.meta.validate(schema)
            self._outline.lint(FORMATS.keys(), _OF_RECORDS)
            resources = [(_BASE + file, without_lead(one)) for file, one in self._files.items()]
            self._registry = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft202012)
        except Flaw as flaw:
            raise self._broken(flaw.file, flaw.pointer, flaw.reason) from None
        except _ENGINE as error:
            from papka.records.schema_messages import pointer_of

            raise self._fault(file, pointer_of(error), error) from None
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._thorough: dict[str, Any] = {}
        self._ways: dict[str, Mapping[Way, list[Mapping[str, Schema]]]] = {}
        self._known: dict[str, bool] = {}
        self._references: dict[str, Mapping[Way, tuple[str, ...]]] = {}

    @cached_property
    def forms(self) -> FieldForms:
        """What each schema asks of a person who fills a record in."""
        from papka.records.fields import FieldForms  # only for who fills one in

        return FieldForms(self._files)

    @classmethod
    def load(cls, snapshot: Snapshot) -> SchemaSet:
        """Load the set in `schema/*.json` of a snapshot. Raise BrokenSchema."""
        paths = [
            path
            for path in snapshot.paths()
            if path.startswith(_FOLDER) and path.endswith(".json") and path.count("/") == 1
        ]
        if not paths:
            raise BrokenSchema(_FOLDER, "в папке нет ни одной схемы")
        return _load(tuple(snapshot.read_many(paths)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names to judge by: file names without `.json`, sorted."""
        return tuple(sorted(file.removesuffix(".json") for file in self._files))

    def judge(self, name: str, value: object, path: str) -> list[Finding]:
        """Judge a value by a schema: its findings, [] when it fits; `path` only names the file.

        Locations carry a JSON pointer, no line; for codes in `AT_KEY` it means the key.
        Raise BrokenSchema when there is no such schema or it cannot be compiled.
        """
        file = f"{name}.json"
        fast = self._compiled.get(file) or self._compile(file)
        try:
            if fast.is_valid(value):
                return []
            if file not in self._thorough:
                self._thorough[file] = self._make_thorough(file)
            errors = list(self._thorough[file].iter_errors(value))
            from papka.records.schema_messages import make_findings  # of what is rejected

            found = make_findings(errors, self._outline, file, path)
        except _ENGINE as error:
            raise self._fault(file, "", error) from error
        return found or [reading_codes.SCHEMA_ENGINES_DISAGREE.at(Location(path), schema=name)]

    def accepts(self, ref: str, value: object) -> bool:
        """Tell whether a part of the set, as `results.json#/$defs/result`, accepts a value."""
        fast = self._compiled.get(ref) or self._compile(ref)
        return fast.is_valid(value)

    def title(self, name: str, path: tuple[str | int, ...]) -> str:
        """Return the Russian title of the field at a path of the value; "" when there is none."""
        return self._outline.title(f"{name}.json", path)

    def at(self, name: str, path: Steps) -> list[Mapping[str, Schema]]:
        """List the schemas that judge what stands at a path of the value, the nearest first."""
        return self._outline.at(f"{name}.json", path)

    def ways(self, name: str) -> Mapping[Way, list[Mapping[str, Schema]]]:
        """Return the ways to all fields and items of a record; none without such a schema.

        Raise BrokenSchema when there are too many.
        """
        if name not in self._ways:
            file = f"{name}.json"
            try:
                self._ways[name] = self._outline.ways(file) if file in self._files else {}
            except Flaw as flaw:
                raise self._broken(flaw.file, flaw.pointer, flaw.reason) from None
        return self._ways[name]

    def is_ours(self, name: str) -> bool:
        """Tell whether a schema and what it refers to are texts that some edition laid out."""
        return all(self._is_known(f"{file}.json") for file in (name, "common"))

    def _is_known(self, file: str) -> bool:
        if file not in self._known:
            digest = sha256(self._sources.get(file, b"")).hexdigest()
            self._known[file] = digest in _known_digests().get(f"{_FOLDER}{file}", ())
        return self._known[file]

    def references(self, name: str) -> Mapping[Way, tuple[str, ...]]:
        """Return the ways to names that a record gives of others, and what each may name.

        Where a schema that predates the annotation is silent, the program's own one speaks.
        """
        if name not in self._references:
            found = {way: _name_referred(about) for way, about in self.ways(name).items()}
            if self is not (own := shipped()):
                for way, referred in own.references(name).items():
                    if way in found and not found[way]:
                        found[way] = referred
            self._references[name] = {way: referred for way, referred in found.items() if referred}
        return self._references[name]

    def _make_thorough(self, file: str) -> Any:  # noqa: ANN401 - jsonschema's validators carry no type
        """Make jsonschema's validator; imported here, for only rejected files need it."""
        import jsonschema  # costs 80 ms
        from referencing import Registry, Resource  # comes with jsonschema
        from referencing.jsonschema import DRAFT202012

        checker = jsonschema.FormatChecker(formats=())
        for form, is_right in FORMATS.items():
            checker.checks(form)(
                lambda value, right=is_right: not isinstance(value, str) or right(value)
            )
        thorough = jsonschema.validators.extend(  # type: ignore[no-untyped-call] # as the stub has it
            jsonschema.Draft202012Validator,
            {"pattern": _check_pattern, "properties": _check_properties},
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
        if file.partition("#")[0] not in self._files:
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
        except _ENGINE as error:
            from papka.records.schema_messages import bad_pattern

            at = self._outline.pattern(bad_pattern(error)) or (file.partition("#")[0], "")
            raise self._fault(*at, error) from None
        self._compiled[file] = compiled
        return compiled

    def _fault(self, file: str, pointer: str, error: Exception) -> BrokenSchema:
        from papka.records.schema_messages import explain_fault

        return self._broken(file, pointer, explain_fault(error))

    def _broken(self, file: str, pointer: str, reason: str) -> BrokenSchema:
        line = locate(self._sources[file], pointer)[0] if pointer else 0
        return BrokenSchema(_FOLDER + file, f"строка {line}: {reason}" if line else reason)


_known_digests = cache(known_digests)


@cache
def shipped() -> SchemaSet:
    """Return the program's own schemas."""
    return SchemaSet.load(ShippedSnapshot("schema"))


def _name_referred(about: Iterable[Mapping[str, Schema]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for schema in about for each in referred_by(schema)))


@lru_cache(maxsize=2)  # one step reads the same schemas several times; a set never changes
def _load(files: tuple[tuple[str, bytes], ...]) -> SchemaSet:
    sources = {path.removeprefix(_FOLDER): data for path, data in files}
    return SchemaSet({file: _parse(file, data) for file, data in sources.items()}, sources)


def _parse(file: str, data: bytes) -> Schema:
    try:
        schema = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        from papka.records.schema_messages import explain_bad_json

        raise BrokenSchema(_FOLDER + file, explain_bad_json(error)) from None
    if not isinstance(schema, dict):
        raise BrokenSchema(_FOLDER + file, "схема — не набор полей")
    return schema


def _undeclared(schema: dict[str, Any]) -> dict[str, Any]:
    """Drop `$schema`, at which jsonschema would go back to its own classes."""
    return {word: value for word, value in schema.items() if word != "$schema"}


def _check_pattern(
    _validator: object, pattern: str, instance: object, _schema: object
) -> Iterator[Exception]:
    """Match as the fast engine and the editor do: Python's `$` is another."""
    from jsonschema import ValidationError

    if isinstance(instance, str) and not _matcher(pattern).is_valid(instance):
        yield ValidationError("pattern")


def _check_properties(
    validator: Any,  # noqa: ANN401 - jsonschema's validators carry no type
    properties: Mapping[str, Schema],
    instance: object,
    _schema: object,
) -> Iterator[Exception]:
    """Do as jsonschema's own, but let the error of a `false` schema keep its path."""
    from jsonschema import ValidationError

    present = instance if isinstance(instance, dict) else {}
    for name, schema in properties.items():
        if name not in present:
            continue
        if schema is False:
            yield ValidationError(
                "false",
                validator="false",
                path=(name,),
                schema_path=(name,),
                instance=present[name],
                schema=False,
            )
        else:
            yield from validator.descend(present[name], schema, path=name, schema_path=name)


@cache
def _matcher(pattern: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern})


def label_leaves(
    schemas: SchemaSet, kind: str, at: Steps, value: Value
) -> Iterator[tuple[str, str]]:
    """Yield (label, text) of every leaf of a record, in its order, in the words of its schema.

    A nested leaf says the labels on the way to it.
    """
    for key, inner in value.items():
        label = schemas.title(kind, (*at, key)) or key
        if isinstance(inner, dict):
            for below, text in label_leaves(schemas, kind, (*at, key), inner):
                yield f"{label}: {below}", text
        elif isinstance(inner, list):
            for index, item in enumerate(inner):
                if isinstance(item, dict):
                    for below, text in label_leaves(schemas, kind, (*at, key, index), item):
                        yield f"{label} {index + 1}: {below}", text
                else:
                    yield label, str(item)
        else:
            yield label, str(inner)


def find_differences(
    old: list[tuple[str, str]], new: list[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Yield (label, old text, new text) where texts differ; "" where there was nothing."""
    before, after = _join_by_label(old), _join_by_label(new)
    for label in {**before, **after}:
        was, now = before.get(label, ""), after.get(label, "")
        if was != now:
            yield label, was, now


def _join_by_label(lines: list[tuple[str, str]]) -> dict[str, str]:
    """Join texts of one label: a list of plain values has one for all of them."""
    found: dict[str, str] = {}
    for label, text in lines:
        found[label] = f"{found[label]}, {text}" if label in found else text
    return found
