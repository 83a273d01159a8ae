"""Keep notes of unfinished work, and put what is built into its place at once.

A note (`keep_note`) says what a command is about to do, on the disk before it does so, and goes
when the outcome was told. Most are read by the same command given again, which goes on; whoever
reads one holds it against the records. The note of a writing (`begin_writing`) is read by whoever
next holds the lock: what a dead command had begun to write is put back; a file edited since stays
as it is, and a note that could not be ours is thrown away. A save that is taken out of history is
noted too (`begin_pruning`): whoever next holds the lock ends that. So is a store that must be
purged of what was destroyed by law (`begin_purging`).

What is built where there is no archive to keep a note in is built beside its place and gets its
name by one rename, whole on the disk: a new folder only where nothing lies (`building_site`), a
store in place of another (`swap_stores`). Where the system can, both names change at once; where
it cannot (FAT, Windows) there is a moment without a store, and `settle_exchange` puts the new one
in place. What was in place is moved aside, never deleted; the new store is told by a mark within
it, for only that moves with it.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from papka.core.errors import LockHeld, Refused
from papka.core.snapshot import bytes_of
from papka.repository import dot_papka, worktree
from papka.repository.commit_snapshots import head, is_ancestor
from papka.repository.derived_store import DerivedStore
from papka.repository.dot_papka import archive_lock, clear_stale, file_lock
from papka.repository.files import SMALL, read_if_plain, sync_folder, sync_tree
from papka.repository.git_values import MAIN, is_id
from papka.repository.objects import Objects
from papka.repository.pruning import prune_commit
from papka.repository.runner import run_git
from papka.repository.store import refuse_unwritten

if TYPE_CHECKING:
    from papka.repository.purging import Purged


def keep_note(root: Path, what: bytes, note: bytes) -> None:
    """Keep a note of a piece of work; the same `what` finds it again."""
    dot_papka.write(root, _path(what), note)


def find_note(root: Path, what: bytes) -> bytes | None:
    """Return the note of the same work, begun before; None when there is none."""
    return dot_papka.read(root, _path(what), most=_LARGEST)


def drop_note(root: Path, what: bytes) -> None:
    """Take the note away: the work was told to be done."""
    dot_papka.remove(root, _path(what))


_WRITING = b"writing"
"""The one piece of work of which a folder has at most one."""
_PRUNING = b"pruning"
_PURGING = b"purging"
_LARGEST = 64 << 20
"""Bytes of a note that names all files of a large archive."""


def _path(what: bytes) -> str:
    if what in (_WRITING, _PURGING):
        return f"{dot_papka.FOLDER}/{what.decode()}"
    return f"{dot_papka.FOLDER}/begun/{hashlib.sha256(what).hexdigest()[:32]}"


def begin_writing(root: Path, commit: str, before: str, paths: Iterable[str]) -> None:
    """Note that `paths` will be written to the folder as `commit`, made on `before`, has them."""
    text = "\0".join([commit, before, *paths])
    keep_note(root, _WRITING, text.encode("utf-8", "surrogateescape"))


def list_unchanged_since(root: Path, before: str, paths: Iterable[str]) -> list[str]:
    """Return the paths that lie in the folder as `before` has them: nobody's edit is in them."""
    asked = list(paths)
    saved = Objects(root).find_many(f"{before}:{path}" for path in asked)
    files = worktree.WorktreeSnapshot(root)
    return [
        path
        for path, found in zip(asked, saved, strict=True)
        if bytes_of(files, path) == (found and found[1])
    ]


def end_writing(root: Path) -> None:
    """Take the note of the writing away."""
    drop_note(root, _WRITING)


def is_writing_left(root: Path) -> bool:
    """Whether a command is writing, or was killed while it was."""
    return os.path.lexists(root / _path(_WRITING))


def settle_writing(root: Path) -> int:
    """Put back the files a killed command was writing and count them; call it holding the lock."""
    worktree.sweep(root, [_path(_WRITING)])
    note = find_note(root, _WRITING) or b""
    commit, _, rest = note.decode("utf-8", "surrogateescape").partition("\0")
    before, *paths = rest.split("\0")
    restored = 0
    # The commit must be stored, and made on what stands, or what stands on it.
    if (
        _is_ours(commit, before, paths)
        and before == head(root)
        and (is_ancestor(root, before, commit) or is_ancestor(root, commit, before))
    ):
        restored = _put_back(root, commit, before, paths)
    end_writing(root)
    return restored


def begin_pruning(root: Path, commit: str) -> None:
    """Note that the last save will be taken out of history for good."""
    keep_note(root, _PRUNING, commit.encode())


def settle_pruning(root: Path) -> None:
    """End a pruning that was begun, if main has left the commit; call it holding the lock."""
    note = find_note(root, _PRUNING)
    if note is None:
        return
    commit = note.decode("ascii", "replace")
    now = head(root)
    if is_id(commit) and now and not is_ancestor(root, commit, now):
        run_git("read-tree", "HEAD", folder=root)  # the index may lead to what shall go
        prune_commit(root, commit)
    drop_note(root, _PRUNING)


def end_pruning(root: Path, commit: str) -> None:
    """Take the commit out of the store, now that neither main nor the index leads to it."""
    prune_commit(root, commit)
    drop_note(root, _PRUNING)


def begin_purging(
    root: Path, act: int, moved: Mapping[str, str] | None = None, spare: Iterable[bytes] = ()
) -> None:
    """Note, before main gets an act, that its store must then be purged.

    `moved`: refs that stay -> the commit each is to name; `spare`: the notes, by what was asked,
    that must outlive the purge.
    """
    lines = [f"act {act}", *(f"ref {id_} {ref}" for ref, id_ in (moved or {}).items())]
    lines += [f"spare {_path(what)}" for what in spare]
    keep_note(root, _PURGING, "\n".join(lines).encode())


def settle_purging(root: Path) -> Purged | None:
    """End a purge that is due, if main has the act; call it holding the lock. None: none was.

    The note only says when: what goes is read from the acts that main holds.
    """
    note = find_note(root, _PURGING)
    if note is None:
        return None
    from papka.repository.purging import purge_own, read_destroyed  # only after an act

    words = [line.split(" ", 2) for line in note.decode("utf-8", "replace").split("\n")]
    acts = {line[1] for line in words if line[0] == "act"}
    done = None
    if acts & {f"{number}" for number in read_destroyed(root).acts}:
        moved = {
            line[2]: line[1]
            for line in words
            if line[0] == "ref" and is_id(line[1]) and is_ancestor(root, line[1], MAIN)
        }
        spare = [" ".join(line[1:]) for line in words if line[0] == "spare"]
        done = purge_own(root, moved, spare)
        DerivedStore(root).forget()
    drop_note(root, _PURGING)
    return done


def _is_ours(commit: str, before: str, paths: list[str]) -> bool:
    """Whether a note is spelt as ours are: two commits, and paths that a save can write."""
    names = [name for path in paths for name in path.split("/")]
    return (
        all(is_id(each) for each in (commit, before))
        and not any("\n" in path for path in paths)
        and not any(n in ("", ".", "..") or n.casefold() in (".git", ".papka") for n in names)
    )


def _put_back(root: Path, commit: str, before: str, paths: list[str]) -> int:
    objects = Objects(root)
    made = list(objects.find_many(f"{commit}:{path}" for path in paths))
    stood = list(objects.find_many(f"{before}:{path}" for path in paths))
    restored = 0
    files = worktree.WorktreeSnapshot(root)
    worktree.sweep(root, paths)
    for path, new, old in zip(paths, made, stood, strict=True):
        folder = (root / path).parent
        while folder.is_dir() and not any(folder.iterdir()):  # made, and nothing written in it yet
            folder.rmdir()
            folder = folder.parent
        lies = bytes_of(files, path)
        if lies == (old and old[1]) or lies != (new and new[1]):
            continue  # not begun, or edited since
        if old is None:
            worktree.remove(root, path)
        else:
            worktree.write(root, path, old[1])
        restored += 1
    return restored


_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class BuildingSite:
    """Where a folder is built: `built` will get the name `place`, all of `room` is thrown away."""

    place: Path
    room: Path

    @property
    def built(self) -> Path:
        return self.room / "built"

    def finish(self) -> None:
        """Give `built` its name; raise Refused when something has come to the place, or OSError."""
        _sync_all(self.built)
        if self.place.exists():
            _require_free(self.place)
            self.place.rmdir()
        _give_name(self.built, self.place)


@contextmanager
def building_site(place: Path) -> Iterator[BuildingSite]:
    """Prepare a site for building `place`; raise Refused when that is taken or cannot be made."""
    _require_free(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        sweep_sites(place)
        room = Path(tempfile.mkdtemp(prefix=_prefix(place), dir=place.parent))
    except OSError as error:
        raise Refused(
            f"В папке {place.parent} ничего не создать: она недоступна или закрыта от записи",
            "Укажите другое место",
        ) from error
    try:
        with file_lock(room / _LOCK, _LOCK, 0):
            yield BuildingSite(place, room)
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


def sweep_sites(place: Path) -> None:
    """Remove what killed commands left beside a place."""
    for left in place.parent.glob(f"{glob.escape(_prefix(place))}*"):
        try:
            with file_lock(left / _LOCK, _LOCK, 0):
                pass
        except (LockHeld, OSError):
            continue  # somebody works there, or it is no building of ours
        shutil.rmtree(left, ignore_errors=True)


def _prefix(place: Path) -> str:
    return f".{place.name}.papka-"


def _sync_all(tree: Path) -> None:
    """Bring every file to the disk; all together where the system can, which many files need."""
    if hasattr(os, "sync"):
        os.sync()
    else:
        sync_tree(tree)


def _give_name(built: Path, place: Path) -> None:
    """Put what is built and on the disk into its place, where nothing lies."""
    built.rename(place)
    sync_folder(place.parent)


UNDER_WAY = ".papka/healing"
"""Path, from the archive's folder, of the store that is being built."""
MARK = "papka-healing"
"""A file in the new store: "building", then "verified"; taken away at the very end."""

Settled = Literal["nothing", "thrown away", "finished"]


def begin_exchange(new: Path) -> None:
    """Make the folder in which the new store is built."""
    new.mkdir(parents=True)
    _write_mark(new, "building")


def swap_stores(old: Path, new: Path, aside: Path) -> None:
    """Put the verified store `new` in the place of `old`, which is moved to `aside`."""
    sync_tree(new)
    _write_mark(new, "verified")
    if not os.path.lexists(old):
        new.rename(old)
    elif not _exchanged(old, new):
        aside.parent.mkdir(parents=True, exist_ok=True)
        old.rename(aside)
        new.rename(old)
    sync_folder(old.parent)
    settle_exchange(old, new, aside)


def settle_exchange(old: Path, new: Path, aside: Path) -> Settled:
    """End a swap that a killed command had begun; the arguments are those of `swap_stores`."""
    if (old / MARK).exists():
        if os.path.lexists(new):
            aside.parent.mkdir(parents=True, exist_ok=True)
            new.rename(aside)
            sync_folder(aside.parent)
        (old / MARK).unlink()
        sync_folder(old)
        return "finished"
    if not os.path.lexists(new):
        return "nothing"
    mark = (read_if_plain(new / MARK, most=SMALL) or b"").decode("ascii", "replace")
    if not os.path.lexists(old) and mark == "verified":
        _give_name(new, old)
        return settle_exchange(old, new, aside)
    if mark or not any(new.iterdir()):
        shutil.rmtree(new)
        return "thrown away"
    aside.parent.mkdir(parents=True, exist_ok=True)
    new.rename(aside)  # not ours to throw away
    return "nothing"


def _exchanged(one: Path, other: Path) -> bool:
    """Change both names at once; False where the system cannot."""
    import ctypes  # only where a store is exchanged

    names = (os.fsencode(one.resolve()), os.fsencode(other.resolve()))
    try:
        library = ctypes.CDLL(None, use_errno=True)
        flag = ctypes.c_uint(2)  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
        if sys.platform == "darwin":
            return bool(library.renamex_np(*names, flag) == 0)
        here = -100  # AT_FDCWD, which full paths ignore
        return bool(library.renameat2(here, names[0], here, names[1], flag) == 0)
    except (OSError, AttributeError, TypeError):
        return False


def _write_mark(store: Path, text: str) -> None:
    with (store / MARK).open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(store)


@dataclass(frozen=True, slots=True)
class LeftByKilled:
    """What killed commands had left: locks of git taken away, and how many files were put back."""

    locks: tuple[str, ...]
    files: int


@contextmanager
def hold_archive(root: Path) -> Iterator[LeftByKilled]:
    """Hold the archive for writing, first making it whole again; raise LockHeld, or Refused for a
    store that papka does not write."""
    refuse_unwritten(root)
    with archive_lock(root):
        left = LeftByKilled(clear_stale(root), settle_writing(root))
        settle_pruning(root)
        settle_purging(root)
        yield left


def settle_folder(root: Path) -> None:
    """Put back the files a killed command was writing; wait for a command that is alive."""
    if not is_writing_left(root):
        return
    with suppress(LockHeld), archive_lock(root):
        settle_writing(root)
