"""One commit seen through a few folders, so that a small step costs the same in a large archive.

Invariants: everything but the personal files is listed; of these the `opened` ones whole, each
other by its card alone (`student.yaml`), which says that the number is taken; one process reads
all. Absent on purpose: revisions by name, and any count of what was not opened.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from papka.core.history import TREE, TreeEntry, parse_commit, parse_tree
from papka.core.layout import STUDENTS
from papka.gates.git.objects import Objects

_CARD = "student.yaml"


class NarrowSnapshot:
    """The files of a commit (a full id) as a Snapshot; `opened` are folders of personal files."""

    def __init__(self, root: Path, commit: str, opened: Collection[str]) -> None:
        self.commit = commit
        self._objects = Objects(root)
        self._opened = frozenset(opened)

    def paths(self) -> tuple[str, ...]:
        return self._paths

    def read(self, path: str) -> bytes:
        kind, data = self._objects.read(self._name(path))
        if kind != "blob":
            raise KeyError(path)
        return data

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        asked = list(paths)
        found = self._objects.read_many(self._name(path) for path in asked)
        return ((path, data) for path, (_, _, data) in zip(asked, found, strict=True))

    def _name(self, path: str) -> str:
        """What git finds the file by; one that is not listed is found by its path."""
        if "\n" in path or (path not in self._blobs and _folder(path) in self._opened):
            raise KeyError(path)
        return self._blobs.get(path) or f"{self.commit}:{path}"

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(sorted([*self._blobs, *self._cards]))

    @cached_property
    def _blobs(self) -> dict[str, str]:
        """Path -> blob id of what is listed file by file."""
        tree = parse_commit(self.commit, self._objects.read(self.commit)[1]).tree
        found: dict[str, str] = {}
        self._cards: list[str] = []
        self._list(tree, "", found)
        return found

    def _list(self, tree: str, prefix: str, found: dict[str, str]) -> None:
        for entry in self._tree(tree):
            path = prefix + entry.name
            if entry.mode == TREE and _is_folder(path) and path not in self._opened:
                self._cards.append(f"{path}/{_CARD}")
            elif entry.mode == TREE:
                self._list(entry.id, path + "/", found)
            elif entry.mode.startswith("100"):
                found[path] = entry.id

    def _tree(self, id_: str) -> list[TreeEntry]:
        return parse_tree(self._objects.read(id_)[1])


def _folder(path: str) -> str:
    return "/".join(path.split("/", 4)[:4])


def _is_folder(path: str) -> bool:
    """Whether a folder stands where personal files do: `records/students/<year>/<id>`."""
    return path.startswith(STUDENTS + "/") and path.count("/") == 3


def names_in(root: Path, commit: str, folder: str) -> tuple[str, ...]:
    """What lies directly in a folder of a commit (a full id); nothing when it is not there."""
    try:
        kind, raw = Objects(root).read(f"{commit}:{folder}")
    except KeyError:
        return ()
    return tuple(entry.name for entry in parse_tree(raw)) if kind == "tree" else ()


def blob_at(root: Path, commit: str, path: str) -> bytes | None:
    """What a file holds in a commit (a full id); None when it is not there."""
    try:
        kind, data = Objects(root).read(f"{commit}:{path}")
    except KeyError:
        return None
    return data if kind == "blob" else None
