"""Gets out of a damaged pack every object whose bytes still stand in it.

Invariants: nothing about an object is believed but its own bytes, so what comes out has the name
its content gives it; where the stream breaks, it is looked for again byte by byte. A delta whose
base is broken is made anew on that base from elsewhere, when the pack's index still names it.
Absent on purpose: packs that are whole; git reads those faster.
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.history import object_id
from papka.gates.git.deltas import applied
from papka.gates.plain_file import NotPlain, read_plain

_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_OFFSET_DELTA, _ID_DELTA = 6, 7
_START, _END = 12, 20
"""Bytes before the first object and after the last one."""
_INDEX_START = 8 + 256 * 4
_FAR = 1 << 31
_KEPT = 64 << 20
"""So many bytes of objects are kept at hand as bases of deltas."""

Found = tuple[str, bytes]
Find = Callable[[str], Found | None]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What stands at one place: a whole object (`kind`), or a delta on `base`, a place or an id."""

    kind: str
    data: bytes
    base: int | str | None
    end: int


def salvage(pack: Path, find: Find) -> Iterator[Found]:
    """Kind and bytes of each object; `find` knows objects by id that lie elsewhere."""
    if pack.stat().st_size <= _START + _END:
        return
    with pack.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        reading = _Reading(data, _places(pack.with_suffix(".idx")), find)
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

    def __init__(self, data: mmap.mmap, names: dict[int, str], find: Find) -> None:
        self._data = data
        self._names = names
        self._find = find
        self._stop = len(data)
        self._by_id: dict[str, int] = {}
        self._kept: dict[int, Found] = {}
        self._size = 0

    def stream(self) -> Iterator[int]:
        """Places where an object can be unpacked, in order."""
        at = _START
        while at < self._stop:
            entry = self._entry(at)
            if entry is None:
                at += 1
            else:
                yield at
                at = entry.end

    def whole(self, at: int) -> Found | None:
        """The object at a place, its chain of deltas undone."""
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
            elif entry is None:  # broken here: the index may say what it was
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
            made = applied(delta, data)
            if made is None:
                return None
            data = made
        self._keep(at, (kind, data))
        return kind, data

    def _keep(self, at: int, found: Found) -> None:
        self._by_id[object_id(*found)] = at
        if self._size > _KEPT:
            self._kept.clear()
            self._size = 0
        self._kept[at] = found
        self._size += len(found[1])

    def _entry(self, at: int) -> _Entry | None:
        """What can be unpacked at a place; None where nothing sound begins."""
        try:
            return self._read(at)
        except (IndexError, zlib.error):
            return None

    def _read(self, at: int) -> _Entry | None:
        data, start = self._data, at
        byte = data[at]
        number, size, shift = byte >> 4 & 7, byte & 15, 4
        while byte & 128:
            at += 1
            byte = data[at]
            size |= (byte & 127) << shift
            shift += 7
        at += 1
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
            base = data[at : at + 20].hex()
            at += 20
        elif number not in _KINDS:
            return None
        if at + 1 >= self._stop or (data[at] << 8 | data[at + 1]) % 31 or data[at] & 15 != 8:
            return None  # no beginning of a compressed stream
        content, end = _inflated(data, at, size, self._stop)
        if content is None:
            return None
        return _Entry(_KINDS.get(number, ""), content, base, end)


def _inflated(data: mmap.mmap, at: int, size: int, stop: int) -> tuple[bytes | None, int]:
    """The stream at a place and where it ends; None when it is not `size` long."""
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


def _places(index: Path) -> dict[int, str]:
    """Place -> id as a pack's index of version 2 has it; what lies there is hashed anyway."""
    try:
        raw = read_plain(index)
    except (OSError, NotPlain):
        return {}
    count = int.from_bytes(raw[_INDEX_START - 4 : _INDEX_START], "big")
    ids, places = _INDEX_START, _INDEX_START + 24 * count
    if raw[:8] != b"\xfftOc\0\0\0\2" or len(raw) < places + 4 * count:
        return {}
    found = {}
    for each in range(count):
        place = int.from_bytes(raw[places + 4 * each : places + 4 * each + 4], "big")
        if place < _FAR:  # packs over two gigabytes keep far places apart
            found[place] = raw[ids + 20 * each : ids + 20 * each + 20].hex()
    return found
