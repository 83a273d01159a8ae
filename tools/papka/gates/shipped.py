"""What comes with the program: `schema/`, `templates/`, the sample `records/`, its restricted twin.

Invariants: a checkout and an installed wheel give the same paths and bytes; nothing here is
written, ever. Absent on purpose: file modes; who lays files out knows which are to be run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal

Shelf = Literal["schema", "templates", "records", "restricted"]


def shipped_root() -> Path:
    """The folder that holds the shelves: `papka/_shipped` of a wheel, else the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_shipped"
    return installed if installed.is_dir() else package.parents[1]


def known_digests() -> dict[str, frozenset[str]]:
    """Path in an archive -> SHA-256 of every text any edition of the program ever laid there."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in Path(__file__).with_name("editions.txt").read_text("ascii").splitlines():
        digest, _, path = line.partition("  ")
        found[path].add(digest)
    return {path: frozenset(digests) for path, digests in found.items()}


_RESTRICTED_OF_CHECKOUT = "tests/archives/restricted/records"


class ShippedSnapshot:
    """One shelf as a Snapshot; its paths begin with the shelf's name: `schema/student.json`.

    Those of the restricted twin are the paths of its archive: `records/organization.yaml`.
    """

    def __init__(self, shelf: Shelf) -> None:
        root = shipped_root()
        self._folder = root / shelf
        self._prefix = "records" if shelf == "restricted" else shelf
        if shelf == "restricted" and not self._folder.is_dir():
            self._folder = root / _RESTRICTED_OF_CHECKOUT

    def paths(self) -> tuple[str, ...]:
        return tuple(self._files)

    def read(self, path: str) -> bytes:
        return self._files[path].read_bytes()

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self.read(path)) for path in paths)

    @cached_property
    def _files(self) -> dict[str, Path]:
        found = (file for file in self._folder.rglob("*") if file.is_file())
        prefix = self._prefix + "/"
        files = {prefix + file.relative_to(self._folder).as_posix(): file for file in found}
        return dict(sorted(files.items()))
