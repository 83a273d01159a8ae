"""*Печать*: every form of the archive as a PDF, made from what is saved, as `papka print` does.

What was printed lately is kept in memory alone, so that a page that names several volumes does not
lay them out once for each.
"""

from __future__ import annotations

from collections import OrderedDict

from flask import Blueprint, Response, render_template, request

from papka.core.errors import NotFound
from papka.core.places import STUDENTS, is_student_id, student_folder
from papka.paper.form_list import NEEDED, target_of, titles
from papka.paper.press import Press
from papka.paper.print_cache import PrintedDocument, PrintOptions
from papka.paper.print_saved import find_turn, print_saved
from papka.records.search import fits, words_of
from papka.repository.commit_snapshots import CommitTree
from papka.repository.git_values import MAIN
from papka.web.background import Turn
from papka.web.face import Face

_KEPT = 6
"""Printed documents kept in memory."""
_SHOWN = 200
"""Addresses of a form shown at once."""


class PagePrinter:
    """Prints one document at a time, for layout takes a processor and much memory."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._turn = Turn()
        self._kept: OrderedDict[tuple[str, str, str], PrintedDocument] = OrderedDict()

    def print(self, form: str, address: str) -> PrintedDocument:
        """Print from the last save. Raise what `print_saved` raises."""
        root = self._face.root
        commit = CommitTree(root, MAIN).commit
        folder = student_folder(address) if is_student_id(address) else STUDENTS
        turn = find_turn(root, self._face.today, folder if form == "personal-file" else "")
        key = (form, address, f"{commit} {turn}")
        with self._turn:
            if key not in self._kept:
                options = PrintOptions(turn=turn)
                self._kept[key] = print_saved(root, form, address, options, keep=False, apart=False)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]


def routes(face: Face) -> Blueprint:
    """Return the list of forms, the addresses of each, and what is printed."""
    pages = Blueprint("print", __name__)
    printer = PagePrinter(face)

    def open_press() -> Press:
        return Press(face.root, CommitTree(face.root, MAIN), PrintOptions())

    @pages.get("/print")
    def show() -> str:
        press = open_press()
        known, used = titles(press.own), press.forms()
        rows = [
            (name, known[name], NEEDED[target_of(name, press.own)][0])
            for name in known
            if name in used
        ]
        return render_template("print_forms.html", rows=rows)

    @pages.get("/print/<form>")
    def addresses(form: str) -> str | Response:
        press = open_press()
        press.require(form)
        if target_of(form, press.own) == "архив":
            return _answer(printer.print(form, ""), form, "", press)
        names = {student: each.name for student, each in face.people(again=False).items()}
        asked = request.args.get("q", "")
        words = words_of([asked])
        rows = [
            (address, name)
            for address in press.targets(form).addresses
            for name in [names.get(address.partition("#")[0].partition(":")[0], "")]
            if all(fits(word, f"{address} {name}".casefold().replace("ё", "е")) for word in words)
        ]
        needed = NEEDED[target_of(form, press.own)][0]
        return render_template(
            "print_addresses.html",
            form=form,
            title=titles(press.own)[form],
            needed=needed,
            asked=asked,
            rows=rows[:_SHOWN],
            total=len(rows),
        )

    @pages.get("/print/<form>/<path:address>")
    def paper(form: str, address: str) -> str | Response:
        return _answer(printer.print(form, address), form, address, open_press())

    return pages


def _answer(printed: PrintedDocument, form: str, address: str, press: Press) -> str | Response:
    """Return the file that is asked for, or a page when there is something to tell of it."""
    asked = request.args.get("file", type=int)
    if asked is None and (len(printed.files) > 1 or printed.unsaved):
        title = titles(press.own)[form]
        return render_template(
            "printed.html", title=title, form=form, address=address, printed=printed
        )
    number = asked or 1
    if not 1 <= number <= len(printed.files):
        raise NotFound(f"Тома {number} нет", "Откройте документ заново")
    file = printed.files[number - 1]
    answer = Response(file.data, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename=file.name)
    return answer
