"""The work tree: files of an archive as they lie in the folder, read and atomically written.

Invariants: nothing under `.git` or `.papka` is seen; a symbolic link is never followed (its path
is listed apart); a write is whole or not at all: temp file, fsync, rename, fsync of the folder.
Absent on purpose: git (gates/git) and any knowledge of what the files mean.

The work tree seen through a few folders: what one entry needs, in an archive of any size.

Invariants: as `gates.git.narrow` for a commit: shared records and schemas are listed whole, of
personal files the opened ones, each other by its card alone, or with `alone` not at all. Listed
once, at first use.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from papka.core.errors import NotAnArchive, Refused
from papka.core.places import (
    ALLOWED_SIGNERS,
    ARCHIVE_FILES,
    ARCHIVE_FOLDERS,
    ORGANIZATION,
    RECORDS,
    STUDENTS,
)
from papka.repository import files as repository_files
from papka.repository.files import files_below, sync_folder
from papka.repository.git_values import Stamp, is_runnable

_PIECE = 1 << 16
_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""A pipe in place of a file is not waited for."""
_SOURCES = "tools/papka/__init__.py"
_HIDDEN = frozenset({".git", ".papka"})
UNFINISHED = ".papka-"
"""How the name of a file begins that is being written; it is renamed when it is whole."""


def is_archive(folder: Path) -> bool:
    """Whether an archive lies in the folder itself.

    The program's own sources hold a sample of records and are none. A trust lost from the folder
    does not unmake an archive: then the commands must still tell of it.
    """
    if not (folder / ORGANIZATION).is_file():
        return False
    return (folder / ALLOWED_SIGNERS).is_file() or not (folder / _SOURCES).is_file()


def find_root(start: Path) -> Path:
    """The archive that `start` lies in; NotAnArchive when there is none above it."""
    resolved = start.resolve()
    for folder in (resolved, *resolved.parents):
        if is_archive(folder):
            return folder
    raise NotAnArchive(str(start))


def is_kept(path: str) -> bool:
    """Whether an archive keeps such a path; anything else in its folder is somebody's own."""
    return path.partition("/")[0] in ARCHIVE_FOLDERS or path in ARCHIVE_FILES


def place_for(root: Path, out: Path | None) -> Path:
    """Where papers and tables go: `print/` of the archive by default, or outside of it.

    Elsewhere in it they would lie among the records and be told as somebody's own: Refused.
    """
    if out is None:
        return repository_files.paper_folder(root)
    own = root.resolve()
    papers = own / repository_files.PAPERS
    place = out.resolve()
    if place.is_relative_to(own) and not place.is_relative_to(papers):
        raise Refused(
            f"«{out}» — внутри папки архива, а напечатанное и выданное в архив не входит",
            f"Назовите место вне архива или в его папке для этого: {papers / out.name}",
        )
    return out


class WorktreeSnapshot:
    """The files below a root. Listed once, at first use."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._paths: tuple[str, ...] | None = None
        self._links: tuple[str, ...] = ()
        self._specials: tuple[str, ...] = ()

    def paths(self) -> tuple[str, ...]:
        if self._paths is None:
            found = _Listed([], [], [])
            _list(str(self.root), "", found)
            self._paths = tuple(sorted(found.files))
            self._links = tuple(sorted(found.links))
            self._specials = tuple(sorted(found.specials))
        return self._paths

    @property
    def links(self) -> tuple[str, ...]:
        """Symbolic links, which no archive has."""
        self.paths()
        return self._links

    @property
    def specials(self) -> tuple[str, ...]:
        """Pipes, sockets, devices, and folders that are repositories of their own."""
        self.paths()
        return self._specials

    def read(self, path: str) -> bytes:
        target = self.root / path
        if ".." in path.split("/") or target.is_symlink() or not target.is_file():
            raise KeyError(path)  # a pipe would be waited on for ever
        try:
            return target.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise KeyError(path) from None

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        base = str(self.root) + os.sep
        for path in paths:
            try:
                data = _read(base + path)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                if self._paths is None or path not in self._paths:
                    raise KeyError(path) from None
                continue  # gone since it was listed: an editor's temporary file, most likely
            yield path, data


def _read(path: str) -> bytes:
    """The whole file; without a file object, which costs half the time of small files."""
    handle = os.open(path, _READING)
    try:
        pieces = []
        while piece := os.read(handle, _PIECE):
            pieces.append(piece)
    finally:
        os.close(handle)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def write(
    root: Path, path: str, data: bytes, *, executable: bool = False, synced: bool = True
) -> None:
    """Replace one file atomically, for its owner alone; folders are made as needed.

    What can be made anew at any time need not be `synced`: it then survives a killed program, but
    not a power cut.
    """
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if synced:
                os.fsync(file.fileno())
        mode = repository_files.file_mode(target)
        is_program = executable or is_runnable(path)
        repository_files.set_mode(
            Path(name), mode | repository_files.PROGRAM if is_program else mode
        )
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if synced:
        sync_folder(target.parent)


def write_many(root: Path, files: Mapping[str, bytes]) -> None:
    """As `write` of each, but synced together at the end, which thousands of files need.

    Not all or nothing: who needs that keeps a note of what is under way (`unfinished`).
    """
    base = str(root) + os.sep
    folders: set[str] = set()
    for path, data in files.items():
        target = base + path
        folder = target.rpartition("/")[0]
        if folder not in folders:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - thousands: half the time
            folders.add(folder)
        mode = repository_files.file_mode(target) | (
            repository_files.PROGRAM if is_runnable(path) else 0
        )
        unfinished = f"{folder}/{UNFINISHED}{os.getpid()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        handle = os.open(unfinished, flags, mode)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
            if not hasattr(os, "sync"):
                os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(unfinished, target)  # noqa: PTH105 - as above
    if hasattr(os, "sync"):
        os.sync()


def sweep(root: Path, paths: Iterable[str]) -> None:
    """Takes away what killed commands left unfinished beside these paths. Holding the lock."""
    for left in left_beside(root, paths):
        left.unlink(missing_ok=True)


def left_beside(root: Path, paths: Iterable[str]) -> list[Path]:
    """Files that a command is writing beside these paths, or was when it was killed."""
    folders = {(root / path).parent for path in paths}
    return [left for each in folders for left in each.glob(f"{UNFINISHED}*") if left.is_file()]


def remove(root: Path, path: str) -> None:
    """Take one file away, and the folders it leaves empty; nothing if it is not there."""
    target = root / path
    target.unlink(missing_ok=True)
    folder = target.parent
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
    if folder.is_dir():
        sync_folder(folder)  # or a power cut brings it back, and a save takes it for new


def names_in(root: Path, folder: str) -> tuple[str, ...]:
    """What lies directly in a folder; nothing when it is not there."""
    try:
        return tuple(os.listdir(root / folder))  # noqa: PTH208  # names alone, of 10,000 folders
    except (FileNotFoundError, NotADirectoryError):
        return ()


def stamp(root: Path, path: str) -> Stamp | None:
    """When a file was changed and how long it is; None when it is not there."""
    try:
        found = (root / path).lstat()
    except OSError:
        return None
    return Stamp(found.st_mtime_ns, found.st_size)


def is_program(root: Path, path: str) -> bool:
    """Whether the system would run the file."""
    return os.access(root / path, os.X_OK)


def lay_out(root: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write many files that nobody relies on yet: neither synced nor atomic."""
    for path, data in files:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if is_runnable(path):
            repository_files.set_mode(target, repository_files.PROGRAM)


class _Listed(NamedTuple):
    files: list[str]
    links: list[str]
    specials: list[str]


def _list(base: str, prefix: str, found: _Listed) -> None:
    with os.scandir(f"{base}/{prefix}" if prefix else base) as entries:
        for entry in entries:
            path = f"{prefix}/{entry.name}" if prefix else entry.name
            if entry.name == ".git" and prefix:
                found.specials.append(path)
            elif not prefix and entry.name in _HIDDEN:
                continue
            elif entry.is_symlink():
                found.links.append(path)
            elif entry.is_dir(follow_symlinks=False):
                _list(base, path, found)
            elif entry.is_file(follow_symlinks=False):
                found.files.append(path)
            else:
                found.specials.append(path)


_TOPS = (RECORDS, "schema")


class OpenedSnapshot:
    """`opened` are folders of personal files (`records/students/2026/2026-0001`)."""

    def __init__(self, root: Path, opened: Collection[str], *, alone: bool = False) -> None:
        self._root = root
        self._alone = alone
        self._opened = frozenset(opened)
        self._files = WorktreeSnapshot(root)
        self._paths: tuple[str, ...] | None = None

    def paths(self) -> tuple[str, ...]:
        if self._paths is None:
            self._paths = tuple(sorted(self._listed()))
        return self._paths

    def read(self, path: str) -> bytes:
        return self._files.read(path)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return self._files.read_many(paths)

    def _listed(self) -> Iterator[str]:
        for top in _TOPS:
            for path in self._names(top):
                if path == STUDENTS:
                    yield from self._students()
                elif (self._root / path).is_dir():
                    yield from files_below(self._root, path)
                elif not (self._root / path).is_symlink():
                    yield path

    def _students(self) -> Iterator[str]:
        for folder in self._opened:
            yield from files_below(self._root, folder)
        for year in () if self._alone else self._names(STUDENTS):
            for path in self._names(year):
                if path not in self._opened:
                    yield f"{path}/student.yaml"

    def _names(self, folder: str) -> Iterator[str]:
        """Paths of what lies in a folder; a plain listing, ten thousand names take 5 ms."""
        try:
            names = os.listdir(self._root / folder)  # noqa: PTH208 - iterdir costs ten times more
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in names:
            yield f"{folder}/{name}"
