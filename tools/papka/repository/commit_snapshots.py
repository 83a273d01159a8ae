"""Reads one's own archive: revisions, snapshots of commits, what changed between two states.

Invariants: listing and reading cost a fixed number of processes whatever the archive's size. Absent
on purpose: suspicion. A repository that may be hostile is read in `cleanroom`.

One commit, its folders opened as they are asked for.

Invariants: the cost follows what is asked, not the size of the archive; one process reads all;
links and submodules are no files. Absent on purpose: a list of everything (`reading`).

One commit seen through a few folders, so that a small step costs the same in a large archive.

Invariants: everything but the personal files is listed; of these the `opened` ones whole, each
other by its card alone (`student.yaml`), which says that the number is taken; one process reads
all. Absent on purpose: revisions by name, and any count of what was not opened.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from papka.core.errors import Refused
from papka.core.places import ARCHIVE_FOLDERS, STUDENTS
from papka.repository.git_values import (
    EMPTY_TREE,
    MAIN,
    TREE,
    Change,
    Commit,
    TrackedFile,
    TreeEntry,
    object_id,
    parse_commit,
    parse_tree,
)
from papka.repository.objects import Objects, resolve
from papka.repository.runner import run_git

_GONE = "0" * 40
_CLOSED = re.compile(r"could not open directory '(?P<path>[^']*)'")
_UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")

State = Literal["added", "changed", "deleted"]


def head(root: Path, ref: str = MAIN) -> str | None:
    """The commit a branch stands at; None before the first save."""
    ran = run_git("rev-parse", "--verify", "--quiet", ref, folder=root, accepted=(0, 1))
    return ran.text.strip() or None


def first_commit(root: Path, rev: str) -> str:
    """The commit a linear history begins with; raises NotFound."""
    ran = run_git("rev-list", "--max-parents=0", resolve(root, rev), folder=root)
    return ran.text.split()[-1]


def commits_back(root: Path, tip: str, most: int) -> tuple[str, ...]:
    """The last commits of a line, the newest first, so many at most."""
    ran = run_git("rev-list", "--first-parent", f"--max-count={most}", tip, folder=root)
    return tuple(ran.text.split())


def read_commit(root: Path, rev: str) -> Commit:
    """The commit as a value; raises NotFound."""
    id_ = resolve(root, rev)
    return parse_commit(id_, Objects(root).read(id_)[1])


class CommitSnapshot:
    """The files of one commit as a Snapshot; links and submodules are no files."""

    def __init__(self, root: Path, rev: str) -> None:
        self.commit = resolve(root, rev)
        self._root = root
        self._objects = Objects(root)

    @cached_property
    def entries(self) -> dict[str, TrackedFile]:
        """Path -> mode and blob id, sorted by path."""
        return {
            path: entry
            for path, entry in listed(self._root, self.commit)
            if entry.mode.startswith("100")
        }

    def paths(self) -> tuple[str, ...]:
        return tuple(self.entries)

    def read(self, path: str) -> bytes:
        return self._objects.read(self.entries[path].id)[1]

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        asked = list(paths)
        ids = [self.entries[path].id for path in asked]
        found = self._objects.read_many(ids)
        return ((path, data) for path, (_, _, data) in zip(asked, found, strict=True))


def listed(
    folder: Path, commit: str, below: Sequence[str] = ()
) -> Iterator[tuple[str, TrackedFile]]:
    """Every tracked path below a commit, or below these of its paths, whatever its kind, sorted by
    its bytes."""
    ran = run_git("ls-tree", "-r", "-z", "--full-tree", commit, "--", *below, folder=folder)
    for line in ran.output.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        about, _, path = line.partition("\t")
        yield path, TrackedFile(about[:6], about[-40:])  # "100644 blob <id>"


def changed_paths(root: Path, before: str | None, after: str) -> tuple[Change, ...]:
    """What differs between two commits (None: before there was anything), by path; no renames."""
    start = EMPTY_TREE if before is None else resolve(root, before)
    ran = run_git(
        "diff-tree", "-r", "--raw", "-z", "--no-abbrev", "--no-renames",
        start, resolve(root, after), folder=root,
    )  # fmt: skip
    return tuple(parse_raw_diff(ran.output.split(b"\0")[:-1]))


def parse_raw_diff(parts: Iterable[bytes]) -> Iterator[Change]:
    """Changes of `--raw -z` output without renames: pairs of a status line and a path."""
    walk = iter(parts)
    for status, path in zip(walk, walk, strict=True):
        told = status.decode()  # ":100644 100644 <id> <id> M"
        old_id, new_id = told[15:55], told[56:96]
        was, stays = old_id != _GONE, new_id != _GONE
        yield Change(
            path.decode("utf-8", "surrogateescape"),
            told[1:7] if was else "",
            told[8:14] if stays else "",
            old_id if was else "",
            new_id if stays else "",
        )


def require_main(root: Path) -> None:
    """Raises Refused unless the folder stands on main and no merge or rebase is under way.

    Whatever is saved continues main: a folder that shows another commit would undo what main has.
    """
    ran = run_git("symbolic-ref", "--quiet", "HEAD", folder=root, accepted=(0, 1, 128))
    if ran.text.strip() != MAIN:
        raise Refused(
            "Папка показывает не последнюю запись архива, а что-то другое (HEAD не на main)",
            "Отложите несохранённые правки в сторону и вернитесь: git checkout main",
        )
    folder = run_git("rev-parse", "--git-dir", folder=root).text.strip()
    for name in _UNFINISHED:
        if (root / folder / name).exists():
            raise Refused(
                f"В архиве не закончено действие git ({name})",
                "Отмените его: git merge --abort, git rebase --abort или git cherry-pick --abort",
            )


def worktree_changes(root: Path) -> tuple[tuple[str, State], ...]:
    """Paths whose files differ from the last commit, sorted, with untracked and deleted ones.

    Among records nothing hides: an ignore rule counts only in the archive's own .gitignore, and
    what the index is told to pass over is looked at. Raises Refused for an unreadable folder.
    """
    variables = without_filters(root)
    ran = run_git(
        "status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames",
        "--ignore-submodules=all", folder=root,
        # The index git refreshes on the way is what makes the next time quick.
        variables={**variables, "GIT_OPTIONAL_LOCKS": "1"},
    )  # fmt: skip
    closed = _CLOSED.search(ran.trouble)
    if closed is not None:
        raise Refused(
            f"Папка {closed['path']} не читается: нет прав",
            "Верните себе право читать эту папку и повторите",
        )
    in_head: dict[str, str] = {}
    for line in ran.output.split(b"\0"):
        text = line.decode("utf-8", "surrogateescape")
        if text.startswith("? "):
            in_head.setdefault(text[2:], _GONE)
        elif text.startswith("1 "):
            in_head[text.split(" ", 8)[8]] = text.split(" ", 8)[6]
        elif text.startswith("u "):
            in_head[text.split(" ", 10)[10]] = text.split(" ", 10)[8]
    in_head = {**dict(_passed_over(root)), **in_head}
    for path in _untracked(root):
        in_head.setdefault(path, _GONE)
    states = ((path, _state(root / path, id_)) for path, id_ in sorted(in_head.items()))
    return tuple((path, state) for path, state in states if state is not None)


def _passed_over(root: Path) -> Iterator[tuple[str, str]]:
    """Path and blob id of files the index is told not to look at (`assume-unchanged`)."""
    ran = run_git("ls-files", "-v", "-s", "-z", folder=root)
    for line in ran.output.split(b"\0"):
        if line and not line.startswith(b"H "):
            about, _, path = line.partition(b"\t")
            yield path.decode("utf-8", "surrogateescape"), about.split(b" ")[2].decode()


def _untracked(root: Path) -> list[str]:
    """Untracked records; only the archive's own .gitignore counts, which is the head's."""
    ignore = root.resolve() / ".gitignore"
    rules = [f"--exclude-from={ignore}"] if ignore.is_file() else []
    ran = run_git("ls-files", "--others", "-z", *rules, "--", *ARCHIVE_FOLDERS, folder=root)
    return [path.decode("utf-8", "surrogateescape") for path in ran.output.split(b"\0")[:-1]]


def without_filters(root: Path) -> dict[str, str]:
    """Variables that switch off every content filter the repository's configuration names.

    A filter is a command; git would run it to compare a file.
    """
    ran = run_git("config", "--list", "--name-only", "-z", folder=root)
    names = sorted({n for n in ran.text.split("\0") if n.lower().startswith("filter.")})
    pairs = [(f"GIT_CONFIG_KEY_{i}", f"GIT_CONFIG_VALUE_{i}", n) for i, n in enumerate(names)]
    found = {"GIT_CONFIG_COUNT": str(len(names))}
    for key, value, name in pairs:
        found |= {key: name, value: "false" if name.lower().endswith(".required") else ""}
    return found


def _state(file: Path, in_head: str) -> State | None:
    """What happened to a file whose blob in the last commit is `in_head`; None: nothing."""
    if file.exists() and not file.is_file():
        return "added" if in_head == _GONE else "changed"
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None if in_head == _GONE else "deleted"
    except OSError:
        return "changed"
    if in_head == _GONE:
        return "added"
    return None if object_id("blob", data) == in_head else "changed"


_KEPT = 1024
"""Folders remembered: the shared ones and those of a few hundred students."""


class CommitTree:
    """The files of a commit as a Tree; raises NotFound for an unknown `rev`."""

    def __init__(self, root: Path, rev: str) -> None:
        self.commit = resolve(root, rev)
        self._objects = Objects(root)
        self._folder = lru_cache(_KEPT)(self._read_folder)

    @cached_property
    def state(self) -> Commit:
        """The commit itself."""
        return parse_commit(self.commit, self._objects.read(self.commit)[1])

    def commit_of(self, id_: str) -> Commit:
        """Another commit of the same repository, by its full id."""
        return parse_commit(id_, self._objects.read(id_)[1])

    def id_of(self, path: str) -> str | None:
        """The id of a file's or a whole folder's content; None where there is neither."""
        entry = self._entry(path)
        return entry.id if entry else None

    def names(self, folder: str) -> tuple[str, ...]:
        entry = self._entry(folder)
        return tuple(self._folder(entry.id)) if entry and entry.mode == TREE else ()

    def below(self, folder: str) -> tuple[str, ...]:
        entry = self._entry(folder)
        if entry is None or entry.mode != TREE:
            return ()
        return tuple(sorted(self._files(folder, entry.id)))

    def read(self, path: str) -> bytes:
        return self._objects.read(self._file(path))[1]

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        asked = list(paths)
        found = self._objects.read_many([self._file(path) for path in asked])
        return ((path, data) for path, (_, _, data) in zip(asked, found, strict=True))

    def _file(self, path: str) -> str:
        entry = self._entry(path)
        if entry is None or not entry.mode.startswith("100"):
            raise KeyError(path)
        return entry.id

    def _entry(self, path: str) -> TreeEntry | None:
        entry: TreeEntry | None = TreeEntry(TREE, "", self.state.tree)
        for name in path.split("/"):
            if entry is None or entry.mode != TREE:
                return None
            entry = self._folder(entry.id).get(name)
        return entry

    def _files(self, folder: str, id_: str) -> Iterator[str]:
        for entry in self._folder(id_).values():
            path = f"{folder}/{entry.name}"
            if entry.mode == TREE:
                yield from self._files(path, entry.id)
            elif entry.mode.startswith("100"):
                yield path

    def _read_folder(self, id_: str) -> dict[str, TreeEntry]:
        return {entry.name: entry for entry in parse_tree(self._objects.read(id_)[1])}


_CARD = "student.yaml"


class NarrowSnapshot:
    """The files of a commit (a full id) as a Snapshot; `opened` are folders of personal files."""

    def __init__(self, root: Path, commit: str, opened: Collection[str]) -> None:
        self.commit = commit
        self._objects = Objects(root)
        self._opened = frozenset(opened)

    def paths(self) -> tuple[str, ...]:
        return self._paths

    def read(self, path: str) -> bytes:
        kind, data = self._objects.read(self._name(path))
        if kind != "blob":
            raise KeyError(path)
        return data

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        asked = list(paths)
        found = self._objects.read_many(self._name(path) for path in asked)
        return ((path, data) for path, (_, _, data) in zip(asked, found, strict=True))

    def _name(self, path: str) -> str:
        """What git finds the file by; one that is not listed is found by its path."""
        if "\n" in path or (path not in self._blobs and _folder(path) in self._opened):
            raise KeyError(path)
        return self._blobs.get(path) or f"{self.commit}:{path}"

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(sorted([*self._blobs, *self._cards]))

    @cached_property
    def _blobs(self) -> dict[str, str]:
        """Path -> blob id of what is listed file by file."""
        tree = parse_commit(self.commit, self._objects.read(self.commit)[1]).tree
        found: dict[str, str] = {}
        self._cards: list[str] = []
        self._list(tree, "", found)
        return found

    def _list(self, tree: str, prefix: str, found: dict[str, str]) -> None:
        for entry in self._tree(tree):
            path = prefix + entry.name
            if entry.mode == TREE and _is_folder(path) and path not in self._opened:
                self._cards.append(f"{path}/{_CARD}")
            elif entry.mode == TREE:
                self._list(entry.id, path + "/", found)
            elif entry.mode.startswith("100"):
                found[path] = entry.id

    def _tree(self, id_: str) -> list[TreeEntry]:
        return parse_tree(self._objects.read(id_)[1])


def _folder(path: str) -> str:
    return "/".join(path.split("/", 4)[:4])


def _is_folder(path: str) -> bool:
    """Whether a folder stands where personal files do: `records/students/<year>/<id>`."""
    return path.startswith(STUDENTS + "/") and path.count("/") == 3


def names_in(root: Path, commit: str, folder: str) -> tuple[str, ...]:
    """What lies directly in a folder of a commit (a full id); nothing when it is not there."""
    try:
        kind, raw = Objects(root).read(f"{commit}:{folder}")
    except KeyError:
        return ()
    return tuple(entry.name for entry in parse_tree(raw)) if kind == "tree" else ()


def blob_at(root: Path, commit: str, path: str) -> bytes | None:
    """What a file holds in a commit (a full id); None when it is not there."""
    try:
        kind, data = Objects(root).read(f"{commit}:{path}")
    except KeyError:
        return None
    return data if kind == "blob" else None
