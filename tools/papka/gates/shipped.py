"""What comes with the program: `schema/`, `templates/` and the sample `records/`.

Invariants: a checkout and an installed wheel give the same paths and bytes; nothing here is
written, ever. Absent on purpose: file modes; who lays files out knows which are to be run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal

Shelf = Literal["schema", "templates", "records"]


def shipped_root() -> Path:
    """The folder that holds the three shelves: `papka/_shipped` of a wheel, else the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_shipped"
    return installed if installed.is_dir() else package.parents[1]


class ShippedSnapshot:
    """One shelf as a Snapshot; its paths begin with the shelf's name: `schema/student.json`."""

    def __init__(self, shelf: Shelf) -> None:
        self._root = shipped_root()
        self._shelf = shelf

    def paths(self) -> tuple[str, ...]:
        return tuple(self._files)

    def read(self, path: str) -> bytes:
        return self._files[path].read_bytes()

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self.read(path)) for path in paths)

    @cached_property
    def _files(self) -> dict[str, Path]:
        found = (self._root / self._shelf).rglob("*")
        files = {file.relative_to(self._root).as_posix(): file for file in found if file.is_file()}
        return dict(sorted(files.items()))
