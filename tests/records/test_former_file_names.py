"""Earlier programs wrote how a scan's file was called; that is still read, and told to nobody."""

from __future__ import annotations

import json

import pytest

from papka.checks import rules
from papka.records.schemas import shipped
from tests.support.archives import good, loaded

PATH = "records/students/2026/2026-0001/documents.yaml"


def with_name(*, of_old_schema: bool) -> dict[str, bytes]:
    files = good()
    line = b"    medium: \xd0\xbf\xd0\xbe\xd0\xb4\xd0\xbb\xd0\xb8\xd0\xbd\xd0\xbd\xd0\xb8\xd0\xba\n"
    named = "    original_name: Скан Абрикосовой.pdf\n".encode()
    assert files[PATH].count(line) == 2
    files[PATH] = files[PATH].replace(line, line + named, 1)
    if of_old_schema:
        schema = json.loads(files["schema/documents.json"])
        entry = schema["$defs"]["document"]
        del entry["patternProperties"]
        entry["properties"]["original_name"] = {"title": "Прежнее имя файла", "type": "string"}
        files["schema/documents.json"] = json.dumps(schema).encode()
    return files


@pytest.mark.parametrize("of_old_schema", [True, False])
def test_a_name_that_is_there_is_read_and_shown_nowhere(*, of_old_schema: bool) -> None:
    archive = loaded(with_name(of_old_schema=of_old_schema))
    student = archive.students["2026-0001"]
    assert archive.findings == ()
    assert rules.run(archive) == []
    assert len(student.documents) == 3
    assert student.added.fields == ()
    assert "Абрикосовой" not in repr(student)


def test_what_a_school_adds_beside_it_is_still_shown() -> None:
    files = with_name(of_old_schema=True)
    schema = json.loads(files["schema/documents.json"])
    schema["$defs"]["document"]["properties"]["shelf"] = {"title": "Полка", "type": "string"}
    files["schema/documents.json"] = json.dumps(schema).encode()
    files[PATH] = files[PATH].replace(b"    original_name", b"    shelf: A\n    original_name")
    added = loaded(files).students["2026-0001"].added
    assert [each.lines[0].label for each in added.fields] == ["Полка"]


def test_no_schema_offers_it_any_more() -> None:
    assert not any("original_name" in way for way in shipped().ways("documents"))
