"""Reads a work tree's index from its own bytes: what git would take for unchanged.

Invariants: git never opens the suspect's index beside the suspect's settings; a split index is put
together by git in a clean room, from copies. Absent on purpose: believing any of it — who
asks has hashed the files.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

from papka.core.errors import GitFailed
from papka.core.store import Index, IndexEntry, Stamp
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.refs import read_bytes
from papka.gates.git.runner import run_git

_HEADER = struct.Struct(">4sLL")
_ENTRY = struct.Struct(">LLLLLLLLLL20sH")
_DIGEST = 20
_ASSUMED, _LONG, _SKIPPED = 0x8000, 0x4000, 0x4000
_STAGE = 0x3000
_PREFIXED = 4
"""The version whose names are told by how they differ from the one before."""
_ASSUME = "в индексе помечен «считать неизменным» (assume-unchanged)"
_SKIP = "в индексе помечен «не брать в папку» (skip-worktree)"


class _Broken(ValueError):
    """The bytes are no index; the text says what is wrong."""


def read_index(own: Path, room: CleanRoom) -> Index:
    """The index of the work tree whose git folder is `own`; empty when it has none."""
    file = own / "index"
    if not os.path.lexists(file):
        return Index({})
    data = read_bytes(file)
    try:
        _refuse_altered(data)
        if _is_split(data):
            data = _joined(own, room)
        entries = {name.decode("utf-8", "surrogateescape"): each for name, each, _ in _walk(data)}
        return Index(entries, file.stat().st_mtime_ns)
    except (_Broken, struct.error, IndexError, ValueError) as error:
        known = isinstance(error, _Broken)
        return Index({}, fault=str(error) if known else "он обрывается посреди записи")
    except (GitFailed, OSError):
        return Index({}, fault="его вторую часть (sharedindex) не прочесть")


def _refuse_altered(data: bytes) -> None:
    if len(data) < _HEADER.size + _DIGEST:
        raise _Broken("он короче самого короткого")
    written = data[-_DIGEST:]
    # git may be set to leave the sum out; zeros stand there then.
    if any(written) and hashlib.sha1(data[:-_DIGEST], usedforsecurity=False).digest() != written:
        raise _Broken("контрольная сумма не сходится")


def _is_split(data: bytes) -> bool:
    """Whether another file holds part of the entries: an extension says so behind the last one."""
    at = _HEADER.size
    for _, _, end in _walk(data):
        at = end
    while at + 8 <= len(data) - _DIGEST:
        name, size = struct.unpack_from(">4sL", data, at)
        if name == b"link":
            return True
        at += 8 + size
    return False


def _joined(own: Path, room: CleanRoom) -> bytes:
    """A split index made one of, with copies of both halves in the clean room."""
    copy = room.folder / "papka-index"
    for shared in own.glob("sharedindex.*"):
        if shared.is_file():
            shutil.copy(shared, room.folder / shared.name)
    shutil.copy2(own / "index", copy)
    run_git(
        "update-index", "--no-split-index", "--index-version=2", folder=room.folder,
        variables={"GIT_INDEX_FILE": str(copy)},
    )  # fmt: skip
    return copy.read_bytes()


def _walk(data: bytes) -> Iterator[tuple[bytes, IndexEntry, int]]:
    """Each entry with its path, its value, and where the next one begins."""
    magic, version, count = _HEADER.unpack_from(data)
    if magic != b"DIRC" or version not in (2, 3, 4):
        raise _Broken("это не индекс git")
    at, name = _HEADER.size, b""
    for _ in range(count):
        start = at
        fields = _ENTRY.unpack_from(data, at)
        flags, extended = fields[11], 0
        at += _ENTRY.size
        if flags & _LONG:
            (extended,) = struct.unpack_from(">H", data, at)
            at += 2
        kept = 0
        if version == _PREFIXED:
            cut, at = _varint(data, at)
            kept = len(name) - cut
        end = data.index(b"\0", at)
        name = name[:kept] + data[at:end]
        # Up to version 3 an entry is filled with zeros to a multiple of eight bytes.
        at = end + 1 if version == _PREFIXED else start + (end - start + 8) // 8 * 8
        mark = _SKIP if extended & _SKIPPED else _ASSUME if flags & _ASSUMED else ""
        stamp = Stamp(fields[2] * 1_000_000_000 + fields[3], fields[9])
        id_ = "" if flags & _STAGE else fields[10].hex()
        yield name, IndexEntry(id_, stamp, mark), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """git's number of many bytes, and where it ends."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (data[at] & 0x7F)
    return value, at + 1
