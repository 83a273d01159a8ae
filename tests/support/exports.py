"""Exports made by hand for tests: text to rows with their bytes, and what an import keeps of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from hashlib import sha256

from papka.core.places import import_file, student_folder
from papka.intake.export_parts import Parts, Salts, cut_export, write_manifest
from papka.intake.tables import Export, FileLayout, Row, Table
from papka.records.raw_exports import cut_rows

CODECS = {"utf-8-sig": "utf-8", "windows-1251": "cp1251"}


def salt(word: str) -> bytes:
    """32 bytes that a word always gives."""
    return sha256(word.encode()).digest()


def text_export(
    text: str, *, encoding: str = "windows-1251", delimiter: str = ";", name: str = "Оценки.csv"
) -> Export:
    """A text file; with `utf-8-sig` and `utf-16-…` a byte order mark, given to the first row."""
    codec = CODECS.get(encoding, encoding)
    mark = "" if encoding in {"utf-8", "windows-1251"} else "\ufeff"
    rows: list[Row] = []
    begin = at = 0
    for number, row in enumerate(cut_rows(text, delimiter), 1):
        piece = (mark if number == 1 else "") + text[begin : row.end]
        end = at + len(piece.encode(codec))
        rows.append(Row(number, tuple(row.cells), (at, end)))
        begin, at = row.end, end
    data = (mark + text).encode(codec) if rows else b""
    return Export(name, data, "csv", (Table("", tuple(rows)),), encoding, delimiter)


def workbook_export(
    rows: Sequence[Sequence[str]], data: bytes = b"PK\x03\x04", layout: FileLayout = "xlsx"
) -> Export:
    """A workbook whose bytes nobody opens."""
    table = Table("Лист1", tuple(Row(n, tuple(cells)) for n, cells in enumerate(rows, 1)))
    return Export(f"Оценки.{layout}", data, layout, (table,))


def parts_of(  # noqa: PLR0913 - as `cut`, most of it by default
    export: Export,
    owners: Mapping[int, str | None],
    *,
    header: Sequence[int] = (1,),
    aggregates: Sequence[int] = (),
    key: str = "2026-1/1",
    numbers: Sequence[int] = (),
) -> Parts:
    """The parts of an import, salts made of the students' ids."""
    students = {owner: salt(owner) for owner in owners.values() if owner}
    return cut_export(
        export,
        owners,
        key=key,
        header=header,
        aggregates=aggregates,
        salts=Salts(students, salt(f"{key} original"), salt(f"{key} unmatched")),
        numbers=numbers or [sha256(bytes([n])).digest()[0] * 1_000_003 + n for n in range(1, 200)],
    )


def import_files(export: Export, parts: Parts, *, key: str = "2026-1/1") -> dict[str, bytes]:
    """Everything the import brings, with the salts of the students' folders."""
    written = write_manifest(
        export,
        platform="kurs",
        layout="grades",
        edition=1,
        period=key.partition("/")[0],
        taken=dt.date(2026, 6, 1),
        by="s002",
    )
    students = {part.student for part in parts.listed if part.student}
    salts = {f"{student_folder(student)}/.salt": salt(student) for student in students}
    return {**parts.files, **salts, import_file(key, "manifest.yaml"): written}
