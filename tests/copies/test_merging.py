"""Three versions of a file: nothing of either side is lost or mixed, or it is a conflict."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papka.copies.merging import Conflict, merge_file, merge_lines
from papka.records.strict_yaml import read

PATH = "records/students/2026/2026-0007/notices.yaml"


def merged(base: str | None, theirs: str | None, mine: str | None) -> str | tuple[Conflict, ...]:
    sides = [None if side is None else side.encode() for side in (base, theirs, mine)]
    data, conflicts = merge_file(PATH, *sides)
    return conflicts or (data or b"").decode()


def entry(id_: str, text: str, note: str = "") -> str:
    return f"{note}  - id: {id_}\n    text: {text}\n"


def value(text: str) -> Any:  # noqa: ANN401 - a YAML value
    document = read(text.encode(), PATH)
    assert document.findings == ()
    return document.value


BASE = "notices:\n" + entry("n1", "а") + entry("n2", "б")


def test_additions_of_both_stand_theirs_first_with_their_comments() -> None:
    theirs, mine = entry("n3", "их", "  # их\n"), entry("n4", "мой", "  # мой\n")
    assert merged(BASE, BASE + theirs, BASE + mine) == BASE + theirs + mine


def test_a_file_both_began() -> None:
    result = merged(None, "notices:\n" + entry("n1", "их"), "notices:\n" + entry("n2", "мой"))
    assert result == "notices:\n" + entry("n1", "их") + entry("n2", "мой")


def test_changes_of_different_entries() -> None:
    theirs, mine = BASE.replace("а\n", "А\n"), BASE.replace("б\n", "Б\n")
    assert merged(BASE, theirs, mine) == BASE.replace("а\n", "А\n").replace("б\n", "Б\n")


def test_one_entry_changed_by_both_shows_both_values() -> None:
    assert merged(BASE, BASE.replace("а\n", "Ж\n"), BASE.replace("а\n", "З\n")) == (
        Conflict(PATH, "n1", "text", ours="З", theirs="Ж"),
    )


def test_fields_of_one_entry_are_not_mixed() -> None:
    base = "notices:\n  - id: n1\n    text: а\n    told: p1\n"
    found = merged(base, base.replace("а\n", "б\n"), base.replace("p1", "p2"))
    assert {(each.entry, each.field) for each in found if isinstance(each, Conflict)} == {
        ("n1", "text"),
        ("n1", "told"),
    }


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [(None, BASE.replace("а\n", "в\n")), (BASE.replace("а\n", "в\n"), None)],
)
def test_taken_away_here_and_changed_there(theirs: str | None, mine: str | None) -> None:
    assert merged(BASE, theirs, mine)[0] == Conflict(
        PATH, ours="" if mine is None else f"{len(mine.encode())} байт",
        theirs="" if theirs is None else f"{len(theirs.encode())} байт",
    )  # fmt: skip


def test_a_file_that_is_not_records_is_a_conflict() -> None:
    data, conflicts = merge_file("records/regulations/x/text.pdf", b"1", b"2", b"3")
    assert (data, len(conflicts)) == (b"2", 1)


def test_a_file_that_cannot_be_read_is_a_conflict() -> None:
    assert merged(BASE, BASE + "x: [\n", BASE + entry("n3", "мой"))


def test_a_list_inside_the_card_and_a_value_beside_it() -> None:
    base = "id: 2026-0007\nphone: а\npaper:\n  place: б\n  lendings:\n    - id: l1\n      date: в\n"
    more = "    - id: l2\n      date: г\n"
    assert merged(base, base.replace("phone: а", "phone: А"), base + more) == (
        base.replace("phone: а", "phone: А") + more
    )


_LINE = st.sampled_from([b"a\n", b"b\n", b"c\n", b"  x: 1\n", b"\n"])
_LINES = st.lists(_LINE, max_size=8).map(b"".join)


@given(_LINES, _LINES)
@settings(max_examples=300)
def test_lines_of_one_side_alone_are_taken_whole(base: bytes, changed: bytes) -> None:
    assert merge_lines(base, base, changed) == changed
    assert merge_lines(base, changed, base) == changed
    assert merge_lines(base, changed, changed) == changed


_IDS = st.integers(1, 9)
_WORD = st.sampled_from("абвгд")
_ENTRIES = st.dictionaries(_IDS, _WORD, max_size=6)


def written(entries: dict[int, str]) -> str:
    if not entries:
        return "period: x\n"
    return "period: x\nnotices:\n" + "".join(
        entry(f"n{number}", word) for number, word in sorted(entries.items())
    )


@given(_ENTRIES, _ENTRIES, _ENTRIES)
@settings(max_examples=400)
def test_every_entry_has_the_value_of_who_changed_it_or_all_conflicts(
    base: dict[int, str], theirs: dict[int, str], mine: dict[int, str]
) -> None:
    result = merged(written(base), written(theirs), written(mine))
    if not isinstance(result, str):
        return
    found = {each["id"]: each["text"] for each in value(result).get("notices", [])}
    for number in {*base, *theirs, *mine}:
        old, left, right = (side.get(number) for side in (base, theirs, mine))
        expected = left if right == old else right
        assert left in (old, right) or right == old
        assert found.get(f"n{number}") == expected


@given(_ENTRIES, st.lists(_WORD, max_size=4), st.lists(_WORD, max_size=4))
@settings(max_examples=200)
def test_new_entries_never_conflict(
    base: dict[int, str], theirs: list[str], mine: list[str]
) -> None:
    left = base | dict(enumerate(theirs, 11))
    right = base | dict(enumerate(mine, 21))
    result = merged(written(base), written(left), written(right))
    assert isinstance(result, str)
    assert len(value(result).get("notices", [])) == len(base) + len(theirs) + len(mine)


@pytest.mark.parametrize("path", ["README.md", "records/regulations/x/text.pdf"])
def test_a_file_that_is_not_records_is_taken_from_who_changed_it(path: str) -> None:
    old, new = b"a: 1\n", b"a: 1\nb: 2\n"
    assert merge_file(path, old, new, old) == (new, ())
    assert merge_file(path, old, old, new) == (new, ())
    assert merge_file(path, old, new, new) == (new, ())
    assert merge_file(path, old, None, old) == (None, ())
    assert merge_file(path, old, old, None) == (None, ())
    whole = Conflict(path, ours="11 байт", theirs="10 байт")
    assert merge_file(path, old, new, b"a: 1\nc: 33\n") == (new, (whole,))


@pytest.mark.parametrize("wrong", ["notices: [\n", "notices: []\nnotices: []\n", "- 1\n", "0\n"])
@pytest.mark.parametrize("at", range(3))
def test_a_version_that_is_no_record_is_a_conflict_of_whole_files(wrong: str, at: int) -> None:
    """Whichever of the three it is: what it means is not known."""
    sides = [BASE, BASE + entry("n3", "их"), BASE + entry("n4", "мой")]
    sides[at] = wrong
    data, conflicts = merge_file(PATH, *(side.encode() for side in sides))
    ours, theirs = (f"{len(side.encode())} байт" for side in (sides[2], sides[1]))
    assert (data, conflicts) == (sides[1].encode(), (Conflict(PATH, ours=ours, theirs=theirs),))


@pytest.mark.parametrize("value", ["", " 5", " да"])
def test_a_value_that_becomes_a_list_here_only(value: str) -> None:
    base = f"period: x\nnotices:{value}\n"
    mine = "period: x\nnotices:\n" + entry("n1", "мой")
    assert merged(base, base.replace(": x", ": z"), mine) == mine.replace(": x", ": z")


def test_both_sides_of_a_conflict_are_shown_on_one_line_each() -> None:
    base = "events:\n  - id: n1\n    at: 1\n"
    theirs = "events:\n  - id: n1\n    at:\n      place: зал\n      days: [а, б]\n      told:\n"
    assert merged(base, theirs, base.replace("at: 1", "date: 2026-02-01")) == (
        Conflict(PATH, "n1", "at", ours="", theirs="place: зал, days: а, б, told: "),
        Conflict(PATH, "n1", "date", ours="2026-02-01", theirs=""),
    )


def test_what_no_merge_of_lines_can_say_is_a_conflict() -> None:
    """Two lists on one line each: the entries go together, the lines do not."""
    base = "notices: [{id: n1, text: а}, {id: n2, text: б}]\n"
    theirs, mine = base.replace("а", "А"), base.replace("б", "Б")
    whole = f"{len(base.encode())} байт"
    assert merged(base, theirs, mine) == (Conflict(PATH, ours=whole, theirs=whole),)
