"""The volumes that stand on the shelf: a file bound anew begins again with volume 1 (R-6.5)."""

from __future__ import annotations

import datetime as dt

import pytest

from papka.records.student import Paper, Volume


def volume(number: int, month: int) -> Volume:
    return Volume(volume=number, bound=dt.date(2026, month, 1), sheets=9, signed_by="s001")


@pytest.mark.parametrize(
    ("recorded", "standing"),
    [
        ((), []),
        (((1, 1),), [(1, 1)]),
        (((1, 1), (2, 1), (3, 4)), [(1, 1), (2, 1), (3, 4)]),
        (((2, 5), (1, 1)), [(1, 1), (2, 5)]),
        (((1, 1), (2, 2), (1, 5)), [(1, 5)]),
        (((1, 1), (2, 1), (1, 1)), [(1, 1)]),
        (((1, 1), (1, 5), (2, 5), (1, 7), (2, 7), (3, 8)), [(1, 7), (2, 7), (3, 8)]),
    ],
    ids=["none", "one", "several", "unsorted", "anew-with-fewer", "the-same-day", "twice-anew"],
)
def test_the_last_binding_stands(
    recorded: tuple[tuple[int, int], ...], standing: list[tuple[int, int]]
) -> None:
    paper = Paper(place="Шкаф 1", volumes=tuple(volume(*each) for each in recorded))
    assert [(each.volume, each.bound.month) for each in paper.shelf] == standing
