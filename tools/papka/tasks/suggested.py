"""What a new entry holds unless its author says otherwise, and which words the archive knows.

Pure: archive, student and day in, values out. Absent on purpose: guesses about facts of study;
only what the archive already says, or what has but one answer, is filled in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Mapping
from typing import Any

from papka.model.archive import Archive
from papka.model.derived.scales import edition_of, enrolment_of
from papka.model.student import Student
from papka.text.form import Form

_TEACHER = "педагог"
_SAME_IN_RESIT = ("enrolment", "kind", "origin", "event", "part", "control")


def suggested(  # noqa: PLR0913 - what a suggestion may depend on
    archive: Archive,
    student: Student,
    form: Form,
    record: Mapping[str, Any],
    barred: Container[str],
    *,
    staff: str,
    today: dt.date,
) -> dict[str, Any]:
    """Values for fields of the form that stand nowhere yet."""
    made: dict[str, Callable[[], Any]] = {
        "date": today.isoformat,
        "enrolment": lambda: _only_enrolment(student),
        "assessed_by": lambda: _teacher(archive, staff),
        "edition": lambda: _edition(archive, record),
        "act": lambda: _award_kind(archive, record)[0],
        "clause": lambda: _award_kind(archive, record)[1],
        "signed_by": lambda: archive.organization.head if archive.organization else None,
    }
    found = _of_resat(student, record)
    for field in form.fields:
        if field.name in record or field.name in barred or field.name in found:
            continue
        value = None
        if field.name in form.required or field.name == "assessed_by":
            make = made.get(field.name)
            value = make() if make is not None else None
            value = field.default if value is None else value
        if value is not None:
            found[field.name] = value
    return found


def known_words(
    archive: Archive, student: Student, record: Mapping[str, Any], name: str
) -> dict[str, str]:
    """Words a reference may be, with what they mean; nothing when the archive lists none."""
    people = student.person.representatives if student.person else ()
    enrolment = enrolment_of(student, str(record.get("enrolment")))
    edition = edition_of(archive, enrolment)
    lists: dict[str, Callable[[], dict[str, str]]] = {
        "program": lambda: {code: found.title for code, found in archive.programs.items()},
        "group": lambda: dict.fromkeys(archive.groups, ""),
        "part": lambda: {part.part: part.title for part in (edition.parts if edition else ())},
        "event": lambda: {key: event.title for key, event in archive.events.items()},
        "purpose": lambda: {key: found.title for key, found in archive.purposes.items()},
        "platform": lambda: {key: found.title for key, found in archive.platforms.items()},
        "enrolment": lambda: {e.id: e.program for e in student.enrolments if e.id},
        "document": lambda: {d.id: d.title for d in student.documents if d.id},
        "told": lambda: {p.id: p.relation for p in people if p.id} | {"обучающийся": ""},
        "period": lambda: {key: found.title for key, found in archive.periods.items()},
        "assessed_by": lambda: {
            key: found.post for key, found in archive.staff.items() if _TEACHER in found.roles
        },
        "award": lambda: {
            kind.award: f"{act.title}, п. {kind.clause}"
            for act in archive.regulations.values()
            for edition in act.editions
            if edition.is_adopted
            for kind in edition.awards
        },
    }
    make = lists.get(name)
    return make() if make is not None else {}


def open_period(archive: Archive, day: dt.date) -> str | None:
    """The period the day is in, unless it is closed."""
    spans = sorted(archive.periods.values(), key=lambda found: found.start)
    return next(
        (p.period for p in spans if p.start <= day <= p.end and p.period not in archive.approvals),
        None,
    )


def _of_resat(student: Student, record: Mapping[str, Any]) -> dict[str, Any]:
    """What a re-sit shares with the result it re-sits."""
    earlier = next((r for _, r in student.results if r.id and r.id == record.get("resits")), None)
    shared = {name: getattr(earlier, name, None) for name in _SAME_IN_RESIT if name not in record}
    return {name: value for name, value in shared.items() if value is not None}


def _only_enrolment(student: Student) -> str | None:
    going = [e.id for e in student.enrolments if e.ended is None and e.id]
    return going[0] if len(going) == 1 else None


def _teacher(archive: Archive, staff: str) -> str | None:
    member = archive.staff.get(staff)
    return staff if member is not None and _TEACHER in member.roles else None


def _edition(archive: Archive, record: Mapping[str, Any]) -> int | None:
    program = archive.programs.get(str(record.get("program")))
    if program is not None:
        return max((edition.edition for edition in program.editions), default=None)
    purpose = archive.purposes.get(str(record.get("purpose")))
    if purpose is None:
        return None
    day = str(record.get("date", "9999"))
    return max((e.edition for e in purpose.editions if e.since.isoformat() <= day), default=None)


def _award_kind(archive: Archive, record: Mapping[str, Any]) -> tuple[str | None, str | None]:
    found = {
        (key, kind.clause)
        for key, act in archive.regulations.items()
        if record.get("act") in (None, key)
        for edition in act.editions
        if edition.is_adopted
        for kind in edition.awards
        if kind.award == record.get("award")
    }
    return next(iter(found)) if len(found) == 1 else (None, None)
