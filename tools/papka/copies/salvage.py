"""Salvage: take every sound object out of a store, however damaged, and tell what is missing.

git never runs in the damaged store, only in a pool of our own; the store's refs and settings are
not asked, nor is anything that it borrows from elsewhere. Nothing about an object is believed but
its bytes: it goes into the pool under the name that they give it. Whole packs are left to git,
which is faster. Where a pack is broken, the next sound object is looked for byte by byte; a delta
whose base is broken is applied to that base from elsewhere, when the pack's index still names it.

`reach` says what commits need and the pool lacks, without hashing: the pool's objects were hashed
on the way in. A tree is read once, so the cost follows what changed; each lost object is reported
once, at the oldest commit that needs it.
"""

from __future__ import annotations

import mmap
import os
import re
import shutil
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from papka.core.errors import GitFailed, Refused
from papka.proof.clean_room import CleanRoom
from papka.proof.history_reading import walk
from papka.repository import pack_format
from papka.repository.files import NotPlain, copy_pieces, drop_from_cache, open_plain, read_plain
from papka.repository.git_values import (
    ID_BYTES,
    MAIN,
    SUBMODULE,
    TREE,
    Malformed,
    Naming,
    naming_of,
    object_id,
    parse_commit,
    parse_tree,
)
from papka.repository.handle import init
from papka.repository.objects import Objects
from papka.repository.runner import run_git
from papka.repository.store import find_naming, locate, read_refs


def apply_delta(delta: bytes, base: bytes) -> bytes | None:
    """Apply a pack's delta to its base; None when they do not fit."""
    try:
        return pack_format.apply_delta(delta, base)
    except pack_format.BadPack:
        return None


_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_OFFSET_DELTA, _ID_DELTA = 6, 7
_START = 12
"""Bytes before the first object."""
_INDEX_START = 8 + 256 * 4
_FAR = 1 << 31
_KEPT_BYTES = 64 << 20
"""Bytes of objects held in memory as bases of deltas."""

Found = tuple[str, bytes]
Find = Callable[[str], Found | None]


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a pack: a whole object of `kind`, or a delta on `base`, a place or an id."""

    kind: str
    data: bytes
    base: int | str | None
    end: int


def salvage(pack: Path, find: Find, naming: Naming = "sha1") -> Iterator[Found]:
    """Yield kind and bytes of each object of a pack; `find` returns objects from elsewhere."""
    if pack.stat().st_size <= _START + ID_BYTES[naming]:
        return
    with pack.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        names = _read_index(pack.with_suffix(".idx"), naming)
        reading = _Reading(data, names, find, naming)
        waiting: list[int] = []
        for at in reading.stream():
            found = reading.whole(at)
            if found is None:
                waiting.append(at)
            else:
                yield found
        # A delta may stand before the object it names by id.
        while waiting:
            solved = [(at, found) for at in waiting if (found := reading.whole(at)) is not None]
            yield from (found for _, found in solved)
            done = {at for at, _ in solved}
            if not done:
                return
            waiting = [at for at in waiting if at not in done]


class _Reading:
    """One pack being read. `names`: place -> id, as far as the index tells."""

    def __init__(self, data: mmap.mmap, names: dict[int, str], find: Find, naming: Naming) -> None:
        self._naming = naming
        self._data = data
        self._names = names
        self._find = find
        self._stop = len(data)
        self._by_id: dict[str, int] = {}
        self._kept: dict[int, Found] = {}
        self._size = 0

    def stream(self) -> Iterator[int]:
        """Yield the places where an object can be unpacked, in order."""
        at = _START
        while at < self._stop:
            entry = self._entry(at)
            if entry is None:
                at += 1
            else:
                yield at
                at = entry.end

    def whole(self, at: int) -> Found | None:
        """Return the object at a place, its chain of deltas applied."""
        chain: list[bytes] = []
        place: int | str = at
        found: Found | None = None
        passed: set[int] = set()
        while found is None:
            if isinstance(place, str):
                here = self._by_id.get(place)
                if here is None:
                    found = self._find(place)
                    break
                place = here
            entry = self._entry(place) if place not in self._kept and place not in passed else None
            passed.add(place)
            if place in self._kept:
                found = self._kept[place]
            elif entry is None:  # broken here: the index may name the object
                found = self._find(self._names[place]) if place in self._names else None
                break
            elif entry.base is None:
                found = (entry.kind, entry.data)
            else:
                chain.append(entry.data)
                place = entry.base
        if found is None:
            return None
        kind, data = found
        for delta in reversed(chain):
            made = apply_delta(delta, data)
            if made is None:
                return None
            data = made
        self._keep(at, (kind, data))
        return kind, data

    def _keep(self, at: int, found: Found) -> None:
        self._by_id[object_id(*found, self._naming)] = at
        if self._size > _KEPT_BYTES:
            self._kept.clear()
            self._size = 0
        self._kept[at] = found
        self._size += len(found[1])

    def _entry(self, at: int) -> _Entry | None:
        """Unpack the entry at a place; None where nothing sound begins."""
        try:
            return self._read(at)
        except (IndexError, zlib.error):
            return None

    def _read(self, at: int) -> _Entry | None:
        data, start = self._data, at
        byte = data[at]
        number, size = byte >> 4 & 7, byte & 15
        at += 1
        if byte & 128:
            rest, at = pack_format.read_size(data, at)
            size |= rest << 4
        base: int | str | None = None
        if number == _OFFSET_DELTA:
            byte = data[at]
            back = byte & 127
            while byte & 128:
                at += 1
                byte = data[at]
                back = (back + 1) << 7 | byte & 127
            at += 1
            base = start - back
            if not _START <= base < start:
                return None
        elif number == _ID_DELTA:
            end = at + ID_BYTES[self._naming]
            base, at = data[at:end].hex(), end
        elif number not in _KINDS:
            return None
        if at + 1 >= self._stop or (data[at] << 8 | data[at + 1]) % 31 or data[at] & 15 != 8:
            return None  # no beginning of a compressed stream
        content, end = _inflate(data, at, size, self._stop)
        if content is None:
            return None
        return _Entry(_KINDS.get(number, ""), content, base, end)


def _inflate(data: mmap.mmap, at: int, size: int, stop: int) -> tuple[bytes | None, int]:
    """Return the stream at a place, None unless it is `size` long, and where it ends."""
    stream = zlib.decompressobj()
    parts: list[bytes] = []
    got = 0
    while not stream.eof and at < stop:
        piece = data[at : min(at + (1 << 16), stop)]
        at += len(piece)
        out = stream.decompress(piece)
        parts.append(out)
        got += len(out)
        if got > size:
            return None, at
    if not stream.eof or got != size:
        return None, at
    return b"".join(parts), at - len(stream.unused_data)


def _read_index(index: Path, naming: Naming) -> dict[int, str]:
    """Map places to ids by a pack's index of version 2, unproved: what lies there is hashed."""
    try:
        raw = read_plain(index)
    except (OSError, NotPlain):
        return {}
    count = int.from_bytes(raw[_INDEX_START - 4 : _INDEX_START], "big")
    size = ID_BYTES[naming]
    ids, places = _INDEX_START, _INDEX_START + (size + 4) * count  # a sum of each lies between
    if raw[:8] != b"\xfftOc\0\0\0\2" or len(raw) < places + 4 * count:
        return {}
    found = {}
    for each in range(count):
        place = int.from_bytes(raw[places + 4 * each : places + 4 * each + 4], "big")
        if place < _FAR:  # packs over two gigabytes keep far places apart
            found[place] = raw[ids + size * each : ids + size * each + size].hex()
    return found


Tell = Callable[[int], None]
"""Hears how many bytes of a copy were read, piece by piece."""
_HEADER = re.compile(rb"(?P<kind>commit|tree|blob|tag) (?P<size>\d+)\0")
_UNSYNCED = ("core.fsync=none",)
"""A pool is thrown away: after a power cut it is made anew."""


class Pool:
    """A bare repository of sound objects, in a folder to be thrown away.

    `naming`: how they are named, which the first copy says that gives any.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.naming: Naming = "sha1"
        init(folder, bare=True)

    def take_naming(self, naming: Naming) -> None:
        """Get ready for a copy whose objects are named so; raise Refused when others are not."""
        if naming != self.naming:
            kept = self.folder / "objects"
            if any(kept.glob("[0-9a-f][0-9a-f]/*")) or any(kept.glob("pack/*.pack")):
                raise Refused(
                    "другие копии называют сохранения не так, как она (SHA-1 и SHA-256): вместе "
                    "их не сложить",
                    "Назовите одну: --from КОПИЯ",
                )
            shutil.rmtree(self.folder)
            init(self.folder, bare=True, naming=naming)
            self.naming = naming

    def glean(self, objects: Path, tell: Tell = lambda _: None) -> tuple[str, ...]:
        """Take what is sound in a folder of objects; name the pieces that were not."""
        broken = [name for name in self._take_loose(objects, tell) if name]
        packs = sorted((objects / "pack").glob("*.pack"))
        return (*broken, *(f"pack/{pack.name}" for pack in packs if not self.take_pack(pack, tell)))

    def put(self, kind: str, data: bytes) -> None:
        """Add an object under the name of its bytes."""
        content = f"{kind} {len(data)}\0".encode() + data
        self._write(object_id(kind, data, self.naming), zlib.compress(content, 1))

    def _take_loose(self, objects: Path, tell: Tell) -> Iterator[str]:
        """Take loose objects; yield the names of damaged ones, "" for a sound one."""
        for file in sorted(objects.glob("[0-9a-f][0-9a-f]/*")):
            name = f"{file.parent.name}{file.name}"
            try:
                raw = read_plain(file)
            except (OSError, NotPlain):
                yield name
                continue
            tell(len(raw))
            found = _unpack_loose(raw)
            if found is None:
                yield name
                continue
            kind, data, is_exact = found
            own = object_id(kind, data, self.naming)
            if is_exact and own == name:
                self._write(own, raw)
            else:
                self.put(kind, data)
            yield "" if own == name else name

    def take_pack(self, pack: Path, tell: Tell = lambda _: None) -> bool:
        """Take a pack's objects, of a broken one what can be read; tell whether it was whole."""
        try:
            with os.fdopen(open_plain(pack), "rb") as file:
                file.seek(-ID_BYTES[self.naming], 2)
                name = file.read().hex()
            own = self.folder / "objects" / "pack" / f"pack-{name}.pack"
            if own.exists():
                return True
            own.parent.mkdir(exist_ok=True)
            with os.fdopen(open_plain(pack), "rb") as source, own.open("wb") as copy:
                copy_pieces(source, copy, tell)
        except NotPlain:
            return False
        except (OSError, ValueError):
            self._salvage(pack)
            return False
        ran = run_git(
            "index-pack", str(own.resolve()), folder=self.folder, config=_UNSYNCED,
            accepted=range(-64, 256),
        )  # fmt: skip
        if ran.code == 0:
            return True
        for left in own.parent.glob(f"pack-{name}.*"):
            left.unlink()
        self._salvage(pack)
        return False

    def _salvage(self, pack: Path) -> None:
        objects = Objects(self.folder)

        def find(id_: str) -> Found | None:
            try:
                return objects.read(id_)
            except (KeyError, GitFailed):
                return None

        with suppress(OSError):  # the disk gives no more of it
            for kind, data in salvage(pack, find, self.naming):
                self.put(kind, data)

    def _write(self, id_: str, raw: bytes) -> None:
        place = self.folder / "objects" / id_[:2] / id_[2:]
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(raw)


def _unpack_loose(raw: bytes) -> tuple[str, bytes, bool] | None:
    """Return kind and bytes of a loose object, and whether git would take the file as it is."""
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(raw)
    except zlib.error:
        return None
    match = _HEADER.match(content)
    if match is None or not stream.eof or len(content) - match.end() != int(match["size"]):
        return None
    return match["kind"].decode(), content[match.end() :], not stream.unused_data


ObjectKind = Literal["commit", "tree", "blob"]
_Place = tuple[str, str]
"""A commit and a path in it."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A missing object: what lay at `path` of `commit`, or that commit itself."""

    id: str
    kind: ObjectKind
    commit: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a commit needs. `commits`: those readable, parents first; `lost`: what is missing, empty
    when the folder holds all; `present`: ids of all objects needed that are there."""

    commits: tuple[str, ...]
    lost: tuple[Lost, ...]
    present: frozenset[str] = frozenset()


def reach(folder: Path, tip: str) -> Reach:
    """Look in a bare repository of our own for all that a commit needs."""
    walked = walk(CleanRoom(folder), tip)
    lost = [Lost(id_, "commit", id_) for id_, _ in walked.unreadable]
    trees: dict[str, _Place] = {}
    for commit in walked.commits:
        trees.setdefault(commit.tree, (commit.id, ""))
    objects, blobs, level = Objects(folder), dict[str, _Place](), trees
    while level:
        below: dict[str, _Place] = {}
        for (id_, (commit_id, path)), found in zip(
            level.items(), objects.find_many(level), strict=True
        ):
            try:
                entries = parse_tree(found[1], naming_of(id_)) if found is not None else None
            except Malformed:
                entries = None
            if entries is None:
                lost.append(Lost(id_, "tree", commit_id, path))
                continue
            for entry in entries:
                if entry.mode == SUBMODULE:
                    continue
                into = below if entry.mode == TREE else blobs
                into.setdefault(entry.id, (commit_id, f"{path}/{entry.name}".lstrip("/")))
        level = {id_: place for id_, place in below.items() if id_ not in trees}
        trees |= level
    gone = _find_absent(folder, blobs)
    lost += [Lost(id_, "blob", *place) for id_, place in blobs.items() if id_ in gone]
    commits = tuple(commit.id for commit in walked.commits)
    there = frozenset((*commits, *trees, *blobs)) - {each.id for each in lost}
    return Reach(commits, tuple(lost), there)


def all_commits(folder: Path) -> dict[str, tuple[str, ...]]:
    """Map every commit in a bare repository of our own, referred to or not, to its parents."""
    ran = run_git("cat-file", "--batch-all-objects", "--batch-check", "--unordered", folder=folder)
    lines = (line.split(" ") for line in ran.text.splitlines())
    ids = [words[0] for words in lines if words[1:2] == ["commit"]]
    found: dict[str, tuple[str, ...]] = {}
    for id_, _, raw in Objects(folder).read_many(ids):
        try:
            found[id_] = parse_commit(id_, raw).parents
        except Malformed:
            continue  # no commit that a history could be walked through
    return found


def present_commits(folder: Path, ids: Iterable[str]) -> set[str]:
    """Return those of the ids that are commits there."""
    wanted = list(dict.fromkeys(ids))
    return {
        id_
        for id_, found in zip(wanted, Objects(folder).find_many(wanted), strict=True)
        if found is not None and found[0] == "commit"
    }


def _find_absent(folder: Path, ids: Collection[str]) -> set[str]:
    """Return those of the ids that no object has; no object is read."""
    given = "".join(f"{id_}\n" for id_ in ids).encode()
    ran = run_git("cat-file", "--batch-check", "--buffer", folder=folder, given=given)
    return {line.partition(" ")[0] for line in ran.text.splitlines() if line.endswith(" missing")}


def take_store(place: Path, folder: Path) -> str:
    """Make `folder` a bare store with the other's objects; return its main, "" when it has none.

    Bytes come from the disk itself, as far as the system can be made to forget them. They are not
    hashed. Raises NotAnArchive, OSError, NotPlain.
    """
    store = locate(place)
    head = read_refs(store.own, store.common).ids.get(MAIN, "")
    init(folder, bare=True, naming=find_naming(store.common))
    objects = store.objects
    wanted = [*sorted(objects.glob("pack/pack-*")), *sorted(objects.glob("[0-9a-f][0-9a-f]/*"))]
    for file in wanted:
        target = folder / "objects" / file.relative_to(objects)
        target.parent.mkdir(exist_ok=True)
        with os.fdopen(open_plain(file), "rb") as source, target.open("wb") as copy:
            drop_from_cache(file)
            shutil.copyfileobj(source, copy, 1 << 20)
    if head:
        (folder / MAIN).write_text(f"{head}\n", encoding="ascii")
    return head
