"""Names that a field may hold, with what people call them, as the archive declares them.

They tell what was meant where a title, a surname or a look-alike stands for a code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from papka.checks.references import list_keys
from papka.core.kinds import LETTER_OF, SCHEMA_OF
from papka.core.phrases import natural_key
from papka.core.places import SHEETS, place
from papka.records.archive import Archive
from papka.records.schema_outline import Way
from papka.records.schemas import SchemaSet, shipped
from papka.records.school import Edition
from papka.records.yaml_tree import steps_of

if TYPE_CHECKING:
    from papka.records.mending import Names
    from papka.records.value_mends import Declared

_WITHOUT_ANNOTATION = {
    "part": "part",
    "individual_parts": "part",
    "outcome": "outcome",
    "purpose": "purpose",
    "period": "periods",
}
"""Fields whose names depend on another field, or on the file: no `x-refers-to` says of what."""
_DECLARING = {
    ("organization", "period"),
    ("organization", "purpose"),
    ("program", "part"),
    ("program", "outcome"),
    ("media", "outcome"),
    ("results", "period"),
    ("approval", "period"),
    ("register", "period"),  # a fact in words, as the paper said it
}
"""Where such a name is declared, or is of another kind: no list of names stands above it."""


def targets_of(kind: str, schemas: SchemaSet) -> Mapping[Way, tuple[str, ...]]:
    """Return the ways to the names in a record of a kind, and what each may name.

    The words are those of `x-refers-to`, and `part`, `outcome` and `purpose`.
    """
    name = SCHEMA_OF.get(kind, "")
    found = dict(schemas.references(name))
    for way in schemas.ways(name):
        field = next((step for step in reversed(way) if step != "*"), "")
        word = _WITHOUT_ANNOTATION.get(field)
        if (*way, "*") in schemas.ways(name):
            continue  # the list itself
        if word and way not in found and (kind, field) not in _DECLARING:
            found[way] = (word,)
    return found


class DeclaredNames:
    """What an archive declares, by kind."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._schemas = archive.schemas or shipped()
        self._targets: dict[str, Mapping[Way, tuple[str, ...]]] = {}

    def at(self, path: str, pointer: str) -> Declared:
        """Return the names that may stand in a field; empty when any may."""
        found = place(path)
        if found is None:
            return {}
        if found.kind not in self._targets:
            self._targets[found.kind] = targets_of(found.kind, self._schemas)
        way = tuple("*" if step.isdecimal() else step for step in steps_of(pointer))
        return self.named(self._targets[found.kind].get(way, ()), found.student)

    def named(self, words: Iterable[str], student_id: str = "") -> Declared:
        """Return all names of what these words of a schema allow; empty when any may stand."""
        lists = [self._entries(student_id, LETTER_OF[word]) if word in LETTER_OF
                 else self.known.get(word, {}) for word in words]  # fmt: skip
        return {name: title for each in lists for name, title in each.items()} if all(lists) else {}

    def _entries(self, student_id: str, letter: str) -> Declared:
        student = self._archive.students.get(student_id)
        if student is None:
            return {}
        ids = (entry.id for entry in student.entries() if entry.id is not None)
        return {id_: "" for id_ in ids if id_[0] == letter}

    @cached_property
    def known(self) -> Mapping[str, Declared]:
        archive = self._archive
        return {
            "program": {code: program.title for code, program in archive.programs.items()},
            "groups": dict.fromkeys(archive.groups, ""),
            "part": _titles(archive, lambda one: ((p.part, p.title) for p in one.parts)),
            "outcome": _titles(
                archive, lambda one: ((p.outcome, p.text) for p in one.planned_results)
            ),
            "staff": {id_: "|".join(_called(member.name)) for id_, member in archive.staff.items()},
            "order": {key: order.number for key, order in archive.orders.items()},
            "periods": {key: period.title for key, period in archive.periods.items()},
            "scales": {key: scale.title for key, scale in archive.scales.items()},
            "series": {key: series.title for key, series in archive.series.items()},
            "platform": dict.fromkeys(archive.platforms, ""),
            "source": dict.fromkeys((*archive.platforms, SHEETS), ""),
            "regulation": dict.fromkeys(sorted(list_keys(archive, "regulation")), ""),
            "events": {key: event.title for key, event in archive.events.items()},
            "purpose": {key: purpose.title for key, purpose in archive.purposes.items()},
        }


def list_declared(archive: Archive) -> Mapping[str, Declared]:
    """Return all names an archive declares, by kind; `enrolments` are the ids in all files."""
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
        "enrolments": dict.fromkeys(ids, ""),
        "order": orders,
        "groups": {**known["groups"], **groups},
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
