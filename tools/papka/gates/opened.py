"""The work tree seen through a few folders: what one entry needs, in an archive of any size.

Invariants: as `gates.git.narrow` for a commit: shared records and schemas are listed whole, of
personal files the opened ones, each other by its card alone, or with `alone` not at all. Listed
once, at first use.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from papka.core.layout import RECORDS, STUDENTS
from papka.gates.folders import files_below
from papka.gates.worktree import WorktreeSnapshot

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
