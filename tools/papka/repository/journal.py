"""What a command has begun and not told the end of, so that the same command goes on with it.

Invariants: each note is a file of its own below `.papka/`, on the disk before the work begins; it
is taken away when the end was told. Absent on purpose: what a note says, and believing it: who
reads it holds it against the records (`tasks`).

A note of what is being written to the folder, so that a killed command leaves nothing half done.

Invariants: the note is on the disk before the first file changes and is taken away after the branch
shows the commit; it names a stored commit, so nothing needs to be kept twice. Whoever next holds
the lock puts back what a dead command had begun; a file that was edited since stays as it is; a
note that names anything but what a command of ours could have been writing is thrown away.

A folder in which something whole is built beside its final place, then put there by one rename.

Invariants: the place is taken only when nothing lies there; what a killed command left of its
building is swept by the next one, never what a running one works on; all of it is on the disk
before it gets its name. Absent on purpose: what is built.

Swaps a store for the one built beside it, so that at any moment one of them is in place.

Invariants: where the system can, both names change at once; where it cannot (FAT, Windows) there is
a moment without a store, and `settle` then puts the new one in place; what was in place is never
deleted but moved aside. Of two stores the new one is told by a mark within it.
Absent on purpose: knowing what a store is.

The folder put right before anybody reads it to write on: what a killed command left half done.

Invariant: only while nobody writes. Absent on purpose: settling for those who only look.
"""

from __future__ import annotations

import ctypes
import glob
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from papka.core.errors import LockHeld, Refused
from papka.repository import dot_papka, worktree
from papka.repository.commit_snapshots import head
from papka.repository.dot_papka import archive_lock, file_lock
from papka.repository.files import SMALL, NotPlain, read_plain, sync_folder
from papka.repository.objects import Objects
from papka.repository.runner import run_git

_FOLDER = ".papka/begun"


def keep(root: Path, what: bytes, note: bytes) -> None:
    """`what` names the work: the same bytes find the note again."""
    dot_papka.write(root, _path(what), note)


def find(root: Path, what: bytes) -> bytes | None:
    """The note of the same work, begun before; None when there is none."""
    return dot_papka.read(root, _path(what))


def drop(root: Path, what: bytes) -> None:
    dot_papka.remove(root, _path(what))


def _path(what: bytes) -> str:
    return f"{_FOLDER}/{hashlib.sha256(what).hexdigest()[:32]}"


_NOTE = f"{dot_papka.FOLDER}/writing"
_LONGEST = 64 << 20
_COMMIT = re.compile(r"[0-9a-f]{40}")


def begin_writing(root: Path, commit: str, before: str, paths: Iterable[str]) -> None:
    """`paths` are about to be written as `commit`, made on `before`, has them."""
    text = "\0".join([commit, before, *paths])
    dot_papka.write(root, _NOTE, text.encode("utf-8", "surrogateescape"))


def standing(root: Path, before: str, paths: Iterable[str]) -> list[str]:
    """Those that lie in the folder as `before` has them: nobody's edit is lost by putting them
    back."""
    asked = list(paths)
    saved = Objects(root).find_many(f"{before}:{path}" for path in asked)
    files = worktree.WorktreeSnapshot(root)
    return [
        path
        for path, found in zip(asked, saved, strict=True)
        if _lying(files, path) == (found and found[1])
    ]


def end(root: Path) -> None:
    dot_papka.remove(root, _NOTE)


def is_left(root: Path) -> bool:
    """Whether a command is writing, or was killed while it was."""
    return os.path.lexists(root / _NOTE)


def settle_writing(root: Path) -> int:
    """Takes back what a killed command had begun; how many files that was. Holding the lock."""
    worktree.sweep(root, [_NOTE])
    said = dot_papka.read(root, _NOTE, most=_LONGEST)
    note = None if said is None else _note(said.decode("utf-8", "surrogateescape"))
    restored = 0
    if note is not None and note.before == head(root) and _continues(root, note):
        restored = _put_back(root, note.commit, note.before, note.paths)
    end(root)
    return restored


class _Note(NamedTuple):
    commit: str
    before: str
    paths: list[str]


def _note(said: str) -> _Note | None:
    """What a note says when it is spelt as ours are: two commits, and paths of records."""
    commit, _, rest = said.partition("\0")
    before, *paths = rest.split("\0")
    spelt = _COMMIT.fullmatch(commit) and _COMMIT.fullmatch(before)
    return _Note(commit, before, paths) if spelt and all(map(_is_of_record, paths)) else None


def _is_of_record(path: str) -> bool:
    parts = path.split("/")
    return "\n" not in path and not any(
        part in ("", ".", "..") or part.casefold() in (".git", dot_papka.FOLDER) for part in parts
    )


def _continues(root: Path, note: _Note) -> bool:
    """Whether its commit is stored, and made on what stood before."""
    ran = run_git(
        "merge-base", "--is-ancestor", note.before, note.commit, folder=root, accepted=(0, 1, 128)
    )  # fmt: skip
    return ran.code == 0


def _put_back(root: Path, commit: str, before: str, paths: list[str]) -> int:
    objects = Objects(root)
    made = list(objects.find_many(f"{commit}:{path}" for path in paths))
    stood = list(objects.find_many(f"{before}:{path}" for path in paths))
    restored = 0
    files = worktree.WorktreeSnapshot(root)
    worktree.sweep(root, paths)
    for path, new, old in zip(paths, made, stood, strict=True):
        _prune(root / path)
        lies = _lying(files, path)
        if lies == (old and old[1]) or lies != (new and new[1]):
            continue  # not begun, or edited since
        if old is None:
            worktree.remove(root, path)
        else:
            worktree.write(root, path, old[1])
        restored += 1
    return restored


def _lying(files: worktree.WorktreeSnapshot, path: str) -> bytes | None:
    try:
        return files.read(path)
    except KeyError:
        return None


def _prune(target: Path) -> None:
    """Folders that nothing lies in yet."""
    folder = target.parent
    while folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


_LOCK = "lock"
_PREFIX = ".{}.papka-"


@dataclass(frozen=True, slots=True)
class Site:
    """`room`: for what is thrown away; `built`: what gets the name `place`."""

    place: Path
    room: Path

    @property
    def built(self) -> Path:
        return self.room / "built"

    def finish(self) -> None:
        """Raises Refused when something has come to the place meanwhile, OSError."""
        _sync(self.built)
        if self.place.exists():
            _require_free(self.place)
            self.place.rmdir()
        self.built.rename(self.place)
        sync_folder(self.place.parent)


@contextmanager
def building_site(place: Path) -> Iterator[Site]:
    """Raises Refused when the place is not free, or when its folder cannot be written to."""
    _require_free(place)
    prefix = _PREFIX.format(place.name)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        sweep(place)
        room = Path(tempfile.mkdtemp(prefix=prefix, dir=place.parent))
    except OSError as error:
        raise Refused(
            f"В папке {place.parent} ничего не создать: она недоступна или закрыта от записи",
            "Укажите другое место",
        ) from error
    try:
        with file_lock(room / _LOCK, _LOCK, 0):
            yield Site(place, room)
    finally:
        shutil.rmtree(room, ignore_errors=True)
        with suppress(OSError):
            sync_folder(place.parent)


def _require_free(place: Path) -> None:
    if os.path.lexists(place) and (not place.is_dir() or any(place.iterdir())):
        raise Refused(
            f"{place}: здесь уже что-то лежит, а восстанавливают только на пустое место",
            "Укажите новую или пустую папку",
        )


def sweep(place: Path) -> None:
    """Takes away what killed commands left beside a place."""
    for left in place.parent.glob(f"{glob.escape(_PREFIX.format(place.name))}*"):
        try:
            with file_lock(left / _LOCK, _LOCK, 0):
                pass
        except (LockHeld, OSError):
            continue  # somebody works there, or it is no building of ours
        shutil.rmtree(left, ignore_errors=True)


def _sync(tree: Path) -> None:
    """Every file and folder; together where the system can, which many files need."""
    if hasattr(os, "sync"):
        os.sync()
        return
    for folder, _, names in os.walk(tree):
        for name in names:
            with (Path(folder) / name).open("r+b") as file:
                os.fsync(file.fileno())


UNDER_WAY = ".papka/healing"
"""Where the new store is built, from the archive's folder."""
MARK = "papka-healing"
"""A file in the new store: "building", then "verified"; taken away at the very end."""
_HERE = -100
"""AT_FDCWD of Linux and macOS differ, but full paths ignore it."""
_SWAP = 2
"""RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS."""

Settled = Literal["nothing", "thrown away", "finished"]


def begin_exchange(new: Path) -> None:
    """Makes the folder in which the new store is built."""
    new.mkdir(parents=True)
    _write(new / MARK, "building")


def swap(old: Path, new: Path, aside: Path) -> None:
    """Puts the store `new`, whole on the disk and verified, in the place of `old`."""
    for folder, _, names in os.walk(new, topdown=False):
        for name in names:
            _sync_path(Path(folder) / name)
        _sync_path(Path(folder))
    _write(new / MARK, "verified")
    if not os.path.lexists(old):
        new.rename(old)
    elif not _exchanged(old, new):
        aside.parent.mkdir(parents=True, exist_ok=True)
        old.rename(aside)
        new.rename(old)
    _sync_path(old.parent)
    settle_exchange(old, new, aside)


def settle_exchange(old: Path, new: Path, aside: Path) -> Settled:
    """Ends what a killed command had begun; the names are those of `swap`."""
    if (old / MARK).exists():
        if os.path.lexists(new):
            aside.parent.mkdir(parents=True, exist_ok=True)
            new.rename(aside)
            _sync_path(aside.parent)
        (old / MARK).unlink()
        _sync_path(old)
        return "finished"
    if not os.path.lexists(new):
        return "nothing"
    mark = _read(new / MARK)
    if not os.path.lexists(old) and mark == "verified":
        new.rename(old)
        _sync_path(old.parent)
        return settle_exchange(old, new, aside)
    if mark or not any(new.iterdir()):
        shutil.rmtree(new)
        return "thrown away"
    aside.parent.mkdir(parents=True, exist_ok=True)
    new.rename(aside)  # not ours to throw away
    return "nothing"


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the system could change both names at once."""
    names = (os.fsencode(one.resolve()), os.fsencode(other.resolve()))
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*names, ctypes.c_uint(_SWAP)) == 0)
        return bool(library.renameat2(_HERE, names[0], _HERE, names[1], ctypes.c_uint(_SWAP)) == 0)
    except (OSError, AttributeError, TypeError):
        return False


def _read(file: Path) -> str:
    try:
        return read_plain(file, most=SMALL).decode("ascii", "replace")
    except (OSError, NotPlain):
        return ""


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="ascii") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    _sync_path(file.parent)


def _sync_path(path: Path) -> None:
    """A file or a folder, to the disk."""
    if sys.platform == "win32":
        return  # neither a folder nor what is open only for reading can be synced there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def settle_folder(root: Path) -> None:
    """Takes back what a killed command had begun; waits for one that is alive."""
    if not is_left(root):
        return
    with suppress(LockHeld), archive_lock(root):
        settle_writing(root)
