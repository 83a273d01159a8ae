"""An export's bytes to an Export, whatever kind of file it is.

Invariants: the kind is seen in the bytes, never believed from a name; whatever is wrong with the
file is a finding, and only an impossible wish (an unknown encoding) is refused outright.
"""

from __future__ import annotations

import codecs
from collections.abc import Collection

from papka.core.codes import exports
from papka.core.findings import Finding, Location
from papka.core.table import Export
from papka.gates.sheets.answers import read_answer
from papka.gates.sheets.text import read_text
from papka.gates.sheets.workbook import read_workbook

_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ARCHIVES = {b"Rar!\x1a\x07": "RAR", b"7z\xbc\xaf": "7z", b"\x1f\x8b": "GZIP"}
_WEB = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<meta", b"<script")
_XML = (b"<?xml", b"<workbook")


def open_export(
    data: bytes,
    name: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheets: Collection[str] | None = None,
) -> Export:
    """`name` is the file's, for findings. `encoding` and `delimiter` are for text files and found
    unless given; a given delimiter says that this is text, whatever its first row begins with.
    `sheets` limits a workbook to these. Refuses only what cannot be meant."""
    if data.startswith(_ZIP):
        return read_workbook(data, name, sheets)
    foreign = _binary(data, name)
    if foreign is None and delimiter is None:
        foreign = _marked_up(data, name)
    if foreign is not None:
        return Export(name, data, "csv", (), findings=(foreign,))
    if delimiter is None and _is_json(data, name):
        return read_answer(data, name)
    return read_text(data, name, encoding, delimiter)


def _binary(data: bytes, name: str) -> Finding | None:
    """What is neither text nor a workbook."""
    where = Location(name)
    if not data:
        return exports.EXPORT_EMPTY.at(where)
    if data.startswith(_OLE):
        is_locked = _ENCRYPTED in data
        return (exports.EXPORT_ENCRYPTED if is_locked else exports.EXPORT_LEGACY_XLS).at(where)
    for sign, kind in _ARCHIVES.items():
        if data.startswith(sign):
            return exports.EXPORT_ARCHIVED.at(where, kind=kind)
    return None


def _marked_up(data: bytes, name: str) -> Finding | None:
    """Text of another kind."""
    where = Location(name)
    start = _start(data).lower()
    if start.startswith(_WEB) or (start.startswith(_XML) and b"<html" in start):
        return exports.EXPORT_WEB_PAGE.at(where)
    if start.startswith(_XML):
        return _not_a_table(name, "документ XML", "Откройте его в Excel и сохраните как XLSX")
    if start.startswith(b"%pdf"):
        return _not_a_table(name, "документ PDF", "Возьмите с платформы выгрузку CSV или XLSX")
    return None


def _not_a_table(name: str, what: str, advice: str) -> Finding:
    return exports.EXPORT_NOT_A_TABLE.at(Location(name), what=what, advice=advice)


def _start(data: bytes) -> bytes:
    """The first signs, without a mark and blanks, and without the zeros of UTF-16."""
    start = data[:2048].removeprefix(codecs.BOM_UTF8)
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        start = start.removeprefix(mark)
    return start.replace(b"\0", b"").lstrip()


def _is_json(data: bytes, name: str) -> bool:
    """A brace cannot begin a CSV worth taking; a bracket can."""
    start = _start(data)
    return start.startswith(b"{") or (
        start.startswith(b"[")
        and (name.lower().endswith(".json") or start[1:].lstrip().startswith((b"{", b"]")))
    )
