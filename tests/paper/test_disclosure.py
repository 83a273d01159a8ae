"""What a published count may say."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.paper.forms.self_examination import HIDDEN, SMALLEST, divided, published, share


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1, "*"), (4, "*"), (5, "5")])
def test_a_count_from_one_to_four_is_not_published(count: int, shown: str) -> None:
    assert published(count) == shown


def test_what_subtraction_would_tell_is_hidden_too() -> None:
    assert divided(16, (7, 7, 2)) == ("*", "7", "*")
    assert divided(16, (0, 14, 2)) == ("0", "*", "*")
    assert divided(16, (8, 8)) == ("8", "8")
    assert divided(30, (10, 16, 2, 2)) == ("*", "16", "*", "*")


def test_a_small_total_hides_all_its_parts() -> None:
    assert divided(3, (0, 3)) == ("0", "*")


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_a_reader_who_knows_the_total_finds_no_small_count(counts: list[int]) -> None:
    """Every hidden number could have been another, as far as the printed ones tell."""
    total = sum(counts)
    shown = divided(total, counts)
    assert not any(text.isdecimal() and 0 < int(text) < SMALLEST for text in shown)
    if 0 < total < SMALLEST:
        return
    hidden = [n for n, text in enumerate(shown) if text == HIDDEN]
    rest = sum(counts[n] for n in hidden)
    possible = [p for p in product(range(1, rest + 1), repeat=len(hidden)) if sum(p) == rest]
    for place in range(len(hidden)):
        assert len({p[place] for p in possible}) > 1


def test_a_share_of_a_hidden_count_is_hidden() -> None:
    assert share("*", 2, 16) == "*"
    assert share("9", 9, 16) == "56,3\u00a0%"  # a half is rounded up, as at school
    assert share("5", 5, 16) == "31,3\u00a0%"
    assert share("16", 16, 16) == "100,0\u00a0%"
    assert share("0", 0, 3) == ""
