"""What becomes of one value that both sides may have changed, and of one line: by cases."""

from __future__ import annotations

from typing import Any

import pytest

from papka.copies.merging import Overlap, merge_lines, merge_values

A, B, C = ({"id": f"n{number}", "text": text} for number, text in enumerate("абв", 1))
CHANGED = {**A, "text": "А"}


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "expected"),
    [
        ({}, {}, {}, {}),
        ({"x": 1}, {"x": 2}, {"x": 1}, {"x": 2}),
        ({"x": 1}, {"x": 1}, {"x": 2}, {"x": 2}),
        ({"x": 1}, {"x": 2}, {"x": 2}, {"x": 2}),
        ({"x": 1, "y": 1}, {"y": 1}, {"x": 1, "y": 2}, {"y": 2}),
        ({"x": 1, "y": 1}, {"x": 1, "y": 2}, {"y": 1}, {"y": 2}),
        ({"x": 1}, {}, {}, {}),
        ({}, {"x": [A]}, {"x": [B]}, {"x": [A, B]}),
        ({"x": [A]}, {"x": [A, B]}, {"x": [A, C]}, {"x": [A, B, C]}),
        ({"x": [A, B]}, {"x": [B]}, {"x": [A, B, C]}, {"x": [B, C]}),
        ({"x": [A, B]}, {"x": [A, B, C]}, {"x": [B]}, {"x": [B, C]}),
        ({"x": [A, B]}, {"x": [CHANGED, B]}, {"x": [A, B, C]}, {"x": [CHANGED, B, C]}),
        ({"x": [A, B]}, {"x": [CHANGED, B]}, {"x": [CHANGED, B, C]}, {"x": [CHANGED, B, C]}),
        ({"x": ["а"]}, {"x": ["а", "б"]}, {"x": ["а", "в"]}, {"x": ["а", "б", "в"]}),
        ({"x": ["а"]}, {"x": ["а", "б"]}, {"x": ["а", "б", "в"]}, {"x": ["а", "б", "в"]}),
        ({"x": [{"text": "а"}]}, {"x": [{"text": "а"}, A]}, {"x": [{"text": "а"}, B]},
         {"x": [{"text": "а"}, A, B]}),
        ({"p": {"at": "з", "x": [A]}}, {"p": {"at": "з", "x": [A, B]}},
         {"p": {"at": "з", "x": [A, C]}}, {"p": {"at": "з", "x": [A, B, C]}}),
        ({"p": {"at": "з"}}, {"p": {"at": "з", "x": [B]}}, {"p": {"at": "з", "x": [C]}},
         {"p": {"at": "з", "x": [B, C]}}),
    ],
)  # fmt: skip
def test_what_only_one_side_changed_or_both_added_is_kept(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any], expected: dict[str, Any]
) -> None:
    merged, overlaps = merge_values(base, theirs, mine)
    assert (merged, overlaps) == (expected, [])
    assert list(merged) == [key for key in [*theirs, *mine] if key in expected][: len(merged)]


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "overlaps"),
    [
        ({"x": 1}, {"x": 2}, {"x": 3}, [Overlap("", "x", 3, 2)]),
        ({}, {"x": 2}, {"x": 3}, [Overlap("", "x", 3, 2)]),
        ({"x": 1}, {}, {"x": 3}, [Overlap("", "x", 3, None)]),
        ({"x": 1}, {"x": 2}, {}, [Overlap("", "x", None, 2)]),
        ({"x": 1, "y": 1}, {"x": 2, "y": 2}, {"x": 3, "y": 3},
         [Overlap("", "x", 3, 2), Overlap("", "y", 3, 2)]),
        ({"x": "а"}, {"x": ["б"]}, {"x": ["в"]}, [Overlap("", "x", ["в"], ["б"])]),
        ({"x": 5}, {"x": ["б"]}, {"x": ["в"]}, [Overlap("", "x", ["в"], ["б"])]),
        ({"x": ["а"]}, {"x": "б"}, {"x": ["а", "в"]}, [Overlap("", "x", ["а", "в"], "б")]),
        ({"x": ["а"]}, {"x": ["а", "б"]}, {"x": "в"}, [Overlap("", "x", "в", ["а", "б"])]),
        ({"x": ["а", "б"]}, {"x": ["б"]}, {"x": ["а", "б", "в"]},
         [Overlap("", "x", ["а", "б", "в"], ["б"])]),
        ({"x": ["а", "б"]}, {"x": ["а", "б", "в"]}, {"x": ["б"]},
         [Overlap("", "x", ["б"], ["а", "б", "в"])]),
        ({"x": [A]}, {"x": [CHANGED]}, {"x": []}, [Overlap("n1", "", None, CHANGED)]),
        ({"x": [A]}, {"x": []}, {"x": [CHANGED]}, [Overlap("n1", "", CHANGED, None)]),
        ({"x": [A]}, {"x": [CHANGED]}, {"x": [{**A, "text": "я", "to": "p1"}]},
         [Overlap("n1", "text", "я", "А"), Overlap("n1", "to", "p1", None)]),
        ({"x": [A]}, {"x": [{"id": "n1", "of": "x"}]}, {"x": [CHANGED]},
         [Overlap("n1", "of", None, "x"), Overlap("n1", "text", "А", None)]),
        # two entries of one id are not told apart by it
        ({"x": [A, A]}, {"x": [CHANGED, A]}, {"x": [A, A, B]},
         [Overlap("", "x", [A, A, B], [CHANGED, A])]),
        ({"p": {"at": "з"}}, {"p": {"at": "и"}}, {"p": {"at": "й"}},
         [Overlap("", "p", {"at": "й"}, {"at": "и"})]),
        ({"p": {"at": "з"}}, {"p": {"at": "и"}}, {"p": {"at": "з", "x": [B]}},
         [Overlap("", "p", {"at": "з", "x": [B]}, {"at": "и"})]),
        ({"p": {"x": [A]}}, {"p": {"x": [CHANGED]}}, {"p": {"x": []}},
         [Overlap("n1", "", None, CHANGED)]),
        ({}, {"p": {"x": [A]}}, {"p": {"x": [B]}},
         [Overlap("", "p", {"x": [B]}, {"x": [A]})]),
    ],
)  # fmt: skip
def test_what_both_changed_otherwise_is_told_and_theirs_stands(
    base: dict[str, Any],
    theirs: dict[str, Any],
    mine: dict[str, Any],
    overlaps: list[Overlap],
) -> None:
    assert merge_values(base, theirs, mine) == (theirs, overlaps)


OLD = b"a\nb\nc\nd\n"


@pytest.mark.parametrize(
    ("theirs", "mine", "expected"),
    [
        (b"A\nb\nc\nd\n", b"a\nb\nc\nD\n", b"A\nb\nc\nD\n"),
        (b"a\nb\nc\nD\n", b"A\nb\nc\nd\n", b"A\nb\nc\nD\n"),
        # changes of neighbours touch and do not overlap, on whichever side either is
        (b"a\nB\nc\nd\n", b"a\nb\nC\nd\n", b"a\nB\nC\nd\n"),
        (b"a\nb\nC\nd\n", b"a\nB\nc\nd\n", b"a\nB\nC\nd\n"),
        # two changes of one side around one of the other
        (b"A\nb\nc\nD\n", b"a\nB\nc\nd\n", b"A\nB\nc\nD\n"),
        # the same change of both is made once, others beside it are kept
        (b"A\nb\nc\nD\n", b"A\nb\nc\nd\n", b"A\nb\nc\nD\n"),
        (b"A\nb\nc\nd\n", b"A\nb\nC\nd\n", b"A\nb\nC\nd\n"),
        # new lines of both at one place: theirs first
        (OLD + b"e\n", OLD + b"f\n", OLD + b"e\nf\n"),
        (b"e\n" + OLD, b"f\n" + OLD, b"e\nf\n" + OLD),
        # a new line before one that the other changed, or took away
        (b"a\nx\nb\nc\nd\n", b"a\nB\nc\nd\n", b"a\nx\nB\nc\nd\n"),
        (b"a\nc\nd\n", b"a\nx\nb\nc\nd\n", b"a\nx\nc\nd\n"),
        (b"a\nd\n", b"a\nb\nc\nd\ne\n", b"a\nd\ne\n"),
        # both touched a line otherwise
        (b"A\nb\nc\nd\n", b"Z\nb\nc\nd\n", None),
        (b"a\nd\n", b"a\nB\nc\nd\n", None),
        (b"a\nb\nC\nd\n", b"a\nd\n", None),
        (b"a\nd\n", b"a\nb\nx\nc\nd\n", None),
        (b"", b"a\nb\nc\nD\n", None),
    ],
)
def test_lines_of_both(theirs: bytes, mine: bytes, expected: bytes | None) -> None:
    assert merge_lines(OLD, theirs, mine) == expected


def test_a_long_list_of_lines_that_are_alike_is_merged_like_a_short_one() -> None:
    base = [b"- x\n", b"  y\n", b"  z\n"] * 100
    first, last, middle = (0, b"A\n"), (299, b"Z\n"), (150, b"M\n")

    def with_lines(*changed: tuple[int, bytes]) -> bytes:
        lines = dict(changed)
        return b"".join(lines.get(at, line) for at, line in enumerate(base))

    merged = merge_lines(b"".join(base), with_lines(first, last), with_lines(middle))
    assert merged == with_lines(first, middle, last)
