"""enrolments.yaml, credits.yaml: what the student studies and what was credited
(R-2.2.1, R-2.2.9)."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from papka.model.record import Entry, Record


class Ended(Record, frozen=True, kw_only=True):
    """How an enrolment ended: what was true until that day."""

    date: dt.date
    reason: Literal["завершение", "отчисление", "перевод"]
    order: str | None = None
    moved_to: str | None = None


class Enrolment(Entry, frozen=True, kw_only=True):
    """A programme taken, in the edition fixed on that day; the contract is the legal basis of
    everything recorded under it (R-3.1)."""

    program: str
    edition: int
    start: dt.date
    planned_end: dt.date | None = None
    group: str | None = None
    form: str | None = None
    contract: str | None = None
    order: str | None = None
    individual_parts: tuple[str, ...] = ()
    continues: str | None = None
    ended: Ended | None = None


class CreditItem(Record, frozen=True, kw_only=True):
    """One subject compared: theirs as written there, ours by decision."""

    their_subject: str
    their_result: str
    decision: Literal["зачесть", "зачесть частично", "отказать"]
    reason: str
    their_hours: int | None = None
    part: str | None = None
    hours: int | None = None
    mark: int | float | str | None = None


class Credit(Entry, frozen=True, kw_only=True):
    """Results of another organisation credited by order."""

    enrolment: str
    applied: dt.date
    organisation: str
    document: str
    items: tuple[CreditItem, ...]
    decided: dt.date | None = None
    order: str | None = None


class Enrolments(Record, frozen=True, kw_only=True):
    enrolments: tuple[Enrolment, ...]


class Credits(Record, frozen=True, kw_only=True):
    credits: tuple[Credit, ...]
