"""Findings and splices know where in a file they are, whatever the file looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from papka.core.findings import Finding, Location
from papka.records import reading_codes
from papka.records.editing import (
    SpliceFailed,
    append_entry,
    append_lines,
    insert_entry_ids,
    replace_scalar,
    set_key,
    set_value,
)
from papka.records.reading_codes import PATH_UNKNOWN
from papka.records.strict_yaml import add_lines, iterate_entries

FILE = b"# x\na: 1\nb:\n  - c: 2\n"


def at(path: str, pointer: str, line: int = 0, commit: str = "") -> Finding:
    where = Location(path, pointer, line, line, commit)
    return PATH_UNKNOWN.at(where, related=[Location(path, "/a")])


def places(finding: Finding, source: Callable[[str], bytes | None]) -> list[tuple[int, int]]:
    (found,) = add_lines([finding], source)
    return [(where.line, where.column) for where in (found.where, *found.related)]


def test_a_pointer_becomes_line_and_column() -> None:
    assert places(at("f.yaml", "/b/0/c"), lambda _: FILE) == [(4, 8), (2, 4)]


def test_a_code_about_a_key_stands_at_the_key() -> None:
    (found,) = add_lines(
        [reading_codes.SCHEMA_UNKNOWN_FIELD.at(Location("f.yaml", "/b/0/c"), field="c", cure="")],
        lambda _: FILE,
    )
    assert (found.where.line, found.where.column) == (4, 5)


@pytest.mark.parametrize(
    ("finding", "source"),
    [
        (at("f.yaml", "/b", 7), FILE),
        (at("f.txt", "/b"), FILE),
        (at("f.yaml", "/b", commit="a" * 40), FILE),
        (at("f.yaml", "/b"), None),
    ],
    ids=["has a line", "no YAML", "of a commit", "not there"],
)
def test_what_has_a_place_or_no_file_keeps_it(finding: Finding, source: bytes | None) -> None:
    (found,) = add_lines([finding], lambda _: source)
    assert found.where == finding.where


def test_a_file_is_read_once_however_many_findings_it_has() -> None:
    asked: list[str] = []

    def source(path: str) -> bytes | None:
        asked.append(path)
        return FILE if path == "f.yaml" else None

    add_lines(
        [at("f.yaml", "/a"), at("g.yaml", "/a"), at("f.yaml", "/b"), at("g.yaml", "")], source
    )
    assert asked == ["f.yaml", "g.yaml"]


def test_entries_are_the_mappings_of_lists_that_have_an_id() -> None:
    value = {
        "a": [{"id": "r1", "in": [{"id": "r2"}]}, {"x": [{"id": "r3"}]}, {"id": 5}, "id"],
        "b": {"id": "no list", "c": [[{"id": "r4"}]]},
    }
    found = [(steps, entry["id"]) for steps, entry in iterate_entries(value)]
    assert found == [
        (("a", 0), "r1"),
        (("a", 0, "in", 0), "r2"),
        (("a", 1, "x", 0), "r3"),
        (("b", "c", 0, 0), "r4"),
    ]


@pytest.mark.parametrize(
    ("before", "pointer", "value", "after"),
    [
        ("a: 1 # x\n", "/a", 2, "a: 2 # x\n"),
        ("a:\n", "/a", 2, "a: 2\n"),
        ("a: 1\n", "/b", 2, "a: 1\nb: 2\n"),
        ("a: 1", "/b", 2, "a: 1\nb: 2\n"),
        ("a: 1\r\n", "/b", [2], "a: 1\r\nb:\r\n  - 2\r\n"),
        ("a: 1\n", "/b/c/d", 2, "a: 1\nb:\n  c:\n    d: 2\n"),
        ("a: 1 # x\nb: 2\n", "/a", [3, 4], "a: # x\n  - 3\n  - 4\nb: 2\n"),
        ("a:\n  b: 1\n", "/a/b", {"c": 2}, "a:\n  b:\n    c: 2\n"),
        ("a: {b: 1}\n", "/a/c", 2, "a: {b: 1, c: 2}\n"),
        ("a: {}\n", "/a/c", 2, "a: {c: 2}\n"),
        ("a: [1, 2]\n", "/a/1", "x,y", 'a: [1, "x,y"]\n'),
        ("a: [1, 2]\n", "/a", [3], "a: [3]\n"),
        ("a: {b: [1]}\n", "/a/b", {"c": 1}, "a: {b: {c: 1}}\n"),
        ("a:\n  - 1\n  - 2\nb: 3\n", "/a", [4], "a:\n  - 4\nb: 3\n"),
        ("a:\n  - 1\n  - 2", "/a", {"c": 4, "d": 5}, "a:\n  c: 4\n  d: 5"),
        ("a: |\n  x\n  y\nb: 1\n", "/a", "z", "a: z\nb: 1\n"),
        ("a: |\n  x\n\n\nb: 1\n", "/a", "z", "a: z\n\n\nb: 1\n"),
        ("a~b: 1\nc/d: 2\n", "/a~0b", 3, "a~b: 3\nc/d: 2\n"),
        ("a~b: 1\nc/d: 2\n", "/c~1d", 3, "a~b: 1\nc/d: 3\n"),
        ("- a\n- b\n", "/1", "c", "- a\n- c\n"),
        ("- a: 1\n", "/0/b", 2, "- a: 1\n  b: 2\n"),
    ],
)
def test_a_value_is_set_and_nothing_else_moves(
    before: str, pointer: str, value: object, after: str
) -> None:
    assert set_value(before.encode(), pointer, value).decode() == after


@pytest.mark.parametrize(
    ("before", "key", "entry", "after"),
    [
        ("a:\n  - 1\nb: 2\n", "a", 3, "a:\n  - 1\n  - 3\nb: 2\n"),
        ("a:\n- 1\nb: 2\n", "a", {"c": 3, "d": 4}, "a:\n- 1\n- c: 3\n  d: 4\nb: 2\n"),
        ("a: [1] # x\n", "a", {"c": 3}, "a: [1, {c: 3}] # x\n"),
        ("a: []\nb: 1\n", "a", 3, "a:\n  - 3\nb: 1\n"),
        ("a:\nb: 1\n", "a", 3, "a:\n  - 3\nb: 1\n"),
        ("a: {b: []}\n", "/a/b", 3, "a: {b: [3]}\n"),
        ("a:\n  b:\n    - 1\n# end\n", "/a/b", 3, "a:\n  b:\n    - 1\n    - 3\n# end\n"),
        ("a: 1\n", "b/c", 3, "a: 1\nb/c:\n  - 3\n"),
        ("a: 1\n", "/b/c", 3, "a: 1\nb:\n  c:\n    - 3\n"),
        ("a:\n  - |\n    x\n\nb: 1\n", "a", 3, "a:\n  - |\n    x\n  - 3\n\nb: 1\n"),
    ],
)
def test_an_entry_is_appended_and_nothing_else_moves(
    before: str, key: str, entry: object, after: str
) -> None:
    assert append_entry(before.encode(), key, entry).decode() == after


def test_lines_of_a_list_are_written_below_the_rest() -> None:
    lines = ["  - 2", "  - c: 3"]
    cases = {
        "a:\n  - 1\n": "a:\n  - 1\n  - 2\n  - c: 3\n",
        "a:\n  - 1": "a:\n  - 1\n  - 2\n  - c: 3\n",
        "b: 1\n": "b: 1\na:\n  - 2\n  - c: 3\n",
        "a:\n  - 1\nb: 1\n": "a:\n  - 1\n  - 2\n  - c: 3\nb: 1\n",
        "b: 1\r\na:\r\n  - 1\r\n": "b: 1\r\na:\r\n  - 1\r\n  - 2\r\n  - c: 3\r\n",
        "b: 1\na: [1]\n": "b: 1\na: [1, 2, {c: 3}]\n",
    }
    for before, after in cases.items():
        assert append_lines(before.encode(), "a", lines).decode() == after


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda: set_value(b"a: [\n", "/a", 1), "в нём есть ошибки"),
        (lambda: set_value(b"a:\n  b: 1\n", "/a", 1), "нельзя заменить одним значением"),
        (lambda: replace_scalar(b"a: 1\n", "/b", 1), "такого места в нём нет"),
        (lambda: replace_scalar(b"a: [1]\n", "/a", 1), "не одно значение, а список"),
        (lambda: append_entry(b"a: x\n", "a", 1), "там не список"),
        (lambda: set_value(b"- a\n", "/0", {"b": 1}), "там нет поля"),
        (
            lambda: insert_entry_ids(b"a:\n  - 1\n", "/a", {0: "r1"}),
            "запись 1 не набор полей без номера",
        ),
        (
            lambda: insert_entry_ids(b"a:\n  - id: r1\n", "/a", {0: "r2"}),
            "запись 1 не набор полей без номера",
        ),
        (lambda: set_key(b"a: 1\n", "/a", "b", 1), "там не набор полей"),
        (lambda: append_entry(b"r:\n  - t: |\n      x", "r", 1), "получилось бы не то"),
    ],
)
def test_a_refused_change_says_why(change: Callable[[], Any], said: str) -> None:
    with pytest.raises(SpliceFailed) as caught:
        change()
    assert caught.value.message.startswith("Не удалось изменить файл, не задев остального: ")
    assert said in caught.value.message
    assert caught.value.next_step == "Внесите изменение в редакторе и проверьте: papka check"
