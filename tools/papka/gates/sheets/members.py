"""A workbook's ZIP, judged before anything in it is believed.

Invariants: every member is unpacked here once, as a stream and within limits, to see its real
size (a header may lie, and the reader of values trusts it); no name stands twice, no two members
share bytes; XML is UTF-8 and has no DTD, hence no entities. Absent on purpose: repair.
"""

from __future__ import annotations

import copy
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Self

from papka.core.codes import exports
from papka.core.findings import Finding, Location
from papka.gates.sheets import limits

_CHUNK = 1 << 18
_END_OF_DIRECTORY = b"PK\x05\x06"
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
_DTD = (b"<!DOCTYPE", b"<!ENTITY")
_DTD_LONGEST = max(map(len, _DTD))
_XML = (".xml", ".rels")
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_READING = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
_ODD = frozenset("\\&")
"""In a name these mean different things to different readers."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Members:
    """An open ZIP: names, and the bytes of each by pieces. Close it after use."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._opened = opened
        self.names = frozenset(opened.namelist())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def pieces(self, name: str) -> Iterator[bytes]:
        """Up to a quarter of a mebibyte each."""
        yield from _pieces(self._opened, self._opened.getinfo(name))

    def start(self, name: str) -> bytes:
        """The first piece of a member, empty when there is none of that name."""
        return next(self.pieces(name), b"") if name in self.names else b""


def opened_members(data: bytes, path: str) -> Members | Finding:
    """The ZIP, once everything in it is within limits; or the one thing that forbids it."""
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except _READING:
        return _unreadable(data, path)
    try:
        finding = _judged(opened, len(data), path)
    except _READING:
        finding = exports.EXPORT_BROKEN.at(Location(path), what="часть книги не распаковывается")
    if finding is not None:
        opened.close()
        return finding
    return Members(opened)


def _unreadable(data: bytes, path: str) -> Finding:
    if _END_OF_DIRECTORY in data[-(1 << 16) - 22 :]:
        return exports.EXPORT_BROKEN.at(Location(path), what="оглавление книги не читается")
    return exports.EXPORT_TRUNCATED.at(Location(path), sign="конца книги нет")


def _judged(opened: zipfile.ZipFile, size: int, path: str) -> Finding | None:
    entries = opened.infolist()
    declared = sum(entry.file_size for entry in entries)
    if len(entries) > limits.MEMBERS:
        return limits.too_large(path, "частей в книге", len(entries), limits.MEMBERS)
    if declared > limits.UNPACKED:
        return limits.too_large(path, "байтов после распаковки", declared, limits.UNPACKED)
    if any(entry.flag_bits & 1 for entry in entries):
        return exports.EXPORT_ENCRYPTED.at(Location(path))
    names = {entry.filename.casefold() for entry in entries if not _ODD & set(entry.filename)}
    shared = sum(entry.compress_size for entry in entries) > size
    odd = any(entry.compress_type not in _METHODS for entry in entries)
    if len(names) < len(entries) or shared or odd:
        return exports.EXPORT_BROKEN.at(Location(path), what="части книги лежат одна на другой")
    for entry in entries:
        found = _member(opened, entry, path)
        if found is not None:
            return found
    return None


def _member(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> Finding | None:
    """Unpacks a member and looks at how it begins, how long it is and whether it has a DTD."""
    most = max(limits.RATIO_FROM, entry.compress_size * limits.RATIO)
    is_xml = entry.filename.lower().endswith(_XML)
    size, tail = 0, b""
    for piece in _pieces(opened, entry):
        if not size and piece.startswith(_ARCHIVES):
            return exports.EXPORT_NESTED.at(Location(path), member=entry.filename)
        if not size and is_xml and piece.startswith(_UTF16):
            return exports.EXPORT_BROKEN.at(Location(path), what=f"{entry.filename} не в UTF-8")
        size += len(piece)
        if size > most:
            return limits.too_large(path, f"байтов в {entry.filename}", size, most)
        if is_xml and any(sign in tail + piece for sign in _DTD):
            return exports.EXPORT_BROKEN.at(
                Location(path), what=f"в {entry.filename} объявлены подстановки (DTD)"
            )
        tail = piece[-_DTD_LONGEST:]
    if size != entry.file_size:
        return exports.EXPORT_BROKEN.at(Location(path), what=f"размер {entry.filename} не тот")
    return None


def _pieces(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """All that unpacks, however much the header says there is."""
    honest = copy.copy(entry)
    honest.file_size = limits.UNPACKED + 1
    with opened.open(honest) as stream:
        while piece := stream.read(_CHUNK):
            yield piece
