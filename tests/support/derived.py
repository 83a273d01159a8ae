"""A school and a student for trials of derived facts, built as values."""

from __future__ import annotations

import datetime as dt
from typing import Any

from papka.records.archive import Archive
from papka.records.school import (
    Edition,
    MirrorRule,
    Organization,
    Period,
    PlannedResult,
    Program,
    ProgramPart,
    Scale,
    SchoolYear,
)
from papka.records.student import Enrolment, Name, Person, Result, Student

FIVE = Scale(scale="пятибалльная", title="Пятибалльная", lowest=1, highest=5, pass_mark=3)
WORDS = Scale(
    scale="зачётная",
    title="Зачётная",
    marks=("не зачтено", "зачтено"),
    passing_marks=("зачтено",),
)
PERIOD = Period(
    period="2026-1",
    title="1-е полугодие",
    school_year=2026,
    start=dt.date(2026, 1, 12),
    end=dt.date(2026, 6, 14),
)
EDITION = Edition(
    edition=1,
    order="2026/0001",
    hours=100,
    parts=(
        ProgramPart(part="техника", title="Техника", hours=60, scale="пятибалльная"),
        ProgramPart(part="ансамбль", title="Ансамбль", hours=30, scale="зачётная"),
        ProgramPart(part="беседы", title="Беседы", hours=10),
    ),
    planned_results=(
        PlannedResult(
            outcome="этюды", kind="предметный", text="Этюды", parts=("техника", "ансамбль")
        ),
        PlannedResult(outcome="сцена", kind="личностный", text="Сцена"),
    ),
    target_orientations=("Любит музыку",),
)
SCHOOL = Archive(
    programs={"guitar": Program(code="guitar", title="Гитара", editions=(EDITION,))},
    scales={scale.scale: scale for scale in (FIVE, WORDS)},
    periods={PERIOD.period: PERIOD},
)


def organization(starts: str = "01-01", backup_by: str = "01-25", **more: Any) -> Organization:  # noqa: ANN401
    """A school whose year starts on this day and is copied by that one."""
    keys: dict[str, Any] = {
        "format": 1, "kind": "обычный", "name": "Ш", "short_name": "Ш", "place": "г.",
        "address": "г.", "head": "s001", "head_post": "Д", "mirrors": MirrorRule(countries=("RU",)),
        "school_year": SchoolYear(starts=starts, backup_by=backup_by),
    }  # fmt: skip
    return Organization(**keys | more)


def period(name: str, start: str, end: str, school_year: int) -> Period:
    return Period(period=name, title=name, school_year=school_year, start=day(start), end=day(end))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def result(id_: str, date: str, mark: float | str | None = None, **more: Any) -> Result:  # noqa: ANN401
    """A mark in «техника» for the period unless `more` says otherwise."""
    keys: dict[str, Any] = {
        "enrolment": "e1",
        "kind": "учебный",
        "origin": "текущий контроль",
        "part": "техника",
        "control": "за период",
        **more,
    }
    return Result(id=id_, date=day(date), mark=mark, **keys)


def enrolment(id_: str = "e1", start: str = "2026-01-15", **more: Any) -> Enrolment:  # noqa: ANN401
    return Enrolment(id=id_, program="guitar", edition=1, start=day(start), **more)


def student(*results: Result, person: Person | None = None, **more: Any) -> Student:  # noqa: ANN401
    """Results of the one period; one enrolment unless told."""
    keys: dict[str, Any] = {"enrolments": (enrolment(),), **more}
    keys.setdefault("periods", {"2026-1": results})
    card = person or Person(id="2026-0001", name=Name(given="Аглая"))
    return Student("2026-0001", card, **keys)
