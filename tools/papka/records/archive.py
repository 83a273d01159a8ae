"""The archive: all records of a snapshot, read strictly, judged by its schemas, indexed by key.

A value is here only when its file was read and its schema accepted it; `unreadable` names the files
that were not, so that a rule does not call their contents missing. One run reports every rejected
file; an unknown edition of the format stops everything, for nothing about it can be judged.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec

from papka.core.errors import OrganizationGone, UnknownFormat
from papka.core.findings import Finding, Location
from papka.core.kinds import KINDS, LIST_KINDS, SCHEMA_OF, Kind, is_at_home
from papka.core.places import (
    ACTS,
    CARDS,
    FORMAT,
    IMPORTS,
    ORGANIZATION,
    RECORDS,
    RESTRICTED,
    STUDENTS,
    Place,
    is_act,
    is_pack,
    place,
    student_folder,
)
from papka.core.snapshot import Snapshot, find_below
from papka.records import acts, added_fields, reading_codes, school
from papka.records import student as student_records
from papka.records.acts import (
    Approval,
    Destruction,
    Events,
    Import,
    JournalEvent,
    Media,
    Order,
    Purges,
    RegisterEntry,
)
from papka.records.approved_entries import ApprovedList
from papka.records.raw_exports import ImportFiles, import_lists
from papka.records.schema_outline import Way
from papka.records.schemas import SchemaSet
from papka.records.school import (
    Group,
    Organization,
    Period,
    Platform,
    Program,
    Purpose,
    Regulation,
    Scale,
    Series,
    Staff,
    StaffMember,
)
from papka.records.strict_yaml import Value, read
from papka.records.student import Added, Student, set_void_apart
from papka.records.text_doubts import find_doubts
from papka.records.tombstones import Tombstones

Stood = Callable[[str, str], Student | None]
"""Key of an act of approval and number of a personal file -> the file as it stood at the act."""


@dataclass(frozen=True, slots=True)
class Archive:
    """All records by key.

    Keys: staff and platform ids, programme codes, `2026/0001` for orders, `2026/02` for events,
    `<book>/<year>/<series>-<number>` for register entries, periods for approvals (`2026-1-2`
    for the second act after the closing), `<period>/<n>` for imports, years for media, numbers
    for acts of destruction and for what was purged after them. `folders` are the ids of all
    personal files there are, read this time or not; `import_lists` the imports that have a list
    of parts; `act_texts` the paths of files beside regulations; `destroyed` what acts of
    destruction name; `misplaced` the paths that an archive of this kind may not hold, read or
    not (R-4.2). `proof` are the files of trust and of seals by path: only an archive read on
    demand has them, for only paper asks.
    `approval_lists`: lists of approved entries by the key of their act; `stood` returns a personal
    file as it stood at the act of this key, None when it did not: only an archive opened beside its
    history has it.
    `added` are the school's records that only the `schemas` know all of: (path, kind, value).
    `day`: the day of the save that made this state, or would; None where nobody asks for it.
    `trusted`: numbers of personal files that are there and right, and so were not read.
    `issued`: student -> keys of register entries, where finding them needs no reading of the rest.
    """

    organization: Organization | None = None
    staff: Mapping[str, StaffMember] = field(default_factory=dict)
    platforms: Mapping[str, Platform] = field(default_factory=dict)
    regulations: Mapping[str, Regulation] = field(default_factory=dict)
    programs: Mapping[str, Program] = field(default_factory=dict)
    events: Mapping[str, JournalEvent] = field(default_factory=dict)
    orders: Mapping[str, Order] = field(default_factory=dict)
    students: Mapping[str, Student] = field(default_factory=dict)
    registers: Mapping[str, RegisterEntry] = field(default_factory=dict)
    issued: Mapping[str, tuple[str, ...]] | None = field(default=None, compare=False, repr=False)
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    approval_lists: Mapping[str, ApprovedList] = field(default_factory=dict)
    stood: Stood | None = field(default=None, compare=False, repr=False)
    imports: Mapping[str, Import] = field(default_factory=dict)
    import_files: Mapping[str, ImportFiles] = field(default_factory=dict)
    import_lists: frozenset[str] = frozenset()
    proof: Mapping[str, bytes] = field(default_factory=dict)
    media: Mapping[str, Media] = field(default_factory=dict)
    destruction_acts: Mapping[str, Destruction] = field(default_factory=dict)
    purges: Mapping[str, Purges] = field(default_factory=dict)
    act_texts: frozenset[str] = frozenset()
    destroyed: Tombstones = field(default_factory=Tombstones, compare=False, repr=False)
    folders: frozenset[str] = frozenset()
    trusted: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    unreadable: frozenset[str] = frozenset()
    misplaced: tuple[str, ...] = ()
    files: int = 0
    added: tuple[tuple[str, str, Value], ...] = ()
    schemas: SchemaSet | None = field(default=None, compare=False, repr=False)
    day: dt.date | None = None

    staff_list: tuple[StaffMember, ...] = ()
    event_years: Mapping[str, tuple[JournalEvent, ...]] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    periods: Mapping[str, Period] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    purposes: Mapping[str, Purpose] = field(default_factory=dict)
    series: Mapping[str, Series] = field(default_factory=dict)

    def is_readable(self, path: str) -> bool:
        """Return False for a file that was rejected: nothing follows from its absence."""
        return path not in self.unreadable


def issued_to(archive: Archive, student: str) -> dict[str, RegisterEntry]:
    """Return the register entries of a student's documents by key, oldest first (R-5.5)."""
    if archive.issued is None:
        keys = [k for k, e in archive.registers.items() if e.student.partition("#")[0] == student]
    else:
        keys = [key for key in archive.issued.get(student, ()) if key in archive.registers]
    found = [(archive.registers[key].date, key) for key in keys]
    return {key: archive.registers[key] for _, key in sorted(found)}


def _find_type(kind: Kind) -> type[msgspec.Struct] | None:
    for module in (student_records, school, acts):
        if hasattr(module, kind.type):
            found: type[msgspec.Struct] = getattr(module, kind.type)
            return found
    return None


TYPES: Mapping[str, type[msgspec.Struct] | None] = {
    kind.name: _find_type(kind) for kind in KINDS if kind.is_judged
}
"""Kind of record -> its type; None for one that is kept as its schema has it."""


def known_ways(kind: str) -> frozenset[Way]:
    """Return the ways to all fields that the type of a kind of record knows."""
    type_ = TYPES.get(kind)
    return added_fields.ways_of(type_) if type_ is not None else frozenset()


class Readings:
    """Remembers what accepted files were read as, so that one job reads the same bytes once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, SchemaSet, Any]] = {}
        self._places: dict[str, Place | None] = {}

    def place(self, path: str) -> Place | None:
        """Return where a path belongs, worked out once: one job asks of each several times."""
        if path not in self._places:
            self._places[path] = place(path)
        return self._places[path]

    def find(self, path: str, data: bytes, schemas: SchemaSet) -> Any:  # noqa: ANN401 - any record
        """Return the record, or None when these bytes were not read by these schemas."""
        known = self._known.get(path)
        if known is None or known[1] is not schemas or known[0] != data:
            return None
        return known[2]

    def keep(self, path: str, data: bytes, schemas: SchemaSet, value: object) -> None:
        self._known[path] = (data, schemas, value)


T = TypeVar("T")
_ReadAs = tuple[Any, Any]
"""A record as its type has it, and what it says beyond that: `Added` in a personal file, else the
value; None for either that is not."""


@dataclass(slots=True)
class _Shelf:
    """The records read so far."""

    single: dict[str, Any] = field(default_factory=dict)
    keyed: dict[str, dict[str, Any]] = field(default_factory=dict)
    students: dict[str, dict[str, Any]] = field(default_factory=dict)
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)
    salts: dict[str, bytes] = field(default_factory=dict)
    raw: dict[str, dict[str, bytes]] = field(default_factory=dict)
    imports: dict[str, ImportFiles] = field(default_factory=dict)
    act_texts: set[str] = field(default_factory=set)
    approval_lists: dict[str, ApprovedList] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    kinds: dict[str, list[str]] = field(default_factory=dict)
    files: int = 0
    readings: Readings | None = None
    added: dict[str, dict[str, Added]] = field(default_factory=dict)
    added_records: list[tuple[str, str, Value]] = field(default_factory=list)

    def put(self, path: str, found: Place, read_as: _ReadAs) -> None:
        value, added = read_as
        if isinstance(added, Added):
            self.added.setdefault(found.student, {})[path] = added
        elif added is not None:
            self.added_records.append((path, found.kind, added))
        if value is None:
            return
        if found.kind == "results":
            folder = self.students[found.student]
            folder.setdefault("periods", {})[found.key] = value.results
            folder.setdefault("stated_periods", {})[found.key] = value.period
        elif found.student:
            self.students[found.student][found.kind] = value
        elif found.key:
            self.keyed.setdefault(found.kind, {})[found.key] = value
        else:
            self.single[found.kind] = value


def load(
    snapshot: Snapshot,
    schemas: SchemaSet,
    *,
    wanted: Callable[[str], bool] | None = None,
    readings: Readings | None = None,
    day: dt.date | None = None,
) -> Archive:
    """Load the archive of a snapshot; `wanted` narrows which paths are read.

    What acts of destruction name is always known, for it is not missing; packs of evidence are
    never read.

    Raise OrganizationGone without organization.yaml, UnknownFormat for an edition of the future.
    """
    listed = snapshot.paths()
    if ORGANIZATION not in listed:
        raise OrganizationGone(ORGANIZATION)
    paths = [
        path
        for path in listed[find_below(listed, f"{RECORDS}/")]
        if (not wanted or path == ORGANIZATION or wanted(path)) and not is_pack(path)
    ]
    destroyed = filter(is_act, listed[find_below(listed, ACTS)])
    return replace(
        _build(_read(snapshot.read_many(paths), schemas, readings), schemas),
        folders=frozenset(_list_folders(listed[find_below(listed, f"{STUDENTS}/")])),
        import_lists=import_lists(listed[find_below(listed, IMPORTS)]),
        destroyed=Tombstones(tuple(snapshot.read_many(destroyed))),
        day=day,
    )


def _list_folders(paths: Iterable[str]) -> Iterator[str]:
    """Yield the numbers of the personal folders with a card, whatever else lies about."""
    for path in paths:
        if path.endswith(CARDS):
            parts = path.split("/")
            if len(parts) > 4:
                yield parts[3]


def load_kinds(snapshot: Snapshot, kinds: Container[str]) -> Archive:
    """Load the records of these kinds alone, judged by the archive's own schemas."""
    return load(
        snapshot,
        SchemaSet.load(snapshot),
        wanted=lambda path: (found := place(path)) is not None and found.kind in kinds,
    )


def load_students(
    snapshot: Snapshot,
    schemas: SchemaSet,
    students: Iterable[str],
    readings: Readings | None = None,
) -> dict[str, Student]:
    """Load some personal files alone; the cost does not grow with the archive."""
    listed = snapshot.paths()
    paths: list[str] = []
    for student in sorted(students):
        paths += listed[find_below(listed, f"{student_folder(student)}/")]
    return _build_students(_read(snapshot.read_many(paths), schemas, readings))


def load_part(
    files: Iterable[tuple[str, bytes]], schemas: SchemaSet, readings: Readings | None = None
) -> Archive:
    """Load some files alone as an archive that holds nothing else, not even an organization."""
    return _build(_read(files, schemas, readings), schemas)


def _read(
    files: Iterable[tuple[str, bytes]], schemas: SchemaSet, readings: Readings | None
) -> _Shelf:
    shelf = _Shelf(readings=readings)
    for path, data in files:
        _take(shelf, schemas, path, data)
    return shelf


def _take(shelf: _Shelf, schemas: SchemaSet, path: str, data: bytes) -> None:
    found = shelf.readings.place(path) if shelf.readings else place(path)
    if found is None:
        shelf.findings.append(reading_codes.PATH_UNKNOWN.at(Location(path)))
        return
    shelf.files += 1
    shelf.kinds.setdefault(found.kind, []).append(path)
    if found.student:
        shelf.students.setdefault(found.student, {})
    if found.kind in SCHEMA_OF:
        _take_record(shelf, schemas, path, data, found)
    elif found.kind == "attachment":
        digest = hashlib.sha256(data).hexdigest()
        shelf.attachments.setdefault(found.student, {})[found.key] = digest
    elif found.kind == "salt":
        shelf.salts[found.student] = data
    elif found.kind == "raw":
        shelf.raw.setdefault(found.student, {})[found.key] = data
    elif found.kind.startswith("import-"):
        shelf.imports.setdefault(found.key, ImportFiles()).put(path, data)
    elif found.kind == "approval-entries":
        shelf.approval_lists[found.key] = ApprovedList(data)
    elif found.kind == "regulation-file":
        shelf.act_texts.add(path)


def _take_record(shelf: _Shelf, schemas: SchemaSet, path: str, data: bytes, found: Place) -> None:
    known = shelf.readings.find(path, data, schemas) if shelf.readings else None
    if known is not None:
        shelf.put(path, found, known)
        return
    document = read(data, path)
    value = document.value
    if found.kind == "organization" and isinstance(value, dict):
        edition = value.get("format", FORMAT)
        if edition not in range(1, FORMAT + 1):
            raise UnknownFormat(edition, FORMAT)
    problems = document.findings or schemas.judge(SCHEMA_OF[found.kind], value, path)
    doubts = () if problems else find_doubts(data, path)
    problems = problems or document.doubts
    shelf.findings.extend(doubts)
    if problems:
        shelf.findings.extend(problems)
        shelf.unreadable.add(path)
    else:
        try:
            record = _convert(schemas, path, found, value)
            shelf.put(path, found, record)
            if shelf.readings is not None and not doubts:
                shelf.readings.keep(path, data, schemas, record)
        except msgspec.ValidationError as error:
            # Only a school's own loosened schema lets such a value come this far.
            shelf.findings.append(
                reading_codes.SCHEMA_TOO_LOOSE.at(Location(path), reason=str(error))
            )
            shelf.unreadable.add(path)


def _convert(schemas: SchemaSet, path: str, found: Place, value: Value) -> _ReadAs:
    """Return the record as its type has it; raise ValidationError when the type will not."""
    type_ = TYPES[found.kind]
    record = None if type_ is None else msgspec.convert(value, type_, strict=True)
    if not added_fields.says_more(schemas, found.kind, type_):
        return record, None
    if not found.student:
        return record, value
    added = added_fields.read_added(schemas, found.kind, path, value, type_)
    return record, added if added != Added() else None


def _build(shelf: _Shelf, schemas: SchemaSet) -> Archive:
    organization: Organization | None = shelf.single.get("organization")
    staff: Staff | None = shelf.single.get("staff")
    keyed = shelf.keyed
    restricted = organization is not None and organization.kind == RESTRICTED
    shelves: dict[str, Any] = {kind.shelf: keyed.get(kind.name, {}) for kind in KINDS if kind.shelf}
    years: dict[str, Events] = keyed.get("events", {})
    return Archive(
        organization=organization,
        staff=_index(staff.staff if staff else (), lambda member: member.id),
        events=_index(
            (event for year in years.values() for event in year.events), lambda event: event.id
        ),
        students=_build_students(shelf),
        import_files=shelf.imports,
        approval_lists=shelf.approval_lists,
        act_texts=frozenset(shelf.act_texts),
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
        scales=_index(organization.scales if organization else (), lambda item: item.scale),
        periods=_index(organization.periods if organization else (), lambda item: item.period),
        groups=_index(organization.groups if organization else (), lambda item: item.group),
        purposes=_index(organization.purposes if organization else (), lambda item: item.purpose),
        series=_index(organization.series if organization else (), lambda item: item.series),
        added=tuple(shelf.added_records),
        schemas=schemas,
        **shelves,
    )


def _build_students(shelf: _Shelf) -> dict[str, Student]:
    return {student: _build_student(student, shelf) for student in sorted(shelf.students)}


def _build_student(student: str, shelf: _Shelf) -> Student:
    files = shelf.students[student]
    lists = {kind.name: getattr(files[kind.name], kind.name) for kind in LIST_KINDS
             if kind.name in files}  # fmt: skip
    whole = Student(
        id=student,
        person=files.get("student"),
        periods=files.get("periods", {}),
        stated_periods=files.get("stated_periods", {}),
        attachments=shelf.attachments.get(student, {}),
        raw=shelf.raw.get(student, {}),
        salt=shelf.salts.get(student),
        added=added_fields.join(shelf.added.get(student, {}).values()),
        **lists,
    )
    return set_void_apart(whole)


def _index(items: Iterable[T], key: Callable[[T], str]) -> dict[str, T]:
    """Index by key; of twins the first stands (a rule reports the second)."""
    found: dict[str, T] = {}
    for item in items:
        found.setdefault(key(item), item)
    return found
