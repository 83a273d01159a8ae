"""The work tree: files of an archive as they lie in the folder, read and atomically written.

Invariants: nothing under `.git` or `.papka` is seen; a symbolic link is never followed (its path
is listed apart); a write is whole or not at all: temp file, fsync, rename, fsync of the folder.
Absent on purpose: git (gates/git) and any knowledge of what the files mean.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from papka.core.errors import NotAnArchive
from papka.core.layout import ORGANIZATION

_HIDDEN = frozenset({".git", ".papka"})


def find_root(start: Path) -> Path:
    """The archive that `start` lies in; NotAnArchive when there is none above it."""
    resolved = start.resolve()
    for folder in (resolved, *resolved.parents):
        if (folder / ORGANIZATION).is_file():
            return folder
    raise NotAnArchive(str(start))


class WorktreeSnapshot:
    """The files below a root. Listed once, at first use."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._paths: tuple[str, ...] | None = None
        self._links: tuple[str, ...] = ()

    def paths(self) -> tuple[str, ...]:
        if self._paths is None:
            files: list[str] = []
            links: list[str] = []
            _list(str(self.root), "", files, links)
            self._paths, self._links = tuple(sorted(files)), tuple(sorted(links))
        return self._paths

    @property
    def links(self) -> tuple[str, ...]:
        """Symbolic links, which no archive has."""
        self.paths()
        return self._links

    def read(self, path: str) -> bytes:
        target = self.root / path
        if ".." in path.split("/") or target.is_symlink():
            raise KeyError(path)
        try:
            return target.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise KeyError(path) from None

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        base = str(self.root) + os.sep
        for path in paths:
            try:
                with open(base + path, "rb", buffering=0) as file:  # noqa: PTH123 - 3 x faster
                    yield path, file.readall()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                raise KeyError(path) from None


def write(root: Path, path: str, data: bytes) -> None:
    """Replace one file atomically; folders are made as needed."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".papka-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def lay_out(root: Path, files: Mapping[str, bytes]) -> None:
    """Write many files that nobody relies on yet: neither synced nor atomic."""
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows has no handle on a folder to flush
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _list(base: str, prefix: str, files: list[str], links: list[str]) -> None:
    with os.scandir(f"{base}/{prefix}" if prefix else base) as entries:
        for entry in entries:
            path = f"{prefix}/{entry.name}" if prefix else entry.name
            if not prefix and entry.name in _HIDDEN:
                continue
            if entry.is_symlink():
                links.append(path)
            elif entry.is_dir(follow_symlinks=False):
                _list(base, path, files, links)
            elif entry.is_file(follow_symlinks=False):
                files.append(path)
