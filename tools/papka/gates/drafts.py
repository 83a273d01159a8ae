"""Drafts: the files of a unit that waits for its number, kept outside history and the records.

Invariants: they lie in `.papka/drafts/<name>/`, which git ignores; a draft is whole (its folder
appears by one rename) or not there. Absent on purpose: numbers, and what the files mean.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from papka.gates import durable, worktree

_FOLDER = ".papka/drafts"


def keep(root: Path, files: Mapping[str, bytes]) -> str:
    """Keeps the files; returns the draft's name."""
    folder = root / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    taken = [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]
    name = f"{max(taken, default=0) + 1}"
    unfinished = folder / f"new-{name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    for path, data in files.items():
        worktree.write(unfinished, path, data)
    unfinished.rename(folder / name)
    durable.sync_folder(folder)
    return name


def kept(root: Path) -> dict[str, dict[str, bytes]]:
    """All drafts, the oldest first: name -> path -> bytes."""
    folders = [path for path in (root / _FOLDER).glob("*") if path.name.isdecimal()]
    found = {}
    for folder in sorted(folders, key=lambda path: int(path.name)):
        files = worktree.WorktreeSnapshot(folder)
        found[folder.name] = dict(files.read_many(files.paths()))
    return found


def drop(root: Path, name: str) -> None:
    """Takes a draft away: it has its number now."""
    shutil.rmtree(root / _FOLDER / name)
