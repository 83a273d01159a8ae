"""A note of what is being written to the folder, so that a killed command leaves nothing half done.

Invariants: the note is on the disk before the first file changes and is taken away after the branch
shows the commit; it names a stored commit, so nothing needs to be kept twice. Whoever next holds
the lock puts back what a dead command had begun; a file that was edited since stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from papka.gates import worktree
from papka.gates.git.objects import Objects
from papka.gates.git.reading import head

_NOTE = ".papka/writing"


def begin(root: Path, commit: str, before: str, paths: Iterable[str]) -> None:
    """`paths` are about to be written as `commit`, made on `before`, has them."""
    text = "\0".join([commit, before, *paths])
    worktree.write(root, _NOTE, text.encode("utf-8", "surrogateescape"))


def end(root: Path) -> None:
    (root / _NOTE).unlink(missing_ok=True)


def settle(root: Path) -> int:
    """Takes back what a killed command had begun; how many files that was. Holding the lock."""
    try:
        said = (root / _NOTE).read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return 0
    commit, before, *paths = said.split("\0")
    restored = 0 if head(root) == commit else _put_back(root, commit, before, paths)
    end(root)
    return restored


def _put_back(root: Path, commit: str, before: str, paths: list[str]) -> int:
    objects = Objects(root)
    made = list(objects.find_many(f"{commit}:{path}" for path in paths))
    stood = list(objects.find_many(f"{before}:{path}" for path in paths))
    restored = 0
    files = worktree.WorktreeSnapshot(root)
    for path, new, old in zip(paths, made, stood, strict=True):
        _sweep(root / path)
        try:
            lies: bytes | None = files.read(path)
        except KeyError:
            lies = None
        if lies == (old and old[1]) or lies != (new and new[1]):
            continue  # not begun, or edited since
        if old is None:
            worktree.remove(root, path)
        else:
            worktree.write(root, path, old[1])
        restored += 1
    return restored


def _sweep(target: Path) -> None:
    """Pieces that were never renamed, and folders that hold nothing else."""
    folder = target.parent
    if not folder.is_dir():
        return
    for name in os.listdir(folder):  # noqa: PTH208 - names alone
        if name.startswith(worktree.UNFINISHED):
            (folder / name).unlink(missing_ok=True)
    while folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
