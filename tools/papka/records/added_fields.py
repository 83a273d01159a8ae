"""What the schemas of an archive add to personal files beyond the types of the program.

A kind of record without a type, a list or a field that a school put into its own schema: all of it
is read, dated, shown and printed by the schema's titles, so that no record is left out in silence.
So are the entries of a kind with a type for which nobody wrote words of its own (`WORDED`).
Where a schema says no more than the types do, nothing of this is asked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

import msgspec
from msgspec import inspect

from papka.core.kinds import KIND_OF, LIST_KINDS
from papka.records.schema_outline import Way, expects_date
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import Steps, Value
from papka.records.student import (
    Added,
    AddedEntry,
    AddedField,
    AddedLine,
    AddedList,
    Student,
    to_mapping,
)
from papka.records.yaml_tree import pointer_to

WORDED = frozenset(
    (
        *("enrolments", "transfers", "credits", "awards", "consents", "documents", "notices"),
        *("diagnostics", "needs"),
    )
)
"""Kinds whose lists have words of their own, on paper or on a screen; a new one joins with them."""
_LEFT = frozenset({("documents", "*", "original_name")})
"""What earlier programs wrote and nobody reads any more: it might name a person."""
_ID = re.compile(r"\^\(?([a-z])\[1-9\]")


@lru_cache(maxsize=256)
def says_more(schemas: SchemaSet, kind: str, type_: type[msgspec.Struct] | None) -> bool:
    """Tell whether the schema of a kind knows a field that its type does not."""
    if type_ is None:
        return True
    if schemas.is_ours(KIND_OF[kind].schema):
        return False  # a test compares ours with the types
    return not schemas.ways(KIND_OF[kind].schema).keys() <= ways_of(type_) | _LEFT


@cache
def ways_of(type_: type[msgspec.Struct]) -> frozenset[Way]:
    """Return the ways to all fields and items that a type knows."""
    return frozenset(_list_ways(inspect.type_info(type_), ()))


def _list_ways(kind: inspect.Type, above: Way) -> Iterator[Way]:
    """List the ways to all fields and items that a type knows."""
    match kind:
        case inspect.StructType(fields=fields):
            for field in fields:
                yield (*above, field.encode_name)
                yield from _list_ways(field.type, (*above, field.encode_name))
        case inspect.VarTupleType(item_type=inner) | inspect.DictType(value_type=inner):
            yield (*above, "*")
            yield from _list_ways(inner, (*above, "*"))
        case inspect.UnionType(types=types):
            for each in types:
                yield from _list_ways(each, above)


def read_added(
    schemas: SchemaSet, kind: str, path: str, value: Value, type_: type[msgspec.Struct] | None
) -> Added:
    """Return what a record that its schema accepted says beyond its type."""
    known = (ways_of(type_) | _LEFT) if type_ else frozenset()
    lists: list[AddedList] = []
    fields: list[AddedField] = []
    for owner, steps, inner in _list_unknown(known, value, (), ""):
        if _is_list_of_entries(inner):
            lists.append(_read_list(schemas, kind, path, steps, inner))
        else:
            label = schemas.title(kind, steps) or str(steps[-1])
            lines = tuple(_word(schemas, kind, steps, inner, label))
            fields.append(AddedField(path, pointer_to(steps), owner, inner, lines))
    return Added(tuple(lists), tuple(fields), ((path, kind, value),) if lists or fields else ())


def join(found: Iterable[Added]) -> Added:
    """Return all that the files of one personal folder add."""
    lists: tuple[AddedList, ...] = ()
    fields: tuple[AddedField, ...] = ()
    records: tuple[tuple[str, str, Value], ...] = ()
    for each in found:
        lists += each.lists
        fields += each.fields
        records += each.records
    return Added(lists, fields, records)


def list_unworded(schemas: SchemaSet, student: Student) -> tuple[AddedList, ...]:
    """Return the lists of a personal file that have no words of their own, in those of schemas."""
    found = [
        _read_list(
            schemas,
            kind.name,
            f"{student.folder}/{kind.name}.yaml",
            (kind.name,),
            [to_mapping(entry) for entry in getattr(student, kind.name)],
        )
        for kind in LIST_KINDS
        if kind.name not in WORDED and getattr(student, kind.name)
    ]
    return (*found, *student.added.lists)


def added_on(added: Added, day: dt.date, kept: Container[str]) -> Added:
    """Return what was added as it stood on a day; `kept`: ids of the entries that were there."""
    return added._replace(
        lists=tuple(
            each._replace(
                entries=tuple(e for e in each.entries if e.since is None or e.since <= day)
            )
            for each in added.lists
        ),
        fields=tuple(each for each in added.fields if not each.owner or each.owner in kept),
    )


def _list_unknown(
    known: frozenset[Way], value: Value, at: Steps, owner: str
) -> Iterator[tuple[str, Steps, Value]]:
    """List (id of the entry around, steps, value) of what stands at no known way."""
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and at:
            owner = value["id"]
        inside: Any = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    else:
        return
    for key, inner in inside:
        steps = (*at, key)
        way = _way_of(steps)
        if way in known or (*way[:-1], "*") in known:
            yield from _list_unknown(known, inner, steps, owner)
        else:
            yield owner, steps, inner


def _way_of(steps: Steps) -> Way:
    return tuple("*" if isinstance(step, int) else step for step in steps)


def _is_list_of_entries(value: Value) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _read_list(
    schemas: SchemaSet, kind: str, path: str, steps: Steps, items: list[dict[str, Value]]
) -> AddedList:
    row = KIND_OF[kind]
    since = row.since if steps == (kind,) and row.since else "date"
    entries = tuple(
        AddedEntry(
            id=item.get("id"),
            since=_read_day(item.get(since)),
            value=item,
            lines=tuple(_word_inside(schemas, kind, (*steps, index), item, "")),
        )
        for index, item in enumerate(items)
    )
    title = schemas.title(kind, steps) or str(steps[-1])
    return AddedList(path, pointer_to(steps), title, _find_letter(schemas, kind, steps), entries)


def _find_letter(schemas: SchemaSet, kind: str, steps: Steps) -> str:
    """Return the letter of ids in a list, "" when its entries have none."""
    for schema in schemas.at(kind, (*steps, 0, "id")):
        if found := _ID.match(schema.get("pattern", "")):
            return found[1]
    return ""


def _read_day(value: Value) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _word_inside(
    schemas: SchemaSet, kind: str, at: Steps, value: Mapping[str, Value], above: str
) -> Iterator[AddedLine]:
    """Yield a line for every leaf of a mapping but its id, in its order."""
    for key, inner in value.items():
        if key == "id":
            continue
        title = schemas.title(kind, (*at, key)) or key
        yield from _word(schemas, kind, (*at, key), inner, f"{above}: {title}" if above else title)


def _word(
    schemas: SchemaSet, kind: str, at: Steps, value: Value, label: str
) -> Iterator[AddedLine]:
    if isinstance(value, dict):
        yield from _word_inside(schemas, kind, at, value, label)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            numbered = f"{label} {index + 1}" if isinstance(item, dict) else label
            yield from _word(schemas, kind, (*at, index), item, numbered)
    else:
        above = [schemas.at(kind, at[:depth]) for depth in range(len(at) + 1)]
        is_printed = all(each.get("x-print") != "never" for about in above for each in about)
        text = _text_of(value)
        if any(expects_date(each) for each in above[-1]) and (day := _read_day(value)):
            text = f"{day:%d.%m.%Y}"
        targets = schemas.references(KIND_OF[kind].schema).get(_way_of(at), ())
        yield AddedLine(label, text, targets, is_printed)


def _text_of(value: Value) -> str:
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, float):
        return str(value).replace(".", ",")
    return str(value)
