"""Names that a field may hold, with what people call them, as the archive declares them.

They tell what was meant where a title, a surname or a look-alike stands for a code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from papka.core.phrases import natural_key
from papka.core.places import place
from papka.records.archive import Archive
from papka.records.school import Edition
from papka.records.yaml_tree import steps_of

if TYPE_CHECKING:
    from papka.records.mending import Names
    from papka.records.value_mends import Declared

_FIELDS = {
    "program": "program",
    "continues": "program",
    "group": "group",
    "part": "part",
    "individual_parts": "part",
    "outcome": "outcome",
    "assessed_by": "staff",
    "signed_by": "staff",
    "head": "staff",
    "teacher": "staff",
    "by": "staff",
    "made_by": "staff",
    "verified_by": "staff",
    "order": "order",
    "confirmed": "order",
    "cancels": "order",
    "period": "period",
    "scale": "scale",
    "series": "series",
    "platform": "platform",
    "event": "event",
    "purpose": "purpose",
    "enrolment": "e",
    "contract": "d",
    "document": "d",
    "photo": "d",
}
_DECLARING = {
    ("organization", "group"),
    ("organization", "scale"),
    ("organization", "period"),
    ("organization", "purpose"),
    ("organization", "series"),
    ("program", "part"),
    ("program", "outcome"),
    ("results", "period"),
    ("approval", "period"),
    ("consents", "signed_by"),
}
"""Where a name is declared, or is of another kind: no list of names stands above it."""


def field_kind(path: str, pointer: str) -> str:
    """Return the kind of thing that a field of a file names; "" when it names none."""
    found = place(path)
    steps = [step for step in steps_of(pointer) if not step.isdecimal()]
    if found is None or not steps:
        return ""
    name = steps[-1]
    if (found.kind, name) in _DECLARING and steps[0] != "groups":
        return ""
    if found.kind == "organization" and steps[0] == "groups" and name == "group":
        return ""
    if name == "continues" and found.kind != "program":
        return "e" if found.kind == "enrolments" else ""
    return _FIELDS.get(name, "")


class DeclaredNames:
    """What an archive declares, by kind."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def at(self, path: str, pointer: str) -> Declared:
        """Return the names that may stand in a field; empty when any may."""
        kind = field_kind(path, pointer)
        found = place(path)
        if kind in ("e", "d") and found is not None:
            return self._entries(found.student, kind)
        return self.known.get(kind, {})

    def _entries(self, student_id: str, kind: str) -> Declared:
        student = self._archive.students.get(student_id)
        if student is None:
            return {}
        entries = student.enrolments if kind == "e" else student.documents
        return {entry.id: "" for entry in entries if entry.id is not None}

    @cached_property
    def known(self) -> Mapping[str, Declared]:
        archive = self._archive
        return {
            "program": {code: program.title for code, program in archive.programs.items()},
            "group": dict.fromkeys(archive.groups, ""),
            "part": _titles(archive, lambda one: ((p.part, p.title) for p in one.parts)),
            "outcome": _titles(
                archive, lambda one: ((p.outcome, p.text) for p in one.planned_results)
            ),
            "staff": {id_: "|".join(_called(member.name)) for id_, member in archive.staff.items()},
            "order": {key: order.number for key, order in archive.orders.items()},
            "period": {key: period.title for key, period in archive.periods.items()},
            "scale": {key: scale.title for key, scale in archive.scales.items()},
            "series": {key: series.title for key, series in archive.series.items()},
            "platform": dict.fromkeys(archive.platforms, ""),
            "event": {key: event.title for key, event in archive.events.items()},
            "purpose": {key: purpose.title for key, purpose in archive.purposes.items()},
        }


def list_declared(archive: Archive) -> Mapping[str, Declared]:
    """Return all names an archive declares, by kind; `e` are the ids of all enrolments."""
    enrolments = (one for student in archive.students.values() for one in student.enrolments)
    ids = sorted({one.id for one in enrolments if one.id is not None}, key=natural_key)
    programs = archive.programs
    groups = {
        name: programs[one.program].title
        for name, one in archive.groups.items()
        if one.program in programs
    }
    orders = {
        key: f"{order.number} от {order.date:%d.%m.%Y}: {order.heading}"
        for key, order in archive.orders.items()
    }
    staff = {id_: f"{one.name.full}, {one.post}" for id_, one in archive.staff.items()}
    known = DeclaredNames(archive).known
    return {
        **known,
        "e": dict.fromkeys(ids, ""),
        "order": orders,
        "group": {**known["group"], **groups},
        "staff": staff,
    }


def declared(archive: Archive) -> Names:
    """Return what tells the names declared for a field."""
    return DeclaredNames(archive).at


def _titles(
    archive: Archive, listed: Callable[[Edition], Iterable[tuple[str, str]]]
) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for program in archive.programs.values():
        for edition in program.editions:
            for name, title in listed(edition):
                found.setdefault(name, set()).add(title)
    return {name: "|".join(sorted(titles)) for name, titles in found.items()}


def _called(name: object) -> Iterator[str]:
    """List what people write for a member of staff."""
    surname, given, patronymic = (
        getattr(name, field, None) or "" for field in ("surname", "given", "patronymic")
    )
    yield surname
    yield f"{surname} {given}".strip()
    yield f"{surname} {given} {patronymic}".strip()
    if given and patronymic:
        yield f"{surname} {given[0]}. {patronymic[0]}."
        yield f"{surname} {given[0]}.{patronymic[0]}."
        yield f"{given[0]}. {patronymic[0]}. {surname}"
