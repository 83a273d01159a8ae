"""Text to rows of cells as RFC 4180 reads them, each row with the place where it ends.

Invariants: the rows' texts put together are the whole text; a line break inside quotes belongs to
its cell; a quote inside an unquoted cell is a letter. What cannot be cut in just one way is cut
somehow and said so. One reading for a file as it comes in and for what is kept of it.
Absent on purpose: trimming and dialects.

What is kept of an export besides its manifest: the list of parts and their digests (R-6.2).

The list is plain text, a line a part, as a seal's: `<number> <student or kind> <digest>`, sorted by
number. A digest is HMAC-SHA-256 of the part's SHA-256 on the salt of the unit that holds the part,
so that with the unit its digest dies too: `openssl dgst -sha256 -binary FILE | openssl dgst -sha256
-mac HMAC -macopt hexkey:SALT`. Numbers are random, for order reveals neighbours.
Absent on purpose: sizes, rows, order, digests without a salt.

A student's own rows of an export as cells: what a result's `source` points into (R-6.2).

Invariants: rows count from 1 within the part, never within the file, whose order would show the
neighbours; a cell is its text unchanged. A text file's part is its very bytes; a workbook's is one
line of JSON a row.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from papka.core.places import import_file, is_student_id, raw_file
from papka.records.acts import Import

_LINE_END = re.compile(r"\r\n|\n|\r|\Z")


class Cut(NamedTuple):
    """`end` is an offset in the text; `odd` the column, from 1, after whose closing quote more
    text stands, 0 = none; `unclosed` says that a quote was open when the text ended."""

    cells: list[str]
    end: int
    odd: int = 0
    unclosed: bool = False


def cut_rows(text: str, delimiter: str) -> Iterator[Cut]:
    """Rows in order; an empty line is a row without cells."""
    cell = _cell(delimiter)
    place, size = 0, len(text)
    while place < size:
        found = _LINE_END.search(text, place)
        end = found.start() if found else size
        line = text[place:end]
        if '"' in line:
            row = _quoted(text, place, cell)
        else:
            row = Cut(line.split(delimiter) if line else [], found.end() if found else size)
        yield row
        place = row.end


def _cell(delimiter: str) -> re.Pattern[str]:
    """A quoted cell, or a plain one, and what ends it; nothing matches an ill-quoted cell."""
    sign = re.escape(delimiter)
    return re.compile(
        rf'(?:"([^"]*+(?:""[^"]*+)*+)"|([^"{sign}\r\n][^{sign}\r\n]*+)?+)({sign}|\r\n|\n|\r|\Z)'
        rf"|([^{sign}\r\n]*+)({sign}|\r\n|\n|\r|\Z)"
    )


_OPEN = re.compile(r'"[^"]*+(?:""[^"]*+)*+\Z')


def _quoted(text: str, place: int, cell: re.Pattern[str]) -> Cut:
    """One row with quotes in it."""
    cells: list[str] = []
    odd = 0
    while True:
        found = cell.match(text, place)
        if found is None:
            raise AssertionError("the second alternative matches anything")
        quoted, plain, after, literal, after_literal = found.groups()
        if literal is not None:
            if _OPEN.match(text, place):
                cells.append(text[place + 1 :])
                return Cut(cells, len(text), odd, unclosed=True)
            odd = odd or len(cells) + 1
        if quoted is not None:
            cells.append(quoted.replace('""', '"'))
        else:
            cells.append(plain or literal or "")
        place = found.end()
        if (after if after is not None else after_literal) in {"\r\n", "\n", "\r", ""}:
            return Cut(cells, place, odd)


HEADER, AGGREGATE, UNMATCHED = "заголовок", "сводные", "несопоставленные"
ORDER, BOOK = "порядок", "книга"
ORIGINAL_UNIT, UNMATCHED_UNIT = "original", "unmatched"
LIST = "parts.txt"
NAMES = {
    HEADER: "header.part",
    AGGREGATE: "original/aggregate.part",
    UNMATCHED: "unmatched/rows.part",
    ORDER: "original/order.txt",
}
"""Kind of a part -> its file in the import's folder; a book's has the layout in its name."""

_TITLE = "papka-parts v1"
_LINE = re.compile(
    rf"(?P<number>[1-9][0-9]{{0,17}}) (?P<owner>20\d\d-\d{{4,}}|{'|'.join((*NAMES, BOOK))})"
    r" (?P<digest>[0-9a-f]{64})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class ImportPart:
    """`owner` is the student whose rows these are, or a kind of part that is nobody's alone."""

    number: int
    owner: str
    digest: str

    @property
    def student(self) -> str:
        """Whose rows; empty for a part that is nobody's alone."""
        return self.owner if is_student_id(self.owner) else ""

    def path(self, key: str, layout: str) -> str:
        """Where the part of the import `key` lies."""
        if self.student:
            return raw_file(self.owner, key)
        name = NAMES.get(self.owner) or f"{ORIGINAL_UNIT}/book.{layout}"
        return import_file(key, name)

    @property
    def unit(self) -> str:
        """Which folder of the import holds the salt of a part that is nobody's alone."""
        return UNMATCHED_UNIT if self.owner == UNMATCHED else ORIGINAL_UNIT


@dataclass(slots=True)
class ImportFiles:
    """What lies in the folder of one import: path -> SHA-256, unit -> salt, the header's bytes.
    `broken` is the first line of the list that is none, counted from 1."""

    parts: tuple[ImportPart, ...] = ()
    digests: dict[str, bytes] = field(default_factory=dict)
    salts: dict[str, bytes] = field(default_factory=dict)
    header: bytes = b""
    broken: int | None = None

    def put(self, path: str, data: bytes) -> None:
        """One more file, as reading finds it; only what rules ask about is kept."""
        self.digests[path] = hashlib.sha256(data).digest()
        *_, folder, name = path.split("/")
        if name == ".salt":
            self.salts[folder] = data
        elif name == LIST:
            self.parts, self.broken = read_list(data)
        elif name == NAMES[HEADER]:
            self.header = data


def keyed_digest(salt: bytes, sha256: bytes) -> str:
    """What a manifest says of a part; `sha256` is the part's own, 32 bytes."""
    return hmac.new(salt, sha256, hashlib.sha256).hexdigest()


def part_digest(salt: bytes, part: bytes) -> str:
    return keyed_digest(salt, hashlib.sha256(part).digest())


def list_text(parts: Iterable[ImportPart]) -> bytes:
    """The list as it is kept."""
    ordered = sorted(parts, key=lambda part: part.number)
    lines = (f"{part.number} {part.owner} {part.digest}\n" for part in ordered)
    return "".join((f"{_TITLE}\n", *lines)).encode()


def read_list(data: bytes) -> tuple[tuple[ImportPart, ...], int | None]:
    """The parts, and the first line that is none (None: all are), counted from 1."""
    lines = data.decode("utf-8", errors="replace").split("\n")
    if lines[0] != _TITLE:
        return (), 1
    parts: list[ImportPart] = []
    for number, line in enumerate(lines[1:-1], 2):
        found = _LINE.fullmatch(line)
        if found is None:
            return tuple(parts), number
        parts.append(ImportPart(int(found["number"]), found["owner"], found["digest"]))
    return tuple(parts), None if lines[-1] == "" else len(lines)


def import_lists(paths: Iterable[str]) -> frozenset[str]:
    """The imports `<period>/<n>` that have a list of parts."""
    ends = (path.split("/") for path in paths if path.endswith(f"/{LIST}"))
    return frozenset("/".join(steps[2:4]) for steps in ends if steps[1] == "imports")


DELIMITERS = {"запятая": ",", "точка с запятой": ";", "табуляция": "\t", "вертикальная черта": "|"}
"""Words of a manifest -> signs."""


class NotRows(ValueError):
    """The part is not what its manifest says."""


def raw_rows(data: bytes, manifest: Import) -> list[list[str]]:
    """Cells of every row; raises NotRows."""
    try:
        if manifest.layout != "csv":
            return [_cells(line) for line in data.decode().split("\n")[:-1]]
        text = data.decode(manifest.encoding or "utf-8")
        delimiter = DELIMITERS.get(word := manifest.delimiter or "запятая", word)
        return [row.cells for row in cut_rows(text, delimiter)]
    except (ValueError, LookupError) as error:
        raise NotRows(str(error)) from error


def _cells(line: str) -> list[str]:
    cells = json.loads(line)
    if not isinstance(cells, list) or not all(isinstance(cell, str) for cell in cells):
        raise NotRows(line[:1])
    return cells


def header_text(data: bytes, encoding: str) -> str:
    """Titles of the columns to look through; what cannot be read is replaced."""
    try:
        return data.decode(encoding, errors="replace")
    except LookupError:
        return data.decode(errors="replace")
