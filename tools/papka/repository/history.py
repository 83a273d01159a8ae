"""The commits of a linear history in order, as an archive of one's own tells them.

Absent on purpose: doubting what git says; `walk` reads a suspect's commits from their own bytes.

On which days commits of one's own archive were made, by the clock of who made them.

The history of one path: its versions, newest first.

Invariants: two processes whatever the length of the history; a version is read by commit and path,
never from the work tree. Absent on purpose: renames (an entry's file never moves), and judging.

The histories of many folders at once: which commits touched each, and what they did there.

Invariants: one git process, whatever the number of folders and commits; memory follows the
changes, kept as the bytes git gave; its output is read strictly. A student's files go by their
folder, any other path by itself. Absent on purpose: judging, and commits beside the first parent.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from papka.core.errors import GitFailed
from papka.core.places import place, student_folder
from papka.repository.commit_snapshots import parse_raw_diff
from papka.repository.git_values import MAIN, Change, Commit, parse_commit
from papka.repository.objects import Objects, resolve
from papka.repository.runner import open_git, run_git

_ASK = ("rev-list", "--first-parent", "--reverse")


def line_to(root: Path, commit: str) -> tuple[str, ...]:
    """All commits up to this one, the first one first; nothing when they cannot be read."""
    ran = run_git(*_ASK, commit, folder=root, accepted=(0, 128))
    return tuple(ran.text.split()) if ran.code == 0 else ()


def line_after(root: Path, after: str, commit: str) -> tuple[str, ...] | None:
    """Those between the two and the last; None when `after` does not come before `commit`."""
    ran = run_git(*_ASK, "--parents", commit, f"^{after}", folder=root, accepted=(0, 128))
    rows = [line.split() for line in ran.text.splitlines()]
    goes_on = rows[0][1:2] == [after] if rows else commit == after
    return tuple(row[0] for row in rows) if ran.code == 0 and goes_on else None


def day_of(root: Path, commit: str) -> dt.date:
    """Raises NotFound."""
    ran = run_git("log", "-1", "--format=%cs", resolve(root, commit), folder=root)
    return dt.date.fromisoformat(ran.text.strip())


def first_day_after(root: Path, commit: str | None) -> dt.date | None:
    """The day of the first commit of main that `commit` has not (None: of the very first one); None
    when it has them all."""
    past = [f"^{resolve(root, commit)}"] if commit else []
    ran = run_git(
        "log", "--first-parent", "--format=%cs", MAIN, *past, folder=root, accepted=(0, 128)
    )
    days = ran.text.split() if ran.code == 0 else []
    return dt.date.fromisoformat(days[-1]) if days else None


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


_OPTIONS = (
    *("--first-parent", "--diff-merges=first-parent", "--raw", "-r", "-z", "--no-abbrev"),
    *("--no-renames", "--no-show-signature", "--no-notes", "--no-mailmap", "--no-color"),
    *("--no-decorate", "--no-ext-diff", "--no-textconv", "--no-relative", "-O/dev/null"),
    "--ignore-submodules=none",
    "--format=//%H",
)
_HEADER = re.compile(rb"//([0-9a-f]{40})")
_STATUS = re.compile(rb":[0-7]{6} [0-7]{6} [0-9a-f]{40} [0-9a-f]{40} [A-Z]")
_LOG_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Touched:
    """A commit and what it changed among the paths asked for."""

    commit: Commit
    changes: tuple[Change, ...]


class Histories:
    """All up to `tip` (a full id); with `paths` only what touched these files and folders."""

    def __init__(self, root: Path, tip: str, paths: Iterable[str] = ()) -> None:
        self._objects = Objects(root)
        self._commits: dict[str, Commit] = {}
        self._order: list[str] = []
        self._units: defaultdict[str, list[tuple[int, bytes, bytes]]] = defaultdict(list)
        for commit, changes in _walk(root, tip, tuple(paths)):
            at = len(self._order)
            self._order.append(commit)
            for status, path in changes:
                unit = _unit(path.decode("utf-8", "surrogateescape"))
                self._units[unit].append((at, status, path))

    def of(self, units: Iterable[str]) -> tuple[Touched, ...]:
        """Commits that touched these personal folders or single files, the latest first."""
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        for unit in units:
            for at, status, path in self._units.get(unit, ()):
                found[at] += (status, path)
        return tuple(
            Touched(self._commit(self._order[at]), tuple(parse_raw_diff(found[at])))
            for at in sorted(found)
        )

    def _commit(self, id_: str) -> Commit:
        if id_ not in self._commits:
            self._commits[id_] = parse_commit(id_, self._objects.read(id_)[1])
        return self._commits[id_]


def _unit(path: str) -> str:
    at = place(path)
    return student_folder(at.student) if at and at.student else path


def _walk(
    root: Path, tip: str, paths: tuple[str, ...]
) -> Iterator[tuple[str, list[tuple[bytes, bytes]]]]:
    asked = ("log", *_OPTIONS, "--end-of-options", tip, "--", *paths)
    with open_git(*asked, folder=root, config=("log.showRoot=true",)) as process:
        assert process.stdout is not None
        parts = _split_at_zeros(process.stdout)
        commit, changes = "", list[tuple[bytes, bytes]]()
        for part in parts:
            header = _HEADER.fullmatch(part)
            if header:
                if commit:
                    yield commit, changes
                commit, changes = header[1].decode(), []
                continue
            status, path = part.removeprefix(b"\n"), next(parts, b"")
            if not commit or not path or _STATUS.fullmatch(status) is None:
                raise GitFailed("log", "ответ git не разобрать")
            changes.append((status, path))
        if commit:
            yield commit, changes
        if process.wait() != 0:
            raise GitFailed("log", "история не прочиталась до конца")


def _split_at_zeros(output: IO[bytes]) -> Iterator[bytes]:
    """What zero bytes end; raises GitFailed when the last one is missing."""
    rest = b""
    while piece := output.read(_LOG_PIECE):
        *parts, rest = (rest + piece).split(b"\0")
        yield from parts
    if rest:
        raise GitFailed("log", "ответ git обрывается")
