"""From a Snapshot to an Archive: each file read strictly, judged by its schema, indexed.

Invariants: one run reports every rejected file; the archive's own schemas judge its records;
an unknown edition of the format stops everything (nothing about it can be judged).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from papka.core.codes import records as codes
from papka.core.errors import NotAnArchive, UnknownFormat
from papka.core.findings import Finding, Location
from papka.core.layout import (
    ACTS,
    CARDS,
    FORMAT,
    ORGANIZATION,
    RECORDS,
    RESTRICTED,
    SCHEMA_OF,
    Place,
    is_at_home,
    place,
    student_folder,
)
from papka.core.snapshot import Snapshot
from papka.model.acts import Approval, Event, Events, Order, RegisterEntry
from papka.model.archive import Archive
from papka.model.person import Person
from papka.model.program import Program
from papka.model.restricted import Diagnostics, Needs
from papka.model.results import PeriodResults
from papka.model.safekeeping import Import, Media
from papka.model.school import Organization, Platform, Regulation, Staff
from papka.model.standing import Awards, Consents, Documents, Notices
from papka.model.student import Student
from papka.model.study import Credits, Enrolments
from papka.text.document import read
from papka.text.schemas import SchemaSet

T = TypeVar("T")

_TYPES: dict[str, Any] = {
    "organization": Organization,
    "staff": Staff,
    "platform": Platform,
    "regulation": Regulation,
    "program": Program,
    "events": Events,
    "order": Order,
    "register": RegisterEntry,
    "approval": Approval,
    "import": Import,
    "media": Media,
    "student": Person,
    "enrolments": Enrolments,
    "results": PeriodResults,
    "credits": Credits,
    "awards": Awards,
    "consents": Consents,
    "documents": Documents,
    "notices": Notices,
    "diagnostics": Diagnostics,
    "needs": Needs,
}


@dataclass(slots=True)
class _Shelf:
    """What has been read so far."""

    single: dict[str, Any] = field(default_factory=dict)
    keyed: dict[str, dict[str, Any]] = field(default_factory=dict)
    students: dict[str, dict[str, Any]] = field(default_factory=dict)
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)
    salts: dict[str, bytes] = field(default_factory=dict)
    act_texts: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    kinds: dict[str, list[str]] = field(default_factory=dict)
    files: int = 0

    def folder(self, student: str) -> dict[str, Any]:
        return self.students.setdefault(student, {})

    def put(self, found: Place, value: Any) -> None:  # noqa: ANN401 - any record type
        if found.kind == "results":
            folder = self.folder(found.student)
            folder.setdefault("periods", {})[found.key] = value.results
            folder.setdefault("stated_periods", {})[found.key] = value.period
        elif found.student:
            self.folder(found.student)[found.kind] = value
        elif found.key:
            self.keyed.setdefault(found.kind, {})[found.key] = value
        else:
            self.single[found.kind] = value


def load(
    snapshot: Snapshot, schemas: SchemaSet, *, wanted: Callable[[str], bool] | None = None
) -> Archive:
    """The archive of a snapshot; `wanted` narrows which paths are read.

    Raises NotAnArchive without organization.yaml, UnknownFormat for another edition.
    """
    listed = snapshot.paths()
    if ORGANIZATION not in listed:
        raise NotAnArchive(ORGANIZATION)
    folders = frozenset(path.split("/")[3] for path in listed if path.endswith(CARDS))
    paths = [
        path
        for path in listed
        if path.startswith(RECORDS + "/") and (not wanted or path == ORGANIZATION or wanted(path))
    ]
    shelf = _Shelf()
    for path, data in snapshot.read_many(paths):
        _take(shelf, schemas, path, data)
    acts = frozenset(path.split("/")[2] for path in listed if path.startswith(ACTS))
    return _archive(shelf, folders, acts)


def load_students(
    snapshot: Snapshot, schemas: SchemaSet, students: Iterable[str]
) -> dict[str, Student]:
    """Some personal files alone; the cost does not grow with the archive."""
    listed = snapshot.paths()
    shelf = _Shelf()
    for student in sorted(students):
        prefix = student_folder(student) + "/"
        start, end = bisect_left(listed, prefix), bisect_left(listed, prefix + "\U0010ffff")
        for path, data in snapshot.read_many(listed[start:end]):
            _take(shelf, schemas, path, data)
    return _students(shelf)


def _take(shelf: _Shelf, schemas: SchemaSet, path: str, data: bytes) -> None:
    found = place(path)
    if found is None:
        shelf.findings.append(codes.PATH_UNKNOWN.at(Location(path)))
        return
    shelf.files += 1
    shelf.kinds.setdefault(found.kind, []).append(path)
    if found.kind in SCHEMA_OF:
        _take_record(shelf, schemas, path, data, found)
    elif found.kind == "attachment":
        digest = hashlib.sha256(data).hexdigest()
        shelf.attachments.setdefault(found.student, {})[found.key] = digest
        shelf.folder(found.student)
    elif found.kind == "salt":
        shelf.salts[found.student] = data
        shelf.folder(found.student)
    elif found.kind == "regulation-file":
        shelf.act_texts.add(path)


def _take_record(shelf: _Shelf, schemas: SchemaSet, path: str, data: bytes, found: Place) -> None:
    document = read(data, path)
    value = document.value
    if found.kind == "organization" and isinstance(value, dict):
        edition = value.get("format", FORMAT)
        if edition != FORMAT:
            raise UnknownFormat(edition, FORMAT)
    problems = document.findings or schemas.judge(SCHEMA_OF[found.kind], value, path)
    if found.student:
        shelf.folder(found.student)
    if problems:
        shelf.findings.extend(problems)
        shelf.unreadable.add(path)
    elif found.kind in _TYPES:
        try:
            shelf.put(found, msgspec.convert(value, _TYPES[found.kind], strict=True))
        except msgspec.ValidationError as error:
            # Only a school's own loosened schema lets such a value come this far.
            shelf.findings.append(codes.SCHEMA_TOO_LOOSE.at(Location(path), reason=str(error)))
            shelf.unreadable.add(path)


def _archive(shelf: _Shelf, folders: frozenset[str], destructions: frozenset[str]) -> Archive:
    organization: Organization | None = shelf.single.get("organization")
    staff: Staff | None = shelf.single.get("staff")
    keyed = shelf.keyed
    restricted = organization is not None and organization.kind == RESTRICTED
    years: dict[str, Events] = keyed.get("events", {})
    return Archive(
        organization=organization,
        staff=_first(staff.staff if staff else (), lambda member: member.id),
        platforms=keyed.get("platform", {}),
        regulations=keyed.get("regulation", {}),
        programs=keyed.get("program", {}),
        events=_first((event for year in years.values() for event in year.events), _event_id),
        orders=keyed.get("order", {}),
        students=_students(shelf),
        registers=keyed.get("register", {}),
        approvals=keyed.get("approval", {}),
        imports=keyed.get("import", {}),
        media=keyed.get("media", {}),
        act_texts=frozenset(shelf.act_texts),
        destructions=destructions,
        folders=folders,
        findings=tuple(shelf.findings),
        unreadable=frozenset(shelf.unreadable),
        misplaced=tuple(
            path
            for kind, paths in shelf.kinds.items()
            if not is_at_home(kind, restricted=restricted)
            for path in paths
        ),
        files=shelf.files,
        staff_list=staff.staff if staff else (),
        event_years={year: events.events for year, events in years.items()},
        scales=_first(organization.scales if organization else (), lambda item: item.scale),
        periods=_first(organization.periods if organization else (), lambda item: item.period),
        groups=_first(organization.groups if organization else (), lambda item: item.group),
        purposes=_first(organization.purposes if organization else (), lambda item: item.purpose),
        series=_first(organization.series if organization else (), lambda item: item.series),
    )


def _students(shelf: _Shelf) -> dict[str, Student]:
    return {student: _student(student, shelf) for student in sorted(shelf.students)}


def _student(student: str, shelf: _Shelf) -> Student:
    files = shelf.students[student]

    def entries(kind: str) -> tuple[Any, ...]:
        value = files.get(kind)
        return getattr(value, kind) if value is not None else ()

    return Student(
        id=student,
        person=files.get("student"),
        enrolments=entries("enrolments"),
        periods=files.get("periods", {}),
        credits=entries("credits"),
        awards=entries("awards"),
        consents=entries("consents"),
        documents=entries("documents"),
        notices=entries("notices"),
        diagnostics=entries("diagnostics"),
        needs=entries("needs"),
        attachments=shelf.attachments.get(student, {}),
        stated_periods=files.get("stated_periods", {}),
        salt=shelf.salts.get(student),
    )


def _event_id(event: Event) -> str:
    return event.id


def _first(items: Iterable[T], key: Callable[[T], str]) -> dict[str, T]:
    """By key; of twins the first stands (a rule reports the second)."""
    found: dict[str, T] = {}
    for item in items:
        found.setdefault(key(item), item)
    return found
