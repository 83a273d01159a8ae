"""Three versions of a text merged line by line.

Invariants: both sides' new lines at one place are both kept, theirs first; lines that both touched
otherwise make the merge fail (None). Absent on purpose: understanding; the caller reads the result
back and compares it with what it means.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple


class _Hunk(NamedTuple):
    """Lines `start` to `end` of the earlier version give way to `lines`."""

    start: int
    end: int
    lines: list[bytes]


def merge_lines(base: bytes, theirs: bytes, mine: bytes) -> bytes | None:
    """`base` with both sides' changes; None when they overlap."""
    old = base.splitlines(keepends=True)
    left, right = _hunks(old, theirs), _hunks(old, mine)
    if any(_overlap(one, other) for one in left for other in right):
        return None
    # A stable sort: at one place theirs come first; what stands before a line goes before it.
    hunks = sorted([*left, *(h for h in right if h not in left)], key=lambda h: (h.start, h.end))
    result: list[bytes] = []
    at = 0
    for hunk in hunks:
        result += old[at : hunk.start] + hunk.lines
        at = hunk.end
    return b"".join(result + old[at:])


def _hunks(old: list[bytes], changed: bytes) -> list[_Hunk]:
    new = changed.splitlines(keepends=True)
    same = _common(old, new)
    tail = _common(old[same:][::-1], new[same:][::-1])
    middle, other = old[same : len(old) - tail], new[same : len(new) - tail]
    found = SequenceMatcher(None, middle, other, autojunk=False).get_opcodes()
    return [
        _Hunk(same + start, same + end, other[first:last])
        for kind, start, end, first, last in found
        if kind != "equal"
    ]


def _common(one: list[bytes], other: list[bytes]) -> int:
    """How many first lines are the same."""
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return index
    return min(len(one), len(other))


def _overlap(one: _Hunk, other: _Hunk) -> bool:
    if one == other:
        return False
    return one.start < other.end and other.start < one.end
