"""Which results count: the last of a chain of corrections and re-sits (R-2.2.6).

Chains are written as an entry a word: `r1`, `r2=r1` (r2 replaces r1), `r3>r2` (r3 re-sits r2).
"""

from __future__ import annotations

import re

import pytest

from papka.records.derived.result_facts import (
    corrections,
    counting_results,
    holding_id,
    resits,
    valid_results,
)
from papka.records.student import Result
from tests.support.derived import result

CASES = {
    "one": ("r1", "r1", "r1"),
    "two that have nothing to do with each other": ("r2 r1", "r2 r1", "r2 r1"),
    "corrected": ("r1 r2=r1", "r2", "r2"),
    "corrected twice": ("r1 r2=r1 r3=r2", "r3", "r3"),
    "re-sat": ("r1 r2>r1", "r1 r2", "r2"),
    "re-sat twice": ("r1 r2>r1 r3>r2", "r1 r2 r3", "r3"),
    "written before what it re-sits": ("r2>r1 r1", "r2 r1", "r2"),
    "the re-sit was untrue": ("r1 r2>r1 r3=r2", "r1 r3", "r1 r3"),
    "the re-sit was corrected": ("r1 r2>r1 r3=r2>r1", "r1 r3", "r3"),
    "corrected, then re-sat": ("r1 r2=r1 r3>r2", "r2 r3", "r3"),
    "re-sat, then corrected": ("r1 r2>r1 r3=r1", "r2 r3", "r2"),
    "re-sat, then corrected twice": ("r1 r2>r1 r3=r1 r4=r3", "r2 r4", "r2"),
    "a correction of nothing": ("r1 r2=r9", "r1 r2", "r1 r2"),
    "a re-sit of nothing": ("r1 r2>r9", "r1 r2", "r1 r2"),
    "a circle of corrections": ("r1=r2 r2=r1", "", ""),
    "a re-sit of a circle": ("r1=r2 r2=r1 r3>r1", "r3", "r3"),
    "a circle of re-sits": ("r1>r2 r2>r1", "r1 r2", ""),
}


def chain(written: str) -> list[Result]:
    found = []
    for word in written.split():
        id_, replaces, again = re.fullmatch(r"(\w+)(?:=(\w+))?(?:>(\w+))?", word).groups()  # type: ignore[union-attr] # written above
        found.append(result(id_, "2026-05-28", 4, replaces=replaces, resits=again))
    return found


@pytest.mark.parametrize("case", CASES)
def test_what_is_true_and_what_counts(case: str) -> None:
    written, true, counts = CASES[case]
    assert [each.id for each in valid_results(chain(written))] == true.split()
    assert [each.id for each in counting_results(chain(written))] == counts.split()


def test_a_resit_of_a_corrected_result_belongs_to_the_correction() -> None:
    found = chain("r1 r2>r1 r3=r1 r4>r3")
    assert corrections(found) == {"r1": found[2]}
    assert resits(found) == {"r3": found[3]}
    assert resits(found[:3]) == {"r3": found[1]}


@pytest.mark.parametrize(
    ("written", "asked", "holds"),
    [
        ("r1", "r1", "r1"),
        ("r1 r2=r1", "r1", "r2"),
        ("r1 r2=r1", "r2", "r2"),
        ("r1 r2=r1 r3=r2", "r1", "r3"),
        ("r1=r2 r2=r1", "r1", "r1"),
        ("r1", "r9", "r9"),
    ],
)
def test_an_id_stands_for_its_last_correction(written: str, asked: str, holds: str) -> None:
    assert holding_id(asked, corrections(chain(written))) == holds


def test_a_correction_without_an_id_yet_leaves_the_id_as_it_was() -> None:
    draft = result("", "2026-05-28", 4, replaces="r1")
    assert holding_id("r1", {"r1": draft}) == "r1"
