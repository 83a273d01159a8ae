"""A disk or folder that keeps copies: a copy is written aside, synced, re-read, then named.

Invariants: nothing already on the medium is changed; a copy gets its name when all of it is on the
disk and was read back from there; when the disk is taken away, nothing is written to the folder it
was mounted on. Absent on purpose: what a copy holds (`core.medium`) and whether it is good.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from papka.core.errors import MediumFailed, cannot_access
from papka.core.medium import BUNDLE, LABEL, MANIFEST, UNFINISHED, is_copy_name
from papka.gates import private, worktree
from papka.gates.durable import forget, sync_file, sync_folder
from papka.gates.plain_file import SMALL, NotPlain, open_plain, read_plain

_PIECE = 1 << 20
_MANY = 50
_LONGEST = 64_000_000
"""Bytes of a manifest: of half a million files."""


@contextmanager
def at_medium(medium: str) -> Iterator[None]:
    """What the disk refuses inside becomes MediumFailed."""
    try:
        yield
    except OSError as error:
        said = cannot_access(error).message
        raise MediumFailed(medium, said[:1].lower() + said[1:]) from error


@dataclass(frozen=True, slots=True)
class Read:
    """A file as it came from the disk: digest, the id git knows such bytes by, length."""

    sha256: str
    id: str
    size: int


class Draft:
    """A copy that is being written below `folder`; `place` is where it lies until it is named."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._device = folder.stat().st_dev
        self.place = folder / f"{UNFINISHED}{name}"
        self.digests: dict[str, str] = {}
        self.place.mkdir(mode=private.FOLDER)
        self._folders = {self.place}

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        """One more file; it is not on the disk before `settle`."""
        target = self.place / path
        self._make(target.parent)
        total = hashlib.sha256()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(target, flags, private.FILE), "wb") as file:
            for piece in pieces:
                total.update(piece)
                file.write(piece)
        self.digests[path] = total.hexdigest()

    def settle(self) -> None:
        """Brings every file and every folder to the disk, and lets the system forget them."""
        if len(self.digests) > _MANY and hasattr(os, "sync"):
            os.sync()  # together, which is quicker; the disk's own word about each comes below
        for path in self.digests:
            sync_file(self.place / path)
        for folder in sorted(self._folders, reverse=True):
            sync_folder(folder)
        self._require_disk()

    def name(self) -> Path:
        """The copy under its name; its own place from now on."""
        self._require_disk()
        final = self._folder / self._name
        self.place.rename(final)
        sync_folder(self._folder)
        return final

    def drop(self) -> None:
        """Takes away what was written, as far as the disk still lets it."""
        shutil.rmtree(self.place, ignore_errors=True)

    def _make(self, folder: Path) -> None:
        """Folders below the place, never the place itself: with the disk it would be gone."""
        if folder not in self._folders:
            self._make(folder.parent)
            folder.mkdir(mode=private.FOLDER)
            self._folders.add(folder)

    def _require_disk(self) -> None:
        if self._folder.stat().st_dev != self._device:
            raise FileNotFoundError(2, "", str(self._folder))


def sweep(folder: Path) -> None:
    """Takes away what killed commands left half written, and what others could read from them."""
    for left in folder.iterdir():
        if is_copy_name(left.name):
            private.tighten(left)
        if left.name.startswith(UNFINISHED) and is_copy_name(left.name.removeprefix(UNFINISHED)):
            shutil.rmtree(left)
        elif left.name.startswith(worktree.UNFINISHED) and left.is_file():
            left.unlink(missing_ok=True)


def write_label(folder: Path, data: bytes) -> None:
    worktree.write(folder, LABEL, data)


def read_label_of(folder: Path) -> bytes | None:
    """The label's bytes; None where there is none."""
    try:
        return read_plain(folder / LABEL, most=SMALL)
    except FileNotFoundError:
        return None
    except NotPlain as error:
        raise OSError(errno.EIO, error.reason, str(folder / LABEL)) from error


def is_of_copies(place: Path) -> bool:
    """Whether this is a medium with copies, one copy on it, or a copy's bundle."""
    if place.name == BUNDLE and place.is_file():
        place = place.parent
    return (place / MANIFEST).is_file() or (place.is_dir() and bool(manifests(place)))


def manifests(folder: Path) -> Mapping[str, bytes]:
    """Name of every copy in the folder -> its manifest, empty when it cannot be read; by name."""
    names = sorted(entry.name for entry in folder.iterdir() if is_copy_name(entry.name))
    return {name: read_manifest_of(folder / name) for name in names}


def read_manifest_of(copy: Path) -> bytes:
    """The manifest's bytes; empty when it is not there or cannot be read."""
    try:
        return read_plain(copy / MANIFEST, most=_LONGEST)
    except (OSError, NotPlain):
        return b""


def paths_in(copy: Path) -> tuple[str, ...]:
    """Every file of a copy, sorted; what is neither a file nor a folder counts as a file."""
    found: list[str] = []
    for folder, folders, names in os.walk(copy, onerror=_raise):
        inside = Path(folder).relative_to(copy).as_posix()
        prefix = "" if inside == "." else f"{inside}/"
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        found += [prefix + name for name in (*names, *links)]
    return tuple(sorted(found))


def reread(copy: Path, paths: Iterable[str]) -> Iterator[tuple[str, Read]]:
    """Each file from the disk itself, as far as the system can be made to forget it."""
    for path in paths:
        target = copy / path
        try:
            handle = open_plain(target)
        except NotPlain:
            continue
        with os.fdopen(handle, "rb", buffering=0) as file:
            forget(target)
            yield path, _read(file)


def remove_copy(copy: Path) -> None:
    """Takes a named copy away: first its name, so that a half removed one is never met."""
    aside = copy.with_name(f"{UNFINISHED}{copy.name}")
    copy.rename(aside)
    sync_folder(copy.parent)
    shutil.rmtree(aside)


def _read(file: FileIO) -> Read:
    size = os.fstat(file.fileno()).st_size
    total, blob = hashlib.sha256(), hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    while piece := file.read(_PIECE):
        total.update(piece)
        blob.update(piece)
    return Read(total.hexdigest(), blob.hexdigest(), size)


def _raise(error: OSError) -> None:
    raise error
