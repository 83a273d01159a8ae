"""What people make of the numbers on paper when they type them."""

from __future__ import annotations

import pytest

from papka.core.errors import Refused
from papka.proof.anchors import Anchors, read_anchor

SEAL = "e7d2dd6e 12a0b3c4 5f60718a 9bacbdce df102132 43546576 8798a9ba cbdcedfe"
KEY = "SHA256:uLqcSCgYJa3Z6ae72/PCUZU3nrvDR9inmQjTY/QM2co"
ROOT = "7db65703e9c8aa5d7f1f3c1b9e5d0d7a4c2b1a09"


@pytest.mark.parametrize(
    "typed", [SEAL, SEAL.upper(), SEAL.replace(" ", "-"), SEAL.replace(" ", "\n"), f" ={SEAL}: "]
)
def test_seal_however_it_is_spaced(typed: str) -> None:
    assert read_anchor(typed) == Anchors(seals=frozenset({SEAL.replace(" ", "")}))


@pytest.mark.parametrize(
    "typed", [KEY, f" {KEY}\n", KEY.replace("SHA", "sha"), "SHA256: uLqc " + KEY[11:]]
)
def test_key_however_it_is_spaced(typed: str) -> None:
    assert read_anchor(typed) == Anchors(keys=frozenset({KEY}))


def test_first_commit() -> None:
    assert read_anchor(ROOT.upper()) == Anchors(roots=frozenset({ROOT}))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (SEAL.replace("a", "а"), "«а» набрана не латинской"),
        (SEAL.replace("e", "Е"), "«е» набрана не латинской"),
        (KEY.replace("c", "с"), "«с» набрана не латинской"),
        (KEY.replace("H", "Н"), "«н» набрана не латинской"),
        (KEY[:-1] + "*", "знака «*» в нём не бывает"),
        (KEY[:-1], "43 знака, а здесь 42"),
        (KEY[7:], "а здесь «/»"),
        (SEAL[:-1], "знаков 63, а в контрольной сумме пломбы их 64"),
        (SEAL.replace("e", "g"), "а здесь «g»"),
        ("", "знаков 0"),
    ],
)
def test_slip_of_the_hand_is_named(typed: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        read_anchor(typed)
    assert told in refused.value.message
