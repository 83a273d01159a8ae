"""Gathers from a store's files, damaged or not, every sound object into a pool of our own.

Invariants: git never runs in the store, only in the pool; an object goes in under the name that its
bytes give it, whatever it was called; the store's indexes, refs and settings are not asked.
Absent on purpose: objects the store borrows, and choosing which of all these objects are wanted.
"""

from __future__ import annotations

import os
import re
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

from papka.core.errors import GitFailed
from papka.core.history import object_id
from papka.gates.git.broken_pack import Found, salvage
from papka.gates.git.objects import Objects
from papka.gates.git.repository import init
from papka.gates.git.runner import run_git
from papka.gates.plain_file import NotPlain, open_plain, read_plain

_HEADER = re.compile(rb"(?P<kind>commit|tree|blob|tag) (?P<size>\d+)\0")
_UNSYNCED = ("core.fsync=none",)
"""A pool is thrown away: after a power cut it is made anew."""


class Pool:
    """A bare repository of sound objects."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        init(folder, bare=True)

    def glean(self, objects: Path) -> tuple[str, ...]:
        """Takes what is sound in a folder of objects; names the pieces that were not."""
        broken = [name for name in self._loose(objects) if name]
        packs = sorted((objects / "pack").glob("*.pack"))
        return (*broken, *(f"pack/{pack.name}" for pack in packs if not self.take_pack(pack)))

    def put(self, kind: str, data: bytes) -> None:
        """One object, under its own name."""
        content = f"{kind} {len(data)}\0".encode() + data
        self._write(object_id(kind, data), zlib.compress(content, 1))

    def _loose(self, objects: Path) -> Iterator[str]:
        """The names of those that are damaged, "" for a sound one."""
        for file in sorted(objects.glob("[0-9a-f][0-9a-f]/*")):
            name = f"{file.parent.name}{file.name}"
            try:
                raw = read_plain(file)
            except (OSError, NotPlain):
                yield name
                continue
            found = _unpacked(raw)
            if found is None:
                yield name
                continue
            kind, data, is_exact = found
            own = object_id(kind, data)
            if is_exact and own == name:
                self._write(own, raw)
            else:
                self.put(kind, data)
            yield "" if own == name else name

    def take_pack(self, pack: Path) -> bool:
        """Takes a pack's objects. Whether it was whole; of another, what can be got out of it."""
        try:
            with os.fdopen(open_plain(pack), "rb") as file:
                file.seek(-20, 2)
                name = file.read().hex()
            own = self.folder / "objects" / "pack" / f"pack-{name}.pack"
            if own.exists():
                return True
            own.parent.mkdir(exist_ok=True)
            shutil.copyfile(pack, own)
        except NotPlain:
            return False
        except (OSError, ValueError):
            return self._salvaged(pack)
        ran = run_git(
            "index-pack", str(own.resolve()), folder=self.folder, config=_UNSYNCED,
            accepted=range(-64, 256),
        )  # fmt: skip
        if ran.code == 0:
            return True
        for left in own.parent.glob(f"pack-{name}.*"):
            left.unlink()
        return self._salvaged(pack)

    def _salvaged(self, pack: Path) -> bool:
        objects = Objects(self.folder)

        def find(id_: str) -> Found | None:
            try:
                return objects.read(id_)
            except (KeyError, GitFailed):
                return None

        try:
            for kind, data in salvage(pack, find):
                self.put(kind, data)
        except OSError:
            return False  # the disk gives no more of it
        return False

    def _write(self, id_: str, raw: bytes) -> None:
        place = self.folder / "objects" / id_[:2] / id_[2:]
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(raw)


def _unpacked(raw: bytes) -> tuple[str, bytes, bool] | None:
    """Kind and bytes of a loose object, and whether git would take the file as it is."""
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(raw)
    except zlib.error:
        return None
    match = _HEADER.match(content)
    if match is None or not stream.eof or len(content) - match.end() != int(match["size"]):
        return None
    return match["kind"].decode(), content[match.end() :], not stream.unused_data
