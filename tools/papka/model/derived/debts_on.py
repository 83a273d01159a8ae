"""Academic debts as they stood on a date: open, overdue or passed (R-2.2.6).

Invariants: only results up to that date count; a debt without a re-sit date is never overdue; no
mark at all is no debt. A re-sit that fails too is the same debt, with its own re-sit date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from papka.model.archive import Archive
from papka.model.derived.chains import resits, true_results
from papka.model.derived.debts import is_debt
from papka.model.results import Result
from papka.model.student import Student

DebtState = Literal["открыта", "просрочена", "погашена"]


@dataclass(frozen=True, slots=True)
class DebtOn:
    """`first` is the failure the debt began with, `last` its newest attempt by the date."""

    period: str
    first: Result
    last: Result
    state: DebtState


def debts_on(archive: Archive, student: Student, on: dt.date) -> Iterator[DebtOn]:
    """Every debt known on a date, passed ones included, by period."""
    for period in sorted(student.periods):
        known = tuple(result for result in student.periods[period] if result.date <= on)
        later = resits(known)
        follow = {id(result) for result in later.values()}
        for result in true_results(known):
            if id(result) not in follow:
                yield from _chain(archive, student, period, _attempts(result, later), on)


def outstanding(archive: Archive, student: Student, on: dt.date) -> Iterator[DebtOn]:
    """The debts not passed by a date."""
    return (debt for debt in debts_on(archive, student, on) if debt.state != "погашена")


def _attempts(first: Result, later: Mapping[str, Result]) -> list[Result]:
    attempts = [first]
    while (following := later.get(attempts[-1].id or "")) and following not in attempts:
        attempts.append(following)
    return attempts


def _chain(
    archive: Archive, student: Student, period: str, attempts: list[Result], on: dt.date
) -> Iterator[DebtOn]:
    failed = [attempt for attempt in attempts if is_debt(archive, student, attempt)]
    if not failed:
        return
    last = attempts[-1]
    state: DebtState = "погашена"
    if last is failed[-1]:
        state = "просрочена" if last.resit_by is not None and last.resit_by < on else "открыта"
    yield DebtOn(period, failed[0], last, state)
