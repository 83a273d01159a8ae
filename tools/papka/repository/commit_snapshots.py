"""Read commits of one's own archive: heads, their files, and what changed between two states.

Three views of the files of a commit: `CommitSnapshot` lists them all, `CommitTree` opens folders as
they are asked for, `NarrowSnapshot` opens a few personal files and shows the others by their cards.
Each costs a fixed number of processes whatever the archive's size; links and submodules are no
files. Git is believed here: a repository that may be hostile is read in `proof/clean_room`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from papka.core.errors import Refused
from papka.core.places import STUDENTS
from papka.repository.files import SMALL, read_if_plain
from papka.repository.git_values import (
    EMPTY_TREE,
    ID,
    MAIN,
    TREE,
    Commit,
    FileChange,
    TrackedFile,
    TreeEntry,
    empty_tree,
    naming_of,
    object_id,
    parse_commit,
    parse_tree,
)
from papka.repository.objects import Objects
from papka.repository.points import resolve
from papka.repository.runner import run_git
from papka.repository.worktree import off_main

_GONE = "0" * 40
"""The name that git gives to what is not there."""
_STALE = 500
"""So many files that are as saved, but younger than the index says, are compared each time."""
_MAY_FILTER = re.compile(rb"(?i)filter|include|worktreeconfig")
_REF = re.compile(rf"{ID}\n".encode())
_CLOSED = re.compile(r"could not open directory '(?P<path>[^']*)'")

State = Literal["added", "changed", "deleted"]


def head(root: Path, ref: str = MAIN) -> str | None:
    """Return the commit a branch stands at; None before the first save.

    A ref that is a plain file is read as git would, without its process.
    """
    said = read_if_plain(root / ".git" / ref, most=SMALL) if ref.startswith("refs/") else None
    if said and _REF.fullmatch(said):
        return said[:40].decode()
    ran = run_git("rev-parse", "--verify", "--quiet", ref, folder=root, accepted=(0, 1))
    return ran.text.strip() or None


def first_commit(root: Path, rev: str) -> str:
    """Return the commit a linear history begins with; raise NotFound."""
    ran = run_git("rev-list", "--max-parents=0", resolve(root, rev), folder=root)
    return ran.text.split()[-1]


def commits_back(root: Path, tip: str, most: int) -> tuple[str, ...]:
    """Return the last commits up to `tip`, the newest first, `most` of them at most."""
    ran = run_git("rev-list", "--first-parent", f"--max-count={most}", tip, folder=root)
    return tuple(ran.text.split())


def is_ancestor(root: Path, one: str, other: str) -> bool:
    """Whether a commit is the other or one of its history; False for one that is not there."""
    asked = ("merge-base", "--is-ancestor", one, other)
    return run_git(*asked, folder=root, accepted=(0, 1, 128)).code == 0


def read_commit(root: Path, rev: str) -> Commit:
    """Read a commit as a value; raise NotFound."""
    objects = Objects(root)
    id_ = resolve(root, rev, objects=objects)
    return parse_commit(id_, objects.read(id_)[1])


class CommitSnapshot:
    """All files of a commit as a Snapshot; raises NotFound for an unknown `rev`."""

    def __init__(self, root: Path, rev: str) -> None:
        self._root = root
        self._objects = Objects(root)
        self.commit = resolve(root, rev, objects=self._objects)

    @cached_property
    def entries(self) -> dict[str, TrackedFile]:
        """Path -> mode and blob id, sorted by path."""
        return {
            path: entry
            for path, entry in list_tracked(self._root, self.commit)
            if entry.mode.startswith("100")
        }

    def paths(self) -> tuple[str, ...]:
        return tuple(self.entries)

    def read(self, path: str) -> bytes:
        return self._objects.read(self.entries[path].id)[1]

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        asked = [(path, self.entries[path].id) for path in paths]
        return _read_named(self._objects, asked)


def list_tracked(
    folder: Path, commit: str, below: Sequence[str] = ()
) -> Iterator[tuple[str, TrackedFile]]:
    """Yield every tracked path of a commit, or those below some, of any kind, sorted by bytes."""
    ran = run_git("ls-tree", "-r", "-z", "--full-tree", commit, "--", *below, folder=folder)
    for line in ran.output.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        about, _, path = line.partition("\t")
        yield path, TrackedFile(about[:6], about.rpartition(" ")[2])  # "100644 blob <id>"


def changed_paths(
    root: Path, before: str | None, after: str, objects: Objects | None = None
) -> tuple[FileChange, ...]:
    """Return what differs between two commits, by path; None is the time before the first one.

    `objects`: a reader of the same store to share.
    """
    objects = objects or Objects(root)
    end = resolve(root, after, objects=objects)
    none = empty_tree(naming_of(end))
    start = none if before is None else resolve(root, before, objects=objects)
    if start == end:
        return ()
    ran = run_git(
        "diff-tree", "-r", "--raw", "-z", "--no-abbrev", "--no-renames",
        start, end, folder=root,
    )  # fmt: skip
    return tuple(parse_raw_diff(ran.output.split(b"\0")[:-1]))


def parse_raw_diff(parts: Iterable[bytes]) -> Iterator[FileChange]:
    """Parse `--raw -z` output without renames: pairs of a status line and a path."""
    walk = iter(parts)
    for status, path in zip(walk, walk, strict=True):
        text = status.decode()  # ":100644 100644 <id> <id> M"
        old_id, new_id = text[15:].split(" ")[:2]
        was, stays = not _is_nothing(old_id), not _is_nothing(new_id)
        yield FileChange(
            path.decode("utf-8", "surrogateescape"),
            text[1:7] if was else "",
            text[8:14] if stays else "",
            old_id if was else "",
            new_id if stays else "",
        )


def require_main(root: Path) -> None:
    """Raise Refused unless the folder stands on main and no merge or rebase is under way.

    A save continues main: from a folder that shows another commit it would undo what main has.
    """
    folder = Path(".git")
    if read_if_plain(root / folder / "HEAD", most=SMALL) != f"ref: {MAIN}\n".encode():
        ran = run_git("symbolic-ref", "--quiet", "HEAD", folder=root, accepted=(0, 1, 128))
        if ran.text.strip() != MAIN:
            raise off_main()
        folder = Path(run_git("rev-parse", "--git-dir", folder=root).text.strip())
    for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"):
        if (root / folder / name).exists():
            raise Refused(
                f"В архиве не закончено действие git ({name})",
                "Отмените его: git merge --abort, git rebase --abort или git cherry-pick --abort",
            )


def worktree_changes(root: Path) -> tuple[tuple[str, State], ...]:
    """Return the paths whose files differ from the last commit, sorted, untracked ones too.

    The folder is walked twice, by `diff-index` and `ls-files`. No record can hide: an ignore rule
    counts only in the archive's own .gitignore, and files that the index is told not to look at are
    compared. Raise Refused for an unreadable folder.
    """
    unwatched, untracked = _list_odd_paths(root)
    in_head = _list_differing(root)
    if len(in_head) > _STALE:
        run_git(
            "update-index", "-q", "--refresh", folder=root,
            variables=without_filters(root), accepted=(0, 1, 128),
        )  # fmt: skip
        in_head = _list_differing(root)
    if unwatched:
        listed = list_tracked(root, "HEAD", unwatched if len(unwatched) <= _STALE else ())
        saved = {path: entry.id for path, entry in listed}
        in_head |= {path: saved.get(path, _GONE) for path in unwatched}
    in_head = {**dict.fromkeys(untracked, _GONE), **in_head}
    states = ((path, _compare(root / path, id_)) for path, id_ in sorted(in_head.items()))
    return tuple((path, state) for path, state in states if state is not None)


def _list_odd_paths(root: Path) -> tuple[list[str], list[str]]:
    """List the paths of the index that git would not compare, and those that are not in it.

    Unmerged ones and those marked `assume-unchanged` or `skip-worktree` are not compared.
    """
    ignore = root.resolve() / ".gitignore"
    rules = [f"--exclude-from={ignore}"] if ignore.is_file() else []
    ran = run_git("ls-files", "--cached", "--others", "-v", "-z", *rules, folder=root)
    closed = _CLOSED.search(ran.trouble)
    if closed is not None:
        raise Refused(
            f"Папка {closed['path']} не читается: нет прав",
            "Верните себе право читать эту папку и повторите",
        )
    odd = [line for line in ran.output.split(b"\0") if line and not line.startswith(b"H ")]
    texts = [line.decode("utf-8", "surrogateescape") for line in odd]
    unwatched = {text[2:] for text in texts if not text.startswith("? ")}
    return sorted(unwatched), [text[2:] for text in texts if text.startswith("? ")]


def _list_differing(root: Path) -> dict[str, str]:
    """Return path -> blob id in the last commit of what may differ by the index."""
    options = ("--raw", "-z", "--no-abbrev", "--no-renames", "--ignore-submodules=all")
    asked = ("diff-index", *options, "--ita-visible-in-index")
    # A file as young as the index is compared by git itself, through filters.
    variables = without_filters(root)
    ran = run_git(*asked, "HEAD", "--", folder=root, variables=variables, accepted=(0, 128))
    if ran.code != 0:
        start = "HEAD" if head(root, "HEAD") else EMPTY_TREE
        ran = run_git(*asked, start, "--", folder=root, variables=variables)
    changes = parse_raw_diff(ran.output.split(b"\0")[:-1])
    return {change.path: change.old_id or _GONE for change in changes}


def without_filters(root: Path) -> dict[str, str]:
    """Return variables that switch off every content filter the repository's settings name.

    A filter is a command; git would run it to compare a file. Git is asked only where one may be.
    """
    settings = read_if_plain(root / ".git" / "config", most=SMALL, follow=True)
    if settings is not None and _MAY_FILTER.search(settings) is None:
        return {}
    ran = run_git("config", "--list", "--name-only", "-z", folder=root)
    names = sorted({n for n in ran.text.split("\0") if n.lower().startswith("filter.")})
    found = {"GIT_CONFIG_COUNT": str(len(names))}
    for i, name in enumerate(names):
        found[f"GIT_CONFIG_KEY_{i}"] = name
        found[f"GIT_CONFIG_VALUE_{i}"] = "false" if name.lower().endswith(".required") else ""
    return found


def _compare(file: Path, in_head: str) -> State | None:
    """Compare a file with its blob in the last commit; None: they are the same."""
    was = not _is_nothing(in_head)
    if file.exists() and not file.is_file():
        return "changed" if was else "added"
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return "deleted" if was else None
    except OSError:
        return "changed"
    if not was:
        return "added"
    return None if object_id("blob", data, naming_of(in_head)) == in_head else "changed"


def _is_nothing(id_: str) -> bool:
    return not id_.strip("0")


class CommitTree:
    """The files of a commit as a Tree, its folders opened as they are asked for.

    The cost follows what is asked, not the size of the archive. `objects`: a reader of the same
    store to share. Raises NotFound for an unknown `rev`.
    """

    def __init__(self, root: Path, rev: str, objects: Objects | None = None) -> None:
        self._root = root
        self.objects = objects or Objects(root)
        self.commit = resolve(root, rev, objects=self.objects)
        # Room for the shared folders and those of a few hundred students.
        self._folder = lru_cache(1024)(self._read_folder)

    def at(self, rev: str) -> CommitTree:
        """Open another commit of the same repository through the same reader. Raise NotFound."""
        return CommitTree(self._root, rev, self.objects)

    @cached_property
    def state(self) -> Commit:
        """The commit itself."""
        return parse_commit(self.commit, self.objects.read(self.commit)[1])

    def commit_of(self, id_: str) -> Commit:
        """Read another commit of the same repository, by its full id."""
        return parse_commit(id_, self.objects.read(id_)[1])

    def id_of(self, path: str) -> str | None:
        """Return the id of the content of a file or whole folder; None where there is neither."""
        entry = self._find(path)
        return entry.id if entry else None

    def names(self, folder: str) -> tuple[str, ...]:
        entry = self._find(folder)
        return tuple(self._folder(entry.id)) if entry and entry.mode == TREE else ()

    def below(self, folder: str) -> tuple[str, ...]:
        entry = self._find(folder)
        if entry is None or entry.mode != TREE:
            return ()
        return tuple(sorted(self._list_below(folder, entry.id)))

    def read(self, path: str) -> bytes:
        return self.objects.read(self._require_file(path))[1]

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        asked = [(path, self._require_file(path)) for path in paths]
        return _read_named(self.objects, asked)

    def _require_file(self, path: str) -> str:
        """Return the blob id of a file; raise KeyError where there is none."""
        entry = self._find(path)
        if entry is None or not entry.mode.startswith("100"):
            raise KeyError(path)
        return entry.id

    def _find(self, path: str) -> TreeEntry | None:
        entry: TreeEntry | None = TreeEntry(TREE, "", self.state.tree)
        for name in path.split("/"):
            if entry is None or entry.mode != TREE:
                return None
            entry = self._folder(entry.id).get(name)
        return entry

    def _list_below(self, folder: str, id_: str) -> Iterator[str]:
        for entry in self._folder(id_).values():
            path = f"{folder}/{entry.name}"
            if entry.mode == TREE:
                yield from self._list_below(path, entry.id)
            elif entry.mode.startswith("100"):
                yield path

    def _read_folder(self, id_: str) -> dict[str, TreeEntry]:
        return {entry.name: entry for entry in _parse(self.objects, id_)}


def _parse(objects: Objects, tree: str) -> list[TreeEntry]:
    return parse_tree(objects.read(tree)[1], naming_of(tree))


class NarrowSnapshot:
    """A commit (a full id) seen through a few folders: a small step costs the same in any archive.

    All but the personal files is listed; of these the folders `opened` are listed whole, each other
    by its card alone (`student.yaml`), which says that the number is taken. Nothing can be counted
    of what was not opened.
    """

    def __init__(self, root: Path, commit: str, opened: Collection[str]) -> None:
        self.commit = commit
        self._objects = Objects(root)
        self._opened = frozenset(opened)

    def paths(self) -> tuple[str, ...]:
        return self._paths

    def read(self, path: str) -> bytes:
        kind, data = self._objects.read(self._name_for_git(path))
        if kind != "blob":
            raise KeyError(path)
        return data

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        asked = [(path, self._name_for_git(path)) for path in paths]
        return _read_named(self._objects, asked)

    def _name_for_git(self, path: str) -> str:
        """Return the blob id of a listed file; name any other by its path. Raise KeyError."""
        folder = "/".join(path.split("/", 4)[:4])
        if "\n" in path or (path not in self._blobs and folder in self._opened):
            raise KeyError(path)
        return self._blobs.get(path) or self._cards.get(path) or f"{self.commit}:{path}"

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(sorted([*self._blobs, *self._cards]))

    @cached_property
    def _blobs(self) -> dict[str, str]:
        """Path -> blob id of the files listed one by one; the cards are listed on the way."""
        tree = parse_commit(self.commit, self._objects.read(self.commit)[1]).tree
        found: dict[str, str] = {}
        self._cards: dict[str, str] = {}  # a card by its own folder: that of a year is long
        self._list(tree, "", found)
        return found

    def _list(self, tree: str, prefix: str, found: dict[str, str]) -> None:
        for entry in _parse(self._objects, tree):
            path = prefix + entry.name
            is_folder = entry.mode == TREE
            # `records/students/<year>/<id>`
            is_personal = is_folder and path.startswith(STUDENTS + "/") and path.count("/") == 3
            if is_personal and path not in self._opened:
                self._cards[f"{path}/student.yaml"] = f"{entry.id}:student.yaml"
            elif is_folder:
                self._list(entry.id, path + "/", found)
            elif entry.mode.startswith("100"):
                found[path] = entry.id


def _read_named(objects: Objects, asked: Sequence[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of files, each asked for by its path and its name for git."""
    found = objects.read_many(name for _, name in asked)
    return ((path, data) for (path, _), (_, _, data) in zip(asked, found, strict=True))


def blob_at(root: Path, commit: str, path: str) -> bytes | None:
    """Return the bytes of a file in a commit (a full id); None when it is not there."""
    kind, data = Objects(root).find(f"{commit}:{path}") or ("", b"")
    return data if kind == "blob" else None
