"""The last seal there was on a day, as far as the calendar asks.

Absent on purpose: whether it is sound. That is `verify`'s question; a seal that cannot be read is
none here, so that its lack is told.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from papka.core.errors import NotFound
from papka.core.layout import RECORDS
from papka.core.seals import TEXT, seal_file
from papka.gates.git import reading
from papka.gates.git.commit_tree import CommitTree
from papka.integrity.seals import BadSeal, SealText, read_seal
from papka.tasks.sealing.seal import last_seal
from papka.views.deadlines import SealSeen

_APPROVALS = f"{RECORDS}/approvals"


def seal_on(root: Path, on: dt.date) -> SealSeen | None:
    """By the date in the seal's own text; None before the first."""
    head = reading.head(root)
    if head is None:
        return None
    tree = CommitTree(root, head)
    for number in range(last_seal(tree), 0, -1):
        text = _text(tree, number)
        if text is None or text.date > on:
            continue
        try:
            names = CommitTree(root, text.head).names(_APPROVALS)
        except NotFound:
            continue
        closed = frozenset(name.removesuffix(".yaml") for name in names)
        return SealSeen(text.period, text.date, closed)
    return None


def _text(tree: CommitTree, number: int) -> SealText | None:
    try:
        return read_seal(tree.read(seal_file(number, TEXT)))
    except (BadSeal, KeyError):
        return None
