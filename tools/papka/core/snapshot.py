"""Snapshots: sets of paths with bytes, be they a work tree, a commit or a dictionary.

All rules read records through this one interface, so last year's commit is judged by the same code
as today's folder, and a check of received commits never trusts a work tree. Modes and links are not
shown; the rules of history look at those.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol


class Snapshot(Protocol):
    """A set of files; paths are relative, "/"-separated, and `paths()` sorted by code point.

    `read` raises KeyError for a path that is not there. `read_many` yields in the order asked.
    """

    def paths(self) -> tuple[str, ...]: ...

    def read(self, path: str) -> bytes: ...

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]: ...


class Readable(Protocol):
    """A Snapshot or a Tree, for who knows the paths; `read` raises KeyError."""

    def read(self, path: str) -> bytes: ...


def bytes_of(files: Readable, path: str) -> bytes | None:
    """Return the bytes of a file; None when it is not there."""
    try:
        return files.read(path)
    except KeyError:
        return None


def find_below(paths: Sequence[str], folder: str) -> slice:
    """Return where in sorted paths those stand that begin with a folder and its slash."""
    after = f"{folder.removesuffix('/')}0"  # the sign after the slash: no name can come between
    return slice(bisect_left(paths, folder), bisect_left(paths, after))


class Tree(Protocol):
    """Files to ask for folder by folder, where listing them all would cost more than the answer.

    `names` are those directly in a folder; `below` all files under it, sorted; both are empty where
    there is no folder. `read` raises KeyError.
    """

    def names(self, folder: str) -> tuple[str, ...]: ...

    def below(self, folder: str) -> tuple[str, ...]: ...

    def read(self, path: str) -> bytes: ...

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]: ...


class Part:
    """One folder of a Tree as a Snapshot; paths are those of the whole."""

    def __init__(self, tree: Tree, folder: str) -> None:
        self._tree = tree
        self._folder = folder

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return self._tree.below(self._folder)

    def paths(self) -> tuple[str, ...]:
        return self._paths

    def read(self, path: str) -> bytes:
        return self._tree.read(path)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return self._tree.read_many(paths)


class DictSnapshot:
    """A snapshot held in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(sorted(files.items()))

    def paths(self) -> tuple[str, ...]:
        return tuple(self._files)

    def read(self, path: str) -> bytes:
        return self._files[path]

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self._files[path]) for path in paths)


class Remembered:
    """A snapshot whose files are fetched once, however often they are read."""

    def __init__(self, below: Snapshot) -> None:
        self._below = below
        self._known: dict[str, bytes] = {}

    def paths(self) -> tuple[str, ...]:
        return self._below.paths()

    def read(self, path: str) -> bytes:
        if path not in self._known:
            self._known[path] = self._below.read(path)
        return self._known[path]

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        asked = list(paths)
        self._known.update(self._below.read_many(p for p in asked if p not in self._known))
        return ((path, self._known[path]) for path in asked)


class Overlay:
    """A snapshot with some paths replaced (bytes) or removed (None), as a save would leave it."""

    def __init__(self, below: Snapshot, changes: Mapping[str, bytes | None]) -> None:
        self.below = below
        self.changes: Mapping[str, bytes | None] = dict(changes)

    def paths(self) -> tuple[str, ...]:
        return self._paths

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        kept = {path for path in self.below.paths() if path not in self.changes}
        added = {path for path, data in self.changes.items() if data is not None}
        return tuple(sorted(kept | added))

    def read(self, path: str) -> bytes:
        if path not in self.changes:
            return self.below.read(path)
        data = self.changes[path]
        if data is None:
            raise KeyError(path)
        return data

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        asked = list(paths)
        below = self.below.read_many(path for path in asked if path not in self.changes)
        for path in asked:
            yield (path, self.read(path)) if path in self.changes else next(below)
