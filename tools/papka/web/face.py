"""What the web face knows of the archive it shows: the folder as it lies now, and its people.

Each page reads anew what it is about. Of all people compact rows are kept, for there may be tens of
thousands, and made again of those folders alone whose files changed: by size, moment and number of
each file that a row rests on.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from papka.core.errors import PapkaError, Refused
from papka.core.places import (
    ORGANIZATION,
    RECORDS,
    RESTRICTED,
    STUDENTS,
    is_student_id,
    place,
    student_folder,
)
from papka.core.snapshot import Part, bytes_of
from papka.records.archive import Archive, load_part
from papka.records.lazy_archive import ArchiveReader
from papka.records.schemas import SchemaSet
from papka.records.school import Organization
from papka.records.search import describe_person, groups_of, person_line
from papka.records.student import Student
from papka.repository.files import stamp_files
from papka.repository.worktree import FolderTree

if TYPE_CHECKING:
    from papka.repository.runner import SshAccess
    from papka.repository.signing import SigningActor

_ROWS_OF = ("student.yaml", "enrolments.yaml", "transfers.yaml")
"""The files of a personal folder that a row rests on."""
_LAST_SAVE = (".git/refs/heads/main", ".git/packed-refs")
_OUTCOMES = 200
"""So many forms that were sent are remembered."""
_AT_ONCE = 500
"""Folders read together: whole records of more are never in memory."""


class KnownStudy(NamedTuple):
    """An enrolment as rows hold it; `groups` in the order in which one was in them."""

    id: str
    program: str
    groups: tuple[str, ...]
    began: dt.date
    ended: dt.date | None
    planned_end: dt.date | None

    def goes_on(self, day: dt.date) -> bool:
        """Whether the person studies so on a day."""
        return self.began <= day and (self.ended is None or self.ended >= day)


class KnownPerson(NamedTuple):
    """One line of a list of people; `words` is what a search looks in, folded."""

    id: str
    name: str
    study: str
    words: str
    born: dt.date | None
    studies: tuple[KnownStudy, ...]
    is_duplicate: bool


@dataclass(frozen=True, slots=True)
class _KnownFolder:
    stamp: int
    person: KnownPerson


class Reading:
    """The folder as one page reads it: nothing is read before it is asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tree = FolderTree(root)
        self.consulted: set[str] = set()

    @cached_property
    def schemas(self) -> SchemaSet:
        """The archive's own schemas. Raise BrokenSchema."""
        return SchemaSet.load(Part(self.tree, "schema"))

    @cached_property
    def archive(self) -> Archive:
        """The records, each read when it is asked for. Raise NotAnArchive, BrokenSchema.

        Asking for a record that cannot be read raises Unreadable.
        """
        return ArchiveReader(self.tree, self.schemas).archive(self.consulted)


@dataclass(slots=True)
class Face:
    """The archive that is shown, to whom, and when.

    `token`: what a form of our own carries. `log` keeps a fault of the program and returns where.
    `actor`: who enters, None where pages only show; `access`: how this person reaches mirrors.
    `patience`: seconds after which a page that is not done yet says so.
    """

    root: Path
    clock: Callable[[], dt.datetime]
    log: Callable[[Exception], Path]
    token: str
    actor: SigningActor | None = None
    access: SshAccess | None = None
    patience: float = 0.25
    _outcomes: dict[str, object] = field(default_factory=dict)
    _saving: Lock = field(default_factory=Lock)
    _known: dict[str, _KnownFolder] = field(default_factory=dict)
    _shared: int = 0
    _seen: int | None = None
    _lock: Lock = field(default_factory=Lock)
    _school: tuple[int, Organization | None] = (0, None)

    @property
    def today(self) -> dt.date:
        return self.clock().date()

    @property
    def staff(self) -> str:
        """Who enters, "" where pages only show."""
        return self.actor.staff if self.actor else ""

    @property
    def who(self) -> str:
        """The name of who enters; their code while no record names them."""
        member = None
        with suppress(PapkaError, OSError):
            member = self.read().archive.staff.get(self.staff)
        return member.name.full if member else self.staff

    def require_actor(self) -> SigningActor:
        """Return who enters. Raise Refused where pages only show."""
        if self.actor is None:
            raise Refused(
                "Архив открыт только для просмотра",
                "Чтобы вносить, закройте его (Ctrl-C в окне терминала) и откройте от своего "
                "имени: papka open --as s003",
            )
        return self.actor

    def new_ticket(self) -> str:
        """Return what tells one filled-in form from every other."""
        return secrets.token_urlsafe(12)

    def do_once(self, ticket: str, act: Callable[[], object]) -> None:
        """Do what a form asks, however often it is sent.

        What raises, or gives None, was not done and may be tried again.
        """
        with self._saving:
            found = act() if ticket not in self._outcomes else None
            if found is not None:
                self._outcomes[ticket] = found
                while len(self._outcomes) > _OUTCOMES:
                    del self._outcomes[next(iter(self._outcomes))]

    def outcome(self, ticket: str) -> object | None:
        """Return what came of a form that was sent; None when there is none."""
        return self._outcomes.get(ticket)

    def members(self, group: str, *, again: bool = True) -> list[str]:
        """Return the numbers of all who ever studied in the group; `again` as for `people`."""
        found = self.people(again=again).values()
        return [each.id for each in found if any(group in own.groups for own in each.studies)]

    def stamp(self, *folders: str) -> int:
        """Return a number that is another one when any file below these folders, or the last save,
        is another; it costs a look at each file."""
        tree = FolderTree(self.root)
        paths = [path for folder in folders for path in tree.below(folder)]
        return stamp_files(self.root, (*paths, *_LAST_SAVE))

    @property
    def last_save(self) -> int:
        """A number that is another one after each save, in whatever window it was made."""
        return stamp_files(self.root, _LAST_SAVE)

    def read(self) -> Reading:
        """Begin to read the folder as it lies now."""
        return Reading(self.root)

    def organization(self) -> Organization | None:
        """Return what organization.yaml says now; None while it cannot be read."""
        reading = self.read()
        paths = (ORGANIZATION, *(f"schema/{name}" for name in reading.tree.names("schema")))
        stamp = stamp_files(self.root, paths)
        if stamp != self._school[0]:
            found = None
            with suppress(PapkaError, OSError):
                found = reading.archive.organization
            self._school = stamp, found
        return self._school[1]

    @property
    def name(self) -> str:
        """What the archive is called at the top of every page."""
        organization = self.organization()
        return organization.short_name if organization else self.root.name

    @property
    def is_restricted(self) -> bool:
        """Whether the archive shown is the one that holds diagnostics (R-4.2)."""
        organization = self.organization()
        return organization is not None and organization.kind == RESTRICTED

    def name_people(self, paths: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return path -> number and name of the person in whose file it lies, read from the cards;
        a path that lies in nobody's is left out, and so is a card that cannot be read."""
        reading, found = self.read(), dict[str, tuple[str, str]]()
        for path in paths:
            at = place(path)
            if at is None or not at.student:
                continue
            card = f"{student_folder(at.student)}/student.yaml"
            data = bytes_of(reading.tree, card)
            part = load_part([(card, data)], reading.schemas) if data is not None else None
            person = part.students[at.student].person if part and part.students else None
            if person is not None:
                found[path] = (at.student, person.name.full)
        return found

    def people(self, *, again: bool = True) -> Mapping[str, KnownPerson]:
        """Return the row of everybody by number, as their files lie now. Raise BrokenSchema.

        Without `again` rows that are known already are returned without a look at the files, until
        the next save: for one more letter of a search, which must not find whom `destroy` removed.
        """
        with self._lock:
            save = self.last_save
            if again or not self._known or save != self._seen:
                self._refresh()
                self._seen = save
            return {student: known.person for student, known in self._known.items()}

    def _refresh(self) -> None:
        reading = self.read()
        shared = stamp_files(self.root, tuple(_list_shared(reading)))
        stamps = dict(self._stamp_folders(reading))
        known = self._known if shared == self._shared else {}
        kept = {
            student: folder
            for student, stamp in stamps.items()
            if (folder := known.get(student)) is not None and folder.stamp == stamp
        }
        changed = [student for student in stamps if student not in kept]
        school = self._read_school(reading) if changed else None
        if school is not None:
            for start in range(0, len(changed), _AT_ONCE):
                for person in _make_rows(reading, school, changed[start : start + _AT_ONCE]):
                    kept[person.id] = _KnownFolder(stamps[person.id], person)
        self._known = {student: kept[student] for student in stamps if student in kept}
        self._shared = shared

    def _stamp_folders(self, reading: Reading) -> Iterator[tuple[str, int]]:
        for year in reading.tree.names(STUDENTS):
            for name in reading.tree.names(f"{STUDENTS}/{year}"):
                if is_student_id(name) and name.startswith(f"{year}-"):
                    folder = f"{STUDENTS}/{year}/{name}"
                    files = tuple(f"{folder}/{each}" for each in _ROWS_OF)
                    yield name, stamp_files(self.root, files)

    def _read_school(self, reading: Reading) -> Archive:
        paths = [path for path in _list_shared(reading) if path.startswith(RECORDS)]
        return load_part(reading.tree.read_many(paths), reading.schemas)


def _list_shared(reading: Reading) -> Iterator[str]:
    """Yield the paths of the shared files that rows rest on."""
    yield ORGANIZATION
    for folder in (f"{RECORDS}/programs", "schema"):
        yield from (f"{folder}/{name}" for name in reading.tree.names(folder))


def _make_rows(reading: Reading, school: Archive, students: list[str]) -> Iterator[KnownPerson]:
    """Yield the rows of these people; of whom nothing can be read, one that says so."""
    paths = [f"{student_folder(each)}/{name}" for each in students for name in _ROWS_OF]
    there = ((path, data) for path in paths if (data := bytes_of(reading.tree, path)) is not None)
    part = load_part(there, reading.schemas)
    archive = replace(school, students=part.students, unreadable=part.unreadable)
    for each in students:
        yield _make_row(archive, part.students.get(each) or Student(each))


def _make_row(archive: Archive, student: Student) -> KnownPerson:
    person = student.person
    _, name, study = person_line(archive, student).cells
    return KnownPerson(
        student.id,
        name,
        study,
        describe_person(archive, student),
        person.birth_date if person else None,
        tuple(
            KnownStudy(
                each.id or "",
                each.program,
                groups_of(student, each),
                each.start,
                each.ended.date if each.ended else None,
                each.planned_end,
            )
            for each in student.enrolments
        ),
        is_duplicate=person is not None and person.duplicate_of is not None,
    )
