"""What must be counted over the whole school: made apart, kept until a file of the records differs.

Such a page takes seconds where thousands study. The work is done in a process of its own, so that
its memory goes with it and other pages are answered meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from papka.core.places import RECORDS
from papka.paper.limited_process import Limits, run_afresh
from papka.web.background import Turn
from papka.web.face import Face

R = TypeVar("R")
_LIMITS = Limits(seconds=900.0, memory=6 << 30)
_KEPT = 12
"""Answers kept: words and figures alone, never records."""


class CountedPages:
    """Answers by what was asked; one of them is worked out at a time."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._lock = Turn()
        self._kept: OrderedDict[tuple[str, ...], tuple[int, Any]] = OrderedDict()

    def get(self, work: Callable[[], R], *asked: str) -> R:
        """Return what `work` returns, from memory when nothing has changed since; `asked` names
        it. Raises what it raises."""
        key = (*asked, self._face.today.isoformat())
        with self._lock:
            stamp = self._face.stamp(RECORDS, "schema")
            known = self._kept.get(key)
            if known is None or known[0] != stamp:
                known = (stamp, run_afresh(work, _LIMITS))
                self._kept[key] = known
                self._kept.move_to_end(key)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            answer: R = known[1]
            return answer
