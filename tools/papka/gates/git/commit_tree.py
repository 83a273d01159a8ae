"""One commit, its folders opened as they are asked for.

Invariants: the cost follows what is asked, not the size of the archive; one process reads all;
links and submodules are no files. Absent on purpose: a list of everything (`reading`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path

from papka.core.history import TREE, Commit, TreeEntry, parse_commit, parse_tree
from papka.gates.git.objects import Objects
from papka.gates.git.points import resolve

_KEPT = 1024
"""Folders remembered: the shared ones and those of a few hundred students."""


class CommitTree:
    """The files of a commit as a Tree; raises NotFound for an unknown `rev`."""

    def __init__(self, root: Path, rev: str) -> None:
        self.commit = resolve(root, rev)
        self._objects = Objects(root)
        self._folder = lru_cache(_KEPT)(self._read_folder)

    @cached_property
    def state(self) -> Commit:
        """The commit itself."""
        return parse_commit(self.commit, self._objects.read(self.commit)[1])

    def commit_of(self, id_: str) -> Commit:
        """Another commit of the same repository, by its full id."""
        return parse_commit(id_, self._objects.read(id_)[1])

    def id_of(self, path: str) -> str | None:
        """The id of a file's or a whole folder's content; None where there is neither."""
        entry = self._entry(path)
        return entry.id if entry else None

    def names(self, folder: str) -> tuple[str, ...]:
        entry = self._entry(folder)
        return tuple(self._folder(entry.id)) if entry and entry.mode == TREE else ()

    def below(self, folder: str) -> tuple[str, ...]:
        entry = self._entry(folder)
        if entry is None or entry.mode != TREE:
            return ()
        return tuple(sorted(self._files(folder, entry.id)))

    def read(self, path: str) -> bytes:
        return self._objects.read(self._file(path))[1]

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        asked = list(paths)
        found = self._objects.read_many([self._file(path) for path in asked])
        return ((path, data) for path, (_, _, data) in zip(asked, found, strict=True))

    def _file(self, path: str) -> str:
        entry = self._entry(path)
        if entry is None or not entry.mode.startswith("100"):
            raise KeyError(path)
        return entry.id

    def _entry(self, path: str) -> TreeEntry | None:
        entry: TreeEntry | None = TreeEntry(TREE, "", self.state.tree)
        for name in path.split("/"):
            if entry is None or entry.mode != TREE:
                return None
            entry = self._folder(entry.id).get(name)
        return entry

    def _files(self, folder: str, id_: str) -> Iterator[str]:
        for entry in self._folder(id_).values():
            path = f"{folder}/{entry.name}"
            if entry.mode == TREE:
                yield from self._files(path, entry.id)
            elif entry.mode.startswith("100"):
                yield path

    def _read_folder(self, id_: str) -> dict[str, TreeEntry]:
        return {entry.name: entry for entry in parse_tree(self._objects.read(id_)[1])}
