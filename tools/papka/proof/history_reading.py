"""Walks a history by the parents written in each commit's own bytes.

Invariants: git's list of commits is only a hint what to fetch in bulk (a commit-graph may lie);
parents come before children; what cannot be read is told, and the walk goes on elsewhere.

Hashes the objects that came after one commit: for a check of what is new only.

Invariants: an object counts as sound only when its bytes give its name, and a tree when it is
written in the one way git writes it: `git fsck` reads the whole store or nothing.
Absent on purpose: objects that no commit needs (the full check asks of them).

What a push brings while git holds it back: looked at from a clean room, before it counts.

Invariants: git never runs inside the store, nor obeys a variable the push was received with; the
room sees what is held back and what the store has, and no third place; commits are read from their
own bytes. Absent on purpose: letting anything in, which is git's, once the hook has agreed.

A history as values: what each commit changed, and whom it trusts.

Invariants: a file is read once however many commits share it; what is lost is read as nothing, for
the store's check has told of it. Absent on purpose: judging.

The attribute files of all commits, each read once however many commits share it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from papka.core.errors import GitFailed, Refused
from papka.core.findings import Finding
from papka.core.places import RECORDS, STUDENTS, unit
from papka.proof.chronicle import Step
from papka.proof.clean_room import CleanRoom
from papka.proof.commit_rules import is_attributes, judge_attributes
from papka.proof.trusted_keys import TRUST_FOLDER, TrustState, read_trust_state
from papka.repository.git_values import (
    EMPTY_TREE,
    EXECUTABLE,
    FILE,
    LINK,
    SUBMODULE,
    TREE,
    Change,
    Commit,
    Malformed,
    ObjectFault,
    TrackedFile,
    compose_tree,
    object_id,
    parse_commit,
    parse_tree,
)
from papka.repository.objects import Objects
from papka.repository.runner import run_git
from papka.repository.store import Store, borrow, borrowed


@dataclass(frozen=True, slots=True)
class Walked:
    """`commits`, parents first; `unreadable` as (id, why)."""

    commits: tuple[Commit, ...]
    unreadable: tuple[tuple[str, str], ...]


def walk(room: CleanRoom, tip: str) -> Walked:
    """Everything that `tip` descends from, and itself."""
    source = _Source(room, tip)
    ordered: list[Commit] = []
    unreadable: list[tuple[str, str]] = []
    done: set[str] = set()
    stack: list[str | Commit] = [tip]
    while stack:
        at = stack.pop()
        if isinstance(at, Commit):
            ordered.append(at)
        elif at not in done:
            done.add(at)
            try:
                commit = source.commit(at)
            except (KeyError, GitFailed):
                unreadable.append((at, "её нет в хранилище или она повреждена"))
            except Malformed as error:
                unreadable.append((at, str(error)))
            else:
                stack += [commit, *reversed(commit.parents)]
    return Walked(tuple(ordered), tuple(unreadable))


class _Source:
    """Commits by id: those hinted at in bulk, the rest one by one."""

    def __init__(self, room: CleanRoom, tip: str) -> None:
        self._one = Objects(room.folder)
        self._bulk: dict[str, tuple[str, bytes]] = {}
        hinted = room.likely_commits([tip])
        try:
            for id_, found in zip(hinted, self._one.find_many(hinted), strict=False):
                if found is not None:
                    self._bulk[id_] = found
        except GitFailed:
            return  # damaged somewhere: the rest is asked for one by one

    def commit(self, id_: str) -> Commit:
        kind, raw = self._bulk.pop(id_) if id_ in self._bulk else self._one.read(id_)
        if kind != "commit":
            raise Malformed(f"это {kind}, а не запись")
        return parse_commit(id_, raw)


_WRONG = "содержимое не совпадает с именем"
_LOST = "его нет или он повреждён"
_BENT = "дерево записано не так, как пишет git"
_MODES = frozenset((FILE, EXECUTABLE, LINK, SUBMODULE, TREE))


def check_after(room: CleanRoom, start: str, tip: str) -> tuple[int, list[ObjectFault]]:
    """How many objects `tip` needs that `start` does not, and what is wrong with them."""
    ran = run_git(
        "rev-list", "--objects", "--no-object-names", "--missing=print", tip, f"^{start}",
        folder=room.folder, accepted=range(-64, 256),
    )  # fmt: skip
    ids = [line.lstrip("?") for line in ran.text.splitlines()]
    faults = list(_faults(room.objects(), ids))
    if ran.code and not faults:
        faults.append(ObjectFault("missing", tip, ran.trouble.strip().partition("\n")[0]))
    return len(ids), faults


def _faults(objects: Objects, ids: Sequence[str]) -> Iterator[ObjectFault]:
    done = 0
    try:
        for id_, found in zip(ids, objects.find_many(ids), strict=True):
            done += 1
            if found is None:
                yield ObjectFault("missing", id_, _LOST)
            elif wrong := _wrong(id_, *found):
                yield ObjectFault("corrupt", id_, wrong)
    except GitFailed:
        yield from _one_by_one(objects, ids[done:])


def _one_by_one(objects: Objects, ids: Sequence[str]) -> Iterator[ObjectFault]:
    """Where git dies of a damaged object, the others are still asked for."""
    for id_ in ids:
        try:
            found = objects.read(id_)
        except (KeyError, GitFailed):
            yield ObjectFault("corrupt", id_, _LOST)
            continue
        if wrong := _wrong(id_, *found):
            yield ObjectFault("corrupt", id_, wrong)


def _wrong(id_: str, kind: str, data: bytes) -> str:
    if object_id(kind, data) != id_:
        return _WRONG
    return _BENT if kind == "tree" and _is_bent(data) else ""


def _is_bent(tree: bytes) -> bool:
    """Whether two programs could read the tree differently."""
    try:
        entries = parse_tree(tree)
    except Malformed:
        return True
    names = {entry.name for entry in entries}
    odd = any(e.mode not in _MODES or "/" in e.name or e.name in ("", ".", "..") for e in entries)
    return odd or len(names) != len(entries) or compose_tree(entries) != tree


_SALT, _CARD = "/.salt", "/student.yaml"
_MANY = 300
"""More personal folders than this are listed with all others."""


@dataclass(frozen=True, slots=True)
class ListedRoom(CleanRoom):
    """A room in which some commits are listed already: listing is what costs in a large archive."""

    listed: Mapping[str, Mapping[str, TrackedFile]] = field(default_factory=dict)

    def files(self, commit: str, below: Sequence[str] = ()) -> dict[str, TrackedFile]:
        known = self.listed.get(commit)
        return CleanRoom.files(self, commit, below) if known is None else dict(known)


def files_near(room: CleanRoom, commit: str, changes: Collection[Change]) -> dict[str, TrackedFile]:
    """The files of a commit, of personal folders that a small change leaves alone only the card's
    name: listing is what costs in a large archive.

    All of them where the change can concern anybody: it brings a salt, or touches what is common.
    """
    folders = {unit(change.path) for change in changes}
    brings_salt = any(change.path.endswith(_SALT) and change.new_id for change in changes)
    if None in folders or brings_salt or len(folders) > _MANY:
        return room.files(commit)
    tops = [name for name in room.names(commit, "") if name != RECORDS]
    tops += [f"{RECORDS}/{n}" for n in room.names(commit, f"{RECORDS}/") if n != "students"]
    touched = sorted(each for each in folders if each and each.startswith(f"{STUDENTS}/"))
    found = room.files(commit, (*tops, *touched))
    for year in sorted({each.rpartition("/")[0] for each in touched}):
        for name in room.names(commit, f"{year}/"):
            found.setdefault(f"{year}/{name}{_CARD}", TrackedFile(FILE, ""))
    return dict(sorted(found.items()))


def before(files: Mapping[str, TrackedFile], changes: Collection[Change]) -> dict[str, TrackedFile]:
    """What was there before these changes made it `files`."""
    left = {change.path for change in changes}
    found = {path: file for path, file in files.items() if path not in left}
    found |= {c.path: TrackedFile(c.old_mode, c.old_id) for c in changes if c.old_id}
    return found


@contextmanager
def received(store: Store, held_back: Path) -> Iterator[CleanRoom]:
    """A room for what is `held_back` (GIT_QUARANTINE_PATH of the hook); raises Refused."""
    objects = store.objects.resolve()
    place = held_back.resolve()
    if place.parent != objects or not place.is_dir():
        raise Refused("git не назвал места, где держит присланное: проверять нечего")
    if borrowed(store):
        raise Refused("Хранилище на сервере берёт объекты из другого места: принимать нельзя")
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        folder = Path(name)
        borrow(folder, place, objects)
        yield CleanRoom(folder)


def surplus(room: CleanRoom, store: Store, held_back: Path, old: str, new: str) -> int:
    """How many objects were sent that neither the commits after `old` need nor the store has.

    Bases that git itself adds to a pack on the way in are the store's own.
    """
    sent = _all_objects(held_back)
    past = [f"^{old}"] if old else []
    ran = run_git("rev-list", "--objects", "--no-object-names", new, *past, folder=room.folder)
    left = sent - set(ran.text.split())
    return len(left - _all_objects(store.objects)) if left else 0


def _all_objects(objects: Path) -> set[str]:
    """Ids of everything in a folder of objects."""
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        borrow(Path(name), objects)
        ran = run_git(
            "cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered",
            folder=Path(name),
        )  # fmt: skip
    return set(ran.text.split())


def new_line(room: CleanRoom, old: str, new: str) -> tuple[Commit, ...] | None:
    """`old` and all that came after it up to `new`, the oldest first; None when this is no plain
    line: a merge, another history, or a commit that cannot be read."""
    objects = room.objects()
    found: list[Commit] = []
    at = new
    try:
        while True:
            found.append(parse_commit(at, objects.read(at)[1]))
            if at == old:
                return tuple(reversed(found))
            (at,) = found[-1].parents
    except (KeyError, ValueError, GitFailed, Malformed):
        return None


_DEEPEST, _MOST = 8, 64
"""Folders in folders: trust has two, an archive eight. Deeper ones are made to exhaust who reads
them."""


def changes_of(room: CleanRoom, commits: Sequence[Commit]) -> dict[str, tuple[Change, ...]]:
    """What each commit did to its first parent's files; commits where that cannot be told, for
    something is lost, are left out."""
    trees = {commit.id: commit.tree for commit in commits}
    known = [c for c in commits if not c.parents or c.parents[0] in trees]
    pairs = [(trees[c.parents[0]] if c.parents else EMPTY_TREE, c.tree) for c in known]
    found = zip(known, room.changes(pairs), strict=True)
    return {commit.id: changes for commit, changes in found if changes is not None}


def readable_files(
    objects: Objects, commit: Commit
) -> tuple[dict[str, TrackedFile], tuple[str, ...]]:
    """Every path below a commit that can be read, and the folders that cannot, with a slash."""
    files: dict[str, TrackedFile] = {}
    lost: list[str] = []
    left = [("", commit.tree)]
    while left:
        folder, tree = left.pop()
        try:
            kind, raw = objects.read(tree)
            entries = parse_tree(raw) if kind == "tree" and folder.count("/") < _MOST else None
        except (KeyError, GitFailed, Malformed):
            entries = None
        if entries is None:
            lost.append(folder)
        for entry in entries or ():
            if entry.mode == TREE:
                left.append((f"{folder}{entry.name}/", entry.id))
            else:
                files[f"{folder}{entry.name}"] = TrackedFile(entry.mode, entry.id)
    return dict(sorted(files.items())), tuple(lost)


def trust_states(
    room: CleanRoom, commits: Sequence[Commit], changes: Mapping[str, tuple[Change, ...]]
) -> dict[str, TrustState]:
    """What `records/trust/` says in each commit; equal folders are read once."""
    objects = room.objects()
    folders: dict[str, frozenset[tuple[str, str]]] = {}
    for commit in commits:
        known = folders.get(commit.parents[0]) if commit.parents else frozenset()
        # Where nothing can be compared, the folder itself is asked for.
        is_told = known is not None and commit.id in changes
        own = known if known is not None and is_told else _folder(objects, commit) or known
        own = own or frozenset()
        touched = [c for c in changes.get(commit.id, ()) if c.path.startswith(TRUST_FOLDER)]
        if touched:
            left = {path: id_ for path, id_ in own if path not in {c.path for c in touched}}
            left |= {c.path: c.new_id for c in touched if c.new_id}
            own = frozenset(left.items())
        folders[commit.id] = own
    distinct = set(folders.values())
    blobs = {id_: read_blob(objects, id_) for folder in distinct for _, id_ in folder}
    states = {
        folder: read_trust_state({path: blobs[id_] for path, id_ in folder}) for folder in distinct
    }
    return {commit: states[folder] for commit, folder in folders.items()}


def _folder(objects: Objects, commit: Commit) -> frozenset[tuple[str, str]]:
    found = _listed(objects, f"{commit.id}:{TRUST_FOLDER[:-1]}", _DEEPEST)
    return frozenset((TRUST_FOLDER + path, id_) for path, id_ in found.items())


def _listed(objects: Objects, name: str, depth: int) -> dict[str, str]:
    """Every file below a folder of a commit, by its path there; none when it cannot be read."""
    if not depth:
        return {}
    try:
        kind, raw = objects.read(name)
        entries = parse_tree(raw) if kind == "tree" else []
    except (KeyError, GitFailed, Malformed):
        return {}
    found = {entry.name: entry.id for entry in entries if entry.mode.startswith("100")}
    for entry in entries:
        if entry.mode == TREE:
            inside = _listed(objects, entry.id, depth - 1)
            found |= {f"{entry.name}/{path}": id_ for path, id_ in inside.items()}
    return found


def read_blob(objects: Objects, name: str) -> bytes:
    """The bytes; none when they are lost, which the store's check has told already."""
    try:
        return objects.read(name)[1]
    except (KeyError, GitFailed):
        return b""


def judge_attribute_files(room: CleanRoom, steps: tuple[Step, ...]) -> Iterator[Finding]:
    """What is lost is read as nothing: the store's check has told of it."""
    objects = room.objects()
    wanted = {
        change.new_id
        for step in steps
        for change in step.changes
        if not change.deleted and is_attributes(change.path)
    }
    return judge_attributes(steps, {blob: read_blob(objects, blob) for blob in sorted(wanted)})
