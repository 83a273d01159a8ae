"""The state of the archive that a paper shows, and what every paper says of it.

Invariants: two times, never mixed: `as_of` is when the facts were known (`--rev`: the commit's
moment), `on` is the day on which they are valid (`--on`). Absent on purpose: the clock.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.views.wording import day

DRAFT = "ЧЕРНОВИК"


@dataclass(frozen=True, slots=True)
class State:
    """`commit` is None while the records are not saved; `is_past` when `--on` was asked, and then
    `archive` already holds nothing dated later. `root` is the id of the archive's first commit,
    told to forms of proof alone."""

    archive: Archive
    as_of: dt.datetime
    on: dt.date
    commit: str | None = None
    is_past: bool = False
    root: str | None = None

    @property
    def stamp(self) -> str:
        """What every sheet of a draft bears (R-5.6)."""
        return "" if self.commit else DRAFT


@dataclass(frozen=True, slots=True)
class Page:
    """Head of a document: its title, its moment as HTML metadata wants it, its stamp, and the
    line that says which state it shows."""

    title: str
    created: str
    stamp: str
    source: str


def page(state: State, title: str, *, is_draft: bool = False) -> Page:
    """`is_draft`: the document rests on what the head has not approved."""
    return Page(
        title,
        f"{state.as_of.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        state.stamp or (DRAFT if is_draft else ""),
        source(state),
    )


def source(state: State) -> str:
    """«Напечатано по состоянию электронного архива на 28.12.2026, запись 0123456789ab»."""
    valid = f"; сведения на {day(state.on)}" if state.is_past else ""
    if state.commit is None:
        return f"Напечатано {day(state.as_of.date())} по сведениям, не сохранённым в архиве{valid}"
    moment = day(state.as_of.date())
    return (
        f"Напечатано по состоянию электронного архива на {moment}, "
        f"запись {state.commit[:12]}{valid}"
    )
