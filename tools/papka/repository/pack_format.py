"""Git's pack format, version 2: many objects as one stream of bytes, written and read whole.

A written object may be told as its difference from the one before it of the same series (versions
of one folder): what both begin and end with is copied. Offsets are told from the object itself, so
every base lies in the same pack, before what rests on it; the chain of differences has an end.

A pack is read strictly: nothing before, between or behind its objects, the count and the closing
SHA-1 as due, no base outside, no object twice. What an object is called is computed, not believed.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from papka.repository.git_values import object_id

_NUMBER = {"commit": 1, "tree": 2, "blob": 3}
_KIND = {number: kind for kind, number in _NUMBER.items()}
_DELTA = 6
"""The number of an object told as a difference from the one so many bytes before it."""
_HEADER, _SUM = 12, 20
_INSERTED = 127
"""At most so many bytes follow one order to insert."""
_COPIED = 0xFFFFFF
"""At most so many bytes are copied by one order."""
LARGEST = 1 << 26
"""Bytes of the largest object that is read."""


class ByteRow(Protocol):
    """Bytes by their places, in memory or in a file mapped into it."""

    def __getitem__(self, at: int, /) -> int: ...


class BadPack(ValueError):
    """The bytes are no such pack; the text says in Russian what is wrong."""


@dataclass(slots=True)
class _Series:
    """The last version written of one thing: its place, its bytes, and how long the chain is."""

    at: int
    data: bytes
    depth: int


@dataclass(slots=True)
class PackBuilder:
    """Composes a pack. `deepest`: so many differences may rest on one another; `level`: of zlib."""

    deepest: int = 50
    level: int = 6
    ids: dict[str, None] = field(default_factory=dict)
    _parts: list[bytes] = field(default_factory=list)
    _size: int = _HEADER
    _series: dict[object, _Series] = field(default_factory=dict)

    def add(self, kind: str, data: bytes, id_: str = "", series: object = None) -> str:
        """Add an object unless it is there; return its id.

        `id_`: the id, if known; `series`: whatever tells what this is a version of.
        """
        id_ = id_ or object_id(kind, data)
        if id_ in self.ids:
            return id_
        self.ids[id_] = None
        before = self._series.get(series) if series is not None else None
        delta, depth = None, 0
        if before is not None and before.depth < self.deepest:
            delta = _compose_delta(before.data, data)
        if before is not None and delta is not None and len(delta) < len(data) // 2:
            head = _compose_header(_DELTA, len(delta)) + _compose_distance(self._size - before.at)
            body, depth = zlib.compress(delta, self.level), before.depth + 1
        else:
            head = _compose_header(_NUMBER[kind], len(data))
            body = zlib.compress(data, self.level)
        if series is not None:
            self._series[series] = _Series(self._size, data, depth)
        self._parts += (head, body)
        self._size += len(head) + len(body)
        return id_

    def close(self) -> bytes:
        """Return the pack's bytes."""
        head = b"PACK" + (2).to_bytes(4, "big") + len(self.ids).to_bytes(4, "big")
        body = b"".join((head, *self._parts))
        return body + hashlib.sha1(body, usedforsecurity=False).digest()


def compose_pack(objects: Mapping[str, tuple[str, bytes]]) -> bytes:
    """Compose a pack of whole objects (id -> kind and bytes), quickly."""
    made = PackBuilder(level=1)
    for id_, (kind, data) in objects.items():
        made.add(kind, data, id_)
    return made.close()


def _compose_header(number: int, size: int) -> bytes:
    """Compose three bits of kind, then the size: four bits, then seven a byte, low ones first."""
    byte, size = number << 4 | size & 15, size >> 4
    found = bytearray()
    while size:
        found.append(byte | 128)
        byte, size = size & 127, size >> 7
    found.append(byte)
    return bytes(found)


def _compose_distance(distance: int) -> bytes:
    """Compose how far back a base lies: seven bits a byte, high ones first, each step one less."""
    found = bytearray([distance & 127])
    while distance := distance >> 7:
        distance -= 1
        found.append(128 | distance & 127)
    return bytes(found[::-1])


def _compose_size(size: int) -> bytes:
    found = bytearray()
    while size > 127:
        found.append(128 | size & 127)
        size >>= 7
    found.append(size)
    return bytes(found)


def _compose_delta(base: bytes, data: bytes) -> bytes:
    """Compose the orders that make `data` of `base`: copy its head, insert, copy its tail."""
    start = common_start(base, data)
    end = common_end(base, data, start)
    parts = [_compose_size(len(base)), _compose_size(len(data))]
    parts += _compose_copies(0, start)
    middle = data[start : len(data) - end]
    for at in range(0, len(middle), _INSERTED):
        piece = middle[at : at + _INSERTED]
        parts += (bytes([len(piece)]), piece)
    parts += _compose_copies(len(base) - end, end)
    return b"".join(parts)


def _compose_copies(at: int, size: int) -> Iterator[bytes]:
    while size:
        now = min(size, _COPIED)
        order, given = 128, bytearray()
        for number, place, least in ((at, 0, 4), (now, 4, 3)):
            for step in range(least):
                if byte := number >> 8 * step & 255:
                    order |= 1 << place + step
                    given.append(byte)
        yield bytes([order]) + bytes(given)
        at, size = at + now, size - now


def common_start(one: bytes, other: bytes) -> int:
    """Count the bytes with which both begin."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while low < high - 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def common_end(one: bytes, other: bytes, start: int) -> int:
    """Count the bytes with which both end, without the first `start` of either."""
    first, second = len(one), len(other)
    low, high = 0, min(first, second) - start
    if one[first - high :] == other[second - high :]:
        return high
    while low < high - 1:
        middle = (low + high) // 2
        if one[first - middle : first - low] == other[second - middle : second - low]:
            low = middle
        else:
            high = middle
    return low


@dataclass(frozen=True, slots=True)
class _Packed:
    """An object as it lies in a pack: where its bytes begin, how many they are, and its base."""

    kind: str
    at: int
    size: int
    base: int | None


_KEPT = 1 << 25
"""So many bytes of objects read last are kept: the next one most likely rests on them."""


class PackReader:
    """The objects of a pack, by id. Raises BadPack when made of anything else."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER + _SUM or data[:8] != b"PACK\0\0\0\2":
            raise BadPack("это не пачка объектов git")
        if hashlib.sha1(data[:-_SUM], usedforsecurity=False).digest() != data[-_SUM:]:
            raise BadPack("контрольная сумма в конце не сходится")
        self._data = data
        self._packed: list[_Packed] = []
        self._kept: dict[int, bytes] = {}
        self._weight = 0
        self._places: dict[str, int] = {}
        self._index(int.from_bytes(data[8:12], "big"))

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self._places)

    def kind(self, id_: str) -> str:
        """Return the kind of an object that is there."""
        return self._packed[self._places[id_]].kind

    def __contains__(self, id_: str) -> bool:
        return id_ in self._places

    def read(self, id_: str) -> bytes:
        """Return the bytes of an object; raise KeyError."""
        return self._resolve(self._places[id_])

    def rest(self) -> None:
        """Forget the objects read last: little more will be asked."""
        self._kept.clear()
        self._weight = 0

    def _index(self, count: int) -> None:
        """Find where each object lies, and what it is called."""
        at, end = _HEADER, len(self._data) - _SUM
        offsets: dict[int, int] = {}
        for number in range(count):
            if at >= end:
                raise BadPack("объектов меньше, чем сказано")
            start = at
            code, size, at = self._read_header(at)
            base = None
            if code == _DELTA:
                distance, at = self._read_distance(at)
                base = offsets.get(start - distance)
                if base is None:
                    raise BadPack("объект опирается на то, чего в пачке нет")
                kind = self._packed[base].kind
            elif (kind := _KIND.get(code, "")) == "":
                raise BadPack("в пачке объект неизвестного вида")
            if size > LARGEST:
                raise BadPack("в пачке слишком большой объект")
            self._packed.append(_Packed(kind, at, size, base))
            inflated, at = self._inflate(at, size)
            data = self._build(inflated, base)
            self._keep(number, data)
            id_ = object_id(kind, data)
            if self._places.setdefault(id_, number) != number:
                raise BadPack("один объект лежит дважды")
            offsets[start] = number
        if at != end:
            raise BadPack("после объектов есть лишнее")

    def _read_header(self, at: int) -> tuple[int, int, int]:
        byte = self._byte(at)
        code, size, shift = byte >> 4 & 7, byte & 15, 4
        while byte & 128:
            at += 1
            byte = self._byte(at)
            size |= (byte & 127) << shift
            shift += 7
        return code, size, at + 1

    def _read_distance(self, at: int) -> tuple[int, int]:
        byte = self._byte(at)
        distance = byte & 127
        while byte & 128:
            at += 1
            byte = self._byte(at)
            distance = (distance + 1 << 7) | byte & 127
        return distance, at + 1

    def _byte(self, at: int) -> int:
        if at >= len(self._data) - _SUM:
            raise BadPack("объект обрывается")
        return self._data[at]

    def _inflate(self, at: int, size: int) -> tuple[bytes, int]:
        """Return the bytes of an object or of its difference, and where they end in the pack."""
        # zlib never needs more room than this for so many bytes.
        piece = self._data[at : min(at + size + size // 1000 + 64, len(self._data) - _SUM)]
        inflating = zlib.decompressobj()
        try:
            found = inflating.decompress(piece, size + 1)
        except zlib.error as error:
            raise BadPack("объект повреждён") from error
        if len(found) != size or not inflating.eof:
            raise BadPack("объект не той длины")
        return found, at + len(piece) - len(inflating.unused_data)

    def _build(self, inflated: bytes, base: int | None) -> bytes:
        return inflated if base is None else _apply(self._resolve(base), inflated)

    def _resolve(self, number: int) -> bytes:
        waiting = []
        at: int | None = number
        while at is not None and at not in self._kept:
            waiting.append(at)
            at = self._packed[at].base
        data = b"" if at is None else self._kept[at]
        for each in reversed(waiting):
            packed = self._packed[each]
            inflated = self._inflate(packed.at, packed.size)[0]
            data = inflated if packed.base is None else _apply(data, inflated)
        if waiting:
            self._keep(number, data)
        return data

    def _keep(self, number: int, data: bytes) -> None:
        self._kept[number] = data
        self._weight += len(data)
        while self._weight > _KEPT and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            self._weight -= len(self._kept.pop(oldest))


def _apply(base: bytes, delta: bytes) -> bytes:
    """Follow the orders of a difference to an object of a size that is read; raise BadPack."""
    data = apply_delta(delta, base)
    if len(data) > LARGEST:
        raise BadPack("объект не той длины")
    return data


def apply_delta(delta: bytes, base: bytes) -> bytes:
    """Follow the orders of a difference from its base; raise BadPack when they do not fit."""
    try:
        due, at = read_size(delta, 0)
        size, at = read_size(delta, at)
        parts: list[bytes] = []
        while at < len(delta):
            order = delta[at]
            at += 1
            if order & 128:
                start, length, at = _read_copy(delta, order, at)
                if start + length > len(base):
                    raise BadPack("объект опирается на то, чего в пачке нет")
                parts.append(base[start : start + length])
            elif order:
                parts.append(delta[at : at + order])
                at += order
            else:
                raise BadPack("объект повреждён")
    except IndexError as error:
        raise BadPack("объект обрывается") from error
    if due != len(base) or sum(map(len, parts)) != size:
        raise BadPack("объект не той длины")
    return b"".join(parts)


def read_size(data: ByteRow, at: int) -> tuple[int, int]:
    """Return the number at a place, seven bits a byte and lowest first, and where it ends."""
    size, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        size |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            return size, at


def _read_copy(delta: bytes, order: int, at: int) -> tuple[int, int, int]:
    start = length = 0
    for step in range(4):
        if order & 1 << step:
            start |= delta[at] << 8 * step
            at += 1
    for step in range(3):
        if order & 16 << step:
            length |= delta[at] << 8 * step
            at += 1
    return start, length or 0x10000, at
