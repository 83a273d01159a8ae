"""*Сводка*: figures of the school with their charts.

Tables and bars are those of the management report: nothing is counted here. They take the study of
everybody, so they are kept until something changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path

from flask import Blueprint, render_template, request

from papka.desk.approval import SavedActs, with_history
from papka.desk.open_records import open_people, overview
from papka.paper.form import Figures, State
from papka.paper.forms.group_sheet import find_period
from papka.paper.forms.management import FORM, Management
from papka.records.archive import Archive
from papka.records.derived.in_force import name_year, school_year
from papka.records.wording import NONE, title_of
from papka.repository.worktree import WorktreeSnapshot
from papka.web.counted import CountedPages
from papka.web.face import Face

_DRAWN = (("Контингент", "Обучающихся"), ("Поощрения", "Поощрений"))
"""Tables with a chart, and the column that is drawn."""


@dataclass(frozen=True, slots=True)
class CountBar:
    """A count as a bar; `share` of the longest one, in percent."""

    label: str
    count: int
    share: float


def draw_counts(table: Figures) -> tuple[CountBar, ...]:
    """Return the bars of a table that is drawn; () for any other."""
    column = next((name for title, name in _DRAWN if title == table.title), "")
    if column not in table.columns:
        return ()
    at = table.columns.index(column)
    counts = [
        (", ".join(word for word in row[: table.words] if word != NONE), int(row[at]))
        for row in table.rows
    ]
    most = max((count for _, count in counts), default=0) or 1
    return tuple(CountBar(label, count, round(100 * count / most, 1)) for label, count in counts)


def count_school(root: Path, now: dt.datetime, address: str) -> Management:
    """Word the management tables of a period or a school year by the folder. Raise NotFound."""
    archive = with_history(overview(WorktreeSnapshot(root), "awards"), SavedActs(root))
    found: Management = FORM.view(State(archive, now, now.date()), address)
    return found


_begins = attrgetter("start")


def list_spans(archive: Archive, on: dt.date) -> Iterator[tuple[str, str]]:
    """Yield the school years and periods that have begun, the latest first: address and words."""
    begun = [each for each in archive.periods.values() if each.start <= on]
    first = {each.school_year: each.start for each in sorted(begun, key=_begins, reverse=True)}
    for year in sorted(first, reverse=True):
        yield str(year), name_year(archive, school_year(archive, first[year]))
    for each in sorted(begun, key=_begins, reverse=True):
        yield each.period, title_of(archive, each.period)


def routes(face: Face) -> Blueprint:
    """Return the pages of the summary."""
    pages = Blueprint("summary", __name__)
    counted = CountedPages(face)

    @pages.get("/summary")
    def show() -> str:
        archive = open_people(face.root, face.read().tree, ())
        state = State(archive, face.clock(), face.today)
        address = request.args.get("of", "") or str(find_period(state).school_year)
        found = counted.get(partial(count_school, face.root, face.clock(), address), address)
        return render_template(
            "summary.html",
            view=found,
            address=address,
            spans=list(list_spans(archive, face.today)),
            charts=[(table, draw_counts(table)) for table in found.tables],
        )

    return pages
