"""Scans of a personal file and the photo as pictures: drawn page by page, in a process apart.

The files are hostile until drawn: what is shown is a picture of them, never the file itself. An
address names the line of the inventory, so no path can be asked for; the photo is shown while a
consent allows it (R-3.1), as on paper.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import NamedTuple, TypeVar

from flask import Blueprint, Response, abort, render_template

from papka.core.places import is_student_id, place, student_folder
from papka.core.snapshot import Tree, bytes_of
from papka.desk.open_records import open_people
from papka.paper.limited_process import Limits, Overran, run_afresh
from papka.paper.page_pictures import Picture, UnreadablePicture, portrait, scan_page
from papka.paper.sections import photo_allowed
from papka.records.archive import load_part
from papka.records.schemas import SchemaSet
from papka.records.student import Document, Student
from papka.web.background import Turn
from papka.web.face import Face

_LIMITS = Limits(seconds=40.0, memory=1 << 30)
_NO_PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 210 297"><path fill="none" \
stroke="#888" stroke-width="2" d="M1 1h208v295H1zl208 295m0-295L1 296"/></svg>"""

_ENDLESS = "рисуется без конца или занимает слишком много памяти, такой файл бывает подложенным"

_turn = Turn()
"""One file is drawn at a time: the library that draws is not for several threads."""

R = TypeVar("R")


class ShownScan(NamedTuple):
    """A line of the inventory with a scan: its id, title, and the file's bytes."""

    document: str
    title: str
    data: bytes
    is_changed: bool


def find_scan(tree: Tree, schemas: SchemaSet, student: str, document: str) -> ShownScan | None:
    """Find the scan of a line of the inventory; None when there is none."""
    if not is_student_id(student):
        return None
    listed = f"{student_folder(student)}/documents.yaml"
    data = bytes_of(tree, listed)
    part = load_part([(listed, data)] if data is not None else [], schemas)
    found = part.students.get(student) or Student(student)
    line = next((each for each in found.documents if each.id == document and each.file), None)
    if line is None:
        return None
    scan = read_scan(tree, found, line)
    if scan is None:
        return None
    changed = line.sha256 is not None and line.sha256 != sha256(scan).hexdigest()
    return ShownScan(document, line.title, scan, changed)


def read_scan(tree: Tree, student: Student, line: Document) -> bytes | None:
    """Read the file that a line of the inventory names, from `attachments` alone."""
    path = f"{student.folder}/attachments/{line.file}"
    at = place(path)
    return bytes_of(tree, path) if at is not None and at.kind == "attachment" else None


def routes(face: Face) -> Blueprint:
    """Return the pages and pictures of scans."""
    pages = Blueprint("scans", __name__)

    @pages.get("/people/<student>/scan/<document>")
    def show(student: str, document: str) -> str:
        found = _find_or_stop(face, student, document)
        count, trouble = 0, ""
        try:
            _, count = _draw(partial(scan_page, found.data, 0))
        except UnreadablePicture as error:
            trouble = str(error)
        return render_template(
            "scan.html", student=student, scan=found, count=count, trouble=trouble
        )

    @pages.get("/people/<student>/scan/<document>/<int:page>")
    def picture(student: str, document: str, page: int) -> Response:
        data = _find_or_stop(face, student, document).data
        return _send(partial(_draw_page, data, page - 1))

    @pages.get("/people/<student>/photo")
    def photo(student: str) -> Response:
        data = find_shown_photo(face, student)
        return _send(partial(portrait, data)) if data is not None else abort(404)

    return pages


def _find_or_stop(face: Face, student: str, document: str) -> ShownScan:
    reading = face.read()
    found = find_scan(reading.tree, reading.schemas, student, document)
    return found if found is not None else abort(404)


def find_shown_photo(face: Face, student: str) -> bytes | None:
    """Read the photo of a person; None without one, or while no consent lets it be shown."""
    if not is_student_id(student):
        return None
    tree = face.read().tree
    kinds = ("student", "documents", "consents", "enrolments")
    archive = open_people(face.root, tree, [student], kinds)
    found = archive.students.get(student)
    line = find_photo(found) if found else None
    if found is None or line is None or not photo_allowed(archive, found, face.today):
        return None
    return read_scan(tree, found, line)


def find_photo(student: Student) -> Document | None:
    """Return the line of the inventory that the card calls the photo."""
    named = student.person.photo if student.person else None
    return next((each for each in student.documents if named and each.id == named), None)


def _draw_page(data: bytes, page: int) -> Picture:
    return scan_page(data, page)[0]


def _draw(work: Callable[[], R]) -> R:
    """Draw within limits. Raise UnreadablePicture, IndexError."""
    with _turn:
        try:
            return run_afresh(work, _LIMITS)
        except Overran:  # its words are about templates
            raise UnreadablePicture(_ENDLESS) from None


def _send(draw: Callable[[], Picture]) -> Response:
    """Answer with a picture; with a crossed sheet where the file cannot be drawn."""
    try:
        return Response(_draw(draw).data, mimetype="image/jpeg")
    except IndexError:
        abort(404)
    except UnreadablePicture:
        return Response(_NO_PICTURE, mimetype="image/svg+xml")
