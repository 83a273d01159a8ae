"""The records one command opens: a personal file to read or to write, or everyone's study at once.

Invariant: the cost does not grow with what is not asked for. `open_file` reads one personal file
from the work tree or a commit, and of the rest what all share, the orders it names and the register
entries that name it; never scans and raw exports. `overview` reads everyone's study without the
papers; what cannot be read is named in `Archive.unreadable`. `Desk` is what lies open while a
record is written: always the work tree, so that what was added and is not saved yet can be referred
to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from papka.core.errors import NotFound, Refused
from papka.core.kinds import KIND_OF, SCHEMA_OF, is_at_home
from papka.core.phrases import suggest
from papka.core.places import (
    ORGANIZATION,
    RECORDS,
    RESTRICTED,
    STAFF,
    STUDENTS,
    is_act,
    is_by_period,
    is_student_id,
    order_file,
    period_of_act,
    place,
    program_file,
    record_folder,
    student_file,
    student_folder,
    student_kinds,
)
from papka.core.snapshot import DictSnapshot, Part, Snapshot, Tree, bytes_of
from papka.desk.approval import SavedActs, with_history
from papka.records.archive import Archive, load, load_kinds, load_part
from papka.records.fields import FieldForm, FieldListing
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import read
from papka.records.student import Student
from papka.records.tombstones import Tombstones, no_file
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import NarrowSnapshot
from papka.repository.files import files_below, names_in
from papka.repository.git_values import Commit
from papka.repository.unfinished_work import settle_folder
from papka.repository.worktree import OpenedSnapshot, WorktreeSnapshot

_ORDER = re.compile(rb"\b\d{4}/\d{4}\b")
_UNREAD = ("attachment", "raw")
_SHARED = (
    *("organization", "staff", "platform", "regulation", "program", "events", "approval", "act"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A personal file opened for reading; `commit` is None for the work tree."""

    archive: Archive
    student: Student
    schemas: SchemaSet
    files: DictSnapshot
    commit: Commit | None = None


def open_file(
    root: Path, student: str, *, rev: str | None = None, is_for_show: bool = False
) -> Opened:
    """Open the personal file `student`; raises NotFound with the likely number.

    `is_for_show`: as for `SavedActs`.
    """
    if not is_student_id(student):
        order = order_file(student)
        if place(order) == ("order", student, "") and (root / order).is_file():
            raise NotFound(
                f"«{student}» — приказ, а показывают личное дело, его запись и выданный документ",
                f"Напечатать приказ: papka print order {student}; он записан в {order}",
            )
        raise NotFound(
            f"«{student}» — не номер дела",
            f"Номер дела — год и число: 2026-0007.{suggest(student, _list_numbers(root))} "
            "Найти по имени: papka find",
        )
    folder = student_folder(student)
    commit = commit_snapshots.read_commit(root, rev) if rev else None
    source: Snapshot
    if commit is None:
        source = WorktreeSnapshot(root)
        paths = _list_worktree(root, folder)
    else:
        source = NarrowSnapshot(root, commit.id, {folder})
        paths = source.paths()
    own = [path for path in paths if path.startswith(folder + "/")]
    if not own:
        when = f" в сохранении {commit.id[:12]}" if commit else " в архиве"
        acts = source.read_many(filter(is_act, paths))
        raise no_file(Tombstones(acts), student, _list_numbers(root), when)
    files = _read_files(source, paths, own, student)
    snapshot = DictSnapshot(files)
    schemas = SchemaSet.load(snapshot)
    saved = SavedActs(root, commit.id if commit else "HEAD", is_for_show=is_for_show)
    archive = with_history(load(snapshot, schemas), saved)
    if student not in archive.students:  # there is a folder, but no record in it
        archive = replace(archive, students={student: Student(student)})
    return Opened(archive, archive.students[student], schemas, snapshot, commit)


def _list_numbers(root: Path) -> list[str]:
    years = names_in(root, STUDENTS)
    return [name for year in years for name in names_in(root, f"{STUDENTS}/{year}")]


def _list_worktree(root: Path, folder: str) -> tuple[str, ...]:
    found = [*files_below(root, "schema"), *files_below(root, folder)]
    for name in names_in(root, RECORDS):
        if name != "students":
            below = files_below(root, f"{RECORDS}/{name}")
            found += below or ([f"{RECORDS}/{name}"] if name.endswith(".yaml") else [])
    return tuple(sorted(found))


def _read_files(
    source: Snapshot, paths: Iterable[str], own: list[str], student: str
) -> dict[str, bytes]:
    asked = [path for path in own if (at := place(path)) is None or at.kind not in _UNREAD]
    files = dict(source.read_many(asked))
    named = {order_file(each.decode()) for data in files.values() for each in _ORDER.findall(data)}
    periods = {at.key for path in own if (at := place(path)) and at.kind == "results"}
    shared, registers = [], []
    for path in paths:
        at = place(path)
        if (
            path.startswith("schema/")
            or path in named
            or (at and at.kind in _SHARED)
            or (at and at.kind == "approval-entries" and period_of_act(at.key) in periods)
        ):
            shared.append(path)
        elif at and at.kind == "register":
            registers.append(path)
    files |= dict(source.read_many(shared))
    number = student.encode()
    files |= {path: data for path, data in source.read_many(registers) if number in data}
    return files


_OVERVIEW = frozenset(
    {
        *("organization", "staff", "program", "platform", "regulation"),
        *("approval", "approval-entries", "salt"),
        *("student", "enrolments", "transfers", "results", "credits", "consents", "requests"),
        *("media", "act", "purges"),
    }
)


_OF_EACH = ("students", "orders", "registers", "imports")
"""Folders of records whose number grows with the people."""


def overview(snapshot: Snapshot, *more: str) -> Archive:
    """Load people, study, credits, consents, acts, approvals and media of the whole archive.

    `more`: further kinds of record.
    """
    return load_kinds(snapshot, _OVERVIEW.union(more))


def open_people(
    root: Path,
    tree: Tree,
    students: Iterable[str],
    kinds: Collection[str] = _OVERVIEW,
    more: Iterable[str] = (),
) -> Archive:
    """Load what all share, these kinds of a few people's records and `more` files, as they lie in
    the folder.

    What cannot be read is named in `Archive.unreadable`. Raises BrokenSchema.
    """
    shared = list_shared(tree, kinds)
    own = (path for student in students for path in list_own(tree, student, kinds))
    there = ((path, data) for path in own if (data := bytes_of(tree, path)) is not None)
    schemas = SchemaSet.load(Part(tree, "schema"))
    part = load_part(chain(tree.read_many(shared), there, tree.read_many(more)), schemas)
    acts = tuple(tree.read_many(filter(is_act, tree.below(record_folder("act")))))
    known = replace(part, destroyed=Tombstones(acts), schemas=schemas)
    return with_history(known, SavedActs(root))


def list_shared(tree: Tree, kinds: Collection[str]) -> list[str]:
    """Return the files that lie in no personal folder and that people with such records rest on."""
    wanted = _OVERVIEW.union(kinds)
    return [
        path
        for name in tree.names(RECORDS)
        if name not in _OF_EACH
        for path in tree.below(f"{RECORDS}/{name}") or (f"{RECORDS}/{name}",)
        if (at := place(path)) is not None and at.kind in wanted
    ]


def list_own(tree: Tree, student: str, kinds: Collection[str]) -> Iterator[str]:
    """Yield the files of these kinds in a personal folder. One that has a name of its own may not
    be there: to look for it would cost more than to read it."""
    for kind in sorted(kinds):
        if not KIND_OF[kind].is_personal:
            continue
        path = student_file(student, kind)
        if path.endswith(".yaml") and not is_by_period(kind):
            yield path
        else:
            for each in tree.below(path.rpartition("/")[0]):
                at = place(each)
                if at is not None and at.kind == kind:
                    yield each


def add_books(
    archive: Archive, snapshot: Snapshot, orders: Iterable[str], year: int, paths: Iterable[str]
) -> Archive:
    """Add to an overview these orders, all documents issued in the year and later, and files."""
    named = {*(order_file(key) for key in orders), *paths}
    issued = f"{record_folder('register')}/"
    found = load(
        snapshot,
        SchemaSet.load(snapshot),
        wanted=lambda path: (
            path in named or (path.startswith(issued) and path.split("/")[3] >= f"{year:04d}")
        ),
    )
    return replace(
        archive,
        orders=found.orders,
        registers=found.registers,
        unreadable=archive.unreadable | found.unreadable,
    )


@dataclass(frozen=True, slots=True)
class EntryKind:
    """A kind of entry of a personal folder: `record` is the kind of file that holds it."""

    record: str
    listing: FieldListing

    @property
    def form(self) -> FieldForm:
        return self.listing.form

    @property
    def by_period(self) -> bool:
        return is_by_period(self.record)


class Desk:
    """What lies open while one record is written: shared records, schemas, one personal file.

    `student` is its number, "" when none is open; the files of those `among` others are read with
    it, for `at` to go over to.
    """

    def __init__(self, root: Path, student: str = "", among: Collection[str] = ()) -> None:
        """Open it; raises NotFound when there is no such personal file."""
        settle_folder(root)
        self.root = root
        self.student = student
        self.folder = student_folder(student) if is_student_id(student) else ""
        self._opened = {self.folder} if self.folder else set()
        self._opened |= {student_folder(each) for each in among}
        self.snapshot = OpenedSnapshot(root, self._opened, alone=True)
        self._read: dict[str, bytes | None] = {}
        self.schemas = SchemaSet.load(self.snapshot)
        there = bool(self.folder) and (root / self.folder).is_dir()
        # in a restricted archive the first record makes the folder: the card lies elsewhere
        if student and not there and not (self.folder and self._is_restricted):
            hint = f"Номера есть в списке: papka find.{suggest(student, _list_numbers(root))}"
            raise NotFound(f"Личного дела «{student}» нет", hint)

    def at(self, student: str) -> Desk:
        """Return the same with the file of one of those `among` open."""
        other = copy(self)
        other.student, other.folder = student, student_folder(student)
        return other

    @cached_property
    def archive(self) -> Archive:
        """Shared records and the open personal file."""
        return load(
            self.snapshot,
            self.schemas,
            wanted=lambda path: (
                not path.startswith(STUDENTS + "/") or "/".join(path.split("/")[:4]) in self._opened
            ),
        )

    @property
    def person(self) -> Student:
        """The open personal file as far as it can be read."""
        return self.archive.students.get(self.student) or Student(self.student)

    def bytes_of(self, path: str) -> bytes | None:
        """Return a file as it lay in the folder when it was first asked for; None without one.

        What was decided by an entry is written over the very file it was read from, or not at all.
        """
        if path not in self._read:
            self._read[path] = bytes_of(self.snapshot, path)
        return self._read[path]

    def value_of(self, path: str) -> Any:  # noqa: ANN401 - a YAML value
        """Parse a file; None when it is not there. Raises Refused when it has faults."""
        data = self.bytes_of(path)
        if data is None:
            return None
        document = read(data, path)
        if document.findings:
            raise Refused(f"Файл {path} не читается", f"Исправьте его: papka check; {path}")
        return document.value

    def kinds(self) -> dict[str, EntryKind]:
        """Return the kinds of entries this archive's own schemas know, by the command's word."""
        found: dict[str, EntryKind] = {}
        restricted, names = self._is_restricted, set(self.schemas.names)
        for record in student_kinds():
            if SCHEMA_OF[record] not in names or not is_at_home(record, restricted=restricted):
                continue
            for listing in self.schemas.forms.listings(SCHEMA_OF[record]):
                found.setdefault(listing.kind, EntryKind(record, listing))
        return found

    def documents(self) -> Iterator[tuple[str, Any]]:
        """Yield path and value of every readable YAML file of the open folder."""
        for path in self.snapshot.paths():
            if self.folder and path.startswith(self.folder + "/") and path.endswith(".yaml"):
                value = read(self.bytes_of(path) or b"", path).value
                if value is not None:
                    yield path, value

    def next_id(self, letter: str) -> str:
        """Return the entry id after the highest one of the folder."""
        known = [
            int(id_[1:])
            for _, value in self.documents()
            for _, id_ in ids_in(value)
            if id_.startswith(letter) and id_[1:].isdecimal()
        ]
        return f"{letter}{max(known, default=0) + 1}"

    @property
    def _is_restricted(self) -> bool:
        organization = self.archive.organization
        return organization is not None and organization.kind == RESTRICTED


def ids_in(value: object, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield pointer and id of every entry in lists of a value."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from ids_in(item, f"{pointer}/{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, dict):
                if isinstance(item.get("id"), str):
                    yield f"{pointer}/{number}", item["id"]
                yield from ids_in(item, f"{pointer}/{number}")


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry and its place; with an empty `entry_id` the card. `kind` is the command's word;
    `record` names a record of the school: an order, an event, a programme.
    """

    desk: Desk
    entry_id: str
    path: str
    pointer: str
    value: dict[str, Any]
    kind: str
    form: FieldForm
    record: str = ""

    @property
    def address(self) -> str:
        if self.record:
            return self.record
        return f"{self.desk.student}#{self.entry_id}" if self.entry_id else self.desk.student

    @property
    def list_pointer(self) -> str:
        return self.pointer.rpartition("/")[0]


def find_entry(desk: Desk, entry_id: str) -> FoundEntry:
    """Find the entry with this id, or the card for ""; raises NotFound with the likely id."""
    if not entry_id:
        path = f"{desk.folder}/student.yaml"
        value = desk.value_of(path)
        if not isinstance(value, dict):
            raise NotFound(f"Карточки {path} нет", "Проверьте дело: papka check")
        return FoundEntry(desk, "", path, "", value, "student", desk.schemas.forms.of("student"))
    known = []
    for path, whole in desk.documents():
        for pointer, id_ in ids_in(whole):
            known.append(id_)
            if id_ == entry_id:
                value = whole
                for part in pointer.split("/")[1:]:
                    value = value[int(part) if isinstance(value, list) else part]
                kind, form = _kind_at(desk, path, pointer, entry_id)
                return FoundEntry(desk, entry_id, path, pointer, value, kind, form)
    raise NotFound(
        f"Записи {entry_id} в деле {desk.student} нет",
        f"Что есть: papka show {desk.student}.{suggest(entry_id, known)}",
    )


def find_record(desk: Desk, name: str) -> FoundEntry | None:
    """Find an order («2026/0018»), an event («2026/02») or a programme (its code).

    Raise Refused for what the school declares in a file that is mended by hand.
    """
    archive, forms = desk.archive, desk.schemas.forms
    for kind, names, path in (
        ("order", archive.orders, order_file(name)),
        ("program", archive.programs, program_file(name)),
    ):
        if name in names:
            return FoundEntry(desk, "", path, "", desk.value_of(path), kind, forms.of(kind), name)
    if name in archive.events:
        path = f"{RECORDS}/events/{name.partition('/')[0]}.yaml"
        listed = desk.value_of(path)["events"]
        at = next(at for at, each in enumerate(listed) if each.get("id") == name)
        form = next(forms.listings("events")).form
        return FoundEntry(desk, "", path, f"/events/{at}", listed[at], "event", form, name)
    declared = (archive.groups, archive.periods, archive.purposes, archive.scales, archive.series)
    is_declared = any(name in each for each in declared)
    if name in archive.staff or is_declared:
        raise Refused(
            f"«{name}» записано в {ORGANIZATION if is_declared else STAFF}: там и правят, руками",
            "Исправьте в файле, проверьте (papka check); сохранит руководитель: papka save --as "
            "s001",
        )
    return None


def _kind_at(desk: Desk, path: str, pointer: str, entry_id: str) -> tuple[str, FieldForm]:
    at = place(path)
    record = at.kind if at is not None else ""
    for kind, entry in desk.kinds().items():
        if entry.record == record and entry.listing.pointer == pointer.rpartition("/")[0]:
            return kind, entry.form
    raise NotFound(
        f"Записи {entry_id} нет в схеме {SCHEMA_OF.get(record, record)}",
        "Измените её в редакторе и проверьте: papka check",
    )
