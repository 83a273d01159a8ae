"""The files of a commit laid out in a folder, byte for byte: git's own checkout obeys attributes.

Invariants: only plain files, and only below the folder; their bytes pass through one by one.
Absent on purpose: bringing them to the disk, which the caller does together.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from papka.core.store import TrackedFile
from papka.gates import worktree
from papka.gates.git.cleanroom import CleanRoom


def lay_out_commit(room: CleanRoom, commit: str, place: Path) -> Mapping[str, TrackedFile]:
    """What was laid out, by path; raises GitFailed, KeyError for a commit that is not whole."""
    files = {
        path: entry
        for path, entry in room.files(commit).items()
        if entry.mode.startswith("100") and is_inside(path)
    }
    found = room.objects().read_many(entry.id for entry in files.values())
    worktree.lay_out(place, ((path, each[2]) for path, each in zip(files, found, strict=True)))
    return files


def is_inside(path: str) -> bool:
    """Whether a path of a commit leads nowhere but below the archive, and not into its store."""
    return not any(part in ("", ".", "..") or part.casefold() == ".git" for part in path.split("/"))
