"""One step of the records judged: both sides read as archives of the touched files alone.

Invariants: bytes are read once a window, a file's last reading is kept for the next step on it; a
file lost from the store is left out of both sides, for the store's check has told of it.
Absent on purpose: which files those are (`integrity.touched`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from papka import checks
from papka.core.codes import history as codes
from papka.core.errors import GitFailed, UnknownFormat
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION
from papka.gates.git.objects import Objects
from papka.integrity.evidence import is_told, unless_by_head
from papka.integrity.touched import EMPTY, Side, Touched
from papka.model.archive import Archive
from papka.model.reading import load_part
from papka.model.readings import Readings
from papka.model.student import Student
from papka.tasks.proof.history import read_blob
from papka.text.schemas import SchemaSet

_MANY = 20_000
"""So many files' readings are kept at most."""


class _AnySchema(SchemaSet):
    """Accepts all: what is accepted is then only what papka's own types can hold."""

    def judge(self, name: str, value: object, path: str) -> list[Finding]:  # noqa: ARG002 - all
        return []


class StepJudge:
    """Judges steps in their order, and keeps what a file last held when it stops being readable."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._readings = Readings()
        self._schemas = _AnySchema({}, {})
        self._kept = 0
        self._held: dict[str, bytes] = {}

    def judge(
        self,
        steps: Sequence[tuple[str, Touched]],
        heads: Collection[str],
        referring: Callable[[], Mapping[str, str]] = dict,
    ) -> Iterator[Finding]:
        """Findings of steps by commit. `heads`: commits that a head signed; `referring`: what a
        changed edition is looked up in, as it stood before the first of them."""
        sides = [side for _, touched in steps for side in (touched.before, touched.after)]
        blobs = self._read({id_ for side in sides for id_ in side.blobs.values()})
        for commit, touched in steps:
            self._forget(len(touched.before.blobs))
            before, after = self._archives(touched, blobs)
            yield from self._remember(commit, touched, before, after, blobs)
            found = checks.compare(before, after)
            if touched.is_shared and _is_altered(before, after):
                found += checks.compare(*self._widened(before, after, referring()))
            places = {(each.code.name, each.where): each for each in found}
            for each in unless_by_head(places.values(), is_head=commit in heads):
                if is_told(each):
                    yield each.moved(replace(each.where, commit=commit))

    def _archives(self, touched: Touched, blobs: Mapping[str, bytes]) -> tuple[Archive, Archive]:
        sides = (touched.before, touched.after)
        lost = {p for side in sides for p, id_ in side.blobs.items() if id_ not in blobs}
        before, after = (
            {path: blobs[id_] for path, id_ in side.blobs.items() if path not in lost}
            for side in sides
        )
        held = {path: self._held.get(path, data) for path, data in before.items()}
        old, new = self._load(held, touched.before), self._load(after, touched.after)
        # A folder that lost its card is no personal file any more: that is a removal.
        left = touched.before.cards - touched.after.cards
        kept = {student: files for student, files in new.students.items() if student not in left}
        return old, replace(new, students=kept)

    def _forget(self, more: int) -> None:
        """Keeps readings within bounds; what is forgotten is read once more."""
        self._kept += more
        if self._kept > _MANY:
            self._kept, self._readings = more, Readings()

    def _load(self, files: Mapping[str, bytes], side: Side) -> Archive:
        files = {**files, **dict.fromkeys(side.parts, b"")}
        try:
            found = load_part(files.items(), self._schemas, self._readings)
        except UnknownFormat:  # of the organization's file alone: as if it were unreadable
            rest = {path: data for path, data in files.items() if path != ORGANIZATION}
            found = load_part(rest.items(), self._schemas, self._readings)
            found = replace(found, unreadable=found.unreadable | {ORGANIZATION})
        present = {student: Student(student) for student in side.cards}
        students = {**present, **found.students}
        return replace(found, students=students, folders=side.cards, destructions=side.acts)

    def _remember(
        self,
        commit: str,
        touched: Touched,
        before: Archive,
        after: Archive,
        blobs: Mapping[str, bytes],
    ) -> Iterator[Finding]:
        """Says which files stopped being readable, and keeps what they held."""
        for path, id_ in touched.before.blobs.items():
            if path not in after.unreadable:
                self._held.pop(path, None)
            elif path not in before.unreadable and path not in self._held and id_ in blobs:
                self._held[path] = blobs[id_]
                yield codes.RECORD_UNREADABLE.at(
                    Location(path, commit=commit), commit=commit, path=path
                )

    def _widened(
        self, before: Archive, after: Archive, referring: Mapping[str, str]
    ) -> tuple[Archive, Archive]:
        """Both sides with all programmes, the first with everyone who goes by them and no more."""
        blobs = self._read(set(referring.values()))
        files = [
            (path, self._held.get(path, blobs[id_]))
            for path, id_ in referring.items()
            if id_ in blobs
        ]
        wide = load_part(files, self._schemas)
        touched = before.programs.keys() | after.programs.keys()
        others = {code: each for code, each in wide.programs.items() if code not in touched}
        return (
            replace(before, programs={**others, **before.programs}, students=wide.students),
            replace(after, programs={**others, **after.programs}, students={}),
        )

    def _read(self, ids: set[str]) -> dict[str, bytes]:
        """The bytes by blob id; what is lost is left out."""
        asked = sorted(ids - {EMPTY})
        known = {EMPTY: b""}
        try:
            found = zip(asked, self._objects.find_many(asked), strict=True)
            return known | {id_: blob[1] for id_, blob in found if blob is not None}
        except GitFailed:  # damaged somewhere: the rest is asked for one by one
            read = ((id_, read_blob(self._objects, id_)) for id_ in asked)
            return known | {id_: data for id_, data in read if data}


def _is_altered(before: Archive, after: Archive) -> bool:
    """Whether something was altered that personal files may go by; what is new they do not."""
    new = _gone_by(after)
    return any(new.get(key) != value for key, value in _gone_by(before).items())


def _gone_by(archive: Archive) -> dict[tuple[str, object], object]:
    found: dict[tuple[str, object], object] = {
        ("", name): scale for name, scale in archive.scales.items()
    }
    for owners in (archive.programs, archive.purposes):
        for name, owner in owners.items():
            found |= {(name, edition.edition): edition for edition in owner.editions}
    return found
