"""The history of one path: its versions, newest first.

Invariants: two processes whatever the length of the history; a version is read by commit and path,
never from the work tree. Absent on purpose: renames (an entry's file never moves), and judging.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.history import Commit, parse_commit
from papka.gates.git.objects import Objects
from papka.gates.git.reading import resolve
from papka.gates.git.runner import run_git


@dataclass(frozen=True, slots=True)
class Version:
    """What a commit made of the path; `data` is None where it took the file away."""

    commit: Commit
    data: bytes | None


def versions(root: Path, path: str, rev: str = "HEAD") -> Iterator[Version]:
    """Commits that changed the path, the latest first; raises NotFound for an unknown `rev`."""
    tip = resolve(root, rev)
    ran = run_git("rev-list", "--first-parent", "--no-renames", tip, "--", path, folder=root)
    ids = ran.text.split()
    objects = Objects(root)
    commits = objects.read_many(ids)
    blobs = objects.find_many(f"{id_}:{path}" for id_ in ids)
    for (id_, _, raw), found in zip(commits, blobs, strict=True):
        data = found[1] if found is not None and found[0] == "blob" else None
        yield Version(parse_commit(id_, raw), data)


def count_since(root: Path, earlier: str, later: str = "HEAD") -> int | None:
    """How many commits `later` has more than `earlier`; None when they have parted."""
    ran = run_git(
        "rev-list", "--left-right", "--count", f"{resolve(root, earlier)}...{resolve(root, later)}",
        folder=root,
    )  # fmt: skip
    only_earlier, only_later = (int(word) for word in ran.text.split())
    return None if only_earlier else only_later


def last_change(root: Path, path: str, rev: str = "HEAD") -> str | None:
    """The latest commit that changed the file or anything in the folder."""
    ran = run_git("rev-list", "-1", "--first-parent", resolve(root, rev), "--", path, folder=root)
    return ran.text.strip() or None
