"""Reads a history out of a clean room: its commits, what each changed, whom it trusts.

Invariants: commits are walked by the parents in their own bytes, parents before children; git's
list of commits is only a hint what to fetch in bulk (a commit-graph may lie). A file is read once
however many commits share it. What is lost is read as nothing and the reading goes on, for the
store's check reports it. An object counts as sound only when its bytes give its name and a tree is
written in the one way git writes it.

A push that git still holds back is read the same way (`open_received`): git never runs inside the
store nor obeys a variable the push came with, and the room sees what is held back, what the store
has, and no third place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from papka.core.errors import GitFailed, Refused
from papka.core.findings import Finding
from papka.core.places import RECORDS, STUDENTS, unit
from papka.proof.chronicle import HistoryStep
from papka.proof.clean_room import CleanRoom, empty_repository
from papka.proof.commit_rules import is_attributes, judge_attributes
from papka.proof.trusted_keys import TRUST_FOLDER, TrustState, read_trust_state
from papka.repository.git_values import (
    EXECUTABLE,
    FILE,
    LINK,
    SUBMODULE,
    TREE,
    Commit,
    FileChange,
    Malformed,
    Naming,
    ObjectFault,
    TrackedFile,
    compose_tree,
    empty_tree,
    naming_of,
    object_id,
    parse_commit,
    parse_tree,
)
from papka.repository.objects import Objects
from papka.repository.runner import run_git
from papka.repository.store import Store, find_borrowed


@dataclass(frozen=True, slots=True)
class Walked:
    """A history read. `commits`: parents first; `unreadable`: (id, why)."""

    commits: tuple[Commit, ...]
    unreadable: tuple[tuple[str, str], ...]


def walk(room: CleanRoom, tip: str) -> Walked:
    """Read `tip` and every commit it descends from."""
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
    """Commits by id: those in git's list are read in bulk, the rest one by one."""

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
            raise Malformed(f"это {kind}, а не сохранение")
        return parse_commit(id_, raw)


_LOST = "его нет или он повреждён"
_MODES = frozenset((FILE, EXECUTABLE, LINK, SUBMODULE, TREE))


def check_after(room: CleanRoom, start: str, tip: str) -> tuple[int, list[ObjectFault]]:
    """Hash the objects that `tip` needs and `start` does not; return their number and the faults.

    `git fsck` would read the whole store or nothing.
    """
    ran = run_git(
        "rev-list", "--objects", "--no-object-names", "--missing=print", tip, f"^{start}",
        folder=room.folder, accepted=range(-64, 256),
    )  # fmt: skip
    ids = [line.lstrip("?") for line in ran.text.splitlines()]
    faults = list(_check_objects(room.objects(), ids))
    if ran.code and not faults:
        faults.append(ObjectFault("missing", tip, ran.trouble.strip().partition("\n")[0]))
    return len(ids), faults


def _check_objects(objects: Objects, ids: Sequence[str]) -> Iterator[ObjectFault]:
    done = 0
    try:
        for id_, found in zip(ids, objects.find_many(ids), strict=True):
            done += 1
            if found is None:
                yield ObjectFault("missing", id_, _LOST)
            elif wrong := _explain_wrong(id_, *found):
                yield ObjectFault("corrupt", id_, wrong)
    except GitFailed:
        yield from _check_one_by_one(objects, ids[done:])


def _check_one_by_one(objects: Objects, ids: Sequence[str]) -> Iterator[ObjectFault]:
    for id_ in ids:
        try:
            found = objects.read(id_)
        except (KeyError, GitFailed):
            yield ObjectFault("corrupt", id_, _LOST)
            continue
        if wrong := _explain_wrong(id_, *found):
            yield ObjectFault("corrupt", id_, wrong)


def _explain_wrong(id_: str, kind: str, data: bytes) -> str:
    if object_id(kind, data, naming_of(id_)) != id_:
        return "содержимое не совпадает с именем"
    is_bent = kind == "tree" and _is_bent(data, naming_of(id_))
    return "дерево записано не так, как пишет git" if is_bent else ""


def _is_bent(tree: bytes, naming: Naming) -> bool:
    """Whether two programs could read the tree differently."""
    try:
        entries = parse_tree(tree, naming)
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
    """A room that has listed some commits already: in a large archive listing is what costs."""

    listed: Mapping[str, Mapping[str, TrackedFile]] = field(default_factory=dict)

    def files(self, commit: str, below: Sequence[str] = ()) -> dict[str, TrackedFile]:
        known = self.listed.get(commit)
        return CleanRoom.files(self, commit, below) if known is None else dict(known)


def files_near(
    room: CleanRoom, commit: str, changes: Collection[FileChange]
) -> dict[str, TrackedFile]:
    """List the files of a commit, but of personal folders left alone by a small change only the
    card, without its id: in a large archive listing is what costs.

    All files where the change can concern anybody: it brings a salt, or touches what is common.
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


def files_before(
    files: Mapping[str, TrackedFile], changes: Collection[FileChange]
) -> dict[str, TrackedFile]:
    """Return the files as they were before these changes led to `files`."""
    left = {change.path for change in changes}
    found = {path: file for path, file in files.items() if path not in left}
    found |= {c.path: TrackedFile(c.old_mode, c.old_id) for c in changes if c.old_id}
    return found


@contextmanager
def open_received(store: Store, held_back: Path) -> Iterator[CleanRoom]:
    """Open a room for a push `held_back` in this folder (GIT_QUARANTINE_PATH); raises Refused."""
    objects = store.objects.resolve()
    place = held_back.resolve()
    if place.parent != objects or not place.is_dir():
        raise Refused("git не назвал места, где держит присланное: проверять нечего")
    if find_borrowed(store):
        raise Refused("Хранилище на сервере берёт объекты из другого места: принимать нельзя")
    with empty_repository(place, objects) as folder:
        yield CleanRoom(folder)


def count_surplus(room: CleanRoom, store: Store, held_back: Path, old: str, new: str) -> int:
    """Count the objects sent that neither the commits after `old` need nor the store has.

    Bases that git itself adds to a pack on the way in are the store's own.
    """
    sent = _list_objects(held_back)
    past = [f"^{old}"] if old else []
    ran = run_git("rev-list", "--objects", "--no-object-names", new, *past, folder=room.folder)
    left = sent - set(ran.text.split())
    return len(left - _list_objects(store.objects)) if left else 0


def _list_objects(objects: Path) -> set[str]:
    """Return the ids of everything in a folder of objects."""
    with empty_repository(objects) as folder:
        ran = run_git(
            "cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered",
            folder=folder,
        )  # fmt: skip
    return set(ran.text.split())


def read_new_commits(room: CleanRoom, old: str, new: str) -> tuple[Commit, ...] | None:
    """Return `old` and the commits after it up to `new`, oldest first; None when they are no plain
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
"""Folders in folders that are read, in trust and in all: trust has two, an archive eight. Deeper
ones are made to exhaust who reads them."""


def changes_of(room: CleanRoom, commits: Sequence[Commit]) -> dict[str, tuple[FileChange, ...]]:
    """Compare each commit with its first parent; commits where something needed is lost are left
    out."""
    trees = {commit.id: commit.tree for commit in commits}
    known = [c for c in commits if not c.parents or c.parents[0] in trees]
    nothing = empty_tree(room.naming)
    pairs = [(trees[c.parents[0]] if c.parents else nothing, c.tree) for c in known]
    found = zip(known, room.changes(pairs), strict=True)
    return {commit.id: changes for commit, changes in found if changes is not None}


def readable_files(
    objects: Objects, commit: Commit
) -> tuple[dict[str, TrackedFile], tuple[str, ...]]:
    """List the files of a commit, and those of its folders, ending in "/", that are lost."""
    files, lost = _list_below(objects, commit.tree, _MOST)
    return dict(sorted(files.items())), tuple(lost)


def _list_below(
    objects: Objects, top: str, deepest: int
) -> tuple[dict[str, TrackedFile], list[str]]:
    """List the files below a tree by path, and its folders that are lost or too deep."""
    files: dict[str, TrackedFile] = {}
    lost: list[str] = []
    left = [("", top)]
    for folder, tree in left:
        try:
            kind, raw = objects.read(tree)
            is_read = kind == "tree" and folder.count("/") < deepest
            entries = parse_tree(raw, naming_of(tree)) if is_read else None
        except (KeyError, GitFailed, Malformed):
            entries = None
        if entries is None:
            lost.append(folder)
        for entry in entries or ():
            if entry.mode == TREE:
                left.append((f"{folder}{entry.name}/", entry.id))
            else:
                files[f"{folder}{entry.name}"] = TrackedFile(entry.mode, entry.id)
    return files, lost


def trust_states(
    room: CleanRoom, commits: Sequence[Commit], changes: Mapping[str, tuple[FileChange, ...]]
) -> dict[str, TrustState]:
    """Read `records/trust/` in each commit; equal folders are read once."""
    objects = room.objects()
    folders: dict[str, frozenset[tuple[str, str]]] = {}
    for commit in commits:
        known = folders.get(commit.parents[0]) if commit.parents else frozenset()
        own = known
        if known is None or commit.id not in changes:  # nothing to compare: list the folder itself
            own = _list_trust_files(objects, commit) or known
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


def _list_trust_files(objects: Objects, commit: Commit) -> frozenset[tuple[str, str]]:
    files, _ = _list_below(objects, f"{commit.tree}:{TRUST_FOLDER[:-1]}", _DEEPEST)
    return frozenset(
        (TRUST_FOLDER + path, file.id)
        for path, file in files.items()
        if file.mode.startswith("100")
    )


def read_blob(objects: Objects, name: str) -> bytes:
    """Return the bytes; b"" when they are lost, which the store's check reports."""
    try:
        return objects.read(name)[1]
    except (KeyError, GitFailed):
        return b""


def read_found(objects: Objects, wanted: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield id and bytes of the objects that can be read; the store's check reports the others."""
    left = sorted(wanted)
    done = 0
    try:
        for id_, found in zip(left, objects.find_many(left), strict=True):
            done += 1
            if found is not None:
                yield id_, found[1]
    except GitFailed:  # damaged somewhere: the rest one by one
        for id_ in left[done:]:
            with suppress(KeyError, GitFailed):
                yield id_, objects.read(id_)[1]


def judge_attribute_files(room: CleanRoom, steps: tuple[HistoryStep, ...]) -> Iterator[Finding]:
    """Judge the attribute files of all commits, each read once."""
    objects = room.objects()
    wanted = {
        change.new_id
        for step in steps
        for change in step.changes
        if not change.deleted and is_attributes(change.path)
    }
    return judge_attributes(steps, {blob: read_blob(objects, blob) for blob in sorted(wanted)})
