"""Parts of a platform's export besides its manifest: rows, the list of parts, digests (R-6.2).

A student's own rows are a part in the personal file, and a result's `source` points into them. Rows
count from 1 within the part, never within the file, whose order would show the neighbours; a cell
is its text unchanged. A text file's part is its very bytes, a workbook's is one line of JSON a row.
The list of parts is plain text, a line a part, as a seal's: `<number> <student or kind> <digest>`,
sorted by number; numbers are random, for order reveals neighbours. A digest is HMAC-SHA-256 of the
part's SHA-256 on the salt of the unit that holds the part, so that with the unit its digest dies:
`openssl dgst -sha256 -binary FILE | openssl dgst -sha256 -mac HMAC -macopt hexkey:SALT`. Sizes,
counts of rows and digests without a salt are kept nowhere.
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
    """A row of cells.

    `end` is where it ends, an offset in the text; `odd` the column, from 1, after whose closing
    quote more text stands, 0 = none; `unclosed` says that a quote was open when the text ended.
    """

    cells: list[str]
    end: int
    odd: int = 0
    unclosed: bool = False


def cut_rows(text: str, delimiter: str) -> Iterator[Cut]:
    """Cut a text into rows as RFC 4180 reads it; an empty line is a row without cells.

    The rows' texts put together are the whole text; a line break inside quotes belongs to its cell;
    a quote inside an unquoted cell is a letter. Nothing is trimmed. What cannot be cut in just one
    way is cut somehow and said so. A file that comes in and what is kept of it are read alike.
    """
    cell = _cell_pattern(delimiter)
    place, size = 0, len(text)
    while place < size:
        found = _LINE_END.search(text, place)
        end = found.start() if found else size
        line = text[place:end]
        if '"' in line:
            row = _cut_quoted(text, place, cell)
        else:
            row = Cut(line.split(delimiter) if line else [], found.end() if found else size)
        yield row
        place = row.end


def _cell_pattern(delimiter: str) -> re.Pattern[str]:
    """Match a quoted cell or a plain one, and what ends it; else an ill-quoted one as it stands."""
    sign = re.escape(delimiter)
    return re.compile(
        rf'(?:"([^"]*+(?:""[^"]*+)*+)"|([^"{sign}\r\n][^{sign}\r\n]*+)?+)({sign}|\r\n|\n|\r|\Z)'
        rf"|([^{sign}\r\n]*+)({sign}|\r\n|\n|\r|\Z)"
    )


_OPEN = re.compile(r'"[^"]*+(?:""[^"]*+)*+\Z')


def _cut_quoted(text: str, place: int, cell: re.Pattern[str]) -> Cut:
    """Cut one row with quotes in it."""
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
    """A part of an export; `owner` is whose rows these are, or a kind that is nobody's alone."""

    number: int
    owner: str
    digest: str

    @property
    def student(self) -> str:
        """The student whose rows these are; "" for a part that is nobody's alone."""
        return self.owner if is_student_id(self.owner) else ""

    def path(self, key: str, layout: str) -> str:
        """Return where the part of the import `key` lies."""
        if self.student:
            return raw_file(self.owner, key)
        name = NAMES.get(self.owner) or f"{ORIGINAL_UNIT}/book.{layout}"
        return import_file(key, name)

    @property
    def unit(self) -> str:
        """The folder of the import that holds the salt of a part that is nobody's alone."""
        return UNMATCHED_UNIT if self.owner == UNMATCHED else ORIGINAL_UNIT


@dataclass(slots=True)
class ImportFiles:
    """The folder of one import: path -> SHA-256, unit -> salt, the bytes of the header.

    `broken` is the first line of the list that is not one of a list, counted from 1.
    """

    parts: tuple[ImportPart, ...] = ()
    digests: dict[str, bytes] = field(default_factory=dict)
    salts: dict[str, bytes] = field(default_factory=dict)
    header: bytes = b""
    broken: int | None = None

    def put(self, path: str, data: bytes) -> None:
        """Take in one more file; only what rules ask about is kept."""
        self.digests[path] = hashlib.sha256(data).digest()
        *_, folder, name = path.split("/")
        if name == ".salt":
            self.salts[folder] = data
        elif name == LIST:
            self.parts, self.broken = read_list(data)
        elif name == NAMES[HEADER]:
            self.header = data


def keyed_digest(salt: bytes, sha256: bytes) -> str:
    """Return what a list says of a part; `sha256` is the part's own, 32 bytes."""
    return hmac.new(salt, sha256, hashlib.sha256).hexdigest()


def part_digest(salt: bytes, part: bytes) -> str:
    return keyed_digest(salt, hashlib.sha256(part).digest())


def write_list(parts: Iterable[ImportPart]) -> bytes:
    """Write a list of parts as it is kept."""
    ordered = sorted(parts, key=lambda part: part.number)
    lines = (f"{part.number} {part.owner} {part.digest}\n" for part in ordered)
    return "".join((f"{_TITLE}\n", *lines)).encode()


def read_list(data: bytes) -> tuple[tuple[ImportPart, ...], int | None]:
    """Return the parts and the first line that is none (None: all are), counted from 1."""
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
    """Return the imports `<period>/<n>` that have a list of parts."""
    ends = (path.split("/") for path in paths if path.endswith(f"/{LIST}"))
    return frozenset("/".join(steps[2:4]) for steps in ends if steps[1] == "imports")


DELIMITERS = {"запятая": ",", "точка с запятой": ";", "табуляция": "\t", "вертикальная черта": "|"}
"""Signs by the words of a manifest."""


class NotRows(ValueError):
    """A part that is not what its manifest says."""


def read_rows(data: bytes, manifest: Import) -> list[list[str]]:
    """Return the cells of every row; raise NotRows."""
    try:
        if manifest.layout != "csv":
            return [_read_line(line) for line in data.decode().split("\n")[:-1]]
        text = data.decode(manifest.encoding or "utf-8")
        delimiter = DELIMITERS.get(word := manifest.delimiter or "запятая", word)
        return [row.cells for row in cut_rows(text, delimiter)]
    except (ValueError, LookupError) as error:
        raise NotRows(str(error)) from error


def _read_line(line: str) -> list[str]:
    cells = json.loads(line)
    if not isinstance(cells, list) or not all(isinstance(cell, str) for cell in cells):
        raise NotRows(line[:1])
    return cells


def header_text(data: bytes, encoding: str) -> str:
    """Return the titles of the columns to look through; what cannot be read is replaced."""
    try:
        return data.decode(encoding, errors="replace")
    except LookupError:
        return data.decode(errors="replace")
