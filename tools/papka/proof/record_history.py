"""Judges the records of a history: each step by the rules of a save, then units and their salts.

Invariants: the cost follows what commits changed; what they add is not even read. Both sides of a
step are read as archives of the touched files alone, a window of commits at a time, as papka's own
types have them: the archive's schemas are history too and may be changed. A file that stops being
readable is reported, and judged on by its last content; one lost from the store is left out of both
sides, for the store's check reports it. Checks of one state are `check`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from papka.checks import transitions
from papka.core.errors import GitFailed, UnknownFormat
from papka.core.findings import Finding, Location
from papka.core.places import ORGANIZATION, STUDENTS, record_folder, unit
from papka.proof import verify_codes
from papka.proof.chronicle import (
    EMPTY,
    HistoryStep,
    RecordFiles,
    StepSide,
    TouchedFiles,
    content_id,
    is_reported,
    raise_unless_head,
)
from papka.proof.clean_room import CleanRoom
from papka.proof.history_reading import read_found
from papka.proof.unit_rules import (
    OF_THE_SCHOOL,
    Persons,
    is_card,
    is_common,
    is_register,
    judge_messages,
    judge_places,
    judge_salts,
    judge_texts,
    salted_units,
)
from papka.records.archive import Archive, Readings, load_part
from papka.records.schemas import SchemaSet
from papka.records.student import Student
from papka.repository.git_values import LINK, SUBMODULE, FileChange, TrackedFile
from papka.repository.objects import Objects

_MANY = 20_000
"""At most so many files' readings are kept."""


class _AnySchema(SchemaSet):
    """Accepts everything, so that only papka's own types decide what can be read."""

    def judge(self, name: str, value: object, path: str) -> list[Finding]:  # noqa: ARG002 - all
        return []


class StepJudge:
    """Judges steps in order; keeps the last content of a file that stops being readable."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._readings = Readings()
        self._schemas = _AnySchema({}, {})
        self._kept = 0
        self._last_content: dict[str, bytes] = {}

    def judge(
        self,
        steps: Sequence[tuple[str, TouchedFiles]],
        heads: Collection[str],
        referring: Callable[[], Mapping[str, str]] = dict,
    ) -> Iterator[Finding]:
        """Judge steps, each a commit's id and its files.

        `heads`: commits that a head signed; `referring`: the files that may refer to a changed
        edition, as they stood before the first step.
        """
        sides = [side for _, touched in steps for side in (touched.before, touched.after)]
        blobs = self._read({id_ for side in sides for id_ in side.blobs.values()})
        for commit, touched in steps:
            self._limit_readings(len(touched.before.blobs))
            before, after = self._load_sides(touched, blobs)
            yield from self._note_unreadable(commit, touched, before, after, blobs)
            found = transitions.compare(before, after)
            if touched.is_shared and _alters_shared(before, after):
                found += transitions.compare(*self._widen(before, after, referring()))
            places = {(each.code.name, each.where): each for each in found}
            for each in raise_unless_head(places.values(), is_head=commit in heads):
                if is_reported(each):
                    yield each.moved(replace(each.where, commit=commit))

    def _load_sides(
        self, touched: TouchedFiles, blobs: Mapping[str, bytes]
    ) -> tuple[Archive, Archive]:
        sides = (touched.before, touched.after)
        lost = {p for side in sides for p, id_ in side.blobs.items() if id_ not in blobs}
        before, after = (
            {path: blobs[id_] for path, id_ in side.blobs.items() if path not in lost}
            for side in sides
        )
        held = {path: self._last_content.get(path, data) for path, data in before.items()}
        old, new = self._load(held, touched.before), self._load(after, touched.after)
        # A folder that lost its card is no personal file any more: that is a removal.
        left = touched.before.cards - touched.after.cards
        kept = {student: files for student, files in new.students.items() if student not in left}
        return old, replace(new, students=kept)

    def _limit_readings(self, more: int) -> None:
        """Drop all readings once there are too many; what is needed again is read once more."""
        self._kept += more
        if self._kept > _MANY:
            self._kept, self._readings = more, Readings()

    def _load(self, files: Mapping[str, bytes], side: StepSide) -> Archive:
        files = {**files, **dict.fromkeys(side.parts, b"")}
        try:
            found = load_part(files.items(), self._schemas, self._readings)
        except UnknownFormat:  # of the organization's file alone: as if it were unreadable
            rest = {path: data for path, data in files.items() if path != ORGANIZATION}
            found = load_part(rest.items(), self._schemas, self._readings)
            found = replace(found, unreadable=found.unreadable | {ORGANIZATION})
        present = {student: Student(student) for student in side.cards}
        students = {**present, **found.students}
        return replace(found, students=students, folders=side.cards)

    def _note_unreadable(
        self,
        commit: str,
        touched: TouchedFiles,
        before: Archive,
        after: Archive,
        blobs: Mapping[str, bytes],
    ) -> Iterator[Finding]:
        """Report the files that stopped being readable, and keep their last content."""
        for path, id_ in touched.before.blobs.items():
            if path not in after.unreadable:
                self._last_content.pop(path, None)
            elif path not in before.unreadable and path not in self._last_content and id_ in blobs:
                self._last_content[path] = blobs[id_]
                yield verify_codes.RECORD_UNREADABLE.at(
                    Location(path, commit=commit), commit=commit, path=path
                )

    def _widen(
        self, before: Archive, after: Archive, referring: Mapping[str, str]
    ) -> tuple[Archive, Archive]:
        """Give both sides all programmes, and the first everyone who refers to them."""
        blobs = self._read(set(referring.values()))
        files = [
            (path, self._last_content.get(path, blobs[id_]))
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
        return {EMPTY: b"", **dict(read_found(self._objects, ids - {EMPTY}))}


def _alters_shared(before: Archive, after: Archive) -> bool:
    """Whether something that personal files may refer to was altered; to what is new none does."""
    new = _list_shared(after)
    return any(new.get(key) != value for key, value in _list_shared(before).items())


def _list_shared(archive: Archive) -> dict[tuple[str, object], object]:
    found: dict[tuple[str, object], object] = {
        ("", name): scale for name, scale in archive.scales.items()
    }
    for owners in (archive.programs, archive.purposes):
        for name, owner in owners.items():
            found |= {(name, edition.edition): edition for edition in owner.editions}
    return found


_WINDOW = 500
"""The files of so many commits are read at once."""


def judge_steps(room: CleanRoom, steps: Sequence[HistoryStep]) -> Iterator[Finding]:
    """Report what commits did to the records that no save would let through.

    Each is compared with its first parent.
    """
    files, line = _load_start(room, _follow_first_parents(steps))
    judge = StepJudge(room.objects())
    heads = {step.commit.id for step in steps if (who := step.verdict.signer) and who.is_head}
    window: list[tuple[str, TouchedFiles]] = []
    for step in line:
        touched = files.touched(step.changes)
        if touched is not None and touched.is_shared:
            yield from judge.judge(window, heads)
            window = []
            yield from judge.judge([(step.commit.id, touched)], heads, files.referring)
        elif touched is not None:
            window.append((step.commit.id, touched))
        files.advance(step.changes)
        if len(window) == _WINDOW:
            yield from judge.judge(window, heads)
            window = []
    yield from judge.judge(window, heads)


def _follow_first_parents(steps: Sequence[HistoryStep]) -> list[HistoryStep]:
    """Return the steps of first parents, oldest first; a merge's own step has what it brought."""
    by_id = {step.commit.id: step for step in steps}
    line: list[HistoryStep] = []
    step = steps[-1] if steps else None
    while step is not None:
        line.append(step)
        step = by_id.get(step.commit.parents[0]) if step.commit.parents else None
    return line[::-1]


def _load_start(room: CleanRoom, line: list[HistoryStep]) -> tuple[RecordFiles, list[HistoryStep]]:
    """List the files before the first step, and the steps to judge: without the first one, and
    with the files after it, where its parent is lost."""
    if not line or line[0].is_root:
        return RecordFiles({}), line
    first = line[0].commit
    for commit, left in ((first.parents[0], line), (first.id, line[1:])):
        try:
            found = room.files(commit)
        except GitFailed:
            continue  # the store's check reports it
        return RecordFiles(
            {path: content_id(file.mode, file.id) for path, file in found.items()}
        ), left
    return RecordFiles({}), []


_ORDERS = f"{record_folder('order')}/"
_SALT_FIELD = re.compile(rb"""(?m)^salt:[ ]+["']?([0-9a-f]{64})["']?[ ]*(?:#.*)?$""")


def judge_units(
    room: CleanRoom, files: Mapping[str, TrackedFile], steps: Collection[HistoryStep] = ()
) -> Iterator[Finding]:
    """Judge units of retention: their salts, and personal data outside of them.

    `files`: those of the last commit; `steps`: the history, whose messages are judged too. What is
    no text is not read, nor are the two files about the staff and the school.
    """
    objects = room.objects()
    plain = {path: f for path, f in files.items() if f.mode not in (LINK, SUBMODULE)}
    yield from judge_salts(files, steps, dict(_read_salts(objects, plain)))
    yield from judge_places(files)
    cards = [path for path in plain if is_card(path)]
    school = [path for path in OF_THE_SCHOOL if path in plain]
    persons, staff = (
        Persons.of(_decode(data) for _, data in _read(objects, plain, paths))
        for paths in (cards, school)
    )
    persons = persons.without(staff)
    yield from judge_messages(steps, persons)
    common = [path for path in plain if is_common(path)]
    texts = ((path, _decode(data)) for path, data in _read(objects, plain, common))
    yield from judge_texts(texts, persons)


def _read_salts(
    objects: Objects, files: Mapping[str, TrackedFile]
) -> Iterator[tuple[str, bytes | None]]:
    """Read the salts that are there, of files, register entries and orders; None for an entry
    without."""
    due = [salt for salt in salted_units(files) if salt in files]
    yield from _read(objects, files, due)
    for path, data in _read(objects, files, [path for path in files if is_register(path)]):
        match = _SALT_FIELD.search(data)
        yield path, bytes.fromhex(match[1].decode()) if match else None
    orders = [path for path in files if path.startswith(_ORDERS) and path.endswith(".yaml")]
    for path, data in _read(objects, files, orders):
        if match := _SALT_FIELD.search(data):
            yield path, bytes.fromhex(match[1].decode())


def _read(
    objects: Objects, files: Mapping[str, TrackedFile], paths: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes; a lost file is passed over, for the store's check reports it."""
    wanted = list(paths)
    try:
        for path, found in zip(wanted, objects.find_many(files[p].id for p in wanted), strict=True):
            if found is not None:
                yield path, found[1]
    except (GitFailed, ValueError):
        return


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")


_SALT, _CARD = "/.salt", "/student.yaml"


def touched_files(
    files: Mapping[str, TrackedFile], changes: Collection[FileChange]
) -> dict[str, TrackedFile]:
    """Select the files of a commit in which these changes can have made units or words wrong.

    A touched unit is read whole, with every salt file of the same content. Once a file outside of
    all units changed, it is compared with the names on all cards; once a card did, its names with
    all such files. The salts of untouched register entries are left to `verify`.
    """
    units = {change.path: unit(change.path) for change in changes}
    folders = tuple({f"{each}/" for each in units.values() if each is not None})
    salts = {c.new_id for c in changes if c.path.endswith(_SALT) and c.new_id}
    has_common = any(each is None for each in units.values())
    has_card = any(is_card(change.path) and change.new_id for change in changes)
    return {
        path: file
        for path, file in files.items()
        if path in units
        or path in OF_THE_SCHOOL
        or path.startswith(folders)
        or (file.id in salts and path.endswith(_SALT))
        # A card, and the salt without which its unit would seem to have none.
        or (has_common and path.startswith(f"{STUDENTS}/") and path.endswith((_CARD, _SALT)))
        or (has_card and is_common(path))
    }
