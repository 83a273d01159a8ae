"""Which personal files of a folder were judged before and need not be read again.

A personal file is trusted when the rules were content with the very same files (their git ids and
names), the same `frame` (all of the school's records that its rules may look at, the schemas and
the program itself) and nothing came since that names it. Orders, issued documents and imports come
daily and are not of the frame: a new one has the files read that it names, a changed or lost one
all of them. Whoever is not trusted is read and judged, so that the outcome is the same with and
without what is kept; where anything is doubtful, nothing is trusted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path

from papka.checks import rules
from papka.checks.between_students import BETWEEN, COMPARED, gather_facts, list_suspects
from papka.checks.editor_names import read_names
from papka.core.findings import Finding, Location
from papka.core.installation import program_digest
from papka.core.places import (
    IMPORTS,
    ORGANIZATION,
    RECORDS,
    REGISTERS,
    STUDENTS,
    folder_around,
    is_pack,
    place,
    student_folder,
)
from papka.core.snapshot import Overlay, Snapshot, bytes_of, find_below
from papka.records.archive import Archive, load, load_part, load_students
from papka.records.derived.student_facts import (
    SIGN_BYTES,
    KeptFinding,
    KeptOutcome,
    KeptStudent,
    StudentFacts,
    read_kept,
    read_outcome,
    sign,
    write_kept,
)
from papka.records.schemas import SchemaSet
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import CommitTree
from papka.repository.derived_store import DerivedStore
from papka.repository.git_values import object_id
from papka.repository.worktree import WorktreeSnapshot, stands_on_main

_ORDERS = f"{RECORDS}/orders/"
_DAILY = (_ORDERS, f"{REGISTERS}/", IMPORTS)
"""Where records lie of which a new one concerns only the personal files that it names."""
_UNSEEN = (f"{RECORDS}/media/", f"{RECORDS}/trust/", f"{RECORDS}/seals/")
"""Where nothing lies that a rule about a personal file looks at."""
_PROGRAMS = f"{RECORDS}/programs/"
_NUMBER = re.compile(rb"(?<![\d-])20\d\d-\d{4,}(?!\d)")
_SORT = "check"
_OUTCOME = "outcome"
_FEW = 100
"""So many folders are listed one by one: the work of one listing of all."""
_LAST_DAY = dt.date.max.toordinal()
_ID_BYTES = 20
MANY = 1_000
"""So many personal files are read and judged at a time: some twenty megabytes."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a state is made of, by digests: `frame`, the daily records by path, the personal files
    that are as they were saved; `students` are all there are."""

    frame: bytes
    daily: Mapping[str, bytes]
    saved: Mapping[str, bytes]
    students: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What was kept of an earlier state: its frame, its daily records by the sign of their path,
    and its personal files."""

    frame: bytes = b""
    daily: Mapping[bytes, bytes] = field(default_factory=dict)
    students: Mapping[str, KeptStudent] = field(default_factory=dict)


def list_trusted(
    known: Known, now: Shape, files: Snapshot, day: dt.date | None, secret: bytes
) -> dict[str, StudentFacts]:
    """Return the personal files that need not be read, with their facts."""
    if known.frame != now.frame or not known.students.keys() <= now.students:
        return {}
    daily = {sign(path, secret): id_ for path, id_ in now.daily.items()}
    if any(daily.get(path) != id_ for path, id_ in known.daily.items()):
        return {}
    new = [path for path in now.daily if sign(path, secret) not in known.daily]
    named = name_concerned(new, files)
    if named is None:
        return {}
    today = _ordinal(day)
    found = {
        student: kept.facts
        for student, kept in known.students.items()
        if kept.frame == now.frame
        and kept.day <= today
        and kept.content == now.saved.get(student)
        and student not in named
    }
    # what a duplicate says of the file in its place is judged with that file
    for student in [one for one, facts in found.items() if facts.duplicate_of]:
        if found[student].duplicate_of not in found:
            del found[student]
    return found


def name_concerned(paths: Iterable[str], files: Snapshot) -> set[str] | None:
    """Return the personal files that new daily records name; None when all may be concerned."""
    named: set[str] = set()
    programs: list[bytes] | None = None
    for path in paths:
        data = bytes_of(files, path) or b""
        named.update(number.decode() for number in _NUMBER.findall(data))
        if path.startswith(_ORDERS):
            if programs is None:
                listed = [each for each in files.paths() if each.startswith(_PROGRAMS)]
                programs = [data for _, data in files.read_many(listed)]
            key = path.removeprefix(_ORDERS).partition(".")[0].encode()
            if any(key in text for text in programs):
                return None  # an edition that waited for its order: of all who study by it
    return named


def name_blamed(found: Iterable[Finding], files: Snapshot) -> set[str]:
    """Return the personal files that findings are about, or may be. What is found by comparing
    files says nothing of any by itself."""
    blamed: set[str] = set()
    for one in found:
        if one.code in COMPARED:
            continue
        words = [one.where.path, one.message, one.hint, *(each.path for each in one.related)]
        named = _NUMBER.findall("\n".join(words).encode("utf-8", "surrogateescape"))
        blamed.update(each.decode() for each in named or _find_in_file(one.where.path, files))
    return blamed


def _find_in_file(path: str, files: Snapshot) -> list[bytes]:
    return _NUMBER.findall(bytes_of(files, path) or b"")


def _ordinal(day: dt.date | None) -> int:
    """Return a day as a number. The later a day, the less is ahead of it; without one, nothing."""
    return _LAST_DAY if day is None else day.toordinal()


def _spell(where: Location) -> tuple[str, str, int, int]:
    return where.path, where.pointer, where.line, where.column


def read_findings(kept: KeptOutcome) -> Iterator[Finding]:
    """Yield the findings of an outcome as they were."""
    codes = {code.name: code for code in COMPARED}
    for one in kept.findings:
        related = tuple(Location(*each) for each in one.related)
        yield Finding(codes[one.code], one.message, Location(*one.where), one.hint, related)


class Trust:
    """The personal files of a state that are trusted, for who judges it and what is like it."""

    def __init__(
        self,
        base: Snapshot,
        facts: Mapping[str, StudentFacts],
        secret: bytes,
        folders: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`folders`: what lies in each personal file, where it is known already."""
        self._base = base
        self.facts = facts
        self._secret = secret
        self._folders = folders

    def widened(self, schemas: SchemaSet, day: dt.date | None) -> Trust:
        """Judge the others by themselves when there are many, so that they need not all be kept in
        mind at once."""
        folders = dict(group_folders(self._base)) if self._folders is None else self._folders
        rest = {id_: each for id_, each in folders.items() if id_ not in self.facts}
        if len(rest) <= MANY:
            return self
        right = settle(self._base, schemas, rest, day, self._secret)
        return Trust(self._base, {**self.facts, **right}, self._secret, folders)

    def around(self, state: Snapshot) -> frozenset[str]:
        """Return whom to trust in a state made of the base by changing a few files."""
        touched: set[str] = set()
        while isinstance(state, Overlay):
            for path in state.changes:
                found = place(path)
                if found is None or not found.student:
                    return frozenset()
                touched.add(found.student)
            state = state.below
        return frozenset(self.facts.keys() - touched) if state is self._base else frozenset()

    def complete(
        self, part: Archive, trusted: frozenset[str], state: Snapshot, schemas: SchemaSet
    ) -> Archive:
        """Make an archive of which the trusted personal files were not read stand for the whole:
        add those that rules compare with others."""
        known = {each: self.facts[each] for each in trusted}
        read = {each: gather_facts(part.students[each], 0, self._secret) for each in part.students}
        facts = dict(sorted({**known, **read}.items()))
        more = trusted & list_suspects(facts, part, self._secret)
        students = {**part.students, **load_students(state, schemas, more)}
        return replace(
            part,
            students=dict(sorted(students.items())),
            trusted=trusted - more,
            files=part.files + sum(facts.files for facts in known.values()),
        )


def settle(  # noqa: PLR0913 - what a personal file is judged by
    files: Snapshot,
    schemas: SchemaSet,
    folders: Mapping[str, Sequence[str]],
    day: dt.date | None,
    secret: bytes,
    size: int = MANY,
) -> dict[str, StudentFacts]:
    """Judge personal files, `size` at a time, and let go of each; return the facts of those that
    no rule blames.

    `folders`: number of each -> what lies in it. What is wrong with the others is for the judge of
    the whole to say, who need not read these.
    """
    shared = load(files, schemas, wanted=lambda path: not path.startswith(f"{STUDENTS}/"), day=day)
    alone = [check for check in rules.CHECKS if check not in BETWEEN]
    right: dict[str, StudentFacts] = {}
    ids = sorted(folders)
    for at in range(0, len(ids), size):
        some = ids[at : at + size]
        paths = [path for id_ in some for path in folders[id_] if not is_pack(path)]
        part = load_part(files.read_many([ORGANIZATION, *paths]), schemas)
        state = replace(
            shared,
            students=part.students,
            trusted=shared.folders.difference(some),
            findings=(*shared.findings, *part.findings),
            unreadable=shared.unreadable | part.unreadable,
            misplaced=part.misplaced,
        )
        blamed = name_blamed(rules.run(state, alone), files)
        for id_ in part.students.keys() - blamed:
            count = sum(1 for path in folders[id_] if place(path) and not is_pack(path))
            right[id_] = gather_facts(part.students[id_], count, secret)
    return right


class KeptVerdicts:
    """What the user's store knows of the archive in a folder, and how it learns."""

    def __init__(
        self,
        store: DerivedStore,
        root: Path,
        files: WorktreeSnapshot,
        day: dt.date | None,
    ) -> None:
        self._store = store
        self._root = root
        self._files = files
        self._day = day
        self._head = CommitTree(root, "HEAD")
        self._kept: dict[str, bytes] = {}
        self._now: Shape | None = None
        self._trusted: frozenset[str] = frozenset()
        self._unsaved: tuple[str, ...] = ()
        self._key = ""

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        """Number of a personal file -> what lies in it, as the folder has it."""
        return dict(group_folders(self._files))

    def recall_outcome(self, changes: Mapping[str, str]) -> KeptOutcome | None:
        """Return what the last check said, when it was of this very state; None when not."""
        self._key = key = self._digest_state(changes)
        kept = self._store.recall(_OUTCOME).get(key) if key else None
        found = read_outcome(kept) if kept is not None else None
        if found is None or found.day > _ordinal(self._day):
            return None
        return found if found.names == self._digest_names() else None

    def keep_outcome(
        self, changes: Mapping[str, str], findings: Sequence[Finding], files: int, students: int
    ) -> None:
        """Keep what a check said, when it names personal files by their numbers alone, and what
        lies in them is what was saved or changed; nothing when a changed file was changed again
        since it was asked for."""
        key = self._digest_state(changes)
        plain = all(one.code in COMPARED and not one.instead for one in findings)
        if self._now is None or not key or key != self._key or not plain:
            return
        if not self._is_as_listed(changes):
            return
        kept = tuple(
            KeptFinding(one.code.name, one.message, one.hint, _spell(one.where),
                        tuple(map(_spell, one.related)))
            for one in findings
        )  # fmt: skip
        outcome = KeptOutcome(_ordinal(self._day), files, students, self._digest_names(), kept)
        earlier = dict.fromkeys(self._store.recall(_OUTCOME))
        self._store.keep(_OUTCOME, {**earlier, key: write_kept(outcome)})

    def _digest_state(self, changes: Mapping[str, str]) -> str:
        """Return a digest of all that the outcome of a check hangs on, but for the day; "" when
        too much changed to be looked through."""
        inside = [path for path in changes if path.startswith((f"{RECORDS}/", "schema/"))]
        if len(inside) > _FEW or not stands_on_main(self._root):
            return ""
        files = self._files
        total = hashlib.blake2b(program_digest(), digest_size=_ID_BYTES)
        told = [self._head.id_of(top) or "" for top in (RECORDS, "schema")]
        for path in sorted(inside):
            data = bytes_of(files, path)
            told += [path, "" if data is None else object_id("blob", data)]
        for lines in (told, files.links, files.specials, files.litter):
            total.update("\0".join(lines).encode("utf-8", "surrogateescape") + b"\0\0")
        total.update(self._digest_listing)
        return total.hexdigest()

    @cached_property
    def _digest_listing(self) -> bytes:
        paths = self._files.paths()
        listed = [*self._shared, *paths[find_below(paths, f"{STUDENTS}/")]]
        names = "\0".join(listed).encode("utf-8", "surrogateescape")
        return hashlib.blake2b(names, digest_size=_ID_BYTES).digest()

    @cached_property
    def _shared(self) -> list[str]:
        """The school's records and the schemas, as the folder has them."""
        paths = self._files.paths()
        records = paths[find_below(paths, f"{RECORDS}/")]
        people = find_below(records, f"{STUDENTS}/")
        schemas = paths[find_below(paths, "schema/")]
        return [*records[: people.start], *records[people.stop :], *schemas]

    def _is_as_listed(self, changes: Mapping[str, str]) -> bool:
        """Whether all records that lie there are those that were saved, or are told as changed:
        git may have been told not to see some. Of who is trusted that is known already."""
        read = self._folders.keys() - self._trusted
        tops = [RECORDS, "schema"]
        if len(read) <= _FEW:
            names = (f"{RECORDS}/{name}" for name in self._head.names(RECORDS))
            people = (folder_around(self._folders[id_][0]) for id_ in read)
            tops = ["schema", *(name for name in names if name != STUDENTS), *people]
        listed = commit_snapshots.list_tracked(self._root, self._head.commit, tops)
        known = {path for path, entry in listed if entry.mode.startswith("100")}
        known.update(path for path, state in changes.items() if state != "deleted")
        own = (path for id_ in read for path in self._folders[id_])
        return known.issuperset(self._shared) and known.issuperset(own)

    def _digest_names(self) -> bytes:
        return hashlib.blake2b(read_names(self._root) or b"", digest_size=_ID_BYTES).digest()

    def trust(self, changes: Mapping[str, str]) -> Trust | None:
        """Return whom the judge need not read; None where nothing can be known or kept.

        `changes`: what differs from the last save, path -> state, as `worktree_changes` has it.
        """
        now = self._read_shape(changes)
        if now is None:
            return None
        self._now = now
        self._unsaved = tuple(path for path in changes if path.startswith(_DAILY))
        self._kept = self._store.recall(_SORT)
        whole = replace(now, daily={**now.daily, **dict.fromkeys(self._unsaved, b"")})
        facts = list_trusted(self._read_known(), whole, self._files, self._day, self._store.secret)
        self._trusted = frozenset(facts)
        return Trust(self._files, facts, self._store.secret, self._folders)

    def learn(
        self, archive: Archive, found: Iterable[Finding], facts: Mapping[str, StudentFacts]
    ) -> None:
        """Keep what the judge found in the personal files that were not trusted at first; `facts`
        are those of the files that are right, whoever judged them."""
        now = self._now
        unsettled = name_concerned(self._unsaved, self._files)
        if now is None or unsettled is None:
            return
        trusted = self._trusted
        blamed = name_blamed(found, self._files)
        read = (archive.students.keys() | facts.keys()) & now.saved.keys() - trusted - unsettled
        rows: dict[str, bytes | None] = dict.fromkeys(self._kept.keys() - trusted)
        for id_ in self._as_saved(read):
            known = facts.get(id_) or gather_facts(
                archive.students[id_], self._count(id_), self._store.secret
            )
            frame = b"" if id_ in blamed else now.frame
            rows[id_] = write_kept(KeptStudent(now.saved[id_], frame, _ordinal(self._day), known))
        rows[""] = now.frame + b"".join(
            sign(path, self._store.secret) + id_ for path, id_ in sorted(now.daily.items())
        )
        if any(self._kept.get(key) != value for key, value in rows.items()):
            self._store.keep(_SORT, rows, given={"": self._kept.get("")})

    def _read_shape(self, changes: Mapping[str, str]) -> Shape | None:
        """Read what the folder is made of; None where its shared records are not as saved, but
        for new daily ones: then all must be read, and what is found says nothing of the save."""
        dirty: set[str] = set()
        new: list[str] = []
        for path, state in changes.items():
            found = place(path)
            if path.startswith(f"{STUDENTS}/"):
                dirty.add(found.student if found else folder_around(path).rpartition("/")[2])
            elif path.startswith(_DAILY) and state == "added":
                new.append(path)
            elif path.startswith((f"{RECORDS}/", "schema/")) and not path.startswith(_UNSEEN):
                return None
        shared = [*self._head.below("schema"), *self._list_shared()]
        there = [path for path in self._shared if not path.startswith(_UNSEEN)]
        if sorted([*shared, *new]) != there or not stands_on_main(self._root):
            return None  # files that git was told not to see
        daily = {path: self._id(path) for path in shared if path.startswith(_DAILY)}
        frame = hashlib.blake2b(program_digest(), digest_size=_ID_BYTES)
        for path in shared:
            if path not in daily:
                frame.update(path.encode("utf-8", "surrogateescape") + b"\0" + self._id(path))
        saved = {
            id_: self._digest(id_, paths)
            for id_, paths in self._folders.items()
            if id_ not in dirty
        }
        return Shape(frame.digest(), daily, saved, frozenset(self._folders))

    def _list_shared(self) -> Iterator[str]:
        """List the shared records that were saved, but for those that no rule here looks at."""
        for name in self._head.names(RECORDS):
            path = f"{RECORDS}/{name}"
            if f"{path}/" not in _UNSEEN and path != STUDENTS:
                yield from self._head.below(path) or (path,)

    def _id(self, path: str) -> bytes:
        return bytes.fromhex(self._head.id_of(path) or "")

    def _digest(self, student: str, paths: Iterable[str]) -> bytes:
        """Return the digest of a personal file: what it held when it was saved, and which files
        lie there now, for git may have been told not to see some."""
        try:
            tree = self._id(student_folder(student))
        except ValueError:
            return b""
        names = "\0".join((student, *paths)).encode("utf-8", "surrogateescape")
        return hashlib.blake2b(tree + names, digest_size=_ID_BYTES).digest()

    def _as_saved(self, students: Collection[str]) -> list[str]:
        """Return those in whose folders the very files lie that were saved."""
        folders = {id_: student_folder(id_) for id_ in students}
        if len(folders) <= _FEW:
            saved = {id_: list(self._head.below(folder)) for id_, folder in folders.items()}
        else:
            listed = commit_snapshots.list_tracked(self._root, self._head.commit, [STUDENTS])
            saved = dict(_group(path for path, entry in listed if entry.mode.startswith("100")))
        return [id_ for id_ in students if saved.get(id_) == self._folders[id_]]

    def _count(self, student: str) -> int:
        return sum(1 for path in self._folders[student] if place(path) and not is_pack(path))

    def _read_known(self) -> Known:
        frame = self._kept.get("", b"")
        start, step = _ID_BYTES, SIGN_BYTES + _ID_BYTES
        daily = {
            frame[at : at + SIGN_BYTES]: frame[at + SIGN_BYTES : at + step]
            for at in range(start, len(frame), step)
        }
        students = {id_: read_kept(data) for id_, data in self._kept.items() if id_}
        known = {id_: kept for id_, kept in students.items() if kept is not None}
        return Known(frame[:start], daily, known)


def group_folders(files: Snapshot) -> Iterator[tuple[str, list[str]]]:
    """Yield the personal files of a state, each with what lies in it."""
    paths = files.paths()
    return _group(paths[find_below(paths, f"{STUDENTS}/")])


def _group(paths: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the personal files that sorted paths lie in, each with its paths."""
    for folder, each in groupby(paths, folder_around):
        yield folder.rpartition("/")[2], list(each)
