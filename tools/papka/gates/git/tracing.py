"""The history of one path: its versions, newest first.

Invariants: two processes whatever the length of the history; a version is read by commit and path,
never from the work tree. Absent on purpose: renames (an entry's file never moves), and judging.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from papka.core.history import Commit, parse_commit
from papka.gates.git.objects import Objects
from papka.gates.git.points import resolve
from papka.gates.git.runner import open_git, run_git

_PIECE = 1 << 14


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


def newest_change(root: Path, paths: Iterable[str], tip: str) -> str | None:
    """The latest commit up to `tip` (a full id) that changed one of these files or folders."""
    ran = run_git("rev-list", "-1", "--first-parent", tip, "--", *paths, folder=root)
    return ran.text.strip() or None


def commit_before(root: Path, tip: str, moment: dt.datetime) -> str | None:
    """The latest commit up to `tip` made not after `moment`, each by its own zone's clock."""
    ran = run_git("log", "--first-parent", "--format=%H %cI", tip, folder=root)
    for line in ran.text.splitlines():
        id_, when = line.split()
        if dt.datetime.fromisoformat(when).replace(tzinfo=None) <= moment:
            return id_
    return None


class Newest:
    """As newest_change, for many papers: history is walked once, and only as far as needed."""

    def __init__(self, root: Path, tip: str) -> None:
        self._walk = _touched(root, tip)
        self._last: dict[str, tuple[int, str]] = {}
        self._seen = 0

    def change(self, paths: Collection[str]) -> str | None:
        while True:
            found = [self._last[path] for path in paths if path in self._last]
            if found:
                return min(found)[1]
            try:
                commit, touched = next(self._walk)
            except StopIteration:
                return None
            self._seen += 1
            for path in touched:
                self._last.setdefault(path, (self._seen, commit))


def touched_between(root: Path, one: str, other: str) -> frozenset[str] | None:
    """Files and folders that any commit between the two changed, even if it was changed back;
    None when one of them is not in the history."""
    span = f"{one}...{other}"
    ran = run_git("rev-list", "--count", span, folder=root, accepted=(0, 128))
    if ran.code != 0:
        return None
    return frozenset(path for _, touched in _touched(root, span) for path in touched)


def _touched(root: Path, span: str) -> Iterator[tuple[str, set[str]]]:
    """Commits, newest first, with the files they changed and all folders above these."""
    options = ("--first-parent", "--diff-merges=first-parent", "--no-renames", "--name-only")
    # No path begins with a slash, so nothing a folder holds can pass for the line of a commit.
    asked = ("log", *options, "--format=//%H", "-z", span)
    with open_git(*asked, folder=root, config=("log.showRoot=true",)) as process:
        assert process.stdout is not None
        commit, touched = "", set[str]()
        for part in _parts(process.stdout):
            name = part.decode("utf-8", "surrogateescape").removeprefix("\n")
            if name.startswith("//"):
                if commit:
                    yield commit, touched
                commit, touched = name[2:], set()
            while name and name not in touched and not name.startswith("//"):
                touched.add(name)
                name = name.rpartition("/")[0]
        if commit:
            yield commit, touched


def _parts(output: IO[bytes]) -> Iterator[bytes]:
    """What stands between zero bytes."""
    rest = b""
    while piece := output.read(_PIECE):
        *parts, rest = (rest + piece).split(b"\0")
        yield from parts
    yield rest
