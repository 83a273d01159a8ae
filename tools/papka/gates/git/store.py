"""Finds a repository's parts and reads them as plain files: refs, alternates, signs of tampering.

Invariants: git is not run; a `.git` file and a commondir are followed; nothing is written.
Absent on purpose: reading configuration as git would, with its includes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotAnArchive
from papka.core.store import StoreFacts

_FANOUT_END = 8 + 256 * 4
"""A pack index begins with 8 bytes and 256 running totals; the last is the number of objects."""
_ID = re.compile(rb"[0-9a-f]{40}")
_PARTIAL = re.compile(rb"(?im)^\s*(?:partialclone|promisor|partialclonefilter)\s*(?:=|$)")


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
        word, _, target = _bytes(dot).decode("utf-8", "surrogateescape").partition(":")
        own = (root / target.strip()) if word == "gitdir" else dot
        tree: Path | None = root
    elif dot.is_dir():
        own, tree = dot, root
    else:
        own, tree = root, None
    shared = own / "commondir"
    common = own / _bytes(shared).decode().strip() if shared.is_file() else own
    if not (common / "objects").is_dir() or not (own / "HEAD").is_file():
        raise NotAnArchive(str(root))
    return Store(own, common, tree)


def observe(store: Store) -> StoreFacts:
    """What the store's files say."""
    refs: dict[str, str] = {}
    broken: list[tuple[str, str]] = []
    found = [*_packed(store.common / "packed-refs"), *_loose(store.common), *_loose(store.own)]
    for name, value in found:
        if _ID.fullmatch(value):
            refs[name] = value.decode()
        elif not value.startswith(b"ref: "):
            broken.append((name, "пусто" if not value else "не идентификатор"))
    info = store.objects / "info"
    alternates = [name for name in ("alternates", "http-alternates") if _bytes(info / name)]
    if store.objects.is_symlink():
        alternates.append("objects — ссылка на другую папку")
    return StoreFacts(
        refs=dict(sorted(refs.items())),
        head=_bytes(store.own / "HEAD").decode("utf-8", "replace").strip(),
        broken_refs=tuple(broken),
        grafts=bool(_bytes(store.common / "info" / "grafts").strip()),
        shallow=bool(_bytes(store.common / "shallow").strip()),
        alternates=tuple(alternates),
        partial=tuple(_partial(store)),
        bare=store.tree is None,
    )


def count_objects(store: Store) -> int:
    """How many objects are stored, loose and packed; one stored twice counts twice."""
    loose = sum(len(list(folder.iterdir())) for folder in store.objects.glob("[0-9a-f][0-9a-f]"))
    packed = 0
    for index in (store.objects / "pack").glob("*.idx"):
        with index.open("rb") as file:
            start = file.read(_FANOUT_END)
        packed += int.from_bytes(start[-4:], "big") if len(start) == _FANOUT_END else 0
    return loose + packed


def _packed(file: Path) -> Iterator[tuple[str, bytes]]:
    for line in _bytes(file).splitlines():
        if line[:1] in (b"#", b"^", b""):
            continue
        value, _, name = line.partition(b" ")
        yield name.decode("utf-8", "surrogateescape"), value


def _loose(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Loose refs; they win over packed ones."""
    for file in sorted((folder / "refs").rglob("*")):
        if file.is_file() and not file.name.endswith(".lock"):
            yield file.relative_to(folder).as_posix(), _bytes(file).strip()


def _partial(store: Store) -> Iterator[str]:
    """Marks of a clone that leaves objects at its remote; git checks it and finds none missing."""
    yield from sorted(file.name for file in (store.objects / "pack").glob("*.promisor"))
    for name in ("config", "config.worktree"):
        if _PARTIAL.search(_bytes(store.common / name)):
            yield name


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
