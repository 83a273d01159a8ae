"""Builds the trees of a commit from a handful of changed paths.

Invariants: only trees along the changed paths are read, a level at a time; a folder left empty
disappears; a path that could leave the archive is refused. Absent on purpose: the index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from papka.core.errors import Refused
from papka.core.history import (
    EMPTY_TREE,
    TREE,
    TreeEntry,
    compose_tree,
    object_id,
    parse_tree,
)
from papka.gates.git.objects import Objects

Blob = tuple[str, str]
"""Mode and blob id."""


@dataclass(slots=True)
class _Folder:
    """Changes below one folder: what becomes of its files, and its changed folders."""

    files: dict[str, Blob | None] = field(default_factory=dict)
    folders: dict[str, _Folder] = field(default_factory=dict)
    base: dict[str, TreeEntry] = field(default_factory=dict)


def build_trees(
    root: Path, base_tree: str | None, changes: Mapping[str, Blob | None]
) -> tuple[str, list[bytes]]:
    """The id of the tree that `changes` make of `base_tree`, and the bytes of the new trees.

    None takes a path away. Raises Refused for a path no archive may hold.
    """
    top = _plan(changes)
    _read_base(Objects(root), top, base_tree)
    made: dict[str, bytes] = {}
    tree = _compose(top, made)
    if tree is None:
        made[EMPTY_TREE] = b""
        tree = EMPTY_TREE
    return tree, list(made.values())


def _plan(changes: Mapping[str, Blob | None]) -> _Folder:
    top = _Folder()
    for path, blob in changes.items():
        *parents, name = _parts(path)
        folder = top
        for parent in parents:
            folder = folder.folders.setdefault(parent, _Folder())
        folder.files[name] = blob
    return top


def _parts(path: str) -> list[str]:
    parts = path.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" or "\0" in part for part in parts):
        raise Refused(f"Недопустимый путь: {path!r}", "Переименуйте файл или папку")
    return parts


def _read_base(objects: Objects, top: _Folder, base_tree: str | None) -> None:
    """Fills in what the changed folders hold now."""
    level = [(top, base_tree)] if base_tree and base_tree != EMPTY_TREE else []
    while level:
        found = objects.read_many([tree for _, tree in level])
        below: list[tuple[_Folder, str]] = []
        for (folder, _), (_, _, raw) in zip(level, found, strict=True):
            folder.base = {entry.name: entry for entry in parse_tree(raw)}
            for name, child in folder.folders.items():
                entry = folder.base.get(name)
                if entry is not None and entry.mode == TREE:
                    below.append((child, entry.id))
        level = below


def _compose(folder: _Folder, made: dict[str, bytes]) -> str | None:
    """Composes a folder after those in it; None when nothing is left."""
    entries = dict(folder.base)
    for name, blob in folder.files.items():
        if blob is None:
            if name in entries and entries[name].mode != TREE:
                del entries[name]
        elif name in folder.folders and _holds(folder.folders[name]):
            raise Refused(f"«{name}» — и файл, и папка сразу", "Переименуйте одно из двух")
        else:
            entries[name] = TreeEntry(blob[0], name, blob[1])
    for name, child in folder.folders.items():
        tree = _compose(child, made)
        if tree is not None:
            entries[name] = TreeEntry(TREE, name, tree)
        elif name in entries and entries[name].mode == TREE:
            del entries[name]
    if not entries:
        return None
    raw = compose_tree(entries.values())
    id_ = object_id("tree", raw)
    made[id_] = raw
    return id_


def _holds(folder: _Folder) -> bool:
    return any(folder.files.values()) or any(_holds(child) for child in folder.folders.values())
