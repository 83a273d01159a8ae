"""*Приказы*: the orders of a year, and one order as it is printed.

Only the files of the year are read; for one order the cards of those whom it names.
"""

from __future__ import annotations

import re

from flask import Blueprint, render_template, request

from papka.core.errors import NotFound
from papka.core.phrases import natural_key
from papka.core.places import is_student_id, order_file, record_folder
from papka.core.snapshot import Tree
from papka.desk.open_records import open_people
from papka.paper.form import State
from papka.paper.forms.order import OrderView
from papka.paper.forms.order import view as view_order
from papka.records.archive import Archive, load_part
from papka.records.search import Hit, find_orders, words_of
from papka.web.face import Face

_ORDERS = record_folder("order")
_KEY = re.compile(r"\d{4}/\d{4}", re.ASCII)


def is_order_key(text: str) -> bool:
    """Tell whether a text is the key of an order: «2026/0001»."""
    return _KEY.fullmatch(text) is not None


def list_years(tree: Tree) -> list[str]:
    """Return the years that have orders, the latest first."""
    return sorted((name for name in tree.names(_ORDERS) if name.isdecimal()), reverse=True)


def list_orders(archive: Archive, year: str, asked: str) -> list[Hit]:
    """Return the orders of a year that all words fit, the latest first."""
    found = find_orders(archive, words_of([year, asked]))
    return sorted(found.lines, key=lambda line: natural_key(line.cells[0]), reverse=True)


def read_order(face: Face, key: str) -> OrderView:
    """Word an order, with the cards of those it names. Raise NotFound."""
    tree = face.read().tree
    if not is_order_key(key):
        raise NotFound(f"«{key}» — не номер приказа", "Номер приказа — год и число: 2026/0001")
    path = order_file(key)
    files = [path] if path in tree.below(path.rpartition("/")[0]) else []
    part = load_part(tree.read_many(files), face.read().schemas)
    named = {
        address.partition("#")[0]
        for order in part.orders.values()
        for item in order.items
        for address in item.students
    }
    students = sorted(filter(is_student_id, named))
    archive = open_people(face.root, tree, students, ("student", "enrolments"), files)
    return view_order(State(archive, face.clock(), face.today), key)


def routes(face: Face) -> Blueprint:
    """Return the pages of orders."""
    pages = Blueprint("orders", __name__)

    @pages.get("/orders")
    def show() -> str:
        reading = face.read()
        years = list_years(reading.tree)
        year = request.args.get("year", "")
        year = year if year in years else years[0] if years else ""
        files = reading.tree.below(f"{_ORDERS}/{year}") if year else ()
        listed = [path for path in files if path.endswith(".yaml")]
        part = load_part(reading.tree.read_many(listed), reading.schemas)
        asked = request.args.get("q", "").strip()
        return render_template(
            "orders.html",
            years=years,
            year=year,
            asked=asked,
            lines=list_orders(part, year, asked) if year else [],
            unread_paths=sorted(part.unreadable),
        )

    @pages.get("/orders/<year>/<number>")
    def show_order(year: str, number: str) -> str:
        key = f"{year}/{number}"
        return render_template("order.html", view=read_order(face, key), key=key)

    return pages
