"""results/<period>.yaml: what was reached, one study period a file (R-4.4, R-4.5).

A result belongs to the period in which the work was due. A correction (`replaces`) says the
entry was untrue; a re-sit (`resits`) says it was true and is better now; both leave it readable.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from papka.model.record import Entry, Record

Mark = int | float | str
"""A mark of the part's declared scale: a number or a word, never converted."""


class Source(Record, frozen=True, kw_only=True, rename={"export": "import"}):
    """The platform cell a result was taken from; `raw` is its text unchanged (R-6.2).

    `by_hand` says who set it there past the platform's own counting, and why (R-4.6).
    """

    export: str
    row: int
    column: int
    raw: str
    by_hand: str | None = None


class Shown(Record, frozen=True, kw_only=True):
    """A planned result and whether it showed (R-2.2.5)."""

    outcome: str
    level: Literal["да", "частично", "нет"]


class Result(Entry, frozen=True, kw_only=True):
    """One result. A narrative one (личностный) has `text`, never a mark (R-4.1)."""

    enrolment: str
    kind: Literal["учебный", "внеурочный", "личностный"]
    origin: Literal["текущий контроль", "внеурочный план", "мероприятие", "независимая оценка"]
    date: dt.date
    part: str | None = None
    control: Literal["текущий", "за период", "итоговый"] | None = None
    event: str | None = None
    mark: Mark | None = None
    assessed_by: str | None = None
    author: Literal["обучающийся"] | None = None
    text: str | None = None
    shows: tuple[Shown, ...] = ()
    resit_by: dt.date | None = None
    resits: str | None = None
    replaces: str | None = None
    reason: str | None = None
    source: Source | None = None


class PeriodResults(Record, frozen=True, kw_only=True):
    period: str
    results: tuple[Result, ...]
