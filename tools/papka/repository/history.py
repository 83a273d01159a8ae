"""Walk the linear history of one's own archive: its commits, days, and versions of a path.

Only first parents are followed, and renames are not (an entry's file never moves). A walk costs one
or two git processes, whatever the number of commits, folders and paths asked for. What git says is
believed; a suspect's commits are read from their own bytes by `proof`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from papka.core.errors import GitFailed
from papka.core.places import place, student_folder
from papka.repository.commit_snapshots import CommitTree, first_commit, parse_raw_diff, read_commit
from papka.repository.git_values import ID, MAIN, Commit, FileChange, parse_commit
from papka.repository.objects import Objects
from papka.repository.points import resolve
from papka.repository.runner import open_git, require_whole_answer, run_git

_TIP = "tip"
_SHORT = 100
"""So many commits are read one by one rather than by a process of their own."""
_REV_LIST = ("rev-list", "--first-parent", "--reverse")


def commits_up_to(root: Path, commit: str) -> tuple[str, ...]:
    """Return all commits up to this one, the oldest first; () when they cannot be read."""
    ran = run_git(*_REV_LIST, commit, folder=root, accepted=(0, 128))
    return tuple(ran.text.split()) if ran.code == 0 else ()


def commits_between(root: Path, after: str, commit: str) -> tuple[str, ...] | None:
    """Return the commits after `after` up to `commit`, the oldest first; None when they parted."""
    if after == commit:
        return ()
    ran = run_git(*_REV_LIST, "--parents", commit, f"^{after}", folder=root, accepted=(0, 128))
    rows = [line.split() for line in ran.text.splitlines()]
    goes_on = rows[0][1:2] == [after] if rows else commit == after
    return tuple(row[0] for row in rows) if ran.code == 0 and goes_on else None


def day_of(root: Path, commit: str) -> dt.date:
    """Return the day a commit was made on, by its committer's clock; raise NotFound."""
    return read_commit(root, commit).committer.moment.date()


def first_day_after(root: Path, commit: str | None) -> dt.date | None:
    """Return the day of the oldest commit of main that is not in the history of `commit`.

    With None for `commit` that is the first of all; None when there is no such commit.
    """
    past = [f"^{resolve(root, commit)}"] if commit else []
    ran = run_git(
        "log", "--first-parent", "--format=%cs", MAIN, *past, folder=root, accepted=(0, 128)
    )
    days = ran.text.split() if ran.code == 0 else []
    return dt.date.fromisoformat(days[-1]) if days else None


@dataclass(frozen=True, slots=True)
class Version:
    """A path as a commit left it; `data` is None where the commit took the file away."""

    commit: Commit
    data: bytes | None


def versions(root: Path, path: str, rev: str = "HEAD") -> Iterator[Version]:
    """Yield the versions of a path, the latest first.

    Raises NotFound for an unknown `rev`, GitFailed when the history cannot be read to its end.
    """
    from papka.repository.gitpython import walk_path

    for id_, raw, data in walk_path(root, resolve(root, rev), path):
        yield Version(parse_commit(id_, raw), data)


def count_since(root: Path, earlier: str, later: str = "HEAD") -> int | None:
    """Count the commits that `later` has more than `earlier`; None when they have parted."""
    if earlier == later:
        return 0
    ran = run_git(
        "rev-list", "--left-right", "--count", f"{resolve(root, earlier)}...{resolve(root, later)}",
        folder=root,
    )  # fmt: skip
    only_earlier, only_later = (int(word) for word in ran.text.split())
    return None if only_earlier else only_later


def walk_back(tip: CommitTree) -> Iterator[Commit]:
    """Yield the last commits, the newest first, as far as reading them one by one is quick."""
    commit = tip.state
    yield commit
    for _ in range(_SHORT):
        if len(commit.parents) != 1:
            return
        commit = tip.commit_of(commit.parents[0])
        yield commit


def count_after(root: Path, tip: CommitTree, earlier: str) -> tuple[int | None, dt.date | None]:
    """Count the commits that came after `earlier`, with the day of the oldest of them.

    No count for one that is no part of the history, no day where there is none after it.
    """
    line: list[Commit] = []
    for commit in walk_back(tip):
        if commit.id == earlier:
            return len(line), line[-1].committer.moment.date() if line else None
        line.append(commit)
    behind = count_since(root, earlier, tip.commit)
    return behind, first_day_after(root, earlier) if behind else None


def last_change(root: Path, path: str, rev: str = "HEAD") -> str | None:
    """Return the latest commit that changed the file or anything in the folder."""
    return newest_change(root, [path], resolve(root, rev))


def newest_change(root: Path, paths: Iterable[str], tip: str) -> str | None:
    """Return the latest commit up to `tip` (a full id) that changed any of these paths."""
    ran = run_git("rev-list", "-1", "--first-parent", tip, "--", *paths, folder=root)
    return ran.text.strip() or None


def commit_before(root: Path, tip: str, moment: dt.datetime) -> str | None:
    """Return the latest commit up to `tip` made not after `moment`, by each author's own clock."""
    ran = run_git("log", "--first-parent", "--format=%H %cI", tip, folder=root)
    for line in ran.text.splitlines():
        id_, when = line.split()
        if dt.datetime.fromisoformat(when).replace(tzinfo=None) <= moment:
            return id_
    return None


class LastChanges:
    """Answers `newest_change` for many papers; walks history once, only as far as needed.

    Raises GitFailed when git does not get that far.
    """

    def __init__(self, root: Path, tip: str) -> None:
        self._walk = _read_touched(root, tip)
        self._broken: GitFailed | None = None
        self._last: dict[str, tuple[int, str]] = {}
        self._seen = 0

    def change(self, paths: Collection[str]) -> str | None:
        """Return the latest commit that changed any of these files or folders."""
        while True:
            found = [self._last[path] for path in paths if path in self._last]
            if found:
                return min(found)[1]
            if self._broken is not None:
                raise self._broken  # for every paper whose answer lies beyond
            try:
                commit, touched = next(self._walk)
            except StopIteration:
                return None
            except GitFailed as error:
                self._broken = error
                continue
            self._seen += 1
            for path in touched:
                self._last.setdefault(path, (self._seen, commit))


def last_changes_in(root: Path, folder: str, tip: str) -> dict[str, str]:
    """Return path -> latest commit up to `tip` (a full id) that changed it, of a folder's files."""
    found: dict[str, str] = {}
    for commit, touched in _read_touched(root, tip, folder):
        for path in touched:
            found.setdefault(path, commit)
    return found


class RememberedHistory:
    """What this user's computer remembers of the history up to a commit: only new saves are read.

    For what is shown; what proves or signs walks the history itself. Where nothing can be kept, so
    is all of it here.
    """

    def __init__(self, root: Path, tip: CommitTree) -> None:
        self._root = root
        self._tip = tip
        from papka.repository.derived_store import DerivedStore  # a database: where it is asked

        self._store = DerivedStore(root)

    @cached_property
    def first(self) -> str:
        """The first commit."""
        return self._recall(
            "first", lambda: {"": first_commit(self._root, self._tip.commit)}, lambda _: {}
        )[""]

    def last_changes_in(self, folder: str) -> dict[str, str]:
        """Return path -> latest commit that changed it, of the files right in a folder."""

        def walk() -> dict[str, str]:
            found = last_changes_in(self._root, folder, self._tip.commit)
            return {path: id_ for path, id_ in found.items() if path.rpartition("/")[0] == folder}

        def read(new: Sequence[Commit]) -> dict[str, str]:
            found: dict[str, str] = {}
            for commit in reversed(new):
                before = self._list_files(commit.parents[0], folder)
                after = self._list_files(commit.id, folder)
                found |= {path: commit.id for path, _ in before.items() ^ after.items()}
            return found

        return self._recall(f"changes in {folder}", walk, read)

    def _list_files(self, commit: str, folder: str) -> dict[str, str]:
        tree = self._tip.at(commit)
        paths = (f"{folder}/{name}" for name in tree.names(folder))
        return {path: tree.id_of(path) or "" for path in paths}

    def _recall(
        self,
        sort: str,
        walk: Callable[[], dict[str, str]],
        read: Callable[[Sequence[Commit]], dict[str, str]],
    ) -> dict[str, str]:
        """Return what is kept of a sort with what `read` finds in new commits, or what `walk`
        finds in all; keep it as of the tip."""
        kept = {key: value.decode() for key, value in self._store.recall(sort).items()}
        tip = kept.pop(_TIP, "")
        if tip == self._tip.commit:
            return kept
        new: list[Commit] = []
        near = walk_back(self._tip) if tip else iter(())
        for commit in near:
            if commit.id == tip:
                found = kept | read(new)
                break
            new.append(commit)
        else:
            found = walk()
        rows = {**dict.fromkeys(kept), **found, _TIP: self._tip.commit}
        self._store.keep(sort, {key: id_.encode() if id_ else None for key, id_ in rows.items()})
        return found


def touched_between(root: Path, one: str, other: str) -> frozenset[str] | None:
    """Return the files and folders that any commit between the two changed, even if changed back.

    None when one of the two is not in the history. Raises GitFailed when it is not read to the end.
    """
    span = f"{one}...{other}"
    ran = run_git("rev-list", "--count", span, folder=root, accepted=(0, 128))
    if ran.code != 0:
        return None
    return frozenset(path for _, touched in _read_touched(root, span) for path in touched)


def _read_touched(root: Path, span: str, *paths: str) -> Iterator[tuple[str, set[str]]]:
    """Yield commits, newest first, with the files they changed and all folders above these."""
    options = ("--first-parent", "--diff-merges=first-parent", "--no-renames", "--name-only")
    # No path begins with a slash, so nothing a folder holds can pass for the line of a commit.
    asked = ("log", *options, "--format=//%H", "-z", span, "--", *paths)
    with open_git(*asked, folder=root, config=("log.showRoot=true",)) as process:
        assert process.stdout is not None
        commit, touched = "", set[str]()
        for part in _split_at_zeros(process.stdout, 1 << 14, strict=False):
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
        require_whole_answer(process, "log", "история не прочиталась до конца")


_OPTIONS = (
    *("--first-parent", "--diff-merges=first-parent", "--raw", "-r", "-z", "--no-abbrev"),
    *("--no-renames", "--no-show-signature", "--no-notes", "--no-mailmap", "--no-color"),
    *("--no-decorate", "--no-ext-diff", "--no-textconv", "--no-relative", "-O/dev/null"),
    "--ignore-submodules=none",
    "--format=//%H",
)
_HEADER = re.compile(rf"//({ID})".encode())
_STATUS = re.compile(rf":[0-7]{{6}} [0-7]{{6}} {ID} {ID} [A-Z]".encode())


@dataclass(frozen=True, slots=True)
class CommitChanges:
    """A commit, and what it changed among the paths asked for."""

    commit: Commit
    changes: tuple[FileChange, ...]


class Histories:
    """The histories of many folders at once: which commits touched each, and what they did there.

    All commits up to `tip` (a full id); with `paths` only those that touched these files and
    folders. A student's files go by their folder, any other path by itself. Memory follows the
    changes, kept as the bytes git gave. Raises GitFailed when git's answer is cut or odd.
    """

    def __init__(self, root: Path, tip: str, paths: Iterable[str] = ()) -> None:
        self._objects = Objects(root)
        self._commits: dict[str, Commit] = {}
        self._order: list[str] = []
        self._units: defaultdict[str, list[tuple[int, bytes, bytes]]] = defaultdict(list)
        for commit, changes in _read_changes(root, tip, tuple(paths)):
            at = len(self._order)
            self._order.append(commit)
            for status, path in changes:
                name = path.decode("utf-8", "surrogateescape")
                found = place(name)
                unit = student_folder(found.student) if found and found.student else name
                self._units[unit].append((at, status, path))

    def of(self, units: Iterable[str]) -> tuple[CommitChanges, ...]:
        """Return the commits that touched these personal folders or files, the latest first."""
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        for unit in units:
            for at, status, path in self._units.get(unit, ()):
                found[at] += (status, path)
        return tuple(
            CommitChanges(self._read_commit(self._order[at]), tuple(parse_raw_diff(found[at])))
            for at in sorted(found)
        )

    def _read_commit(self, id_: str) -> Commit:
        if id_ not in self._commits:
            self._commits[id_] = parse_commit(id_, self._objects.read(id_)[1])
        return self._commits[id_]


def _read_changes(
    root: Path, tip: str, paths: tuple[str, ...]
) -> Iterator[tuple[str, list[tuple[bytes, bytes]]]]:
    """Yield commits, newest first, with status and path of each change, as git spells them."""
    asked = ("log", *_OPTIONS, "--end-of-options", tip, "--", *paths)
    with open_git(*asked, folder=root, config=("log.showRoot=true",)) as process:
        assert process.stdout is not None
        parts = _split_at_zeros(process.stdout, 1 << 16, strict=True)
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
        require_whole_answer(process, "log", "история не прочиталась до конца")


def _split_at_zeros(output: IO[bytes], size: int, *, strict: bool) -> Iterator[bytes]:
    """Yield what zero bytes end, reading `size` bytes at a time.

    When the last zero is missing: raise GitFailed if `strict`, else yield the rest.
    """
    rest = b""
    while piece := output.read(size):
        *parts, rest = (rest + piece).split(b"\0")
        yield from parts
    if rest and strict:
        raise GitFailed("log", "ответ git обрывается")
    if rest:
        yield rest
