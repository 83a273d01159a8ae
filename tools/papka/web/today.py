"""*Сегодня*: what is due, unsaved and not approved on the day, and how all that keeps it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flask import Blueprint, render_template

from papka.core.findings import Finding, Severity
from papka.core.phrases import count_phrase
from papka.desk.status_report import Status, status
from papka.proof.memory import memory
from papka.records.wording import day
from papka.web.face import Face

State = Literal["good", "soon", "bad"]


@dataclass(frozen=True, slots=True)
class Light:
    """How one thing stands, in words too, and what to do next, "" when nothing."""

    title: str
    state: State
    words: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class TodayView:
    """What the page shows: lights, and what must be done, the worst first."""

    day: str
    lights: tuple[Light, ...]
    demands: tuple[Finding, ...]
    late: int


def view_today(found: Status) -> TodayView:
    """Word the state of the archive on a day."""
    demands = [demand for each in found.deadlines if (demand := each.demand()) is not None]
    demands.sort(key=lambda each: -each.severity)
    lights = (
        _light_records(found),
        _light_approval(found, demands),
        *_light_mirrors(found, demands),
        _light_demands("Носители", demands, "COPIES_", "Копий хватает"),
        _light_demands("Пломбы", demands, "SEAL_", "Пломбы стоят"),
    )
    late = sum(each.severity >= Severity.ERROR for each in demands)
    return TodayView(day(found.on), lights, tuple(demands), late)


def _light_records(found: Status) -> Light:
    if found.unread:
        words = f"Не читается: {', '.join(found.unread[:3])}"
        return Light("Записи", "bad", words, "Узнайте, что в них не так: papka check")
    if found.unsaved:
        words = f"Не сохранено: {count_phrase(len(found.unsaved), 'файл', 'файла', 'файлов')}"
        return Light("Записи", "soon", words, "Проверьте и сохраните: papka save")
    return Light("Записи", "good", "Всё сохранено и подписано")


def _light_approval(found: Status, demands: list[Finding]) -> Light:
    light = _light_demands("Утверждение", demands, "PERIOD_NOT_CLOSED", "Всё утверждено")
    if light.state == "good" and found.drafts:
        waiting = ", ".join(each.title for each in found.drafts)
        return Light("Утверждение", "soon", f"Не утверждено: {waiting}", "papka period status")
    return light


def _light_mirrors(found: Status, demands: list[Finding]) -> Iterator[Light]:
    if not found.copies:
        step = "Добавьте: papka mirror add ИМЯ АДРЕС --country RU"
        yield Light("Зеркала", "bad", "Зеркал нет: архив только на этом компьютере", step)
    for copy in found.copies:
        own = [each for each in demands if f"«{copy.name}»" in each.message]
        light = _light_demands(f"Зеркало «{copy.name}»", own, "MIRROR_", copy.words)
        if light.state == "good" and copy.behind != 0:
            light = Light(light.title, "soon", copy.words, "Отправьте: papka sync")
        yield light


def _light_demands(title: str, demands: list[Finding], codes: str, good: str) -> Light:
    """Return the light of the worst demand with such a code."""
    worst = next((each for each in demands if each.code.name.startswith(codes)), None)
    if worst is None:
        return Light(title, "good", good)
    state: State = "bad" if worst.severity >= Severity.ERROR else "soon"
    return Light(title, state, worst.message[:1].upper() + worst.message[1:], worst.hint)


def routes(face: Face) -> Blueprint:
    """Return the pages of the day."""
    pages = Blueprint("today", __name__)

    @pages.get("/")
    def show() -> str:
        found = status(face.root, on=face.today, memory=memory(), now=face.clock())
        return render_template("today.html", view=view_today(found))

    return pages
