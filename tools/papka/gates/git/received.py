"""What a push brings while git holds it back: looked at from a clean room, before it counts.

Invariants: git never runs inside the store, nor obeys a variable the push was received with; the
room sees what is held back and what the store has, and no third place; commits are read from their
own bytes. Absent on purpose: letting anything in, which is git's, once the hook has agreed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from papka.core.errors import GitFailed, Refused
from papka.core.history import FILE, Change, Commit, Malformed, parse_commit
from papka.core.layout import RECORDS, STUDENTS, unit
from papka.core.store import TrackedFile
from papka.gates.git.borrowing import borrow
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.runner import run_git
from papka.gates.git.store import Store, borrowed

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
