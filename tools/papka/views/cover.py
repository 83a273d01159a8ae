"""Cover of the personal file (обложка дела): requirements, section 2."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.person import Person
from papka.model.student import Student
from papka.views.reference import former_names, program
from papka.views.wording import NBSP, YEARS, counted, day

PERSONAL_FOLDER = "личное дело"
_LONG = 90
"""A name of more characters is set smaller: it has to stay above the foot of the cover."""


@dataclass(frozen=True, slots=True)
class Cover:
    """An empty word leaves a line to write on."""

    organization: str
    short_name: str
    place: str
    name: str
    has_long_name: bool
    former: str
    programs: tuple[str, ...]
    started: str
    ended: str
    sheets: str
    keep: str
    source: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What the cover says of the print itself; `sheets` is None while they are not counted."""

    sheets: int | None
    source: str
    warnings: tuple[str, ...]


def cover(archive: Archive, student: Student, person: Person, state: State) -> Cover:
    organization = archive.organization
    ends = [enrolment.ended.date for enrolment in student.enrolments if enrolment.ended]
    is_over = bool(ends) and len(ends) == len(student.enrolments)
    starts = [enrolment.start for enrolment in student.enrolments]
    return Cover(
        organization=organization.name if organization else "",
        short_name=organization.short_name if organization else "",
        place=organization.place if organization else "",
        name=person.name.full,
        has_long_name=len(person.name.full) > _LONG,
        former=", ".join(former_names(person)),
        programs=tuple(dict.fromkeys(program(archive, e) for e in student.enrolments)),
        started=day(min(starts)) if starts else "",
        ended=day(max(ends)) if is_over else "",
        sheets=_on_sheets(state.sheets),
        keep=_keep(archive),
        source=state.source,
        warnings=state.warnings,
    )


def printed_from(as_of: dt.datetime, commit: str | None) -> str:
    """What state of the archive the paper shows."""
    if commit is None:
        return f"Напечатано {day(as_of.date())} по сведениям, ещё не сохранённым в архиве"
    return (
        f"Напечатано по состоянию электронного архива на {day(as_of.date())}, запись {commit[:12]}"
    )


def _on_sheets(count: int | None) -> str:
    if count is None:
        return ""
    noun = "листе" if count % 10 == 1 and count % 100 != 11 else "листах"
    return f"{count}{NBSP}{noun}"


def _keep(archive: Archive) -> str:
    """The retention term, when the school has one for personal files (R-6.4)."""
    if archive.organization is None:
        return ""
    for rule in archive.organization.retention:
        if rule.unit == PERSONAL_FOLDER:
            return f"{counted(rule.years, YEARS)} ({rule.since})"
    return ""
