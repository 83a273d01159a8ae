"""*Внести*: what a person may enter on pages, who opened the archive with `--as`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flask import Blueprint, render_template

from papka.desk.new_records import KINDS
from papka.records.archive import Archive
from papka.web.enter_forms import add_forms
from papka.web.enter_marks import add_marks
from papka.web.face import Face


class OpenGrid(NamedTuple):
    """A grid that can be entered: a group, and a period that is not closed."""

    group: str
    period: str
    title: str


def list_grids(face: Face, archive: Archive) -> Iterator[OpenGrid]:
    """Yield the grids of every period that has begun and is open, the latest period first."""
    going = sorted(archive.periods.values(), key=lambda each: each.start, reverse=True)
    for period in going:
        if period.period not in archive.approvals and period.start <= face.today:
            for group in archive.groups:
                yield OpenGrid(group, period.period, period.title)


def routes(face: Face) -> Blueprint:
    """Return the pages that enter."""
    pages = Blueprint("enter", __name__)
    add_marks(pages, face)
    add_forms(pages, face)

    @pages.get("/enter/")
    def show() -> str:
        grids = list(list_grids(face, face.read().archive))
        return render_template("enter.html", grids=grids, kinds=KINDS)

    return pages
