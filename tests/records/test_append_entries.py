"""Many entries added at once: the same as one by one, and every byte before them stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from papka.records.editing import append_entries, append_entry
from papka.records.strict_yaml import read

ENTRIES = [{"id": "r2", "mark": 5}, {"id": "r3", "text": "На «отлично»: да", "list": ["а", "б"]}]
LAST = b"period: 2026-1\nresults:\n  - id: r1\n    mark: 4   # \xd0\xb4\xd0\xb0\n"


@pytest.mark.parametrize(
    "data",
    [
        LAST,
        LAST.rstrip(b"\n"),
        LAST.replace(b"\n", b"\r\n"),
        LAST + b"note: x\n",
        LAST.replace(b"  - id", b"- id").replace(b"    mark", b"  mark"),
        b"period: 2026-1\nresults: [{id: r1, mark: 4}]\n",
        b"period: 2026-1\n",
        LAST + b"# the end\n",
    ],
    ids=[
        "last",
        "no line end",
        "CRLF",
        "not last",
        "less indent",
        "brackets",
        "no list",
        "comment",
    ],
)
def test_wherever_the_list_stands(data: bytes) -> None:
    one_by_one = data
    for entry in ENTRIES:
        one_by_one = append_entry(one_by_one, "results", entry)
    made = append_entries(data, "results", ENTRIES)
    assert read(made, "").value == read(one_by_one, "").value
    for line in data.splitlines():
        if b"[" not in line:
            assert line in made


def test_nothing_added_changes_nothing() -> None:
    assert append_entries(LAST, "results", []) == LAST


VALUES = some.integers(-(10**9), 10**9) | some.just("да: нет")
ENTRY = some.dictionaries(some.sampled_from("abc"), VALUES, min_size=1)


@given(some.lists(ENTRY, min_size=1, max_size=4))
def test_any_entries_read_back(entries: list[dict[str, object]]) -> None:
    value = read(append_entries(LAST, "results", entries), "").value
    assert value["results"][1:] == entries
