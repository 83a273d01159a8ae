"""Reads one's own archive: revisions, snapshots of commits, what changed between two states.

Invariants: listing and reading cost a fixed number of processes whatever the archive's size. Absent
on purpose: suspicion. A repository that may be hostile is read in `cleanroom`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

from papka.core.errors import Refused
from papka.core.history import EMPTY_TREE, Change, Commit, object_id, parse_commit
from papka.core.layout import ARCHIVE_FOLDERS
from papka.core.store import MAIN, TrackedFile
from papka.gates.git.objects import Objects
from papka.gates.git.points import resolve
from papka.gates.git.runner import run_git

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
