"""Purge an archive's folder and store of what was destroyed by law, so that nobody can restore it.

It begins when main has left the old history. What stays is what main leads to; all else that may
hold the destroyed goes: logs of branches, stashes, notes of git beside its objects, the index (made
anew), other refs, packs and loose objects, and in the folder and below `.papka/` whatever a unit
that is gone has left. Settings, hooks, edits of other files, drafts and notes of other work stay.

Every step may be done twice: killed anywhere, the same purge run again completes. In an archive's
own folder `unfinished_work` remembers that one is due. The end is proved by listing: an object that
nothing leads to is told, never passed over.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import PapkaError
from papka.core.phrases import count_phrase
from papka.core.places import is_student_id, unit
from papka.records.strict_yaml import read
from papka.repository import dot_papka, worktree
from papka.repository.byte_search import Needle, find_in, needle_text
from papka.repository.commit_snapshots import CommitTree, is_ancestor
from papka.repository.files import (
    PAPERS,
    list_entries,
    read_if_plain,
    sync_branches,
    sync_folder,
)
from papka.repository.git_values import MAIN
from papka.repository.objects import Objects
from papka.repository.rewritten_commits import ACT, act_file, list_act_numbers
from papka.repository.runner import run_git
from papka.repository.store import STORE_ID, Store, locate, read_refs

ACT_REF = "refs/heads/papka-act-"
"""Beginning of the branch by which a server is sent an act; it goes when the server is purged."""
_LISTED = re.compile(r"(?m)^[0-9a-f]{64}  (?:[0-9a-f]{40}  )?(\S[^\n]*)$")
_OF_THE_STORE = frozenset(
    (
        *("HEAD", "config", "config.worktree", "description", "hooks", "info", "objects", "refs"),
        *("packed-refs", "index", "branches", "commondir", "gitdir", STORE_ID),
    )
)
"""What a store keeps; anything else git or another program made beside the objects goes."""
_LOCKS = ("papka-settings", "papka-writing", "papka-healing")
_HELPERS = (
    *("info/commit-graph", "info/commit-graphs", "info/packs", "pack/multi-pack-index"),
    *("pack/*.keep", "pack/*.bitmap", "pack/*.mtimes", "pack/*.promisor", "pack/multi-pack-index*"),
    *("tmp_*", "*/tmp_*", "pack/.tmp-*", "tmp_objdir-*", "incoming-*"),
)
"""Below the objects: what only speeds git up, holds packs fast, or was left half written."""
_KEPT_BESIDE = frozenset(
    ("lock", "backup.lock", "destroy.lock", "begun", "drafts", "writing", "purging")
)
"""Names below `.papka/` that may belong to other work and are looked into one by one."""


class PurgeIncomplete(PapkaError):
    """Something that nothing leads to is still in the store."""

    def __init__(self, place: Path, left: int) -> None:
        objects = count_phrase(left, "объект", "объекта", "объектов")
        super().__init__(
            f"{place}: после очистки в хранилище осталось лишнее: {objects}",
            "Закройте другие программы, которые работают с этой папкой, и повторите команду; "
            "проверить хранилище: papka verify",
        )


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge took away: `refs`, by name; `files`: paths from the folder, sorted."""

    refs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    objects: int = 0


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What the acts of a history have destroyed. `acts`: their numbers; `gone`: units, as
    `core.places.unit` names them, and single files."""

    acts: frozenset[int]
    gone: tuple[str, ...]

    def takes(self, path: str) -> bool:
        """Whether a path of the folder belongs to what is gone, litter beside it included."""
        folder, _, name = path.rpartition("/")
        for each in self.gone:
            above, _, own = each.rpartition("/")
            if each in (path, unit(path)) or path.startswith(f"{each}/"):
                return True
            # An editor's or a system's copy of the file: «photo.jpg~», «.photo.jpg.swp».
            if folder == above and own in name and not worktree.is_kept(path):
                return True
        return False

    @property
    def in_notes(self) -> tuple[Needle, ...]:
        """What tells that a note or a draft is about something that is gone.

        Of a file in a folder that stays only its own path: other work on the folder goes on.
        """
        return _spell(_name(each) if unit_of(each) == each else each for each in self.gone)

    @property
    def in_papers(self) -> tuple[Needle, ...]:
        """What tells that a paper shows something that is gone: it can be printed anew."""
        return _spell(_name(unit_of(each)) for each in self.gone)


def unit_of(path: str) -> str:
    """Return the unit that a file lies in, a unit itself."""
    return unit(path) or path


def _spell(words: Iterable[str]) -> tuple[Needle, ...]:
    return tuple(each for word in dict.fromkeys(words) for each in needle_text("упоминание", word))


def _name(whole: str) -> str:
    """Return how papers and notes name a unit: a student's number, else `2026/0009`."""
    above, _, name = whole.rpartition("/")
    return name if is_student_id(name) else f"{above.rpartition('/')[2]}/{name}"


def read_destroyed(root: Path, commit: str = MAIN) -> Destroyed:
    """Read the acts of a commit: what may lie nowhere in a store that has it.

    An act that cannot be read counts with its number alone: `verify` tells of it.
    """
    tree = CommitTree(root, commit)
    acts = list_act_numbers(Objects(root), tree.commit)
    gone: dict[str, None] = {}
    for number in acts:
        gone |= dict.fromkeys(gone_by_act(tree, number))
    return Destroyed(frozenset(acts), tuple(gone))


def gone_by_act(tree: CommitTree, number: int) -> Iterator[str]:
    """Yield the units and files that one act of a commit has destroyed."""
    path = act_file(number, ACT)
    data = tree.read(path) if tree.id_of(path) is not None else b""
    for each, is_whole in _read_act(data, path):
        listed = f"{each}/destroyed/{number}.files"
        if is_whole:
            yield each
        elif tree.id_of(listed) is not None:
            paths = _LISTED.findall(tree.read(listed).decode("utf-8", "replace"))
            yield from (path for path in paths if tree.id_of(path) is None)


def _read_act(data: bytes, path: str) -> Iterator[tuple[str, bool]]:
    """Yield the units of an act, and whether each is gone whole."""
    value = read(data, path).value
    lines = value.get("what") if isinstance(value, dict) else None
    for line in lines if isinstance(lines, list) else []:
        if isinstance(line, dict) and isinstance(line.get("path"), str):
            yield line["path"], "entry" not in line


def find_strays(root: Path) -> tuple[str, ...]:
    """Say, a sentence each, what of somebody's work a purge would take: () when nothing.

    Stashes, branches and tags beside main, and folders that share the store.
    """
    store = locate(root)
    found = []
    for ref in sorted(_list_strays(root, store, {})):
        if ref == "refs/stash":
            found.append("отложенное командой git stash: верните его (git stash pop) и сохраните")
        elif not ref.startswith("refs/remotes/"):
            found.append(f"ветвь или метка {ref}, которой нет в main: она исчезнет вместе с нею")
    for each in list_entries(store.common / "worktrees"):
        place = (read_if_plain(Path(each.path) / "gitdir") or b"").decode("utf-8", "replace")
        tree = Path(place.strip()).parent
        if place.strip() and tree.is_dir():
            found.append(f"вторая рабочая папка {tree}: в ней лежат те же файлы, уберите её сами")
    return tuple(found)


def purge_own(
    root: Path, moved: Mapping[str, str] | None = None, spare: Collection[str] = ()
) -> Purged:
    """Purge an archive of all that the acts of its main have destroyed; call it holding the lock.

    `moved`: as for `purge_store`; `spare`: paths of notes that stay, whatever they hold. Raises
    PurgeIncomplete, GitFailed.
    """
    destroyed = read_destroyed(root)
    files = [*_purge_folder(root, destroyed), *_purge_beside(root, destroyed, spare)]
    done = purge_store(locate(root), moved)
    return Purged(done.refs, (*sorted(files), *done.files), done.objects)


def purge_store(store: Store, moved: Mapping[str, str] | None = None) -> Purged:
    """Leave in a store what main leads to, and nothing else.

    `moved`: refs beside main that stay -> what they name from now on. A branch that carries an act
    stays: it tells that the purge is not over. Raises PurgeIncomplete, GitFailed.
    """
    folder = store.tree or store.common
    refs = _drop_refs(folder, store, moved or {})
    files = list(_drop_notes(store))
    if store.tree is not None:
        (store.own / "index").unlink(missing_ok=True)
        run_git("read-tree", MAIN, folder=folder)
    for pattern in _HELPERS:
        for each in store.objects.glob(pattern):
            _remove(each)
    # Where main stands now reaches the disk before what it stood at leaves it.
    sync_branches(store.common)
    sync_folder(store.common)
    _pack_anew(folder, store.objects)
    run_git("prune", "--expire=now", folder=folder)
    for each in (store.objects / "pack", store.objects, store.common):
        sync_folder(each)
    left = find_unreachable(store)
    if left:
        raise PurgeIncomplete(folder, len(left))
    return Purged(refs, tuple(files), len(_list_objects(folder)))


_REPACK = ("repack", "-a", "-l", "-q", "--no-write-bitmap-index")
_PLAIN = ("repack.writeBitmaps=false", "repack.packKeptObjects=true", "gc.cruftPacks=false")


def _pack_anew(folder: Path, objects: Path) -> None:
    """Pack what refs lead to, and remove all else only when that pack is on the disk."""
    packs = objects / "pack"
    before = sorted(packs.glob("pack-*"))
    run_git(*_REPACK, folder=folder, config=_PLAIN)
    for each in (packs, objects):
        if each.is_dir():
            sync_folder(each)
    if {*packs.glob("pack-*.pack")} <= {*before}:
        # This very pack was there already, beside others perhaps.
        run_git(*_REPACK, "-d", folder=folder, config=_PLAIN)
        return
    for each in before:
        each.unlink()
    run_git("prune-packed", "-q", folder=folder)


def find_unreachable(store: Store) -> frozenset[str]:
    """Return the ids of the objects that no ref leads to."""
    folder = store.tree or store.common
    return _list_objects(folder) - list_reached(folder, "--all")


def list_reached(folder: Path, of: str = MAIN) -> frozenset[str]:
    """Return the ids of the objects that a branch leads to, or with `--all` any ref."""
    ran = run_git("rev-list", "--objects", "--no-object-names", of, folder=folder)
    return frozenset(ran.text.split())


def _list_objects(folder: Path) -> frozenset[str]:
    ran = run_git(
        "cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered",
        folder=folder,
    )  # fmt: skip
    return frozenset(ran.text.split())


def _list_strays(root: Path, store: Store, moved: Mapping[str, str]) -> set[str]:
    """Return the refs that lead out of main's history."""
    refs = read_refs(store.own, store.common)
    found = set(refs.broken) - {"refs", "packed-refs"}
    for ref, id_ in refs.ids.items():
        is_kept = ref == MAIN or ref in moved or ref.startswith(ACT_REF)
        if not is_kept and not is_ancestor(root, id_, MAIN):
            found.add(ref)
    return found


def _drop_refs(folder: Path, store: Store, moved: Mapping[str, str]) -> tuple[str, ...]:
    known = read_refs(store.own, store.common).ids
    gone = sorted(_list_strays(folder, store, moved))
    lines = [f"update {ref} {id_}\n" for ref, id_ in moved.items() if known.get(ref) != id_]
    lines += [f"delete {ref}\n" for ref in gone if ref in known]
    if lines:
        given = "".join(lines).encode()
        run_git("update-ref", "--no-deref", "--stdin", folder=folder, given=given)
    for ref in gone:
        _remove(store.common / ref)  # what is broken git does not take away
    for base in dict.fromkeys((store.own, store.common)):
        shutil.rmtree(base / "logs", ignore_errors=True)
    return tuple(gone)


def _drop_notes(store: Store) -> Iterator[str]:
    """Remove what lies beside the objects and is no part of a store; yield the names."""
    for base in dict.fromkeys((store.own, store.common)):
        for entry in list_entries(base):
            if entry.name not in _OF_THE_STORE and not entry.name.endswith(".lock"):
                if entry.name in _LOCKS:
                    continue
                _remove(Path(entry.path))
                yield f"{base.name}/{entry.name}"
    _remove(store.common / "info" / "refs")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _purge_folder(root: Path, destroyed: Destroyed) -> Iterator[str]:
    """Remove what is left of the destroyed among the files, and papers about it; yield paths."""
    for path in sorted(_list_near(root, destroyed)):
        if destroyed.takes(path):
            (root / path).unlink(missing_ok=True)
            yield path
    for each in destroyed.gone:
        place = root / each
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        _drop_empty(root, place.parent)
    words = destroyed.in_papers
    for paper in _list_below(root / PAPERS):
        shown = paper.relative_to(root).as_posix()
        data = read_if_plain(paper)
        is_order = paper.stem.startswith("order-")
        order = paper.stem.removeprefix("order-").replace("-", "/") if is_order else ""
        said = f"{shown} {order}".encode()
        if data is None or find_in(said, words) or find_in(data, words):
            paper.unlink(missing_ok=True)
            yield shown


def _list_near(root: Path, destroyed: Destroyed) -> set[str]:
    """Return the paths in the folders where something is gone, hidden ones too."""
    folders = {root / each for each in destroyed.gone}
    folders |= {each.parent for each in folders}
    found: set[str] = set()
    for folder in folders:
        whole = folder.relative_to(root).as_posix() in destroyed.gone
        names = _list_below(folder) if whole else (Path(e.path) for e in list_entries(folder))
        for path in names:
            if path.is_symlink() or not path.is_dir():
                found.add(path.relative_to(root).as_posix())
    return found


def _list_below(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder, links too; no link is followed."""
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        yield from (Path(place) / name for name in (*names, *links))


def _drop_empty(root: Path, folder: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _purge_beside(root: Path, destroyed: Destroyed, spare: Collection[str]) -> Iterator[str]:
    """Remove from `.papka/` what may hold the destroyed; yield the paths.

    Papers, replaced stores and caches go whole: they are made anew. Notes and drafts of other work
    stay, unless they mention what is gone.
    """
    words = destroyed.in_notes
    for entry in dot_papka.entries(root, dot_papka.FOLDER):
        path = f"{dot_papka.FOLDER}/{entry.name}"
        if entry.name not in _KEPT_BESIDE:
            dot_papka.remove(root, path)
            yield path
    for path in _list_notes(root):
        place = root / path
        if path not in spare and _mentions(place, words):
            dot_papka.remove(root, path)
            yield path


def _list_notes(root: Path) -> Iterable[str]:
    for name in ("begun", "drafts"):
        folder = f"{dot_papka.FOLDER}/{name}"
        yield from (f"{folder}/{entry.name}" for entry in dot_papka.entries(root, folder))


def _mentions(place: Path, words: Collection[Needle]) -> bool:
    """Whether a file, or any below a folder, names what is gone; what cannot be read does."""
    files = [*_list_below(place)] if place.is_dir() and not place.is_symlink() else [place]
    for file in files:
        data = read_if_plain(file)
        name = file.relative_to(place.parent).as_posix().encode()
        if data is None or find_in(data, words) or find_in(name, words):
            return True
    return False
