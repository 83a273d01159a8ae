"""Splices: what was meant is done, nothing else moves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.core.errors import PapkaError
from papka.records.editing import (
    SpliceFailed,
    Unwritable,
    append_entry,
    drop_key,
    insert_entry_ids,
    replace_scalar,
    set_key,
    write_file,
    write_scalar,
)
from papka.records.strict_yaml import read
from tests.records import drafts

FILE = """\
# yaml-language-server: $schema=../../schema/results.json
period: 2026-1                # полугодие
results:
  # первая запись
  - enrolment: e1             # дополняется
    mark: 2
  - id: r1
    enrolment: e1
    text: 'Кавычки автора'
"""


def value(data: bytes) -> Any:  # noqa: ANN401 - a YAML value
    document = read(data, "f.yaml")
    assert document.findings == ()
    return document.value


def lines_kept(before: bytes, after: bytes) -> int:
    """Lines of the old file found unchanged before and after the one changed place."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head + tail


def test_an_id_becomes_the_first_key_and_nothing_else_changes() -> None:
    after = insert_entry_ids(FILE.encode(), "/results", {0: "r2"}).decode()
    expected = FILE.replace("  - enrolment: e1      ", "  - id: r2\n    enrolment: e1      ", 1)
    assert after == expected


def test_crlf_stays_crlf() -> None:
    before = FILE.replace("\n", "\r\n").encode()
    after = insert_entry_ids(before, "/results", {0: "r2"})
    assert after.count(b"\n") == after.count(b"\r\n") == before.count(b"\r\n") + 1


@given(drafts.files())
def test_ids_are_given_to_every_entry_without_one(before: bytes) -> None:
    entries = value(before)["results"]
    after = insert_entry_ids(before, "/results", {n: f"r{n + 1}" for n in range(len(entries))})
    given_ids = [{"id": f"r{n + 1}", **entry} for n, entry in enumerate(entries)]
    assert value(after)["results"] == given_ids
    assert [next(iter(entry)) for entry in value(after)["results"]] == ["id"] * len(entries)
    kept = [line for line in before.splitlines() if b"- " not in line]
    rest = iter(after.splitlines())
    assert all(line in rest for line in kept)


@given(drafts.files(), drafts.scalars, st.data())
def test_a_replaced_value_leaves_every_other_line(
    before: bytes, text: str, data: st.DataObject
) -> None:
    tree = value(before)
    places = [
        f"/results/{number}/{key}"
        for number, entry in enumerate(tree["results"])
        for key, old in entry.items()
        if not isinstance(old, (list, dict))
    ]
    if not places:
        return
    pointer = data.draw(st.sampled_from(places))
    after = replace_scalar(before, pointer, text)
    _, _, number, key = pointer.split("/")
    tree["results"][int(number)][key] = text
    assert value(after) == tree
    assert lines_kept(before, after) >= len(before.splitlines()) - 4


@given(drafts.files(), drafts.values)
def test_an_appended_entry_adds_whole_lines_only(before: bytes, new: object) -> None:
    entry = {"id": "r9", "value": new}
    try:
        written = write_file(entry)
    except Unwritable:
        return
    assert value(written.encode()) == entry
    after = append_entry(before, "results", entry)
    tree = value(before)
    assert value(after) == {**tree, "results": [*tree["results"], entry]}
    assert lines_kept(before.rstrip(), after.rstrip()) >= len(before.rstrip().splitlines()) - 1


@given(drafts.files(), drafts.scalars, st.data())
def test_a_new_key_is_added_as_the_last_of_its_entry(
    before: bytes, text: str, data: st.DataObject
) -> None:
    tree = value(before)
    number = data.draw(st.integers(0, len(tree["results"]) - 1))
    after = set_key(before, f"/results/{number}", "added", text)
    tree["results"][number]["added"] = text
    assert value(after) == tree
    assert list(value(after)["results"][number])[-1] == "added"


def test_a_list_that_is_not_there_is_made() -> None:
    after = append_entry(b"period: 2026-1\n", "results", {"id": "r1", "mark": 5})
    assert after == b"period: 2026-1\nresults:\n  - id: r1\n    mark: 5\n"


@pytest.mark.parametrize("empty", ["results: []  # пока\n", "results:  # пока\n"])
def test_an_empty_list_is_filled_and_its_comment_stays(empty: str) -> None:
    after = append_entry(f"{empty}closed: 2026-06-15\n".encode(), "results", {"id": "r1"}).decode()
    assert value(after.encode()) == {"results": [{"id": "r1"}], "closed": "2026-06-15"}
    assert "# пока\n" in after


def test_an_existing_key_is_replaced() -> None:
    assert set_key(b"a: 1 # x\n", "", "a", "2026-01-15") == b"a: 2026-01-15 # x\n"


def test_a_mapping_can_be_set_as_a_value() -> None:
    after = set_key(FILE.encode(), "/results/0", "source", {"row": 14, "raw": "2,00"})
    assert value(after)["results"][0]["source"] == {"row": 14, "raw": "2,00"}


@pytest.mark.parametrize(
    "change",
    [
        lambda: insert_entry_ids(FILE.encode(), "/results", {1: "r2"}),
        lambda: insert_entry_ids(FILE.encode(), "/results", {7: "r2"}),
        lambda: insert_entry_ids(b"results: [1]\n", "/results", {0: "r2"}),
        lambda: replace_scalar(FILE.encode(), "/results", "x"),
        lambda: replace_scalar(b"a: 1\na: 2\n", "/a", 3),
        lambda: append_entry(b"results: r1\n", "results", {"id": "r2"}),
        lambda: append_entry(b"- a\n", "results", {"id": "r2"}),
        lambda: append_entry(b"r:\n  - t: |\n      no line break", "r", {"id": "r2"}),
        lambda: set_key(FILE.encode(), "/period", "a", 1),
        lambda: set_key(FILE.encode(), "", "results", 1),
    ],
)
def test_what_cannot_be_spliced_is_refused_with_a_next_step(change: Any) -> None:  # noqa: ANN401
    with pytest.raises(SpliceFailed) as caught:
        change()
    assert isinstance(caught.value, PapkaError)
    assert caught.value.next_step


@given(drafts.values)
def test_every_written_value_is_read_back(new: object) -> None:
    try:
        text = write_file({"k": new})
    except Unwritable:
        return
    assert value(text.encode()) == {"k": new}


@given(st.text())
def test_every_written_text_is_read_back_in_brackets_too(new: str) -> None:
    try:
        text = write_scalar(new, flow=True)
    except Unwritable:
        return
    assert value(f"- [{text}, {{k: {text}}}]\n".encode()) == [[new, {"k": new}]]


@pytest.mark.parametrize("new", ["a\u200bb", "a\x00", "\ud800", 10**15, 1e300, float("nan"), {1}])
def test_what_no_reader_would_take_alike_is_not_written(new: object) -> None:
    with pytest.raises(Unwritable):
        write_scalar(new)


@pytest.mark.parametrize(
    ("new", "text"),
    [
        ("2026-01-15", "2026-01-15"),
        ("2026-0007", "2026-0007"),
        ("3.2", '"3.2"'),
        ("NO", '"NO"'),
        ("12:30", '"12:30"'),
        ("ООО «Ромашка»", "ООО «Ромашка»"),
        ('ООО "Ромашка"', 'ООО "Ромашка"'),
        ('"Ромашка"', "'\"Ромашка\"'"),
        ("", '""'),
        (2.0, "2.0"),
        (True, "true"),
    ],
)
def test_quotes_stand_only_where_they_are_needed(new: object, text: str) -> None:
    assert write_scalar(new) == text


@pytest.mark.parametrize(
    ("card", "left"),
    [
        ("id: 2026-0007\nphoto: d3 # с паспорта\nsex: женский\n", "id: 2026-0007\nsex: женский\n"),
        ("id: 2026-0007\r\nphoto: d3\r\n", "id: 2026-0007\r\n"),
        ("id: 2026-0007\n# снимок\nphoto: d3", "id: 2026-0007\n# снимок\n"),
        ("photo:\n  file: d3\n\nid: 2026-0007\n", "\nid: 2026-0007\n"),
    ],
    ids=["in the middle", "last, of Windows", "without an end of line", "a block"],
)
def test_a_key_goes_with_its_line_and_nothing_else_moves(card: str, left: str) -> None:
    assert drop_key(card.encode(), "", "photo").decode() == left


@pytest.mark.parametrize("card", ["id: 2026-0007\n", "{id: 2026-0007, photo: d3}\n"])
def test_a_key_that_stands_on_no_line_of_its_own_is_left(card: str) -> None:
    with pytest.raises(SpliceFailed):
        drop_key(card.encode(), "", "photo")
