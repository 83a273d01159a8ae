"""A note of what is being written to the folder, so that a killed command leaves nothing half done.

Invariants: the note is on the disk before the first file changes and is taken away after the branch
shows the commit; it names a stored commit, so nothing needs to be kept twice. Whoever next holds
the lock puts back what a dead command had begun; a file that was edited since stays as it is.
"""

from __future__ import annotations

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


def standing(root: Path, before: str, paths: Iterable[str]) -> list[str]:
    """Those that lie in the folder as `before` has them: nobody's edit is lost by putting them
    back."""
    asked = list(paths)
    saved = Objects(root).find_many(f"{before}:{path}" for path in asked)
    files = worktree.WorktreeSnapshot(root)
    return [
        path
        for path, found in zip(asked, saved, strict=True)
        if _lying(files, path) == (found and found[1])
    ]


def end(root: Path) -> None:
    (root / _NOTE).unlink(missing_ok=True)


def is_left(root: Path) -> bool:
    """Whether a command is writing, or was killed while it was."""
    return (root / _NOTE).is_file()


def settle(root: Path) -> int:
    """Takes back what a killed command had begun; how many files that was. Holding the lock."""
    worktree.sweep(root, [_NOTE])
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
    worktree.sweep(root, paths)
    for path, new, old in zip(paths, made, stood, strict=True):
        _prune(root / path)
        lies = _lying(files, path)
        if lies == (old and old[1]) or lies != (new and new[1]):
            continue  # not begun, or edited since
        if old is None:
            worktree.remove(root, path)
        else:
            worktree.write(root, path, old[1])
        restored += 1
    return restored


def _lying(files: worktree.WorktreeSnapshot, path: str) -> bytes | None:
    try:
        return files.read(path)
    except KeyError:
        return None


def _prune(target: Path) -> None:
    """Folders that nothing lies in yet."""
    folder = target.parent
    while folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
