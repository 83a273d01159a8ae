"""One personal file and what it refers to, from the work tree or from a commit.

Invariants: the cost does not grow with the number of other people: of the rest only what all share
is read, the orders this file names, and the register entries that name it.
Absent on purpose: scans and raw exports, which nobody reads on a screen.

Everyone's study at once, without the papers: what questions about the whole school need.

Invariants: scans, raw exports, inventories, orders and registers are not read, however many there
are. Absent on purpose: checks. What cannot be read is named in `Archive.unreadable`.

What lies open while one record is written: the shared records, one personal file, the schemas.

Invariant: the cost does not grow with the archive. Everything is read from the work tree, so what
was added and is not saved yet can already be referred to.

Where an entry of a personal folder stands, by its id, and which form it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from papka.core.errors import NotFound, Refused
from papka.core.phrases import may_be
from papka.core.places import (
    RECORDS,
    RESTRICTED,
    SCHEMA_OF,
    STUDENTS,
    is_at_home,
    is_by_period,
    is_student_id,
    order_file,
    place,
    student_folder,
    student_kinds,
)
from papka.core.snapshot import DictSnapshot, Snapshot, bytes_of
from papka.records.archive import Archive, load
from papka.records.documents import read
from papka.records.fields import Form, Listing
from papka.records.schemas import SchemaSet
from papka.records.student import Student
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import NarrowSnapshot
from papka.repository.files import files_below, names_in
from papka.repository.git_values import Commit
from papka.repository.journal import settle_folder
from papka.repository.worktree import OpenedSnapshot, WorktreeSnapshot

_ORDER = re.compile(rb"\b\d{4}/\d{4}\b")
_UNREAD = ("attachment", "raw", "salt")
_ALL_READ = ("organization", "staff", "platform", "regulation", "program", "events", "approval")


@dataclass(frozen=True, slots=True)
class Opened:
    """`files` are the records read; `commit` is None for the work tree."""

    archive: Archive
    student: Student
    schemas: SchemaSet
    files: DictSnapshot
    commit: Commit | None = None


def open_file(root: Path, student: str, *, rev: str | None = None) -> Opened:
    """The personal file `student`; raises NotFound when there is none, with the likely number."""
    if not is_student_id(student):
        order = order_file(student)
        if place(order) == ("order", student, "") and (root / order).is_file():
            raise NotFound(
                f"«{student}» — приказ, а показывают личное дело, его запись и выданный документ",
                f"Напечатать приказ: papka print order {student}; он записан в {order}",
            )
        raise NotFound(
            f"«{student}» — не номер дела",
            f"Номер дела — год и число: 2026-0007.{may_be(student, _numbers(root))} "
            "Найти по имени: papka find",
        )
    folder = student_folder(student)
    commit = commit_snapshots.read_commit(root, rev) if rev else None
    source: Snapshot
    if commit is None:
        source = WorktreeSnapshot(root)
        paths = _worktree_paths(root, folder)
    else:
        source = NarrowSnapshot(root, commit.id, {folder})
        paths = source.paths()
    own = [path for path in paths if path.startswith(folder + "/")]
    if not own:
        when = f" в записи {commit.id[:12]}" if commit else " в архиве"
        raise NotFound(
            f"Дела {student}{when} нет",
            f"Все дела: papka find.{may_be(student, _numbers(root))}",
        )
    files = _files(source, paths, own, student)
    snapshot = DictSnapshot(files)
    schemas = SchemaSet.load(snapshot)
    archive = load(snapshot, schemas)
    return Opened(archive, archive.students[student], schemas, snapshot, commit)


def _numbers(root: Path) -> list[str]:
    years = names_in(root, STUDENTS)
    return [name for year in years for name in names_in(root, f"{STUDENTS}/{year}")]


def _worktree_paths(root: Path, folder: str) -> tuple[str, ...]:
    tops = [name for name in names_in(root, RECORDS) if name != "students"]
    found = [*files_below(root, "schema"), *files_below(root, folder)]
    for name in tops:
        below = files_below(root, f"{RECORDS}/{name}")
        found += below or ([f"{RECORDS}/{name}"] if name.endswith(".yaml") else [])
    return tuple(sorted(found))


def _files(
    source: Snapshot, paths: Iterable[str], own: list[str], student: str
) -> dict[str, bytes]:
    read = [path for path in own if (at := place(path)) is None or at.kind not in _UNREAD]
    files = dict(source.read_many(read))
    named = {
        f"{RECORDS}/orders/{each.decode()}.yaml"
        for data in files.values()
        for each in _ORDER.findall(data)
    }
    shared, registers = [], []
    for path in paths:
        at = place(path)
        if path.startswith("schema/") or path in named or (at and at.kind in _ALL_READ):
            shared.append(path)
        elif at and at.kind == "register":
            registers.append(path)
    files |= dict(source.read_many(shared))
    number = student.encode()
    files |= {path: data for path, data in source.read_many(registers) if number in data}
    return files


_KINDS = frozenset(
    {
        *("organization", "staff", "program", "platform", "regulation", "approval"),
        *("student", "enrolments", "results", "credits", "consents", "media"),
    }
)


def overview(snapshot: Snapshot) -> Archive:
    """The archive as far as people, study, credits, consents, acts, approvals and media go."""
    return load(snapshot, SchemaSet.load(snapshot), wanted=_is_wanted)


def _is_wanted(path: str) -> bool:
    found = place(path)
    return found is not None and found.kind in _KINDS


@dataclass(frozen=True, slots=True)
class EntryKind:
    """A kind of entry of a personal folder: `record` is the kind of file that holds it."""

    record: str
    listing: Listing

    @property
    def form(self) -> Form:
        return self.listing.form

    @property
    def by_period(self) -> bool:
        return is_by_period(self.record)


class Desk:
    """`student` is the personal file that is open, "" when none is."""

    def __init__(self, root: Path, student: str = "") -> None:
        """Raises NotFound when there is no such personal file."""
        settle_folder(root)
        self.root = root
        self.student = student
        self.folder = student_folder(student) if is_student_id(student) else ""
        self.snapshot = OpenedSnapshot(root, {self.folder} if self.folder else (), alone=True)
        self.schemas = SchemaSet.load(self.snapshot)
        there = bool(self.folder) and (root / self.folder).is_dir()
        # in a restricted archive the first record makes the folder: the card lies elsewhere
        if student and not there and not (self.folder and self._is_restricted):
            raise NotFound(f"Личного дела «{student}» нет", self._other_students())

    @cached_property
    def archive(self) -> Archive:
        """Shared records and the open personal file."""
        return load(
            self.snapshot,
            self.schemas,
            wanted=lambda path: (
                not path.startswith(STUDENTS + "/")
                or bool(self.folder and path.startswith(self.folder + "/"))
            ),
        )

    @property
    def person(self) -> Student:
        """The open personal file as far as it can be read."""
        return self.archive.students.get(self.student) or Student(self.student)

    def bytes_of(self, path: str) -> bytes | None:
        """A file as it lies in the folder; None when it is not there."""
        return bytes_of(self.snapshot, path)

    def value_of(self, path: str) -> Any:  # noqa: ANN401 - a YAML value
        """A file's value, None when it is not there. Raises Refused when it has faults."""
        data = self.bytes_of(path)
        if data is None:
            return None
        document = read(data, path)
        if document.findings:
            raise Refused(f"Файл {path} не читается", f"Исправьте его: papka check; {path}")
        return document.value

    def kinds(self) -> dict[str, EntryKind]:
        """The kinds of entries this archive's own schemas know, by the command's word."""
        found: dict[str, EntryKind] = {}
        for record in self._records():
            for listing in self.schemas.forms.listings(SCHEMA_OF[record]):
                found.setdefault(listing.kind, EntryKind(record, listing))
        return found

    def documents(self) -> Iterator[tuple[str, Any]]:
        """Path and value of every readable YAML file of the open folder."""
        for path in self.snapshot.paths():
            if self.folder and path.startswith(self.folder + "/") and path.endswith(".yaml"):
                value = read(self.snapshot.read(path), path).value
                if value is not None:
                    yield path, value

    def next_id(self, letter: str) -> str:
        """The entry id that follows the highest one of the folder."""
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

    def _records(self) -> Iterator[str]:
        restricted = self._is_restricted
        names = set(self.schemas.names)
        for record in student_kinds():
            if SCHEMA_OF[record] in names and is_at_home(record, restricted=restricted):
                yield record

    def _other_students(self) -> str:
        known = [path.name for path in (self.root / STUDENTS).glob("*/*") if path.is_dir()]
        return f"Номера есть в списке: papka find.{may_be(self.student, known)}"


def ids_in(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - YAML
    """Pointer and id of every entry in lists of a value."""
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
class Found:
    """An entry, or with an empty `entry_id` the card. `kind` is its word in the commands."""

    desk: Desk
    entry_id: str
    path: str
    pointer: str
    value: dict[str, Any]
    kind: str
    form: Form

    @property
    def address(self) -> str:
        return f"{self.desk.student}#{self.entry_id}" if self.entry_id else self.desk.student

    @property
    def list_pointer(self) -> str:
        return self.pointer.rpartition("/")[0]


def find_entry(desk: Desk, entry_id: str) -> Found:
    """The entry with this id; "" finds the card. Raises NotFound."""
    if not entry_id:
        path = f"{desk.folder}/student.yaml"
        value = desk.value_of(path)
        if not isinstance(value, dict):
            raise NotFound(f"Карточки {path} нет", "Проверьте дело: papka check")
        return Found(desk, "", path, "", value, "student", desk.schemas.forms.of("student"))
    known = []
    for path, whole in desk.documents():
        for pointer, id_ in ids_in(whole):
            known.append(id_)
            if id_ == entry_id:
                return _found(desk, path, pointer, whole, entry_id)
    raise NotFound(
        f"Записи {entry_id} в деле {desk.student} нет",
        f"Что есть: papka show {desk.student}.{may_be(entry_id, known)}",
    )


def _found(desk: Desk, path: str, pointer: str, whole: Any, entry_id: str) -> Found:  # noqa: ANN401
    above = pointer.rpartition("/")[0]
    stands = place(path)
    record = stands.kind if stands is not None else ""
    value = whole
    for part in pointer.split("/")[1:]:
        value = value[int(part) if isinstance(value, list) else part]
    for kind, entry in desk.kinds().items():
        if entry.record == record and entry.listing.pointer == above:
            return Found(desk, entry_id, path, pointer, value, kind, entry.form)
    raise NotFound(
        f"Записи {entry_id} нет в схеме {SCHEMA_OF.get(record, record)}",
        "Измените её в редакторе и проверьте: papka check",
    )
