"""The pages together: their layout and navigation, and what a page says when it cannot be shown.

A subject is a module of this folder with a function `routes(face)` that returns a Blueprint; it is
named in `SUBJECTS`. GET shows, POST acts, and a form that acts carries the token of this run.
"""

from __future__ import annotations

import hmac
import re
from typing import Any

from flask import Flask, Request, abort, render_template, request
from jinja2 import StrictUndefined
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from papka.core.errors import LockHeld, NotFound, PapkaError, cannot_access
from papka.paper.form_list import is_in_use
from papka.records.archive import Archive
from papka.records.wording import day
from papka.web import (
    books,
    enter,
    groups,
    orders,
    people,
    periods,
    person,
    printouts,
    programs,
    safety,
    scans,
    summary,
    today,
)
from papka.web.background import fault_of_ours
from papka.web.face import Face

SUBJECTS = (
    *(today, people, person, scans, groups, programs, orders, books, periods, summary),
    *(printouts, safety, enter),
)
"""Modules of pages, in the order of the navigation."""
NAVIGATION = (
    ("today.show", "Сегодня"),
    ("people.show", "Обучающиеся"),
    ("groups.show", "Группы"),
    ("programs.show", "Программы"),
    ("orders.show", "Приказы"),
    ("books.show", "Книги"),
    ("periods.show", "Периоды"),
    ("summary.show", "Сводка"),
    ("enter.show", "Внести"),
    ("print.show", "Печать"),
    ("safety.show", "Сохранность"),
)
"""The first page of each subject and what it is called; one whose subject is not there is left
out."""


class _Question(Request):
    """A request whose files stay in memory: nothing is written to the disk."""

    max_form_memory_size = 4 << 20
    max_form_parts = 20_000
    max_content_length = 4 << 20

    def _get_file_stream(self, *_args: object, **_named: object) -> Any:  # noqa: ANN401 - as in Werkzeug
        abort(415)


def make_site(face: Face) -> Flask:
    """Return the pages of the archive that the face shows."""
    site = Flask("papka.web", template_folder="pages", static_folder="static")
    site.request_class = _Question
    site.url_map.merge_slashes = False  # an odd address is no page, and leads nowhere
    site.jinja_env.undefined = StrictUndefined
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    site.jinja_env.filters |= {"day": day, "sentence": _sentence, "with_commands": mark_commands}
    field = Markup('<input type="hidden" name="token" value="{}">').format(face.token)
    site.jinja_env.globals["token_field"] = lambda: field
    site.jinja_env.globals["may_print"] = lambda form: is_in_use(
        form, Archive(organization=face.organization())
    )
    site.jinja_env.globals["has_page"] = site.view_functions.__contains__
    for subject in SUBJECTS:
        site.register_blueprint(subject.routes(face))
    site.context_processor(lambda: _frame_of(site, face))
    site.before_request(lambda: _check_token(face))
    site.register_error_handler(HTTPException, _tell_http)
    site.register_error_handler(PapkaError, _tell_trouble)
    site.register_error_handler(OSError, lambda error: _tell_trouble(cannot_access(error)))
    site.register_error_handler(Exception, lambda error: _tell_fault(face, error))
    return site


_COMMAND = re.compile(r'papka(?: (?:"[^"]*"|(?![а-яё]+\b)(?:(?![;,.:)](?: |$))[^ "])+))*')
"""A command in a sentence: it ends with the first word in small Russian letters."""


def mark_commands(text: str) -> Markup:
    """Return a sentence whose commands stand out."""
    parts, done = [], 0
    for found in _COMMAND.finditer(text):
        parts += [escape(text[done : found.start()]), _mark_command(found[0])]
        done = found.end()
    return Markup("").join([*parts, escape(text[done:])])


def _mark_command(command: str) -> Markup:
    words = Markup(" ").join(Markup("<span>{}</span>").format(word) for word in command.split(" "))
    return Markup("<code>{}</code>").format(words)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _frame_of(site: Flask, face: Face) -> dict[str, object]:
    """Return what the layout of every page needs."""
    here = (request.endpoint or "").partition(".")[0]
    known = [each for each in NAVIGATION if each[0] in site.view_functions]
    return {"face": face, "navigation": known, "here": here}


def _check_token(face: Face) -> None:
    """Stop a form that this run has not made; a script of ours says the token in a header."""
    if request.method == "POST":
        given = request.headers.get("X-Token") or request.form.get("token", "")
        if not hmac.compare_digest(given.encode(), face.token.encode()):
            abort(403)


_STALE = (
    "Форма прислана не с этой страницы, или программу с тех пор запустили заново. Откройте "
    "страницу ещё раз."
)
_SAID = {
    403: ("Не принято", _STALE),
    404: ("Такой страницы нет", "Адрес набран с ошибкой или запись с тех пор переименована."),
    405: ("Так спросить нельзя", "Откройте страницу по ссылке."),
    413: ("Слишком много данных за один раз", "Внесите их частями."),
    415: ("Файлы через страницу не принимаются", "Положите файл в папку архива."),
}
"""What a person is told of each trouble with a question: what happened, what to do."""


def _tell_http(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    title, what_next = _SAID.get(code, ("Не получилось", "Вернитесь и повторите."))
    return _show_trouble(title, what_next, code)


def _tell_trouble(error: PapkaError) -> tuple[str, int]:
    codes = {NotFound: 404, LockHeld: 503}
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), 409)
    return _show_trouble(error.message, error.next_step, code)


def _tell_fault(face: Face, error: Exception) -> tuple[str, int]:
    fault = fault_of_ours(face.log(error))
    return _show_trouble(fault.message, fault.next_step, 500)


def _show_trouble(title: str, what_next: str, code: int) -> tuple[str, int]:
    return render_template("trouble.html", title=title, what_next=what_next), code
