"""What lies open while one record is written: the shared records, one personal file, the schemas.

Invariant: the cost does not grow with the archive. Everything is read from the work tree, so what
was added and is not saved yet can already be referred to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from papka.core.errors import NotFound, Refused
from papka.core.layout import (
    RESTRICTED,
    SCHEMA_OF,
    STUDENTS,
    is_at_home,
    is_by_period,
    is_student_id,
    student_folder,
    student_kinds,
)
from papka.core.snapshot import bytes_of
from papka.core.suggestion import may_be
from papka.gates.opened import OpenedSnapshot
from papka.model.archive import Archive
from papka.model.reading import load
from papka.model.student import Student
from papka.tasks.settling import settle
from papka.text.document import read
from papka.text.form import Form, Listing
from papka.text.schemas import SchemaSet


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
        settle(root)
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
