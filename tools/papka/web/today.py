"""*Сегодня*: what is due, unsaved and not approved on the day, and how all that keeps it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from papka.copies.new_commits import UNSENDABLE
from papka.core.findings import Finding, Severity
from papka.core.phrases import count_phrase
from papka.core.places import STUDENTS
from papka.desk.deadline import Deadline
from papka.desk.edition import UPGRADE
from papka.desk.status_report import CHANGES, MirrorState, Status, status
from papka.paper.limited_process import Limits, run_afresh
from papka.proof.memory import memory
from papka.records.wording import day
from papka.web.background import Background
from papka.web.face import Face

State = Literal["good", "soon", "bad"]
_AHEAD = 60
"""So many deadlines that are not due yet are shown."""
_SHOWN = 60
"""Demands of one page; each tells the name of the person, and to read a card costs a little."""
_MANY = 5_000
_LIMITS = Limits(seconds=900.0, memory=6 << 30)


@dataclass(frozen=True, slots=True)
class Light:
    """How one thing stands, in words too, and what to do next, "" when nothing."""

    title: str
    state: State
    words: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class TodayView:
    """What the page shows: lights; what must be done, the worst first; what comes; what no mirror
    would take. `demands` are those of `page` out of `total`."""

    day: str
    lights: tuple[Light, ...]
    demands: tuple[Finding, ...]
    total: int
    page: int
    pages: int
    late: int
    ahead: tuple[Deadline, ...]
    more_ahead: int
    findings: tuple[Finding, ...]
    unsaved: tuple[tuple[str, str], ...]
    names: Mapping[str, tuple[str, str]]


def view_today(
    found: Status,
    names: Callable[[Iterable[str]], Mapping[str, tuple[str, str]]],
    page: int = 1,
) -> TodayView:
    """Word the state of the archive on a day; `names`: paths -> whose file each lies in."""
    demands = [demand for each in found.deadlines if (demand := each.demand()) is not None]
    demands.sort(key=lambda each: -each.severity)
    ahead = [each for each in found.deadlines if each.code is None]
    late = sum(each.severity >= Severity.ERROR for each in demands)
    pages = max(-(-len(demands) // _SHOWN), 1)
    page = min(max(page, 1), pages)
    shown = demands[(page - 1) * _SHOWN : page * _SHOWN]
    return TodayView(
        day(found.on),
        tuple(_list_lights(found, demands)),
        tuple(shown),
        len(demands),
        page,
        pages,
        late,
        tuple(ahead[:_AHEAD]),
        max(len(ahead) - _AHEAD, 0),
        found.unsendable,
        tuple((path, CHANGES[state]) for path, state in found.unsaved),
        names(each.where.path for each in shown),
    )


def _list_lights(found: Status, demands: list[Finding]) -> Iterator[Light]:
    yield _light_records(found)
    yield _light_approval(found, demands)
    yield from light_mirrors(found.copies, demands)
    yield _light_demands("Носители", demands, "COPIES_", "Копий за учебный год хватает")
    yield _light_demands("Пломбы", demands, "SEAL_", "Пломбы поставлены")
    if found.edition.words:
        step = "" if found.edition.is_newer else UPGRADE
        yield Light("Версия", "soon", found.edition.words.partition(" Руководитель")[0], step)


def _light_records(found: Status) -> Light:
    if found.unread:
        words = f"Не читается: {', '.join(found.unread[:3])}"
        return Light("Записи", "bad", words, "Узнайте, что в них не так: papka check")
    if found.unsendable:
        return Light("Записи", "bad", "Сохранённое не примет ни одно зеркало", UNSENDABLE)
    if found.unsaved:
        words = f"Не сохранено: {count_phrase(len(found.unsaved), 'файл', 'файла', 'файлов')}"
        return Light("Записи", "soon", words, "Проверьте и сохраните: papka save")
    return Light("Записи", "good", "Всё сохранено и подписано")


def _light_approval(found: Status, demands: list[Finding]) -> Light:
    light = _light_demands("Утверждение", demands, "PERIOD_NOT_CLOSED", "Все результаты утверждены")
    if light.state != "good" or not found.drafts:
        return light
    waiting = ", ".join(each.title for each in found.drafts)
    step = "Посмотрите, чего не хватает: papka period status"
    return Light("Утверждение", "soon", f"Руководителем не утверждены: {waiting}", step)


def light_mirrors(copies: tuple[MirrorState, ...], demands: list[Finding]) -> Iterator[Light]:
    """Yield how each mirror stands by what it last said; what is due of it may be told already."""
    if not copies:
        step = "Добавьте зеркало: papka mirror add ИМЯ АДРЕС --country RU"
        yield Light("Зеркала", "bad", "Зеркал нет: архив есть только на этом компьютере", step)
    for copy in copies:
        title = f"Зеркало «{copy.name}»" + (" (основное)" if copy.primary else "")
        own = [each for each in demands if f"«{copy.name}»" in each.message]
        light = _light_demands(title, own, "MIRROR_", _capital(copy.words))
        if light.state == "good" and copy.behind != 0:
            light = Light(title, "soon", _capital(copy.words), "Отправьте: papka sync")
        yield light


def _light_demands(title: str, demands: list[Finding], codes: str, good: str) -> Light:
    """Return the light of the worst demand with such a code."""
    worst = next((each for each in demands if each.code.name.startswith(codes)), None)
    if worst is None:
        return Light(title, "good", good)
    state: State = "bad" if worst.severity >= Severity.ERROR else "soon"
    return Light(title, state, _capital(worst.message), worst.hint)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def read_status(root: Path, now: dt.datetime) -> Status:
    """Look at the whole archive."""
    return status(root, on=now.date(), memory=memory(), now=now)


def read_apart(root: Path, now: dt.datetime) -> Status:
    """Look at the whole archive in a process of its own, whose memory goes with it."""
    return run_afresh(partial(read_status, root, now), _LIMITS)


def _is_large(face: Face) -> bool:
    """Whether so many study that what is read of them must not stay in the memory of the face; of
    a few, a process of its own would only be waited for."""
    tree = face.read().tree
    years = tree.names(STUDENTS)
    return sum(len(tree.names(f"{STUDENTS}/{year}")) for year in years) > _MANY


def routes(face: Face) -> Blueprint:
    """Return the page of the day; while it is worked out, one that says so and looks again."""
    pages = Blueprint("today", __name__)
    work: Background[Status] = Background(face.log)

    @pages.get("/")
    def show() -> str | Response:
        asked, number = request.args.get("asked", type=int), work.look().number
        page = request.args.get("page", 1, type=int)
        turned = page if page != 1 else None
        if asked != number:
            now = face.clock()
            read = read_apart if _is_large(face) else read_status
            number = work.start(lambda _: read(face.root, now))
        found = work.wait(face.patience)
        if found.is_running:
            if asked != number:
                return redirect(url_for("today.show", asked=number, page=turned))
            return render_template("waiting.html", title=f"Сегодня, {day(face.today)}")
        work.forget()  # whoever looks again sees what has changed meanwhile
        if found.trouble is not None:
            raise found.trouble
        if found.outcome is None:  # another page took it
            return redirect(url_for("today.show", page=turned))
        return render_template("today.html", view=view_today(found.outcome, face.name_people, page))

    return pages
