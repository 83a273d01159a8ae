"""The list of approved entries: one spelling for a set of entries, and nothing else is read."""

from __future__ import annotations

import hmac
import string
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from papka.records.approved_entries import (
    ApprovedLine,
    ApprovedList,
    BadList,
    pin,
    read_list,
    word_ids,
    write_list,
)
from papka.records.student import Shown, Source, Voided
from tests.support.derived import day, result

PIN = "0123456789abcdef" * 4
NUMBERS = st.lists(st.integers(1, 400), min_size=1, max_size=40, unique=True)
STUDENTS = st.tuples(st.integers(2000, 2099), st.integers(1, 99_999)).map(
    lambda pair: f"{pair[0]}-{pair[1]:04}"
)
LINES = st.dictionaries(STUDENTS, NUMBERS, min_size=1, max_size=8)


def line(student: str, *numbers: int, digest: str = PIN) -> ApprovedLine:
    return ApprovedLine(student, tuple(f"r{number}" for number in numbers), digest)


@given(LINES)
def test_what_is_written_is_read_back_in_order(found: dict[str, list[int]]) -> None:
    lines = [line(student, *numbers) for student, numbers in found.items()]
    data = write_list(lines)
    assert data == write_list(reversed(lines))
    assert {each.student: each.ids for each in read_list(data)} == {
        student: tuple(f"r{number}" for number in sorted(numbers))
        for student, numbers in found.items()
    }
    whole = ApprovedList(data)
    assert [whole.line_of(each.student) for each in read_list(data)] == list(read_list(data))
    assert whole.line_of("2026-00") is None


@given(LINES, st.data())
def test_any_other_byte_is_refused_or_says_something_else(
    found: dict[str, list[int]], data: st.DataObject
) -> None:
    good = write_list(line(student, *numbers) for student, numbers in found.items())
    at = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.sampled_from([*string.printable.encode(), 0xD1, 0]))
    bad = good[:at] + bytes([byte]) + good[at + 1 :]
    if bad == good:
        return
    try:
        read = read_list(bad)
    except BadList:
        return
    assert write_list(read) == bad
    assert read != read_list(good)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("\n", id="empty line"),
        pytest.param(f"2026-0007 r1 {PIN}", id="no end"),
        pytest.param(f"2026-0007 r1 {PIN}\n\n", id="empty line after"),
        pytest.param(f"2026-0007 r1 {PIN}\r\n", id="line end of another system"),
        pytest.param(f"2026-0007  r1 {PIN}\n", id="two spaces"),
        pytest.param(f"2026-0007 r1 {PIN} \n", id="space at the end"),
        pytest.param(f"2026-0007 r1 {PIN.upper()}\n", id="capital letters"),
        pytest.param(f"2026-0007 r1 {PIN[1:]}\n", id="short pin"),
        pytest.param("2026-0007 r1\n", id="no pin"),
        pytest.param(f"2026-0007 {PIN}\n", id="no entries"),
        pytest.param(f"2026-0007 р1 {PIN}\n", id="Russian letter"),
        pytest.param(f"2026-0007 r٣ {PIN}\n", id="digit of another script"),
        pytest.param(f"2026\u20110007 r1 {PIN}\n", id="another hyphen"),
        pytest.param(f"2026-0007\u00a0r1 {PIN}\n", id="no-break space"),
        pytest.param(f"2026-0007\tr1 {PIN}\n", id="tab"),
        pytest.param(f"2026-0007 e1 {PIN}\n", id="another kind of entry"),
        pytest.param(f"2026-0007 r0 {PIN}\n", id="zero"),
        pytest.param(f"2026-0007 r01 {PIN}\n", id="leading zero"),
        pytest.param(f"2026-007 r1 {PIN}\n", id="short number"),
        pytest.param(f"2026-0007 r1-r1 {PIN}\n", id="range of one"),
        pytest.param(f"2026-0007 r1 r2 {PIN}\n", id="neighbours apart"),
        pytest.param(f"2026-0007 r1-r2 r3 {PIN}\n", id="neighbour of a range"),
        pytest.param(f"2026-0007 r1-r3 r2 {PIN}\n", id="inside a range"),
        pytest.param(f"2026-0007 r4 r2 {PIN}\n", id="out of order"),
        pytest.param(f"2026-0007 r2 r2 {PIN}\n", id="twice"),
        pytest.param(f"2026-0007 r5-r3 {PIN}\n", id="backwards"),
        pytest.param(f"2026-0007 r1-r999999999 {PIN}\n", id="endless"),
        pytest.param(f"2026-0008 r1 {PIN}\n2026-0007 r1 {PIN}\n", id="files out of order"),
        pytest.param(f"2026-0007 r1 {PIN}\n2026-0007 r2 {PIN}\n", id="file twice"),
        pytest.param(f"2026-10000 r1 {PIN}\n2026-9999 r1 {PIN}\n", id="order of numbers"),
    ],
)
def test_no_other_spelling_is_read(text: str) -> None:
    with pytest.raises(BadList):
        read_list(text.encode())


def test_a_bad_line_is_named() -> None:
    with pytest.raises(BadList) as told:
        read_list(f"2026-0007 r1 {PIN}\n2026-0008 r2 r1 {PIN}\n".encode())
    assert told.value.line == 2


def test_a_number_that_begins_like_another_finds_its_own_line() -> None:
    data = write_list([line("2026-0007", 1), line("2026-00071", 2)])
    assert ApprovedList(data).line_of("2026-0007") == line("2026-0007", 1)
    assert ApprovedList(data).line_of("2026-00071") == line("2026-00071", 2)


def test_runs_are_told_as_ranges() -> None:
    assert word_ids(["r17", "r2", "r1", "r3", "r10", "r9"]) == "r1-r3 r9-r10 r17"


def test_a_list_is_thrifty() -> None:
    people = [line(f"2026-{number:04}", *range(1, 31)) for number in range(1, 3001)]
    assert len(write_list(people)) < 300_000


def test_the_pin_follows_every_field_and_the_salt_but_not_the_order() -> None:
    first, other = result("r1", "2026-05-28", 2), result("r2", "2026-05-29", 3)
    whole = pin(b"salt", [first, other])
    assert whole == pin(b"salt", [other, first])
    others = [
        pin(b"other", [first, other]),
        pin(None, [first, other]),
        pin(b"salt", [first]),
        pin(b"salt", [changed(first, mark=3), other]),
        pin(b"salt", [changed(first, mark="2"), other]),
        pin(b"salt", [changed(first, reason="по просьбе"), other]),
        pin(b"salt", [changed(first, id="r3"), other]),
    ]
    assert len({whole, *others}) == len(others) + 1


def test_the_pin_is_of_this_very_text() -> None:
    """Lists lie in archives for decades: a field learnt later must change no pin."""
    rich = result(
        "r2",
        "2026-05-29",
        4.5,
        source=Source(export="2026-1/1", row=1, column=2, raw="4,5"),
        shows=(Shown(outcome="сцена", level="частично"),),
        void=Voided(date=day("2026-09-01"), reason="не тот"),
    )
    said = (
        '{"control":"за период","date":"2026-05-28","enrolment":"e1",'
        '"id":"r1","kind":"учебный","mark":2,"origin":"текущий контроль","part":"техника"}\n'
        '{"control":"за период","date":"2026-05-29","enrolment":"e1",'
        '"id":"r2","kind":"учебный","mark":4.5,"origin":"текущий контроль","part":"техника",'
        '"shows":[{"level":"частично","outcome":"сцена"}],'
        '"source":{"column":2,"import":"2026-1/1","raw":"4,5","row":1},'
        '"void":{"date":"2026-09-01","reason":"не тот"}}'
    )
    expected = hmac.new(b"salt", said.encode(), sha256).hexdigest()
    assert pin(b"salt", [rich, result("r1", "2026-05-28", 2)]) == expected
