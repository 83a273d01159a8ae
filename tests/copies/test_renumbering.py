"""Which keys name an entry of the same folder is known from the schemas alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from papka.copies.merging import REFERENCES, assign_free_ids, renumber
from papka.core.places import SCHEMA_OF
from papka.records.documents import read
from tests.support.archives import PROJECT, files_below

_LETTERS = "acdeghklnprs"
_PERSONAL = ("student", "enrolments", "results", "credits", "awards", "consents", "documents")
_MORE = ("notices", "diagnostics", "needs")
CARD = "records/students/2026/2026-0007/results/2026-1.yaml"


def schemas() -> dict[str, Any]:
    return {path: json.loads(data) for path, data in files_below(PROJECT / "schema").items()}


def references(
    node: Any,  # noqa: ANN401 - a schema is any JSON
    key: str = "",
) -> Iterator[tuple[str, str]]:
    """Every (key, letter) at which a schema demands an entry's id."""
    if isinstance(node, dict):
        pattern = node.get("pattern", "")
        for letter in _LETTERS:
            if pattern and re.search(pattern, f"{letter}12") and not re.search(pattern, "z12"):
                yield key, letter
        if node.get("$ref") == "common.json#/$defs/signer":
            yield key, "p"
        for name, below in node.items():
            inner = below if name == "properties" else {name: below}
            for field, part in inner.items():
                at = field if name == "properties" else key
                yield from references(part, at)
    elif isinstance(node, list):
        for item in node:
            yield from references(item, key)


def test_every_key_that_names_an_entry_is_known() -> None:
    found = schemas()
    for name in (*_PERSONAL, *_MORE):
        for key, letter in references(found[f"{name}.json"]):
            assert letter in REFERENCES.get(key, ""), f"{name}: {key} names {letter}…"


def test_no_key_is_said_to_name_what_no_schema_lets_it_name() -> None:
    found = schemas()
    names = (*_PERSONAL, *_MORE, "register")
    named = {pair for name in names for pair in references(found[f"{name}.json"])}
    for key, letters in REFERENCES.items():
        assert [*letters] == sorted(letter for known, letter in named if known == key), key


def test_all_schemas_of_a_personal_file_are_asked() -> None:
    kinds = {"student", "enrolments", "results", "credits", "awards", "consents", "documents"}
    assert kinds <= set(SCHEMA_OF) & set(_PERSONAL)


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


@pytest.mark.parametrize(("key", "letters"), REFERENCES.items())
def test_each_key_names_the_letters_it_may_and_no_others(key: str, letters: str) -> None:
    for letter in _LETTERS:
        text = f"results:\n  - {key}: {letter}4\n"
        expected = text.replace("4", "41") if letter in letters else text
        ids = {"2026-0007": {f"{letter}4": f"{letter}41"}}
        assert renumber(CARD, text.encode(), ids) == expected.encode()


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
