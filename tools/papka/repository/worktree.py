"""Find an archive's folder; list, read and atomically write the files in it.

Nothing under `.git` or `.papka` is seen. A symbolic link is never followed, its path is listed
apart. A write is whole or not at all: temporary file, fsync, rename, fsync of the folder. Git is
not run here.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from papka.core.errors import NotAnArchive, Refused
from papka.core.litter import SHARED, is_hidden, is_litter, is_litter_file, is_litter_folder
from papka.core.places import (
    ALLOWED_SIGNERS,
    ARCHIVE_FILES,
    ARCHIVE_FOLDERS,
    ORGANIZATION,
    RECORDS,
    STUDENTS,
    is_runnable,
)
from papka.repository import files
from papka.repository import files as repository_files
from papka.repository.files import files_below, names_in, sync_folder
from papka.repository.git_values import MAIN

_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""A pipe in place of a file is not waited for."""
UNFINISHED = ".papka-"
"""Beginning of the name of a file that is being written; it is renamed when it is whole."""


def is_archive(folder: Path) -> bool:
    """Whether an archive lies in the folder itself.

    The program's own sources hold a sample of records and are no archive. An archive that lost its
    list of trusted keys, or organization.yaml, is one still: the commands must be able to tell of
    the loss.
    """
    if not (folder / ORGANIZATION).is_file():
        return (folder / ALLOWED_SIGNERS).is_file() and (folder / RECORDS).is_dir()
    sources = folder / "tools/papka/__init__.py"
    return (folder / ALLOWED_SIGNERS).is_file() or not sources.is_file()


def find_root(start: Path) -> Path:
    """Return the archive that `start` lies in; raise NotAnArchive when there is none above it."""
    resolved = start.resolve()
    for folder in (resolved, *resolved.parents):
        if is_archive(folder):
            return folder
    raise NotAnArchive(str(start))


def stands_on_main(root: Path) -> bool:
    """Whether the folder shows the branch main; one that cannot be asked so is taken to."""
    try:
        said = (root / ".git/HEAD").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return said.strip() == f"ref: {MAIN}"


def off_main() -> Refused:
    """Return what a folder that shows another commit is told, whatever the command."""
    return Refused(
        "Папка показывает не последнее сохранение архива, а что-то другое (HEAD не на main)",
        "Отложите несохранённые правки в сторону и вернитесь: git checkout main",
    )


def is_kept(path: str) -> bool:
    """Whether a path belongs to an archive; anything else in its folder is somebody's own."""
    if path.partition("/")[0] not in ARCHIVE_FOLDERS:
        return path in ARCHIVE_FILES
    return not is_litter(path)


def place_for(root: Path, out: Path | None) -> Path:
    """Return the folder for papers and tables: `print/` of the archive, or `out`.

    Raise Refused for any other place in the archive, where they would lie among the records.
    """
    if out is None:
        return files.paper_folder(root)
    own = root.resolve()
    papers = own / files.PAPERS
    place = out.resolve()
    if place.is_relative_to(own) and not place.is_relative_to(papers):
        raise Refused(
            f"«{out}» — внутри папки архива, а напечатанное и выданное в архив не входит",
            f"Назовите место вне архива или в его папке для этого: {papers / out.name}",
        )
    return out


class WorktreeSnapshot:
    """The files below a root, without litter. Listed once, at first use."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._paths: tuple[str, ...] | None = None
        self._links: tuple[str, ...] = ()
        self._specials: tuple[str, ...] = ()
        self._litter: tuple[str, ...] = ()

    def paths(self) -> tuple[str, ...]:
        if self._paths is None:
            files: list[str] = []
            links: list[str] = []
            specials: list[str] = []
            litter: list[str] = []
            _list_files(str(self.root), "", files, links, specials, litter)
            self._paths, self._litter = tuple(sorted(files)), tuple(sorted(litter))
            self._links, self._specials = tuple(sorted(links)), tuple(sorted(specials))
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

    @property
    def litter(self) -> tuple[str, ...]:
        """What systems, editors and disks left; a folder of litter is one path with a slash."""
        self.paths()
        return self._litter

    def read(self, path: str) -> bytes:
        target = f"{self.root}{os.sep}{path}"
        try:
            kind = os.lstat(target).st_mode
            if ".." in path.split("/") or not stat.S_ISREG(kind):
                raise KeyError(path)  # a pipe would be waited on for ever
            return _read(target)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
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


def _list_files(  # noqa: PLR0913 - a list for each kind of thing that may lie there
    base: str,
    prefix: str,
    files: list[str],
    links: list[str],
    specials: list[str],
    litter: list[str],
) -> None:
    is_shared = prefix.partition("/")[0] in SHARED
    with os.scandir(f"{base}/{prefix}" if prefix else base) as entries:
        for entry in entries:
            name = entry.name
            hides = is_shared and is_hidden(name)
            path = f"{prefix}/{name}" if prefix else name
            if name == ".git" and prefix:
                specials.append(path)
            elif not prefix and name in (".git", ".papka"):
                continue
            elif entry.is_file(follow_symlinks=False):
                (litter if hides or is_litter_file(name) else files).append(path)
            elif entry.is_dir(follow_symlinks=False):
                # beside the archive's folders a person may keep what they like: it is told of
                if hides or (prefix and is_litter_folder(name)):
                    litter.append(f"{path}/")
                else:
                    _list_files(base, path, files, links, specials, litter)
            else:
                (links if entry.is_symlink() else specials).append(path)


def _read(path: str) -> bytes:
    """Read a file without a file object, which would cost half the time of small files."""
    handle = os.open(path, _READING)
    try:
        pieces = []
        while piece := os.read(handle, 1 << 16):
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
        mode = files.file_mode(target)
        if executable or is_runnable(path):
            mode |= files.PROGRAM
        files.set_mode(Path(name), mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if synced:
        sync_folder(target.parent)


def write_many(root: Path, files: Mapping[str, bytes]) -> None:
    """Write each file as `write` does, but sync them together at the end: for thousands of files.

    Not all or nothing: who needs that keeps a note of the work under way (`unfinished_work`).
    """
    base = str(root) + os.sep
    folders: set[str] = set()
    for path, data in files.items():
        target = base + path
        folder = target.rpartition("/")[0]
        if folder not in folders:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - thousands: half the time
            folders.add(folder)
        mode = repository_files.file_mode(target)
        if is_runnable(path):
            mode |= repository_files.PROGRAM
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
    """Remove what killed commands left unfinished beside these paths; call it holding the lock."""
    for left in left_beside(root, paths):
        left.unlink(missing_ok=True)


def left_beside(root: Path, paths: Iterable[str]) -> list[Path]:
    """Return files that a command is writing beside these paths, or was when it was killed."""
    found = []
    for folder in {path.rpartition("/")[0] for path in paths}:
        left = [name for name in names_in(root, folder) if name.startswith(UNFINISHED)]
        found += [file for name in left if (file := root / folder / name).is_file()]
    return found


def remove(root: Path, path: str) -> None:
    """Remove a file, and the folders it leaves empty; do nothing if it is not there."""
    target = root / path
    target.unlink(missing_ok=True)
    folder = target.parent
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
    if folder.is_dir():
        sync_folder(folder)  # or a power cut brings it back, and a save takes it for new


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


class OpenedSnapshot:
    """The work tree seen through a few folders: what one entry needs, in an archive of any size.

    As `commit_snapshots.NarrowSnapshot` of a commit: shared records and schemas are listed whole,
    of personal files those in the folders `opened` (`records/students/2026/2026-0001`), each other
    by its card alone, or with `alone` not at all. Listed once, at first use.
    """

    def __init__(self, root: Path, opened: Collection[str], *, alone: bool = False) -> None:
        self._root = root
        self._alone = alone
        self._opened = frozenset(opened)
        self._files = WorktreeSnapshot(root)

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._list()))

    def paths(self) -> tuple[str, ...]:
        return self._paths

    def read(self, path: str) -> bytes:
        return self._files.read(path)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return self._files.read_many(paths)

    def _list(self) -> Iterator[str]:
        for top in (RECORDS, "schema"):
            for path in self._list_folder(top):
                if path == STUDENTS:
                    yield from self._list_students()
                elif (self._root / path).is_dir():
                    yield from _without_litter(files_below(self._root, path))
                elif not (self._root / path).is_symlink() and not is_litter(path):
                    yield path

    def _list_students(self) -> Iterator[str]:
        for folder in self._opened:
            yield from _without_litter(files_below(self._root, folder))
        for year in () if self._alone else self._list_folder(STUDENTS):
            for path in self._list_folder(year):
                if path not in self._opened and not is_litter(path):
                    yield f"{path}/student.yaml"

    def _list_folder(self, folder: str) -> list[str]:
        return [f"{folder}/{name}" for name in names_in(self._root, folder)]


def _without_litter(paths: Iterable[str]) -> Iterator[str]:
    return (path for path in paths if not is_litter(path))


class FolderTree:
    """The work tree as a Tree: its folders looked into as they are asked for, never through a link.

    Nothing is remembered between two questions but which folders are no links.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = WorktreeSnapshot(root)
        self._own = {""}

    def names(self, folder: str) -> tuple[str, ...]:
        if not self._is_own(folder):
            return ()
        return tuple(
            entry.name
            for entry in repository_files.list_entries(self._root / folder)
            if not entry.is_symlink()
        )

    def below(self, folder: str) -> tuple[str, ...]:
        if not self._is_own(folder):
            return ()
        return tuple(_without_litter(files_below(self._root, folder)))

    def read(self, path: str) -> bytes:
        if not self._is_own(path.rpartition("/")[0]):
            raise KeyError(path)
        return self._files.read(path)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self.read(path)) for path in paths)

    def _is_own(self, folder: str) -> bool:
        """Whether this and every folder above it lie in the archive itself."""
        if folder in self._own:
            return True
        parts = folder.split("/")
        if any(part in ("", ".", "..", ".git", ".papka") for part in parts):
            return False
        above = "/".join(parts[:-1])
        try:
            is_own = self._is_own(above) and stat.S_ISDIR((self._root / folder).lstat().st_mode)
        except (OSError, ValueError):
            return False
        if is_own:
            self._own.add(folder)
        return is_own
