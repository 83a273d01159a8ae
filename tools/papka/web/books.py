"""*Книги*: each book of issued documents with its gaps, as it is printed.

Only the files of the book are read, the orders that they name, and the cards of recipients.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template

from papka.core.places import REGISTERS, is_student_id, order_file, place
from papka.core.snapshot import Tree
from papka.desk.open_records import open_people
from papka.paper.form import State
from papka.paper.form_list import ON_REQUEST, in_use, titles
from papka.paper.forms.register import FORM as REGISTER
from papka.paper.forms.register import RegisterView
from papka.records.archive import Archive, load_part
from papka.web.face import Face
from papka.web.orders import is_order_key


@dataclass(frozen=True, slots=True)
class BookLine:
    """A book of issued documents: its address, title of the series, year, entries, gaps."""

    address: str
    title: str
    year: str


def list_books(archive: Archive) -> list[BookLine]:
    """Return the books of issued documents, the latest year first."""
    lines = []
    for address in REGISTER.targets(archive):
        series, _, year = address.partition("/")
        declared = archive.series.get(series)
        lines.append(BookLine(address, declared.title if declared else series, year))
    return sorted(lines, key=lambda line: (-int(line.year), line.title))


def read_book(face: Face, series: str, year: str) -> RegisterView:
    """Word a book of a year, with its gaps. Raise NotFound."""
    reading = face.read()
    tree = reading.tree
    files = [
        path
        for path in tree.below(REGISTERS)
        if (at := place(path)) is not None
        and at.kind == "register"
        and at.key.split("/")[1] == year
        and at.key.split("/")[2].startswith(f"{series}-")
    ]
    part = load_part(tree.read_many(files), reading.schemas)
    entries = part.registers.values()
    handed = {entry.student.partition("#")[0] for entry in entries if entry.handed}
    orders = {entry.order for entry in entries if entry.order and is_order_key(entry.order)}
    more = [*files, *_present(tree, map(order_file, sorted(orders)))]
    students = sorted(filter(is_student_id, handed))
    archive = open_people(face.root, tree, students, ("student",), more)
    found: RegisterView = REGISTER.view(
        State(archive, face.clock(), face.today), f"{series}/{year}"
    )
    return found


def _present(tree: Tree, paths: Iterable[str]) -> Iterable[str]:
    known: dict[str, tuple[str, ...]] = {}
    for path in paths:
        folder = path.rpartition("/")[0]
        if path in known.setdefault(folder, tree.below(folder)):
            yield path


def routes(face: Face) -> Blueprint:
    """Return the pages of books."""
    pages = Blueprint("books", __name__)

    @pages.get("/books")
    def show() -> str:
        archive = face.read().archive
        used = [name for name in in_use(archive) if name in {*ON_REQUEST, "media-log"}]
        known = titles()
        return render_template(
            "books.html",
            lines=list_books(archive),
            printed=[(name, known[name]) for name in used],
        )

    @pages.get("/books/<series>/<year>")
    def show_book(series: str, year: str) -> str:
        return render_template(
            "book.html", view=read_book(face, series, year), address=f"{series}/{year}"
        )

    return pages
