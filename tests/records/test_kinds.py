"""The table of kinds says of each what its schema and its type say."""

from __future__ import annotations

import re
from typing import get_args, get_type_hints

import pytest

from papka.checks.references import TARGETS
from papka.core.kinds import KINDS, LIST_KINDS, REFERRED, Kind
from papka.core.places import place, record_file, record_folder, student_file
from papka.records.added_fields import WORDED
from papka.records.archive import TYPES
from papka.records.schemas import shipped
from papka.records.student import AnyEntry, Student, keys_of

JUDGED = [kind for kind in KINDS if kind.is_judged]
ENTRY_ID = re.compile(r"\^\(?[a-z]\[1-9\]")


@pytest.mark.parametrize("kind", JUDGED, ids=lambda kind: kind.name)
def test_lists_and_letters_are_those_of_the_schema(kind: Kind) -> None:
    letters = {
        "/".join(way[:-2]): schema["pattern"][1]
        for way, about in shipped().ways(kind.schema).items()
        for schema in about
        if way[-1] == "id" and ENTRY_ID.match(schema.get("pattern", ""))
    }
    assert letters == dict(kind.ids)


@pytest.mark.parametrize("kind", JUDGED, ids=lambda kind: kind.name)
def test_days_and_the_type_are_there(kind: Kind) -> None:
    type_ = TYPES[kind.name]
    assert type_ is None or kind.type == type_.__name__
    known = shipped().ways(kind.schema)
    for field in (kind.since, kind.until):
        assert not field or (kind.name, "*", field) in known


def test_every_named_type_was_found() -> None:
    assert [kind.name for kind in JUDGED if kind.type and TYPES[kind.name] is None] == []


def test_every_type_of_a_personal_folder_has_its_place_in_a_student() -> None:
    """What has a type and no place would be read, and neither checked, shown nor printed."""
    fields = get_type_hints(Student)
    entries = get_args(AnyEntry)
    for kind in (each for each in JUDGED if each.is_personal and each.type):
        if kind.name in {"student", "results"}:
            continue  # the card, and the one list that has a file a period
        assert kind in LIST_KINDS, f"{kind.name}: its one list is not named as the kind in ids"
        assert kind.name in fields, f"{kind.name}: no field of Student"
        entry, _ = get_args(fields[kind.name])
        assert entry in entries, f"{kind.name}: {entry.__name__} is not in AnyEntry"
    assert {kind.name for kind in LIST_KINDS} >= WORDED


def test_a_list_is_found_by_its_name_in_its_type() -> None:
    for kind in LIST_KINDS:
        type_ = TYPES[kind.name]
        assert type_ is not None
        assert keys_of(type_) == {kind.name: kind.name}


@pytest.mark.parametrize("kind", JUDGED, ids=lambda kind: kind.name)
def test_a_path_made_of_a_key_is_the_place_of_that_key(kind: Kind) -> None:
    if kind.is_personal:
        key = "2026-1" if "*" in kind.path else ""
        assert place(student_file("2026-0007", kind.name, key)) == (kind.name, key, "2026-0007")
    elif kind.is_keyed:
        key = "/".join("abc"[: kind.path.count("*")])
        path = record_file(kind.name, key)
        assert path is not None
        assert path.startswith(record_folder(kind.name) + "/")
        assert record_file(kind.name, "a/b/c/d") is None
    else:
        assert place(f"records/{kind.path}") == (kind.name, "", "")


def test_every_word_of_a_reference_leads_somewhere() -> None:
    lists = {at.rpartition("/")[2] for kind in KINDS for at in kind.ids}
    kinds = {kind.name for kind in KINDS}
    assert REFERRED - TARGETS.keys() - lists - kinds == set()
    assert TARGETS.keys() <= REFERRED


def test_no_field_of_our_schemas_holds_a_key_without_saying_of_what() -> None:
    """A value with the shape of a key is a name of something; an id is not."""
    shapes = {"staffId", "orderRef", "eventRef", "importRef", "address", "enrolmentAddress"}
    silent = [
        f"{kind.name}: {'/'.join(way)}"
        for kind in JUDGED
        for way, about in shipped().ways(kind.schema).items()
        if way[-1] != "id"
        and way not in shipped().references(kind.schema)
        and any(schema.get("$ref", "").rpartition("/")[2] in shapes for schema in about)
    ]
    assert silent == []
