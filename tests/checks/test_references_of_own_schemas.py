"""A reference that a school adds to its own schema is checked, and one an old schema lacks as well.

The schemas of an archive say by `x-refers-to` what stands in a field; Python knows no list of them.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from papka.checks import rules
from papka.checks.declared_names import DeclaredNames
from papka.checks.editor_names import write_names
from papka.core.errors import BrokenSchema
from papka.core.findings import sort_findings
from papka.records.schemas import SchemaSet
from tests.checks.tried_archives import branches
from tests.support.archives import good, loaded, restricted, snapshot

FOLDER = "records/students/2026/2026-0001"
Schema = dict[str, Any]


def changed(name: str, **definitions: Schema) -> dict[str, bytes]:
    """The good archive whose schema of this name has more properties in the definitions named."""
    files = good()
    schema = json.loads(files[f"schema/{name}.json"])
    for where, properties in definitions.items():
        holder = schema if where == "top" else schema["$defs"][where]
        holder["properties"] |= properties
    return files | {f"schema/{name}.json": json.dumps(schema).encode()}


def found_in(files: dict[str, bytes]) -> list[str]:
    return [
        f"{one.code.name} {one.where.path.removeprefix(FOLDER)} {one.where.pointer}"
        for one in sort_findings(rules.run(loaded(files)))
    ]


def grown(files: dict[str, bytes], path: str, text: str) -> dict[str, bytes]:
    return files | {path: files[path] + text.encode()}


@pytest.mark.parametrize(
    ("target", "name", "code"),
    [
        ("staff", "s001", None),
        ("staff", "s999", "REF_UNKNOWN_STAFF"),
        ("documents", "d1", None),
        ("documents", "d99", "REF_UNKNOWN_ENTRY"),
        ("awards", "a1", None),
        ("awards", "a9", "REF_UNKNOWN_ENTRY"),
        ("representatives", "обучающийся", None),
        ("program", "guitar", None),
        ("program", "banjo", "REF_UNKNOWN_PROGRAM"),
        ("regulation", "awards", None),
        ("regulation", "rules", "REF_UNKNOWN_RECORD"),
        ("student", "2026-0001#a1", None),
        ("student", "2026-0001#a9", "REF_UNKNOWN_STUDENT"),
        (["staff", "representatives"], "обучающийся", None),
        (["staff", "representatives"], "s999", "REF_UNKNOWN_STAFF"),
    ],
)
def test_a_field_that_a_school_added_is_checked(
    target: str | list[str], name: str, code: str | None
) -> None:
    added = {"of": {"title": "О ком", "type": "string", "x-refers-to": target}}
    files = grown(changed("awards", award=added), f"{FOLDER}/awards.yaml", f"    of: {name}\n")
    assert found_in(files) == ([f"{code} /awards.yaml /awards/0/of"] if code else [])


def test_references_deep_inside_a_list_that_a_school_added_are_checked() -> None:
    club = {
        "type": "object",
        "properties": {"by": {"items": {"properties": {"who": {"x-refers-to": "staff"}}}}},
    }
    added = {"clubs": {"title": "Кружки", "type": "array", "items": club}}
    text = "clubs:\n  - by:\n      - who: s001\n      - who: s777\n"
    files = grown(changed("student", top=added), f"{FOLDER}/student.yaml", text)
    assert found_in(files) == ["REF_UNKNOWN_STAFF /student.yaml /clubs/0/by/1/who"]


def test_a_reference_in_the_schools_own_records_is_checked() -> None:
    added = {"tutor": {"title": "Наставник", "type": "string", "x-refers-to": "staff"}}
    files = grown(changed("program", top=added), "records/programs/guitar.yaml", "tutor: s777\n")
    assert found_in(files) == ["REF_UNKNOWN_STAFF records/programs/guitar.yaml /tutor"]


def test_a_reference_of_the_schools_own_is_offered_to_its_editor_and_mended() -> None:
    tutor = {"title": "Наставник", "type": "string", "x-refers-to": "staff"}
    prize = {"given": {"title": "Кто вручал", "items": {"x-refers-to": "staff"}}}
    files = changed("program", top={"tutor": tutor})
    files["schema/awards.json"] = changed("awards", award=prize)["schema/awards.json"]
    archive = loaded(files)
    names = json.loads(write_names(archive))["$defs"]
    lead = [{"$ref": "#/$defs/staff"}]
    assert names["program.json"]["properties"]["tutor"]["allOf"] == lead
    award = names["awards.json"]["properties"]["awards"]["items"]["properties"]
    assert award["given"]["items"]["allOf"] == lead
    assert "s001" in names["staff"]["enum"]
    at = DeclaredNames(archive).at
    assert set(at("records/programs/guitar.yaml", "/tutor")) == set(archive.staff)
    assert set(at(f"{FOLDER}/awards.yaml", "/awards/0/given/1")) == set(archive.staff)


def without_references(files: dict[str, bytes]) -> dict[str, bytes]:
    """The archive as its schemas were before they said what refers to what."""
    word = re.compile(rb'"x-refers-to": "[a-z]+"')
    return {
        path: word.sub(b'"$comment": ""', data) if path.startswith("schema/") else data
        for path, data in files.items()
    }


def test_where_an_archives_schema_predates_the_word_the_program_supplies_it() -> None:
    rows = [row for row in branches() if row.module == "references" and not row.quiet]
    assert rows
    for row in rows:
        old = without_references(row.after)
        assert old != row.after
        assert found_in(old) == found_in(row.after) != [], row.name


def test_a_word_of_the_archives_own_schema_has_the_last_say() -> None:
    files = good()
    schema = files["schema/awards.json"].replace(
        b'"x-refers-to": "order"', b'"x-refers-to": "events"'
    )
    found = found_in(files | {"schema/awards.json": schema})
    assert found == ["REF_UNKNOWN_EVENT /awards.yaml /awards/0/order"]


def test_what_nobody_could_check_makes_a_broken_schema() -> None:
    files = changed("awards", award={"of": {"title": "О ком", "x-refers-to": "teacher"}})
    with pytest.raises(BrokenSchema, match=r"«teacher» не назвать: ссылаются на .*staff"):
        SchemaSet.load(snapshot(files))


def test_a_schema_inside_itself_is_followed_once() -> None:
    inner = {"who": {"x-refers-to": "staff"}, "inside": {"$ref": "#/$defs/box"}}
    files = changed("awards", award={"box": {"$ref": "#/$defs/box"}})
    schema = json.loads(files["schema/awards.json"])
    schema["$defs"]["box"] = {"type": "object", "title": "Ящик", "properties": inner}
    files["schema/awards.json"] = json.dumps(schema).encode()
    files = grown(files, f"{FOLDER}/awards.yaml", "    box:\n      who: s777\n")
    assert found_in(files) == ["REF_UNKNOWN_STAFF /awards.yaml /awards/0/box/who"]


def test_definitions_that_hold_one_another_do_not_keep_the_program_busy() -> None:
    names = [f"d{number}" for number in range(9)]
    every = {name: {"$ref": f"#/$defs/{name}"} for name in names}
    files = changed("awards", award={"box": {"$ref": "#/$defs/d0"}})
    schema = json.loads(files["schema/awards.json"])
    schema["$defs"] |= {name: {"type": "object", "properties": every} for name in names}
    files["schema/awards.json"] = json.dumps(schema).encode()
    with pytest.raises(BrokenSchema, match="полей в записи больше"):
        loaded(files)


def test_an_enrolment_of_the_main_archive_is_not_looked_for_in_a_restricted_one() -> None:
    assert found_in(restricted()) == []
