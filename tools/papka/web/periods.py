"""*Периоды*: how each study period stands, what it lacks and what to do, as `papka period status`.

It takes the study of everybody, so it is kept until something changes.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from flask import Blueprint, render_template

from papka.core.errors import NotFound
from papka.desk.study_period import (
    PeriodState,
    period_states,
    tabulate_missing,
    tabulate_periods,
    word_next_of_period,
    word_period,
)
from papka.web.counted import CountedPages
from papka.web.face import Face

_SHOWN = 300
"""Missing marks shown at once."""


def routes(face: Face) -> Blueprint:
    """Return the pages of study periods."""
    pages = Blueprint("periods", __name__)
    counted = CountedPages(face)

    def states() -> tuple[PeriodState, ...]:
        return counted.get(partial(period_states, face.root), "periods")

    @pages.get("/periods")
    def show() -> str:
        return render_template("periods.html", table=tabulate_periods(states()))

    @pages.get("/periods/<period>")
    def show_period(period: str) -> str:
        found = next((each for each in states() if each.period.period == period), None)
        if found is None:
            raise NotFound(f"Периода «{period}» нет", "Все периоды: papka period status")
        missing = None
        if found.approval is None:
            missing = tabulate_missing(found.lacks, found.untaken, found.unmatched)
        if missing and (left := len(missing.rows) - _SHOWN) > 0:
            notes = (f"… и ещё {left}", *missing.notes)
            missing = replace(missing, rows=missing.rows[:_SHOWN], notes=notes)
        return render_template(
            "period.html",
            period=found.period,
            words=[*word_period(found), *word_next_of_period(found)],
            missing=missing,
        )

    return pages
