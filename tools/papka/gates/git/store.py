"""Finds a repository's parts and reads them as plain files: refs, alternates, signs of tampering.

Invariants: git is not run; a `.git` file and a commondir are followed as git follows them; nothing
is written. Absent on purpose: obeying any setting read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotAnArchive
from papka.core.gate import GATE
from papka.core.store import StoreFacts
from papka.gates.git.locks import stale_locks
from papka.gates.git.refs import read_bytes, read_refs
from papka.gates.git.settings import files as settings_files
from papka.gates.git.settings import read_settings

_FANOUT_END = 8 + 256 * 4
"""A pack index begins with 8 bytes and 256 running totals; the last is the number of objects."""
_KEY = rb"(?im)(?:^|\])[ \t]*(?:%s)[ \t]*(?:=|\r?$)"
"""A key of the configuration, at the start of a line or right after the section's heading."""
_PARTIAL = re.compile(_KEY % rb"partialclone|promisor|partialclonefilter")
_LEADS_AWAY = re.compile(rb"(?im)^[ \t]*\[[ \t]*(?:include|includeif|hook)\b")
_HELD_BACK = ("tmp_objdir-*", "incoming-*")
"""What git calls the folders in which it holds back what a push sent."""
_WORK_TREE = re.compile(_KEY % rb"worktree")


@dataclass(frozen=True, slots=True)
class Store:
    """Where things are: `own` holds HEAD, `common` the refs and objects (they differ in a linked
    work tree), `tree` is the folder with the files, None in a bare store."""

    own: Path
    common: Path
    tree: Path | None

    @property
    def objects(self) -> Path:
        return self.common / "objects"


def locate(root: Path) -> Store:
    """The store of an archive or of a bare mirror; raises NotAnArchive."""
    dot = root / ".git"
    if dot.is_file():
        heading, target = read_bytes(dot)[:8], read_bytes(dot)[8:]
        own = root / _path(target) if heading == b"gitdir: " else dot
        tree: Path | None = root
    elif dot.is_dir():
        own, tree = dot, root
    else:
        own, tree = root, None
    shared = own / "commondir"
    common = own / _path(read_bytes(shared)) if os.path.lexists(shared) else own
    head = own / "HEAD"
    if not (common / "objects").is_dir() or not (head.is_file() or head.is_symlink()):
        raise NotAnArchive(str(root))
    return Store(own, common, tree)


def observe(store: Store) -> StoreFacts:
    """What the store's files say."""
    refs = read_refs(store.own, store.common)
    settings, unread = read_settings(store.own, store.common)
    return StoreFacts(
        refs=dict(sorted(refs.ids.items())),
        head=_head(store.own / "HEAD"),
        broken_refs=tuple(sorted(refs.broken.items())),
        grafts=bool(read_bytes(store.common / "info" / "grafts").strip()),
        shallow=bool(read_bytes(store.common / "shallow").strip()),
        alternates=borrowed(store),
        partial=partial(store),
        misplaced=_is_misplaced(store),
        bare=store.tree is None,
        settings=settings,
        unread_settings=unread,
        hooks=hooks(store),
        locks=stale_locks(store.own, store.common, store.tree),
        attributes=read_bytes(store.common / "info" / "attributes"),
        gate=_gate(store),
        leftovers=_leftovers(store),
    )


def _leftovers(store: Store) -> tuple[str, ...]:
    found = (each for name in _HELD_BACK for each in store.objects.glob(name))
    return tuple(sorted(each.name for each in found))


def borrowed(store: Store) -> tuple[str, ...]:
    """Names below the store through which it takes objects that it does not hold itself."""
    if store.objects.is_symlink():
        return ("objects",)
    found = []
    for name in ("alternates", "http-alternates"):
        file = store.objects / "info" / name
        if read_bytes(file).strip() or (file.exists() and not file.is_file()):
            found.append(f"objects/info/{name}")
    return tuple(dict.fromkeys((*found, *_no_files(store.objects, "objects"))))


def partial(store: Store) -> tuple[str, ...]:
    """Marks of a clone that leaves objects at its remote; git checks it and finds none missing."""
    packs = sorted(file.name for file in (store.objects / "pack").glob("*.promisor"))
    configured = settings_files(store.own, store.common)
    marked = dict.fromkeys(name for name, data in configured if _PARTIAL.search(data))
    return (*packs, *marked)


def leads_away(store: Store) -> bool:
    """Whether the configuration names other files, programs of its own or another folder."""
    text = b"\n".join(data for _, data in settings_files(store.own, store.common))
    return bool(_LEADS_AWAY.search(text) or _WORK_TREE.search(text))


def hooks(store: Store) -> tuple[str, ...]:
    """The programs a store would run when it is sent something."""
    try:
        with os.scandir(store.common / "hooks") as entries:
            found = [entry for entry in entries if not entry.name.endswith(".sample")]
            return tuple(sorted(e.name for e in found if e.is_file() and os.access(e, os.X_OK)))
    except OSError:
        return ()


def _gate(store: Store) -> bytes | None:
    """What git would run before it takes a push; nothing readable when it lies behind a link."""
    if GATE not in hooks(store):
        return None
    file = store.common / "hooks" / GATE
    return b"" if file.is_symlink() else read_bytes(file)


def count_objects(store: Store) -> int:
    """How many objects are stored, loose and packed; one stored twice counts twice."""
    folders = [each for each in store.objects.glob("[0-9a-f][0-9a-f]") if each.is_dir()]
    loose = sum(len(list(folder.iterdir())) for folder in folders)
    packed = 0
    for index in (store.objects / "pack").glob("*.idx"):
        if not index.is_file():
            continue
        with index.open("rb") as file:
            start = file.read(_FANOUT_END)
        packed += int.from_bytes(start[-4:], "big") if len(start) == _FANOUT_END else 0
    return loose + packed


def _no_files(folder: Path, name: str) -> Iterator[str]:
    """Everything below that is kept behind a link, or a pipe, which git would wait for."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in listed:
        if entry.is_dir(follow_symlinks=False):
            yield from _no_files(Path(entry.path), f"{name}/{entry.name}")
        elif not entry.is_file(follow_symlinks=False):
            yield f"{name}/{entry.name}"


def _head(file: Path) -> str:
    if file.is_symlink():
        return f"файл-ссылка на {file.readlink()}"
    return read_bytes(file).decode("utf-8", "replace").rstrip()


def _is_misplaced(store: Store) -> bool:
    """A commondir belongs in a linked work tree, and leads to the store that tree is listed in."""
    if not os.path.lexists(store.own / "commondir"):
        return False
    if store.tree is None or not (store.tree / ".git").is_file():
        return True
    own = store.own.resolve()
    return own.parent.name != "worktrees" or own.parent.parent != store.common.resolve()


def _path(written: bytes) -> Path:
    """A path from git's own little files: all but the end of the line belongs to it."""
    return Path(os.fsdecode(written.rstrip(b"\r\n")))
