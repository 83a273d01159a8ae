"""The one file of a copy that holds the newest state: a tar that every system opens, not packed.

Invariants: what is composed follows from paths, bytes and moment alone, so that a copy can be
proved by composing it again; names stand in order, each file is an ordinary one for its owner
alone. A name that a plain header cannot hold has a header of its own before it (POSIX.1-2001), as
`tarfile` writes it. What is read may be damaged or forged: a header counts only with the sum it
names, behind a wrong one the next right one is looked for, so that a bad byte costs one file; what
the disk does not give is read as zeros, and nothing is believed but what its bytes are.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

_BLOCK = 512
_PIECE = 1 << 20
_END = bytes(2 * _BLOCK)
_MODE = 0o600
_NAME_HEADER_AT_MOST = 1 << 16
_PLAIN_NAME = re.compile(r"[ -~]{1,100}")
_LONG_NAME = re.compile(rb"\d+ path=([^\n]+)\n")
_SIZE_AT_MOST = 8**11


def compose_tar(files: Iterable[tuple[str, bytes]], moment: int) -> Iterator[bytes]:
    """Compose a tar of these files in pieces of some megabytes; `moment`: their date, in seconds
    since 1970."""
    header = _PlainHeader(moment)
    pieces: list[bytes] = []
    length = 0
    for path, data in files:
        pieces += (header.compose(path, len(data)), data, bytes(-len(data) % _BLOCK))
        length += len(data)
        if length >= _PIECE:
            yield b"".join(pieces)
            pieces, length = [], 0
    yield b"".join((*pieces, _END))


class _PlainHeader:
    """Composes headers: one is made by the library, in those of plain names but name, size and sum
    are exchanged, which for a large school is the whole cost."""

    def __init__(self, moment: int) -> None:
        self._moment = moment
        made = self._make("", 0).tobuf(tarfile.USTAR_FORMAT)
        self._before_size, self._after_size, self._end = made[100:124], made[135:148], made[156:]
        sizes = made[124:135]
        self._sum = sum(made[:148]) + sum(made[156:]) + 8 * ord(" ") - sum(sizes)

    def compose(self, path: str, size: int) -> bytes:
        if _PLAIN_NAME.fullmatch(path) is None or size >= _SIZE_AT_MOST:
            return self._make(path, size).tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
        name, length = path.encode().ljust(100, b"\0"), b"%011o" % size
        total = b"%06o\0 " % (self._sum + sum(name) + sum(length))
        return b"".join((name, self._before_size, length, self._after_size, total, self._end))

    def _make(self, path: str, size: int) -> tarfile.TarInfo:
        made = tarfile.TarInfo(path)
        made.size, made.mtime, made.mode = size, self._moment, _MODE
        return made


def read_tar(file: BinaryIO) -> Iterator[tuple[str, bytes | None]]:
    """Yield path and bytes of each file that can be found in a tar, however damaged it is; None for
    what is no ordinary file."""
    blocks = _Blocks(file)
    long_name = ""
    while block := blocks.take(_BLOCK):
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            long_name = ""
            continue
        size = max(header.size, 0)
        if header.type == tarfile.XHDTYPE and size <= _NAME_HEADER_AT_MOST:
            found = _LONG_NAME.fullmatch(blocks.take(size, padded=True))
            long_name = found[1].decode("utf-8", "surrogateescape") if found else ""
            continue
        path, long_name = long_name or header.name, ""
        if header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            yield path, None
        elif size <= blocks.left:
            yield path, blocks.take(size, padded=True)


@dataclass(slots=True)
class _Blocks:
    """Reads a file on a failing disk from its beginning; `left`: bytes not taken yet."""

    _file: BinaryIO
    left: int = field(init=False)
    _read: bytes = b""
    _at: int = 0

    def __post_init__(self) -> None:
        self.left = self._file.seek(0, 2)
        self._file.seek(0)

    def take(self, size: int, *, padded: bool = False) -> bytes:
        """Take so many bytes, less at the end; `padded`: with the rest of the block thrown away."""
        whole = min(size + -size % _BLOCK if padded else size, self.left)
        if len(self._read) - self._at < whole:
            pieces = [self._read[self._at :]]
            length = len(pieces[0])
            while length < whole:
                pieces.append(self._read_piece(self.left - length))
                length += len(pieces[-1])
            self._read, self._at = b"".join(pieces), 0
        taken = self._read[self._at : self._at + min(size, whole)]
        self._at += whole
        self.left -= whole
        return taken

    def _read_piece(self, most: int) -> bytes:
        size = min(_PIECE, most)
        at = self._file.tell()
        try:
            piece = self._file.read(size)
        except OSError:
            self._file.seek(at + size)
            return bytes(size)
        return piece or bytes(most)  # it is shorter than it was
