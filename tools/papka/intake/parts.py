"""An export cut into what belongs to whom, and put together again byte for byte (R-6.2, R-6.4).

Invariants: every byte belongs to exactly one part; what a student's part and everything outside
units say of the file does not depend on where the student's rows stood in it: numbers are random,
the last row has a line end even where the file's had none. A workbook cannot be cut: it is kept
whole in a unit, and a student's part repeats the student's rows as lines of JSON.
Absent on purpose: who a row belongs to (`matching`), chance and clock (given as values).
"""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from papka.core.layout import import_file
from papka.core.table import Export, Row, Table
from papka.intake.manifest import encoding_of
from papka.intake.order import Order, Run, merged, order_text
from papka.model.imported import (
    AGGREGATE,
    BOOK,
    HEADER,
    LIST,
    ORDER,
    ORIGINAL_UNIT,
    UNMATCHED,
    UNMATCHED_UNIT,
    ImportPart,
    list_text,
    part_digest,
)

_GAP = 0


class Salts(NamedTuple):
    """32 random bytes each: of every student's folder, and new ones for the import's two units."""

    students: Mapping[str, bytes]
    original: bytes
    unmatched: bytes

    def of(self, owner: str) -> bytes:
        if owner == UNMATCHED:
            return self.unmatched
        return self.students.get(owner, self.original)


@dataclass(frozen=True, slots=True)
class Parts:
    """`files`: path -> bytes of all that is kept but the manifest; `listed` as in parts.txt;
    `rows`: number of a student's row in the file -> its number within the student's own part,
    which is what a result's source names."""

    files: Mapping[str, bytes]
    listed: tuple[ImportPart, ...]
    rows: Mapping[int, int]


@dataclass(slots=True)
class _Cutting:
    """Owner -> pieces so far; `runs` by owner, in the order of the file."""

    pieces: dict[str, list[bytes]] = field(default_factory=dict)
    runs: list[tuple[str, int, int]] = field(default_factory=list)
    rows: dict[int, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def put(self, owner: str, data: bytes, row: int = _GAP) -> None:
        self.pieces.setdefault(owner, []).append(data)
        self.runs.append((owner, int(row != _GAP), len(data)))
        if row != _GAP:
            self.counts[owner] = self.rows[row] = self.counts.get(owner, 0) + 1


def cut(  # noqa: PLR0913 - what an import is made of
    export: Export,
    owners: Mapping[int, str | None],
    *,
    key: str,
    header: Collection[int],
    salts: Salts,
    numbers: Iterable[int],
    aggregates: Collection[int] = (),
    table: str | None = None,
) -> Parts:
    """The parts of the import `key` (`<period>/<n>`).

    `owners`: number of a row -> student, None for a row nobody was found for; `header`: numbers of
    rows that hold titles only. Rows in neither, `aggregates` among them, are about all, as bytes
    between rows are. `table` names the sheet the numbers are of (the first). `numbers` are drawn at
    random; one that repeats is passed over. Raises ValueError for owners of rows there are not, a
    student without a salt, and spans that overlap.
    """
    rows = _table(export, table).rows
    owner_of = _owners(rows, owners, set(header), set(aggregates), salts)
    whole = any(row.span is None for row in rows) or export.layout != "csv"
    cutting = _Cutting()
    completed = 0
    if whole:
        _copy(cutting, rows, owner_of)
    else:
        completed = _split(cutting, export, rows, owner_of)
    given = _given(numbers)
    named = {owner: next(given) for owner in cutting.pieces}
    contents = {owner: b"".join(pieces) for owner, pieces in cutting.pieces.items()}
    if whole:
        contents[BOOK] = export.data
    contents[ORDER] = order_text(
        Order(
            export.file,
            len(export.data),
            hashlib.sha256(export.data).hexdigest(),
            completed,
            () if whole else merged(Run(named[o], count, size) for o, count, size in cutting.runs),
        )
    )
    listed = [
        ImportPart(named.get(owner) or next(given), owner, part_digest(salts.of(owner), data))
        for owner, data in contents.items()
    ]
    files = {part.path(key, export.layout): contents[part.owner] for part in listed}
    files[import_file(key, LIST)] = list_text(listed)
    files[import_file(key, f"{ORIGINAL_UNIT}/.salt")] = salts.original
    if UNMATCHED in contents:
        files[import_file(key, f"{UNMATCHED_UNIT}/.salt")] = salts.unmatched
    own = {row: number for row, number in cutting.rows.items() if owners.get(row)}
    return Parts(files, tuple(sorted(listed, key=lambda part: part.number)), own)


def join(order: Order, contents: Mapping[int, bytes]) -> bytes:
    """The file of which `contents` are the parts by number.

    Raises KeyError for a part that is not there, ValueError when they do not give that file.
    """
    at = dict.fromkeys(contents, 0)
    pieces: list[bytes] = []
    for run in order.runs:
        start = at[run.part]
        at[run.part] = start + run.size
        pieces.append(contents[run.part][start : start + run.size])
    data = b"".join(pieces)
    data = data[: len(data) - order.completed]
    used = all(at[run.part] == len(contents[run.part]) for run in order.runs)
    if not used or len(data) != order.size or hashlib.sha256(data).hexdigest() != order.sha256:
        raise ValueError(order.sha256)
    return data


def line(cells: Iterable[str]) -> bytes:
    """A workbook's row as it stands in a part."""
    return (
        json.dumps(list(cells), ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", errors="surrogatepass"
        )
        + b"\n"
    )


def _table(export: Export, name: str | None) -> Table:
    found = [each for each in export.tables if name is None or each.name == name]
    if not found:
        raise ValueError(name)
    return found[0]


def _owners(
    rows: tuple[Row, ...],
    owners: Mapping[int, str | None],
    header: set[int],
    aggregates: set[int],
    salts: Salts,
) -> dict[int, str]:
    """Number of every row -> whose it is."""
    numbers = {row.number for row in rows}
    said: list[set[int]] = [set(owners), header, aggregates]
    together: set[int] = set().union(*said)
    if sum(map(len, said)) != len(together) or not together <= numbers:
        raise ValueError("rows that are not there, or are two things")
    students = {owner for owner in owners.values() if owner is not None}
    if not students <= salts.students.keys():
        raise ValueError(min(students - salts.students.keys()))
    found = dict.fromkeys(numbers, AGGREGATE) | dict.fromkeys(header, HEADER)
    return found | {number: owner or UNMATCHED for number, owner in owners.items()}


def _copy(cutting: _Cutting, rows: tuple[Row, ...], owner_of: Mapping[int, str]) -> None:
    """Rows of a workbook, which itself keeps what is about all."""
    for row in rows:
        if owner_of[row.number] != AGGREGATE:
            cutting.put(owner_of[row.number], line(row.cells), row.number)


def _split(
    cutting: _Cutting, export: Export, rows: tuple[Row, ...], owner_of: Mapping[int, str]
) -> int:
    """The bytes of a text file; how many were added to the last row."""
    at = 0
    data = export.data
    last = rows[-1].number if rows else _GAP
    first = rows[0].span or (0, 0) if rows else (0, 0)
    completed = b""
    beginning = HEADER if HEADER in owner_of.values() else AGGREGATE
    for row in rows:
        start, end = row.span or (at, at)
        if start < at or end < start:
            raise ValueError(row.span)
        if start > at:
            cutting.put(beginning if at == 0 else AGGREGATE, data[at:start])
        owner = owner_of[row.number]
        if start == 0 and owner not in {HEADER, AGGREGATE} and (mark := _mark(export, end)):
            cutting.put(beginning, data[:mark])
            start = mark
        piece = data[start:end]
        if row.number == last and end == len(data) and owner not in {HEADER, AGGREGATE}:
            completed = _missing_end(piece, data[slice(*first)], encoding_of(export))
        cutting.put(owner, piece + completed, row.number)
        at = end
    if at < len(data):
        cutting.put(AGGREGATE, data[at:])
    return len(completed)


def _mark(export: Export, end: int) -> int:
    """How long the byte order mark is that a reader gave to the first row."""
    if not encoding_of(export).startswith("utf"):
        return 0
    marks = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return next((len(mark) for mark in marks if export.data.startswith(mark, 0, end)), 0)


def _missing_end(piece: bytes, first: bytes, encoding: str) -> bytes:
    """The line end that the last row lacks: without it the part would say it was the last."""
    feed, carriage = ("\n".encode(encoding), "\r".encode(encoding))
    ends = (carriage + feed, feed, carriage)
    if piece.endswith(ends):
        return b""
    return next((end for end in ends if first.endswith(end)), feed)


def _given(numbers: Iterable[int]) -> Iterator[int]:
    seen: set[int] = set()
    for number in numbers:
        if number > 0 and number not in seen:
            seen.add(number)
            yield number
