"""Write signed commits crash-safely: all objects in one go, then the branch, then the index.

The branch moves only from where the caller last saw it; until it moves nothing is visible, and
everything is synced to the disk. Trouble with the index, a cache, never undoes a commit. `git add`
and `git commit` are not used: they take whatever the index holds by then.

Of the trees only those along the changed paths are read, a level at a time; a folder left empty
disappears; a path that could leave the archive is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from papka.core.errors import ChangedMeanwhile, GitFailed, Refused
from papka.repository import files
from papka.repository.commit_snapshots import head, without_filters
from papka.repository.git_values import (
    EMPTY_TREE,
    FILE,
    MAIN,
    TREE,
    Commit,
    GitPerson,
    TreeEntry,
    compose_commit,
    compose_tree,
    object_id,
    parse_commit,
    parse_tree,
)
from papka.repository.objects import Objects
from papka.repository.pack_format import compose_pack
from papka.repository.runner import explain_failure, run_git
from papka.repository.store import locate

Blob = tuple[str, str]
"""Mode and blob id."""


@dataclass(slots=True)
class _TreeUnderWay:
    """Changes below one folder: of its files, of its folders, and the entries it has now."""

    files: dict[str, Blob | None] = field(default_factory=dict)
    folders: dict[str, _TreeUnderWay] = field(default_factory=dict)
    base: dict[str, TreeEntry] = field(default_factory=dict)


def build_trees(
    root: Path, base_tree: str | None, changes: Mapping[str, Blob | None]
) -> tuple[str, list[bytes]]:
    """Apply `changes` to `base_tree`; return the id of the new tree and the bytes of the new ones.

    None removes a path. Raise Refused for a path no archive may hold.
    """
    top = _group_by_folder(changes)
    _read_base(Objects(root), top, base_tree)
    made: dict[str, bytes] = {}
    tree = _compose(top, made)
    if tree is None:
        made[EMPTY_TREE] = b""
        tree = EMPTY_TREE
    return tree, list(made.values())


def _group_by_folder(changes: Mapping[str, Blob | None]) -> _TreeUnderWay:
    top = _TreeUnderWay()
    for path, blob in changes.items():
        *parents, name = parts = path.split("/")
        if any(part in ("", ".", "..") or part.lower() == ".git" or "\0" in part for part in parts):
            raise Refused(f"Недопустимый путь: {path!r}", "Переименуйте файл или папку")
        folder = top
        for parent in parents:
            folder = folder.folders.setdefault(parent, _TreeUnderWay())
        folder.files[name] = blob
    return top


def _read_base(objects: Objects, top: _TreeUnderWay, base_tree: str | None) -> None:
    """Fill in what the changed folders hold now."""
    level = [(top, base_tree)] if base_tree and base_tree != EMPTY_TREE else []
    while level:
        found = objects.read_many([tree for _, tree in level])
        below: list[tuple[_TreeUnderWay, str]] = []
        for (folder, _), (_, _, raw) in zip(level, found, strict=True):
            folder.base = {entry.name: entry for entry in parse_tree(raw)}
            for name, child in folder.folders.items():
                entry = folder.base.get(name)
                if entry is not None and entry.mode == TREE:
                    below.append((child, entry.id))
        level = below


def _compose(folder: _TreeUnderWay, made: dict[str, bytes]) -> str | None:
    """Compose the folders in it, then the folder; return its id, None when nothing is left."""
    entries = dict(folder.base)
    for name, blob in folder.files.items():
        if blob is None:
            if name in entries and entries[name].mode != TREE:
                del entries[name]
        elif name in folder.folders and _adds_files(folder.folders[name]):
            raise Refused(f"«{name}» — и файл, и папка сразу", "Переименуйте одно из двух")
        else:
            entries[name] = TreeEntry(blob[0], name, blob[1])
    for name, child in folder.folders.items():
        tree = _compose(child, made)
        if tree is not None:
            entries[name] = TreeEntry(TREE, name, tree)
        elif name in entries and entries[name].mode == TREE:
            del entries[name]
    if not entries:
        return None
    raw = compose_tree(entries.values())
    id_ = object_id("tree", raw)
    made[id_] = raw
    return id_


def _adds_files(folder: _TreeUnderWay) -> bool:
    return any(folder.files.values()) or any(map(_adds_files, folder.folders.values()))


LOOSE_AT_MOST = 100
"""More objects than this are stored as a pack: loose ones are slow to check."""
_NONE = "0" * 40


def write_objects(root: Path, objects: Iterable[tuple[str, bytes]]) -> None:
    """Store objects (kind, bytes) in one process, synced."""
    wanted = {object_id(kind, data): (kind, data) for kind, data in objects}
    if not wanted:
        return
    few = len(wanted) <= LOOSE_AT_MOST
    command = ["unpack-objects", "-q"] if few else ["index-pack", "--stdin"]
    since = files.sync_moment()
    run_git(*command, folder=root, given=compose_pack(wanted))
    files.sync_objects(locate(root).objects, since)


def store_pack(root: Path, pack: bytes) -> None:
    """Store a whole pack, synced; no branch shows yet what is in it."""
    since = files.sync_moment()
    run_git("index-pack", "--stdin", folder=root, given=pack)
    files.sync_objects(locate(root).objects, since)


@dataclass(frozen=True, slots=True)
class StoredCommit:
    """A stored commit that no branch stands at yet."""

    id: str
    committer: GitPerson
    subject: str
    entries: Mapping[str, tuple[str, str] | None]


def store_commit(  # noqa: PLR0913  # a commit is made of exactly these
    folder: Path,
    changes: Mapping[str, bytes | None],
    message: str,
    *,
    author: str,
    now: datetime,
    sign: Callable[[bytes], str],
    parent: str | None,
    modes: Mapping[str, str] | None = None,
    written: GitPerson | None = None,
    after: str | None = None,
) -> StoredCommit:
    """Store a signed commit of `changes` (None removes a path) on top of `parent`.

    `author` is a staff id; `now` needs a time zone; `written` keeps an earlier author and time;
    `after` is the commit that this one must not be earlier than, when that is not the parent.
    Raise Refused when that commit is more than ten minutes ahead of `now`, or nothing changes.
    """
    above = None if parent is None else _read_commit(folder, parent)
    person = person_now(author, now, _read_commit(folder, after) if after else above)
    blobs = {path: data for path, data in changes.items() if data is not None}
    ids = {path: object_id("blob", data) for path, data in blobs.items()}
    entries = {
        path: ((modes or {}).get(path, FILE), ids[path]) if path in ids else None
        for path in changes
    }
    tree, trees = build_trees(folder, above.tree if above else None, entries)
    if above is not None and tree == above.tree:
        raise Refused("Сохранять нечего: файлы такие же, как в последнем сохранении")
    parents = [parent] if parent else []
    text = message if message.endswith("\n") else f"{message}\n"
    first = written or person
    unsigned = compose_commit(tree, parents, first, person, text)
    raw = compose_commit(tree, parents, first, person, text, sign(unsigned))
    objects = [*(("blob", data) for data in blobs.values()), *(("tree", t) for t in trees)]
    write_objects(folder, [*objects, ("commit", raw)])
    return StoredCommit(object_id("commit", raw), person, text.partition("\n")[0], entries)


def commit(  # noqa: PLR0913  # as above
    root: Path,
    changes: Mapping[str, bytes | None],
    message: str,
    *,
    author: str,
    now: datetime,
    sign: Callable[[bytes], str],
    expected_parent: str | None,
    ref: str = MAIN,
    modes: Mapping[str, str] | None = None,
) -> str:
    """Store a signed commit as `store_commit` does, move `ref` to it and return its id.

    `expected_parent` is the commit the caller last saw at `ref`, None before the first. Raise
    ChangedMeanwhile when it has moved.
    """
    made = store_commit(
        root, changes, message, author=author, now=now, sign=sign, parent=expected_parent,
        modes=modes,
    )  # fmt: skip
    publish_commit(root, made, expected_parent, ref=ref)
    return made.id


def publish_commit(
    root: Path, made: StoredCommit, expected_parent: str | None, *, ref: str = MAIN
) -> None:
    """Move `ref` and the index to a commit made on `expected_parent`; raise ChangedMeanwhile."""
    move_branch(root, ref, made.id, expected_parent, made.committer, made.subject)
    refresh_index(root, made.entries, fresh=expected_parent is None)


def move_branch(  # noqa: PLR0913  # the log of the branch says who moved what, where and why
    root: Path, ref: str, to: str, expected: str | None, person: GitPerson, why: str
) -> None:
    """Move a branch from `expected` (None: it is not there); raise ChangedMeanwhile."""
    variables = {
        "GIT_COMMITTER_NAME": person.name,
        "GIT_COMMITTER_EMAIL": person.email,
        "GIT_COMMITTER_DATE": f"@{person.time} {person.offset}",
    }
    ran = run_git(
        "update-ref", "-m", why, ref, to, expected or _NONE,
        folder=root, variables=variables, accepted=(0, 1, 128),
    )  # fmt: skip
    if ran.code:
        if head(root, ref) != expected:
            raise ChangedMeanwhile("архив")
        raise explain_failure("update-ref", ran)
    files.sync_branches(locate(root).common)


def _read_commit(root: Path, id_: str) -> Commit:
    return parse_commit(id_, Objects(root).read(id_)[1])


def clock_behind(last: Commit, now: datetime) -> Refused | None:
    """Return what is told when the last commit is more than ten minutes ahead; None otherwise."""
    if last.committer.time - int(now.timestamp()) <= 600:
        return None
    return Refused(
        "Последнее сохранение архива сделано «в будущем»: часы этого компьютера отстают "
        "больше чем на 10 минут",
        "Проверьте дату и время на компьютере и повторите; если они верны, сохранение со "
        "сбившимися часами признаёт руководитель: "
        "papka trust accept HEAD --code TIME_FUTURE",
    )


_YEARS = 5 * 366 * 24 * 60 * 60
"""Seconds for which no archive in use lies without a save."""


def clock_ahead(last: Commit, now: datetime) -> Refused | None:
    """Return what is told when the last commit is years behind; None otherwise."""
    if int(now.timestamp()) - last.committer.time <= _YEARS:
        return None
    return Refused(
        f"Последнее сохранение архива сделано больше пяти лет назад, а на часах этого компьютера "
        f"{now:%d.%m.%Y}: возможно, они спешат",
        "Проверьте дату и время на компьютере; сохранённое с неверной датой сразу отмените: "
        "papka undo",
    )


def person_now(author: str, now: datetime, parent: Commit | None) -> GitPerson:
    """Return who commits and when, never before the parent: trust is judged by the order.

    Raise Refused when the parent is more than ten minutes ahead.
    """
    if now.tzinfo is None:
        raise ValueError("now has no time zone")
    time = int(now.timestamp())
    if parent is not None:
        if (behind := clock_behind(parent, now)) is not None:
            raise behind
        time = max(time, parent.committer.time)
    return GitPerson(author, f"{author}@papka.invalid", time, now.strftime("%z")[:5])


def _update_index(root: Path, given: bytes) -> bool:
    """Whether git took the entries; remove an index that it cannot read."""
    # Not synced: eleven megabytes at 100,000 files, and git can build it anew.
    ran = run_git(
        "update-index", "-z", "--index-info", folder=root, given=given,
        config=["core.fsync=all,-index"], accepted=(0, 128),
    )  # fmt: skip
    if ran.code:
        with suppress(OSError):
            (root / ".git" / "index").unlink()
    return ran.code == 0


def refresh_index(
    root: Path, entries: Mapping[str, tuple[str, str] | None], *, fresh: bool = False
) -> None:
    """Update the index to match the commit. The index is a cache: failures are ignored."""
    lines = [
        f"{entry[0]} {entry[1]}\t{path}" if entry else f"0 {_NONE}\t{path}"
        for path, entry in entries.items()
    ]
    given = "".join(f"{line}\0" for line in lines).encode("utf-8", "surrogateescape")
    try:
        if not (fresh or (root / ".git" / "index").exists()) or not _update_index(root, given):
            run_git("read-tree", "HEAD", folder=root)
        if len(entries) > LOOSE_AT_MOST:
            run_git(
                "update-index", "-q", "--refresh", folder=root,
                variables=without_filters(root), accepted=(0, 1),
            )  # fmt: skip
    except GitFailed:
        return
