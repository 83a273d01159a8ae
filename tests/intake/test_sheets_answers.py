"""A platform's JSON answer as a table."""

from __future__ import annotations

import pytest

from papka.intake.export_files import open_export


def test_records_become_rows_and_inner_fields_columns() -> None:
    answer = (
        '{"meta": {"page": 1, "has_next": false}, "course-grades": ['
        '{"user": 10, "score": 4.50, "results": {"7": {"score": 1}}, "passed": true},'
        '{"user": 11, "score": null, "tags": ["a", "б"]}]}'
    )
    export = open_export(answer.encode(), "grades.json")
    assert (export.layout, export.findings) == ("json", ())
    assert [row.cells for row in export.tables[0].rows] == [
        ("user", "score", "results.7.score", "passed", "tags"),
        ("10", "4.50", "1", "true", ""),
        ("11", "", "", "", '["a", "б"]'),
    ]


def test_a_following_page_is_pointed_out() -> None:
    export = open_export(b'{"meta": {"has_next": true}, "r": [{"a": 1}]}', "x.json")
    assert [each.code.name for each in export.findings] == ["EXPORT_PAGE_MISSING"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'[{"a": 1}, {"a"', "EXPORT_TRUNCATED"),
        (b'[{"a": "b', "EXPORT_TRUNCATED"),
        (b"[{a: 1}]", "EXPORT_JSON_BROKEN"),
        (b'[{"a": 1, "a": 2}]', "EXPORT_JSON_BROKEN"),
        (b'[{"a": NaN}]', "EXPORT_JSON_BROKEN"),
        (b'{"detail": "not found"}', "EXPORT_JSON_BROKEN"),
        (b'[{"a": 1}, 2]', "EXPORT_JSON_BROKEN"),
        (b"[" * 100_000, "EXPORT_JSON_BROKEN"),
        (b"[]", "EXPORT_EMPTY"),
        ('[{"a": "я"}]'.encode("cp1251"), "EXPORT_ENCODING_WRONG"),
    ],
)
def test_what_is_no_list_of_records_is_told(data: bytes, code: str) -> None:
    assert [each.code.name for each in open_export(data, "x.json").findings] == [code]
