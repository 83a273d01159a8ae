"""Marks written beside the points of a chart never cover one another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from papka.paper.chart import label_heights

POINTS = st.lists(
    st.tuples(st.floats(100, 440), st.floats(16, 76)), min_size=1, max_size=12, unique=True
).map(sorted)


@given(POINTS, st.floats(16, 76))
def test_no_label_covers_another(points: list[tuple[float, float]], passing: float) -> None:
    heights = label_heights(points, ["100"] * len(points), passing)
    shown = [(x, y) for (x, _), y in zip(points, heights, strict=True) if y is not None]
    for index, (x, y) in enumerate(shown):
        for other_x, other_y in shown[index + 1 :]:
            assert abs(other_x - x) > 19 or abs(other_y - y) > 9.9


def test_a_low_mark_beside_a_high_one_is_written_below() -> None:
    """As 52 and 64 of a hundred twelve days apart: the label of the first one stays whole."""
    low, high = label_heights([(104, 45), (118, 38)], ["52", "64"], 40)
    assert low is not None
    assert low > 45
    assert high is not None
    assert high < 38
