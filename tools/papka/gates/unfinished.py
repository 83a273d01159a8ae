"""A note of what is being written to the folder, so that a killed command leaves nothing half done.

Invariants: the note is on the disk before the first file changes and is taken away after the branch
shows the commit; it names a stored commit, so nothing needs to be kept twice. Whoever next holds
the lock puts back what a dead command had begun; a file that was edited since stays as it is; a
note that names anything but what a command of ours could have been writing is thrown away.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from papka.gates import dot_papka, worktree
from papka.gates.git.objects import Objects
from papka.gates.git.reading import head
from papka.gates.git.runner import run_git

_NOTE = f"{dot_papka.FOLDER}/writing"
_LONGEST = 64 << 20
_COMMIT = re.compile(r"[0-9a-f]{40}")


def begin(root: Path, commit: str, before: str, paths: Iterable[str]) -> None:
    """`paths` are about to be written as `commit`, made on `before`, has them."""
    text = "\0".join([commit, before, *paths])
    dot_papka.write(root, _NOTE, text.encode("utf-8", "surrogateescape"))


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
    dot_papka.remove(root, _NOTE)


def is_left(root: Path) -> bool:
    """Whether a command is writing, or was killed while it was."""
    return os.path.lexists(root / _NOTE)


def settle(root: Path) -> int:
    """Takes back what a killed command had begun; how many files that was. Holding the lock."""
    worktree.sweep(root, [_NOTE])
    said = dot_papka.read(root, _NOTE, most=_LONGEST)
    note = None if said is None else _note(said.decode("utf-8", "surrogateescape"))
    restored = 0
    if note is not None and note.before == head(root) and _continues(root, note):
        restored = _put_back(root, note.commit, note.before, note.paths)
    end(root)
    return restored


class _Note(NamedTuple):
    commit: str
    before: str
    paths: list[str]


def _note(said: str) -> _Note | None:
    """What a note says when it is spelt as ours are: two commits, and paths of records."""
    commit, _, rest = said.partition("\0")
    before, *paths = rest.split("\0")
    spelt = _COMMIT.fullmatch(commit) and _COMMIT.fullmatch(before)
    return _Note(commit, before, paths) if spelt and all(map(_is_of_record, paths)) else None


def _is_of_record(path: str) -> bool:
    parts = path.split("/")
    return "\n" not in path and not any(
        part in ("", ".", "..") or part.casefold() in (".git", dot_papka.FOLDER) for part in parts
    )


def _continues(root: Path, note: _Note) -> bool:
    """Whether its commit is stored, and made on what stood before."""
    ran = run_git(
        "merge-base", "--is-ancestor", note.before, note.commit, folder=root, accepted=(0, 1, 128)
    )  # fmt: skip
    return ran.code == 0


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
