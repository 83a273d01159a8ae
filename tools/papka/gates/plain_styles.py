"""WeasyPrint's own style sheet without what no form uses.

It styles six pseudo-elements of notes for every element of a page, used or not: a tenth of all the
work of laying out. Invariant: its sheet is copied, never changed. Absent on purpose: the library,
whose sheets are taken as they come.
"""

from __future__ import annotations

from copy import copy
from functools import cache
from typing import Any

_NOTES = frozenset(
    ("footnote-call", "footnote-marker", "note-call", "note-marker", "note-callback")
)


@cache
def without_notes(sheet: Any) -> Any:  # noqa: ANN401 - a style sheet of an untyped library
    """The sheet with no rule for footnotes and notes."""
    lighter, matcher = copy(sheet), copy(sheet.matcher)
    matcher.other_selectors = [
        selector for selector in matcher.other_selectors if selector[3] not in _NOTES
    ]
    lighter.matcher = matcher
    return lighter
