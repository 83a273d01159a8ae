"""An archive whose records are read when they are asked for, and which notes what was asked.

Whatever is looked up, found or not, is in `consulted` as the path of a file or of a whole folder,
so a paper can say what it rests on. A file that is there but unreadable stops the job, for nothing
follows from it. `findings`, `folders` and `act_texts`, which are about the archive as a whole, stay
empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar

from papka.core.errors import NotAnArchive, PapkaError
from papka.core.kinds import KIND_OF, KINDS, Kind
from papka.core.places import (
    ORGANIZATION,
    PROOF,
    REGISTERS,
    STAFF,
    STUDENTS,
    import_file,
    is_act,
    is_student_id,
    place,
    record_file,
    record_folder,
    student_folder,
    student_named,
)
from papka.core.snapshot import Part, Tree
from papka.records.acts import JournalEvent
from papka.records.approved_entries import ApprovedList
from papka.records.archive import Archive, Stood, load_part
from papka.records.derived.in_force import archive_on
from papka.records.raw_exports import HEADER, NAMES, ImportFiles
from papka.records.schemas import SchemaSet
from papka.records.school import StaffMember
from papka.records.student import Student
from papka.records.tombstones import Tombstones

V = TypeVar("V")

_STUDENTS_KEPT = 2_000
_FILES_KEPT = 20_000
"""How much is remembered between two papers: some tens of megabytes."""


class Unreadable(PapkaError):
    """A record the paper rests on was rejected; without it the paper would be incomplete."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Файл {path} не читается, а без него форма была бы неполной",
            "Узнайте, что в нём не так: papka check; исправьте и сохраните: papka save",
        )


class ArchiveReader:
    """The records of a Tree; with `on` as they stood on that day (`in_force.archive_on`)."""

    def __init__(
        self,
        tree: Tree,
        schemas: SchemaSet,
        on: dt.date | None = None,
        *,
        troubles: dict[str, Unreadable] | None = None,
        stood: Stood | None = None,
    ) -> None:
        """With `troubles` nothing unreadable stops the job: it is collected there by its path, such
        a record is absent, such a student an empty file, for a list should be as long as it can.
        """
        self._tree = tree
        self._schemas = schemas
        self._troubles = troubles
        self.only_keys = on is None and troubles is None
        self._on = on
        self._stood = stood
        self.part = lru_cache(_FILES_KEPT)(self._read_file)
        self.student = lru_cache(_STUDENTS_KEPT)(self._read_student)
        self.names, self.files = tree.names, tree.below
        self.issued = lru_cache(1)(self._find_issued)

    def archive(self, consulted: set[str]) -> Archive:
        """Return the whole archive, noting in `consulted`; raise NotAnArchive.

        Asking it for a record raises Unreadable.
        """
        consulted.add(ORGANIZATION)
        found = self.part(ORGANIZATION)
        if found is None:
            raise NotAnArchive(ORGANIZATION)

        shelves: dict[str, Any] = {
            kind.shelf: _Records[Any](self, kind, consulted) for kind in KINDS if kind.shelf
        }
        return Archive(
            organization=found.organization,
            scales=found.scales,
            periods=found.periods,
            groups=found.groups,
            purposes=found.purposes,
            series=found.series,
            staff=_Staff(self, consulted),
            events=_Events(self, consulted),
            event_years=_Records(self, KIND_OF["events"], consulted, "event_years"),
            import_files=_Headers(self, consulted),
            approval_lists=_ApprovedLists(self, consulted),
            stood=self._stood,
            students=_Students(self, consulted),
            destroyed=Tombstones(_Acts(self._tree, consulted)),
            proof=_ProofFiles(self._tree, consulted),
            schemas=self._schemas,
            issued=_Issued(self),
            **shelves,
        )

    def _read_file(self, path: str) -> Archive | None:
        """Return what one file holds; None when it is not there."""
        try:
            data = self._tree.read(path)
        except KeyError:
            return None
        return self._check_readable(load_part([(path, data)], self._schemas))

    def _read_student(self, student: str) -> Student | None:
        folder = Part(self._tree, student_folder(student))
        files = folder.read_many(folder.paths())
        part = self._check_readable(load_part(files, self._schemas))
        return part.students.get(student) if part else Student(student)

    def _find_issued(self) -> Mapping[str, tuple[str, ...]]:
        """Return student -> keys of register entries, found in the bytes: no entry is judged."""
        found: dict[str, list[str]] = {}
        folder = REGISTERS
        for path, data in self._tree.read_many(self._tree.below(folder)):
            at, student = place(path), student_named(data)
            if at is not None and student:
                found.setdefault(student, []).append(at.key)
        return {student: tuple(keys) for student, keys in found.items()}

    def _check_readable(self, part: Archive) -> Archive | None:
        """Return what may be used of these files; None when something in them is unreadable."""
        if part.unreadable:
            path = min(part.unreadable)
            if self._troubles is None:
                raise Unreadable(path)
            self._troubles[path] = Unreadable(path)
            return None
        return archive_on(part, self._on) if self._on else part


class _Noted(Mapping[str, V], Generic[V]):
    """Records of a source, which note in `consulted` what was asked."""

    def __init__(self, source: ArchiveReader, consulted: set[str]) -> None:
        self._source = source
        self._consulted = consulted

    def look_up(self, path: str | None, key: str) -> Archive:
        """Return what the file that would hold the key holds; raise KeyError without one."""
        if path is None:
            raise KeyError(key)
        self._consulted.add(path)
        part = self._source.part(path)
        if part is None:
            raise KeyError(key)
        return part

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Records(_Noted[V], Generic[V]):
    """Records of one kind, a file each."""

    def __init__(
        self, source: ArchiveReader, kind: Kind, consulted: set[str], shelf: str = ""
    ) -> None:
        super().__init__(source, consulted)
        self._kind = kind.name
        self._shelf = shelf or kind.shelf

    def __getitem__(self, key: str) -> V:
        part = self.look_up(record_file(self._kind, key), key)
        found: V = getattr(part, self._shelf)[key]
        return found

    def __iter__(self) -> Iterator[str]:
        folder = record_folder(self._kind)
        self._consulted.add(folder)
        for path in self._source.files(folder):
            found = place(path)
            if found is None or found.kind != self._kind:
                continue
            if self._source.only_keys or found.key in self:
                yield found.key


class _Issued(Mapping[str, tuple[str, ...]]):
    """Keys of a student's register entries; only those that are looked up then are noted."""

    def __init__(self, source: ArchiveReader) -> None:
        self._source = source

    def __getitem__(self, student: str) -> tuple[str, ...]:
        return self._source.issued()[student]

    def __iter__(self) -> Iterator[str]:
        return iter(self._source.issued())

    def __len__(self) -> int:
        return len(self._source.issued())


class _Headers(_Noted[ImportFiles]):
    """Titles of columns alone, of all that is kept of an import."""

    def __getitem__(self, key: str) -> ImportFiles:
        return self.look_up(import_file(key, NAMES[HEADER]), key).import_files[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._source.archive(self._consulted).imports)


class _ApprovedLists(_Noted[ApprovedList]):
    """Lists of approved entries, beside their acts."""

    def __getitem__(self, key: str) -> ApprovedList:
        return self.look_up(record_file("approval-entries", key), key).approval_lists[key]

    def __iter__(self) -> Iterator[str]:
        acts = self._source.archive(self._consulted).approvals
        return (key for key, act in acts.items() if act.entries)


class _Staff(_Noted[StaffMember]):
    """Staff, all in one file."""

    def __getitem__(self, key: str) -> StaffMember:
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def _all(self) -> Mapping[str, StaffMember]:
        self._consulted.add(STAFF)
        part = self._source.part(STAFF)
        return part.staff if part else {}


class _Events(_Noted[JournalEvent]):
    """Events, a file a year: `2026/02` is in 2026.yaml."""

    def __getitem__(self, key: str) -> JournalEvent:
        return self.look_up(record_file("events", key.partition("/")[0]), key).events[key]

    def __iter__(self) -> Iterator[str]:
        folder = record_folder("events")
        self._consulted.add(folder)
        for path in self._source.files(folder):
            part = self._source.part(path)
            yield from part.events if part else ()


class _Students(_Noted[Student]):
    """Students, a folder each; listing them opens none."""

    def __getitem__(self, key: str) -> Student:
        if not is_student_id(key):
            raise KeyError(key)
        self._consulted.add(student_folder(key))
        found = self._source.student(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        self._consulted.add(STUDENTS)
        for year in self._source.names(STUDENTS):
            names = self._source.names(f"{STUDENTS}/{year}")
            yield from (name for name in names if is_student_id(name) and name[:4] == year)


class _ProofFiles(Mapping[str, bytes]):
    """Files of trust and of seals by path, bytes as they are."""

    def __init__(self, tree: Tree, consulted: set[str]) -> None:
        self._tree = tree
        self._consulted = consulted

    def __getitem__(self, key: str) -> bytes:
        if not key.startswith(tuple(f"{folder}/" for folder in PROOF)):
            raise KeyError(key)
        self._consulted.add(key)
        return self._tree.read(key)

    def __iter__(self) -> Iterator[str]:
        for folder in PROOF:
            self._consulted.add(folder)
            yield from self._tree.below(folder)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Acts:
    """Files of all acts of destruction, read when something that is not there is looked for."""

    def __init__(self, tree: Tree, consulted: set[str]) -> None:
        self._tree = tree
        self._consulted = consulted

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        folder = record_folder("act")
        self._consulted.add(folder)
        return self._tree.read_many(filter(is_act, self._tree.below(folder)))


def drop_covered(paths: set[str]) -> tuple[str, ...]:
    """Sort paths and drop those that lie in a folder that is also there."""
    return tuple(path for path in sorted(paths) if not _is_covered(path, paths))


def _is_covered(path: str, by: set[str]) -> bool:
    head = path.rpartition("/")[0]
    return bool(head) and (head in by or _is_covered(head, by))
