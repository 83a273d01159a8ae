"""One step of the records judged: both sides read as archives of the touched files alone.

Invariants: bytes are read once a window, a file's last reading is kept for the next step on it; a
file lost from the store is left out of both sides, for the store's check has told of it.
Absent on purpose: which files those are (`integrity.touched`).

Every commit judged against its first parent by the rules of a save.

Invariants: the cost follows what commits changed: what they add is not even read; a record is read
as papka's own types have it, for the archive's schemas are history too and may be changed; a file
that stops being readable is told, and judged on by what it last held.
Absent on purpose: checks of one state (`check`).

Units of retention in the last commit: their salts, and personal data outside of them.

Invariants: cards and salts are read once, in bulk. Absent on purpose: reading what is no text, and
the two files that are about the staff and the school.

Which files of a commit a push can have made wrong about units and the words in them.

Invariants: a touched unit is looked into whole, with every file that holds the same salt; once a
file outside of all units changed, it is compared with the names on all cards, and once a card did,
its names with all such files. Absent on purpose: the salts of untouched register entries, which
`verify` reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from papka.checks import rules
from papka.core.errors import GitFailed, UnknownFormat
from papka.core.findings import Finding, Location
from papka.core.places import ORGANIZATION, STAFF, STUDENTS, unit
from papka.proof import verify_codes
from papka.proof.chronicle import (
    EMPTY,
    Files,
    Side,
    Step,
    Touched,
    content,
    is_told,
    unless_by_head,
)
from papka.proof.clean_room import CleanRoom
from papka.proof.history_reading import read_blob
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
from papka.repository.git_values import LINK, SUBMODULE, Change, TrackedFile
from papka.repository.objects import Objects

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
            found = rules.compare(before, after)
            if touched.is_shared and _is_altered(before, after):
                found += rules.compare(*self._widened(before, after, referring()))
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
                yield verify_codes.RECORD_UNREADABLE.at(
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


_WINDOW = 500
"""So many commits' files are read at once."""


def judge_steps(room: CleanRoom, steps: Sequence[Step]) -> Iterator[Finding]:
    """What each commit did to the records that no save would let through."""
    files, line = _start(room, _first_parents(steps))
    judge = StepJudge(room.objects())
    heads = {step.commit.id for step in steps if (who := step.verdict.signer) and who.is_head}
    window: list[tuple[str, Touched]] = []
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


def _first_parents(steps: Sequence[Step]) -> list[Step]:
    """From the first to the last; what a merge brought aside is in the merge's own step."""
    by_id = {step.commit.id: step for step in steps}
    line: list[Step] = []
    step = steps[-1] if steps else None
    while step is not None:
        line.append(step)
        step = by_id.get(step.commit.parents[0]) if step.commit.parents else None
    return line[::-1]


def _start(room: CleanRoom, line: list[Step]) -> tuple[Files, list[Step]]:
    """The files before the first of `line`; where its parent is lost, those after it."""
    if not line or line[0].is_root:
        return Files({}), line
    first = line[0].commit
    for commit, left in ((first.parents[0], line), (first.id, line[1:])):
        try:
            found = room.files(commit)
        except GitFailed:
            continue  # told by the store's check
        return Files({path: content(file.mode, file.id) for path, file in found.items()}), left
    return Files({}), []


_SALT_FIELD = re.compile(rb"""(?m)^salt:[ ]+["']?([0-9a-f]{64})["']?[ ]*(?:#.*)?$""")


def judge_units(
    room: CleanRoom, files: Mapping[str, TrackedFile], steps: Collection[Step] = ()
) -> Iterator[Finding]:
    """`files`: what the last commit holds; `steps`: the history, whose words are looked at too."""
    objects = room.objects()
    plain = {path: f for path, f in files.items() if f.mode not in (LINK, SUBMODULE)}
    yield from judge_salts(files, steps, dict(_salts(objects, plain)))
    yield from judge_places(files)
    cards = [path for path in plain if is_card(path)]
    school = [path for path in OF_THE_SCHOOL if path in plain]
    persons, staff = (
        Persons.of(_text(data) for _, data in _read(objects, plain, paths))
        for paths in (cards, school)
    )
    persons = persons.without(staff)
    yield from judge_messages(steps, persons)
    common = [path for path in plain if is_common(path)]
    texts = ((path, _text(data)) for path, data in _read(objects, plain, common))
    yield from judge_texts(texts, persons)


def _salts(
    objects: Objects, files: Mapping[str, TrackedFile]
) -> Iterator[tuple[str, bytes | None]]:
    """Each salt that is there; of a register entry None when it has none."""
    due = [salt for salt in salted_units(files) if salt in files]
    yield from _read(objects, files, due)
    for path, data in _read(objects, files, [path for path in files if is_register(path)]):
        match = _SALT_FIELD.search(data)
        yield path, bytes.fromhex(match[1].decode()) if match else None


def _read(
    objects: Objects, files: Mapping[str, TrackedFile], paths: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """Path and bytes; what is lost is passed over, for the store's check has told of it."""
    wanted = list(paths)
    try:
        for path, found in zip(wanted, objects.find_many(files[p].id for p in wanted), strict=True):
            if found is not None:
                yield path, found[1]
    except (GitFailed, ValueError):
        return


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


_SALT, _CARD = "/.salt", "/student.yaml"
_OF_THE_SCHOOL = (ORGANIZATION, STAFF)


def touched_files(
    files: Mapping[str, TrackedFile], changes: Collection[Change]
) -> dict[str, TrackedFile]:
    """Of `files`, what a commit holds, those to look into after these changes."""
    units = {change.path: unit(change.path) for change in changes}
    folders = tuple({f"{each}/" for each in units.values() if each is not None})
    salts = {c.new_id for c in changes if c.path.endswith(_SALT) and c.new_id}
    has_common = any(each is None for each in units.values())
    has_card = any(is_card(change.path) and change.new_id for change in changes)
    return {
        path: file
        for path, file in files.items()
        if path in units
        or path in _OF_THE_SCHOOL
        or path.startswith(folders)
        or (file.id in salts and path.endswith(_SALT))
        or (has_common and _is_of_a_person(path))
        or (has_card and is_common(path))
    }


def _is_of_a_person(path: str) -> bool:
    """A card, and the salt without which its unit would seem to have none."""
    return path.startswith(f"{STUDENTS}/") and path.endswith((_CARD, _SALT))
