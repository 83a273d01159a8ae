"""Which keys name an entry of the same folder is known from the schemas alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from papka.copies.merging import assign_free_ids, renumber
from papka.copies.order_numbers import NewNumber, find_new_numbers
from papka.copies.syncing import Synced, _add_try
from papka.core.kinds import LETTER_OF, LETTERS, RESTRICTED_KINDS
from papka.core.places import student_file, student_kinds
from papka.core.snapshot import DictSnapshot
from papka.records.editing import write_file
from papka.records.schemas import SchemaSet, shipped
from papka.records.strict_yaml import read
from papka.repository.handle import Remote
from tests.support.archives import PROJECT, files_below, snapshot

_LETTERS = tuple(sorted(LETTERS.values()))
_PERSONAL = tuple(kind for kind in student_kinds() if kind not in RESTRICTED_KINDS)
CARD = "records/students/2026/2026-0007/results/2026-1.yaml"
NAMED = {
    (kind, way): "".join(LETTER_OF[each] for each in targets if each in LETTER_OF)
    for kind in (*student_kinds(), "register")
    for way, targets in shipped().references(kind).items()
    if not LETTER_OF.keys().isdisjoint(targets)
}
"""Where a field names an entry, and the letters of ids that may stand there."""


def demanded(kind: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every (way, letter) at which a schema demands an entry's id."""
    for way, about in shipped().ways(kind).items():
        for schema in about:
            pattern = schema.get("pattern", "")
            for letter in _LETTERS:
                if pattern and re.search(pattern, f"{letter}12") and not re.search(pattern, "z12"):
                    yield way, letter


@pytest.mark.parametrize("kind", [*_PERSONAL, "register"])
def test_every_field_that_holds_an_entrys_id_says_so(kind: str) -> None:
    """In a restricted archive an enrolment is named as well, but it lies in the main one."""
    named = {(way, letter) for way, letter in demanded(kind) if way[-1] != "id"}
    assert named == {(way, one) for (of, way), all_ in NAMED.items() if of == kind for one in all_}


def test_new_ids_follow_all_that_either_side_has() -> None:
    assert assign_free_ids(["r1", "r9", "d2"], ["r1", "r5", "d2"], ["r5", "d2"]) == {
        "r5": "r10",
        "d2": "d3",
    }


TEXT = """# моё
results:
  - id: r4   # тут
    enrolment: e1
    part: r4
    text: r4
  - id: r40
    replaces: "r4"
"""


def test_ids_and_references_change_and_nothing_else_does() -> None:
    data = renumber(CARD, TEXT.encode(), {"2026-0007": {"r4": "r41"}}).decode()
    assert data == TEXT.replace("id: r4 ", "id: r41 ").replace('replaces: "r4"', "replaces: r41")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("students:\n  - 2026-0007#r4\n", "students:\n  - 2026-0007#r41\n"),
        ("students:\n  - 2026-0007#r40\n", "students:\n  - 2026-0007#r40\n"),
        ("students:\n  - 2026-0008#r4\n", "students:\n  - 2026-0008#r4\n"),
        ("document: r4\n", "document: r4\n"),
    ],
)
def test_addresses_elsewhere_follow(text: str, expected: str) -> None:
    path = "records/orders/2026/0001.yaml"
    assert renumber(path, text.encode(), {"2026-0007": {"r4": "r41"}}).decode() == expected
    assert read(expected.encode(), path).findings == ()


def test_new_ids_keep_the_order_of_their_numbers_not_of_their_digits() -> None:
    assert assign_free_ids(["n2", "r9", "r10"], ["r9", "r10", "n2"], ["r10", "n2", "r9"]) == {
        "n2": "n3",
        "r9": "r11",
        "r10": "r12",
    }


def nested(way: tuple[str, ...], text: str) -> Any:  # noqa: ANN401 - a YAML value
    """A value in which the text stands at the way and nothing else does."""
    if not way:
        return text
    inner = nested(way[1:], text)
    return [inner] if way[0] == "*" else {way[0]: inner}


@pytest.mark.parametrize(("named", "letters"), NAMED.items(), ids=str)
def test_each_field_names_the_letters_it_may_and_no_others(
    named: tuple[str, tuple[str, ...]], letters: str
) -> None:
    kind, way = named
    path = REGISTER if kind == "register" else student_file("2026-0007", kind, "2026-1")
    for letter in _LETTERS:
        value = nested(way, f"{letter}4")
        if kind == "register":
            value["student"] = "2026-0007"
        text = write_file(value)
        expected = text.replace(f"{letter}4", f"{letter}41") if letter in letters else text
        ids = {"2026-0007": {f"{letter}4": f"{letter}41"}}
        assert renumber(path, text.encode(), ids) == expected.encode()


def test_a_field_that_a_schools_own_schema_calls_a_reference_follows() -> None:
    files = files_below(PROJECT / "schema", "schema/")
    schema = json.loads(files["schema/awards.json"])
    schema["$defs"]["award"]["properties"]["after"] = {"x-refers-to": ["results", "documents"]}
    files["schema/awards.json"] = json.dumps(schema).encode()
    text = "awards:\n  - id: a1\n    after: {}\n    text: {}\n"
    path, ids = student_file("2026-0007", "awards"), {"2026-0007": {"r4": "r41"}}
    data = renumber(path, text.format("r4", "r4").encode(), ids, SchemaSet.load(snapshot(files)))
    assert data.decode() == text.format("r41", "r4")
    assert renumber(path, text.format("r4", "r4").encode(), ids).decode() == text.format("r4", "r4")


def test_an_id_moves_to_the_place_of_another_that_moves_on() -> None:
    ids = {"2026-0007": {"r4": "r5", "r5": "r10", "r10": "r11"}}
    text = "students:\n  - 2026-0007#r4\n  - 2026-0007#r5\n  - 2026-0007#r10\n"
    expected = "students:\n  - 2026-0007#r5\n  - 2026-0007#r10\n  - 2026-0007#r11\n"
    path = "records/orders/2026/0001.yaml"
    assert renumber(path, text.encode(), ids) == expected.encode()
    own = "results:\n  - id: r4\n  - id: r5\n    replaces: r4\n"
    moved = "results:\n  - id: r5\n  - id: r10\n    replaces: r5\n"
    assert renumber(CARD, own.encode(), ids) == moved.encode()


@pytest.mark.parametrize(
    "path",
    [
        CARD.replace(".yaml", ".pdf"),
        CARD.replace("0007", "0008"),
        "records/orders/2026/0001.yaml",
        "records/strange.yaml",
    ],
)
def test_what_is_not_of_the_students_own_records_keeps_its_ids(path: str) -> None:
    data = b"results:\n  - id: r4\n"
    assert renumber(path, data, {"2026-0007": {"r4": "r41"}}) == data


def test_a_file_that_is_no_record_keeps_even_addresses() -> None:
    data = b"2026-0007#r4"
    assert renumber("records/orders/2026/0001.pdf", data, {"2026-0007": {"r4": "r41"}}) == data


def test_several_people_at_once() -> None:
    text = "students:\n  - 2026-0007#r4\n  - 2026-0008#r4\n  - 2026-0009#r4\n"
    ids = {"2026-0007": {"r4": "r41"}, "2026-0008": {"r4": "r5"}}
    expected = text.replace("7#r4", "7#r41").replace("8#r4", "8#r5")
    assert renumber("records/orders/2026/0001.yaml", text.encode(), ids) == expected.encode()


REGISTER = "records/registers/issued/2026/progress-0001.yaml"


@pytest.mark.parametrize(
    ("student", "to", "expected"),
    [
        ("2026-0007#e1", "p2", ("2026-0007#e4", "p3")),
        ("2026-0007", "p2", ("2026-0007", "p3")),
        ("2026-0008#e1", "p2", ("2026-0008#e1", "p2")),
        ("2026-0007#e9", "обучающийся", ("2026-0007#e9", "обучающийся")),
    ],
)
def test_whom_a_document_was_handed_to_follows(
    student: str, to: str, expected: tuple[str, str]
) -> None:
    """Or the book would name another representative, who was saved meanwhile under the old id."""
    ids = {"2026-0007": {"p2": "p3", "e1": "e4"}}
    text = "student: {}\nhanded:\n  to: {}\n"
    data = renumber(REGISTER, text.format(student, to).encode(), ids)
    assert data == text.format(*expected).encode()


@pytest.mark.parametrize("text", ["handed:\n  to: p2\n", "- to: p2\n", "to: [\n", ""])
def test_an_entry_of_a_register_that_names_no_student_stays(text: str) -> None:
    ids = {"2026-0007": {"p2": "p3"}}
    assert renumber(REGISTER, text.encode(), ids) == text.encode()


@pytest.mark.parametrize(
    ("theirs", "mine", "now"),
    [
        ("2-к", "2-к", "3-к"),
        ("2-К", "2-к", "3-к"),
        ("2—к", "2-к", "3-к"),
        ("2-лс", "2-к", "2-к"),
        ("2", "2", "3"),
    ],
)
def test_a_number_on_paper_is_taken_however_it_is_spelt(theirs: str, mine: str, now: str) -> None:
    base = DictSnapshot({})
    there = DictSnapshot({"records/orders/2026/0001.yaml": f"number: {theirs}\n".encode()})
    own = {"records/orders/2026/0002.yaml": f"number: {mine}\n".encode()}
    found = find_new_numbers(base, there, own)
    expected = {"2026/0002": NewNumber("2026/0002", mine, now)} if now != mine else {}
    assert found == expected


def test_an_unsent_order_does_not_get_the_number_of_a_destroyed_one() -> None:
    act = {
        "records/acts/1/act.yaml": b"date: 2026-12-01\nwhat:\n  - path: records/orders/2026/0004\n"
    }
    own = {"records/orders/2026/0004.yaml": b"number: 4-k\n"}
    found = find_new_numbers(DictSnapshot({}), DictSnapshot(act), own)
    assert found == {"2026/0004": NewNumber("2026/0005", "4-k", "4-k")}


def test_orders_renumbered_in_an_earlier_try_are_told_too() -> None:
    primary = Remote("m1", "/m1", "RU", primary=True)
    first = Synced("diverged", primary, orders={"2026/0002": NewNumber("2026/0004", "2-к", "4-к")})
    then = Synced("diverged", primary, orders={"2026/0004": NewNumber("2026/0005", "4-к", "5-к")})
    assert _add_try(first, then).orders == {**first.orders, **then.orders}
