"""Cut an export into what belongs to whom, and put it together again byte for byte (R-6.2, R-6.4).

Invariants: every byte belongs to exactly one part. What a student's part and everything outside
units say of the file does not depend on where the student's rows stood in it: numbers are random,
the last row has a line end even where the file's had none. A workbook cannot be cut: it is kept
whole in a unit, and a student's part repeats the student's rows as lines of JSON. The manifest,
which stands outside units, has neither the file's name and size nor anything about one row (R-6.4).

`original/order.txt` says how the parts stood in the file. It lies in a unit, for it holds the
file's name, exact size and plain digest, and it is enough to join the parts without reading a cell,
so no later reader of CSV can spoil what was kept. What `papka give original` gives is the file
whose SHA-256 was kept, or a refusal saying what is missing; the remaining rows, given on demand,
are never called the original. The order is plain text:

    papka-order v1
    file: "Оценки 9А.csv"
    size: 1234
    sha256: <64>
    completed: 2            bytes of a line end the last row lacked in the file
    8121 1 46               number of the part, rows, bytes taken from it next
"""

from __future__ import annotations

import codecs
import datetime as dt
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from papka.core.errors import NotFound, Refused
from papka.core.phrases import count_phrase
from papka.core.places import import_file, student_folder
from papka.core.snapshot import bytes_of
from papka.intake.tables import Export, Row
from papka.records.editing import write_file
from papka.records.raw_exports import (
    AGGREGATE,
    BOOK,
    DELIMITERS,
    HEADER,
    LIST,
    ORDER,
    ORIGINAL_UNIT,
    UNMATCHED,
    UNMATCHED_UNIT,
    ImportPart,
    part_digest,
    read_list,
    write_list,
)
from papka.records.strict_yaml import read

_HEAD = re.compile(
    r'papka-order v1\nfile: (?P<file>"[^\n]*")\nsize: (?P<size>\d+)\n'
    r"sha256: (?P<sha256>[0-9a-f]{64})\ncompleted: (?P<completed>[0-9])\n",
    re.ASCII,
)
_RUN = re.compile(r"([1-9][0-9]*) ([0-9]+) ([0-9]+)\n", re.ASCII)


class RowRun(NamedTuple):
    """A run of neighbouring rows of one part; `rows` is 0 for bytes between rows."""

    part: int
    rows: int
    size: int


class PartOrder(NamedTuple):
    """How the parts stood in a file; `runs` is empty for a workbook, which is kept whole.

    The last `completed` bytes of what the runs give do not stand in the file.
    """

    file: str
    size: int
    sha256: str
    completed: int = 0
    runs: tuple[RowRun, ...] = ()


def _merge(runs: Iterable[RowRun]) -> tuple[RowRun, ...]:
    """Join neighbouring runs of one part."""
    found: list[RowRun] = []
    for run in runs:
        if found and found[-1].part == run.part:
            last = found.pop()
            found.append(RowRun(run.part, last.rows + run.rows, last.size + run.size))
        else:
            found.append(run)
    return tuple(found)


def write_order(order: PartOrder) -> bytes:
    """Write an order, as `read_order` reads it."""
    try:
        order.file.encode()
        name = json.dumps(order.file, ensure_ascii=False)
    except UnicodeEncodeError:
        # a name whose bytes were no UTF-8 is written with escapes
        name = json.dumps(order.file)
    head = (
        f"papka-order v1\nfile: {name}\nsize: {order.size}\n"
        f"sha256: {order.sha256}\ncompleted: {order.completed}\n"
    )
    runs = (f"{run.part} {run.rows} {run.size}\n" for run in order.runs)
    return "".join((head, *runs)).encode()


def read_order(data: bytes) -> PartOrder | None:
    """Read an order; None when the data is none."""
    text = data.decode("utf-8", errors="replace")
    head = _HEAD.match(text)
    if head is None:
        return None
    runs: list[RowRun] = []
    at = head.end()
    while at < len(text):
        found = _RUN.match(text, at)
        if found is None:
            return None
        runs.append(RowRun(int(found[1]), int(found[2]), int(found[3])))
        at = found.end()
    try:
        name = json.loads(head["file"])
    except ValueError:
        return None
    return PartOrder(name, int(head["size"]), head["sha256"], int(head["completed"]), tuple(runs))


_SCHEMA = "# yaml-language-server: $schema=../../../../schema/import.json\n"


def part_encoding(export: Export) -> str:
    """Return the encoding of a part, which has no byte order mark: never plain `utf-16`."""
    name = codecs.lookup(export.encoding or "utf-8").name
    if name == "utf-16":
        return "utf-16-be" if export.data.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    return {"utf-8-sig": "utf-8", "cp1251": "windows-1251"}.get(name, name)


def write_manifest(  # noqa: PLR0913 - all that is said of an import
    export: Export,
    *,
    platform: str,
    layout: str,
    edition: int,
    period: str,
    taken: dt.date,
    by: str,
) -> bytes:
    """Write the manifest of an import: what was taken, when, by whom, and how it was read.

    `layout` and `edition` name the description in the platform's record by which the export was
    read, `taken` is the day of the export, `by` who takes it in (a staff id).
    """
    said: dict[str, object] = {
        "platform": platform,
        "export": layout,
        "edition": edition,
        "period": period,
        "taken": taken,
        "by": by,
        "layout": export.layout,
    }
    if export.layout == "csv":
        words = {sign: word for word, sign in DELIMITERS.items()}
        said["encoding"] = part_encoding(export)
        said["delimiter"] = words.get(export.delimiter, export.delimiter)
    return (_SCHEMA + write_file(said)).encode()


class Salts(NamedTuple):
    """32 random bytes each: one a student's folder, and new ones for the import's two units."""

    students: Mapping[str, bytes]
    original: bytes
    unmatched: bytes

    def of(self, owner: str) -> bytes:
        if owner == UNMATCHED:
            return self.unmatched
        return self.students.get(owner, self.original)


@dataclass(frozen=True, slots=True)
class Parts:
    """All that is kept of an export: `files` by path, no manifest; `listed` as in parts.txt.

    `rows`: number of a student's row in the file -> its number within the student's own part, which
    is what a result's source names.
    """

    files: Mapping[str, bytes]
    listed: tuple[ImportPart, ...]
    rows: Mapping[int, int]


@dataclass(slots=True)
class _Cutting:
    """The parts as they grow: owner -> pieces; `runs` by owner, in the order of the file."""

    pieces: dict[str, list[bytes]] = field(default_factory=dict)
    runs: list[tuple[str, int, int]] = field(default_factory=list)
    rows: dict[int, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def put(self, owner: str, data: bytes, row: int = 0) -> None:
        """Give the bytes to a part; without a number of a `row` they stand between rows."""
        self.pieces.setdefault(owner, []).append(data)
        self.runs.append((owner, int(row > 0), len(data)))
        if row:
            self.counts[owner] = self.rows[row] = self.counts.get(owner, 0) + 1


def cut_export(  # noqa: PLR0913 - what an import is made of
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
    """Cut an export into the parts of the import `key` (`<period>/<n>`).

    `owners`: number of a row -> student, None for a row nobody was found for; `header`: numbers of
    rows that hold titles only. Rows in neither, `aggregates` among them, are about all, as bytes
    between rows are. `table` names the sheet the numbers are of (the first). `numbers` are drawn
    at random; one that repeats is passed over. Raises ValueError for owners of rows there are not,
    a student without a salt, and spans that overlap.
    """
    tables = [each for each in export.tables if table is None or each.name == table]
    if not tables:
        raise ValueError(table)
    rows = tables[0].rows
    owner_of = _find_owners(rows, owners, set(header), set(aggregates), salts)
    whole = any(row.span is None for row in rows) or export.layout != "csv"
    cutting = _Cutting()
    completed = 0
    if not whole:
        completed = _put_bytes(cutting, export, rows, owner_of)
    for row in rows if whole else ():
        # the workbook itself keeps what is about all
        if owner_of[row.number] != AGGREGATE:
            cutting.put(owner_of[row.number], row_line(row.cells), row.number)
    given = _draw_numbers(numbers)
    named = {owner: next(given) for owner in cutting.pieces}
    contents = {owner: b"".join(pieces) for owner, pieces in cutting.pieces.items()}
    if whole:
        contents[BOOK] = export.data
    contents[ORDER] = write_order(
        PartOrder(
            export.file,
            len(export.data),
            hashlib.sha256(export.data).hexdigest(),
            completed,
            ()
            if whole
            else _merge(RowRun(named[o], count, size) for o, count, size in cutting.runs),
        )
    )
    listed = [
        ImportPart(named.get(owner) or next(given), owner, part_digest(salts.of(owner), data))
        for owner, data in contents.items()
    ]
    files = {part.path(key, export.layout): contents[part.owner] for part in listed}
    files[import_file(key, LIST)] = write_list(listed)
    files[import_file(key, f"{ORIGINAL_UNIT}/.salt")] = salts.original
    if UNMATCHED in contents:
        files[import_file(key, f"{UNMATCHED_UNIT}/.salt")] = salts.unmatched
    own = {row: number for row, number in cutting.rows.items() if owners.get(row)}
    return Parts(files, tuple(sorted(listed, key=lambda part: part.number)), own)


def join_parts(order: PartOrder, contents: Mapping[int, bytes]) -> bytes:
    """Join the parts (`contents`, by number) into the file they were cut from.

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


def row_line(cells: Iterable[str]) -> bytes:
    """Write a workbook's row as it stands in a part."""
    text = json.dumps(list(cells), ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n".encode(errors="surrogatepass")


def _find_owners(
    rows: tuple[Row, ...],
    owners: Mapping[int, str | None],
    header: set[int],
    aggregates: set[int],
    salts: Salts,
) -> dict[int, str]:
    """Map the number of every row to its owner."""
    numbers = {row.number for row in rows}
    together = set(owners) | header | aggregates
    said = len(owners) + len(header) + len(aggregates)
    if said != len(together) or not together <= numbers:
        raise ValueError("rows that are not there, or are two things")
    students = {owner for owner in owners.values() if owner is not None}
    if not students <= salts.students.keys():
        raise ValueError(min(students - salts.students.keys()))
    found = dict.fromkeys(numbers, AGGREGATE) | dict.fromkeys(header, HEADER)
    return found | {number: owner or UNMATCHED for number, owner in owners.items()}


def _put_bytes(
    cutting: _Cutting, export: Export, rows: tuple[Row, ...], owner_of: Mapping[int, str]
) -> int:
    """Put the bytes of a text file; return how many were added to the last row."""
    at, data, completed = 0, export.data, b""
    last = rows[-1].number if rows else 0
    first = rows[0].span or (0, 0) if rows else (0, 0)
    beginning = HEADER if HEADER in owner_of.values() else AGGREGATE
    for row in rows:
        start, end = row.span or (at, at)
        if start < at or end < start:
            raise ValueError(row.span)
        if start > at:
            cutting.put(beginning if at == 0 else AGGREGATE, data[at:start])
        owner = owner_of[row.number]
        if start == 0 and owner not in {HEADER, AGGREGATE} and (mark := _mark_length(export, end)):
            cutting.put(beginning, data[:mark])
            start = mark
        piece = data[start:end]
        if row.number == last and end == len(data) and owner not in {HEADER, AGGREGATE}:
            completed = _missing_line_end(piece, data[slice(*first)], part_encoding(export))
        cutting.put(owner, piece + completed, row.number)
        at = end
    if at < len(data):
        cutting.put(AGGREGATE, data[at:])
    return len(completed)


def _mark_length(export: Export, end: int) -> int:
    """Return the length of the byte order mark that a reader gave to the first row."""
    if not part_encoding(export).startswith("utf"):
        return 0
    marks = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return next((len(mark) for mark in marks if export.data.startswith(mark, 0, end)), 0)


def _missing_line_end(piece: bytes, first: bytes, encoding: str) -> bytes:
    """Return the line end the last row lacks: without it the part would tell that it was last."""
    feed, carriage = "\n".encode(encoding), "\r".encode(encoding)
    ends = (carriage + feed, feed, carriage)
    if piece.endswith(ends):
        return b""
    return next((end for end in ends if first.endswith(end)), feed)


def _draw_numbers(numbers: Iterable[int]) -> Iterator[int]:
    seen: set[int] = set()
    for number in numbers:
        if number > 0 and number not in seen:
            seen.add(number)
            yield number


@dataclass(frozen=True, slots=True)
class Original:
    """A file given back; `missing` are the numbers of the parts that are gone.

    `name` is the file's own, or made of the import's number when only the rest is left.
    """

    name: str
    data: bytes
    missing: tuple[int, ...] = ()


class NotWhole(Refused):
    """Parts of the export are gone or altered, so its file cannot be given back."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(
            f"Исходный файл выгрузки {key} не собрать: {message}",
            f"Что осталось, отдаст papka give original {key} --remaining; повреждена ли запись, "
            "покажет papka check",
        )


def restore_original(files: _Files, key: str, *, remaining: bool = False) -> Original:
    """Return the file of the import `<period>/<n>`.

    With `remaining`, when the file cannot be whole: its header and the rows of students that are
    left, by number of part. Raises NotFound, and NotWhole when something is missing or altered.
    """
    layout = _read_layout(files, key)
    listed, broken = read_list(bytes_of(files, import_file(key, LIST)) or b"")
    if broken is not None:
        raise NotWhole(key, f"список частей {import_file(key, LIST)} пропал или испорчен")
    found = {part: bytes_of(files, part.path(key, layout)) for part in listed}
    kept = {part: data for part, data in found.items() if data is not None}
    missing = tuple(part.number for part in found if part not in kept)
    owned = {part.owner: data for part, data in kept.items()}
    order = read_order(owned.get(ORDER, b""))
    data = _join_whole(order, kept, owned.get(BOOK)) if not missing else None
    if order is not None and data is not None:
        return Original(order.file.replace("\\", "/").rpartition("/")[2], data)
    if remaining:
        ending = "csv" if layout == "csv" else "jsonl"
        rest = [data for part, data in kept.items() if part.owner == HEADER]
        rest += [data for part, data in kept.items() if part.student]
        return Original(f"{key.replace('/', '-')}-remaining.{ending}", b"".join(rest), missing)
    raise NotWhole(key, "; ".join(_explain_loss(files, key, order, kept, missing)))


class _Files(Protocol):
    """A Snapshot or a Tree; `read` raises KeyError."""

    def read(self, path: str) -> bytes: ...


_MANY = 10


def _read_layout(files: _Files, key: str) -> str:
    path = import_file(key, "manifest.yaml")
    data = bytes_of(files, path)
    if data is None:
        raise NotFound(
            f"Выгрузки {key} в архиве нет",
            "Выгрузки лежат в records/imports/<период>/<номер>/, называют их так: 2026-1/1",
        )
    value = read(data, path).value
    if not isinstance(value, dict) or not isinstance(value.get("layout"), str):
        raise Refused(f"Опись {path} не читается", "Узнайте, что в ней не так: papka check")
    return str(value["layout"])


def _join_whole(
    order: PartOrder | None, kept: Mapping[ImportPart, bytes], book: bytes | None
) -> bytes | None:
    if order is None:
        return None
    if book is not None:
        return book if hashlib.sha256(book).hexdigest() == order.sha256 else None
    try:
        return join_parts(order, {part.number: data for part, data in kept.items()})
    except (KeyError, ValueError):
        return None


def _explain_loss(
    files: _Files,
    key: str,
    order: PartOrder | None,
    kept: Mapping[ImportPart, bytes],
    missing: tuple[int, ...],
) -> Iterator[str]:
    rows: dict[int, int] = {}
    for run in order.runs if order else ():
        rows[run.part] = rows.get(run.part, 0) + run.rows
    if missing:
        numbers = ", ".join(
            f"{each} ({count_phrase(rows[each], 'строка', 'строки', 'строк')})"
            if each in rows
            else str(each)
            for each in missing[:_MANY]
        )
        if len(missing) > _MANY:
            numbers += ", …"
        yield f"нет {count_phrase(len(missing), 'части', 'частей', 'частей')}: {numbers}"
    if order is None:
        yield "порядка строк нет, сколько строк было в этих частях, уже не узнать"
    altered = [
        str(part.number) for part, data in kept.items() if _is_altered(files, key, part, data)
    ]
    if altered:
        yield f"изменены части {', '.join(altered[:_MANY])}"
    elif order is not None and not missing:
        yield "из его частей получается другой файл"


def _is_altered(files: _Files, key: str, part: ImportPart, data: bytes) -> bool:
    folder = student_folder(part.student) if part.student else import_file(key, part.unit)
    salt = bytes_of(files, f"{folder}/.salt")
    return salt is not None and part_digest(salt, data) != part.digest
