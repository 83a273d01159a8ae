"""In what encoding a text file is written: found, or named by a person, never guessed.

Invariants: decoding is strict and reversible, so that text offsets give byte offsets; a file in
two encodings is refused with its line. Absent on purpose: statistics of languages. Platforms here
write UTF-8, UTF-16 or Windows-1251; whatever else must be named.

By which sign the cells of a text file are divided: declared in it, or found by evenness.

A text file to a table: CSV by any delimiter, each row with its bytes.

Invariant: the rows' spans follow one another without a gap from the first byte to the last (a
byte order mark belongs to the first row). Absent on purpose: which row is the header. It is
guessed only to tell that a row has too many cells.

A platform's answer in JSON to tables, one a list in it: an object a row, its fields the columns.

Invariants: numbers keep the text they have in the file; a field inside another is a column named
by both, with a dot; the first row holds the names, in the order in which they first come. A list
inside objects is named by their keys, with a dot. Rows that are lists themselves stay as they are.
Absent on purpose: any JSON that is not lists of records.

An export's bytes to an Export, whatever kind of file it is.

Invariants: the kind is seen in the bytes, never believed from a name; whatever is wrong with the
file is a finding, and only an impossible wish (an unknown encoding) is refused outright.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from papka.core.errors import Refused
from papka.core.findings import Finding, Location
from papka.intake import tables as intake_tables
from papka.intake.tables import Export, Row, Table
from papka.intake.workbooks import read_workbook
from papka.records.raw_exports import Cut, cut_rows

# what a person may name and a manifest keeps -> Python's codec
CODECS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "windows-1251": "cp1251",
    "koi8-r": "koi8-r",
    "cp866": "cp866",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 1 << 16
_WORD = re.compile(r"[A-Za-zА-Яа-яЁё]*[А-Яа-яЁё][A-Za-zА-Яа-яЁё]*")
_WELL_WRITTEN = re.compile(r"[А-ЯЁ]?[а-яё]+|[А-ЯЁ]+")
_ODD_IN_1251 = re.compile(r"[^\x00-\x7fА-Яа-яЁёІіЇїЄєҐґЎў№«»„“”’‘–—…•·°§±\xa0]")
_UTF8_CYRILLIC = re.compile(rb"(?:[\xd0\xd1][\x80-\xbf]){3}")


@dataclass(frozen=True, slots=True)
class Decoded:
    """`encoding` is one of CODECS' names; `mark` is how many bytes stand before the text."""

    text: str
    encoding: str
    mark: int = 0

    @property
    def codec(self) -> str:
        return CODECS[self.encoding]


def decoded(data: bytes, path: str, wanted: str | None) -> Decoded | Finding:
    """The text, or why there is none. Refuses an encoding this program does not know."""
    marked = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", ""))
    mark, name = len(marked[0]), marked[1]
    if wanted is not None:
        chosen = _named(wanted, name)
        same = bool(name) and CODECS[name] == CODECS[chosen]
        return _strictly(data, name if same else chosen, mark if same else 0, path)
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _unknown(path)
    name = name or _unmarked_utf16(data)
    if name:
        return _strictly(data, name, mark, path)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(data, error, path)


def _named(wanted: str, marked: str) -> str:
    """The CODECS name of what a person calls an encoding."""
    try:
        python = codecs.lookup(wanted).name
    except LookupError:
        python = ""
    if python == "utf-16":
        return marked if marked.startswith("utf-16") else "utf-16-le"
    known = {codecs.lookup(name).name: name for name in CODECS}
    if python not in known:
        raise Refused(
            f"Кодировка «{wanted}» программе не известна",
            f"Назовите одну из: {', '.join(CODECS)}",
        )
    return known[python]


def _strictly(data: bytes, name: str, mark: int, path: str) -> Decoded | Finding:
    try:
        return Decoded(data[mark:].decode(CODECS[name]), name, mark)
    except UnicodeDecodeError as error:
        readable = data[mark : mark + error.start].decode(CODECS[name])
        where = Location(path, line=1 + _line_ends(readable))
        if error.end == len(data) - mark and error.reason in {
            "unexpected end of data",
            "truncated data",
        }:
            return intake_tables.EXPORT_TRUNCATED.at(
                where, sign="последняя буква записана не целиком"
            )
        return intake_tables.EXPORT_ENCODING_WRONG.at(where, encoding=name)


def _unmarked_utf16(data: bytes) -> str:
    """Latin and Cyrillic text has a 0 or a 4 in every other byte, and no other text has."""
    sample = data[: _SAMPLE - _SAMPLE % 2]
    even, odd = sample[::2], sample[1::2]
    if not odd or b"\0" not in sample:
        return ""
    high_even = (even.count(0) + even.count(4)) / len(even)
    high_odd = (odd.count(0) + odd.count(4)) / len(odd)
    if high_odd > 0.7 and high_even < 0.3:
        return "utf-16-le"
    return "utf-16-be" if high_even > 0.7 and high_odd < 0.3 else ""


def _not_utf8(data: bytes, error: UnicodeDecodeError, path: str) -> Decoded | Finding:
    before = data[: error.start]
    if error.reason == "unexpected end of data" and not before.isascii():
        where = Location(path, line=1 + _line_ends(before.decode("utf-8")))
        return intake_tables.EXPORT_TRUNCATED.at(where, sign="последняя буква записана не целиком")
    mixed = _mixed(data, path)
    if mixed is not None:
        return mixed
    try:
        text = data.decode("cp1251")
    except UnicodeDecodeError:
        return _unknown(path)
    return Decoded(text, "windows-1251") if _is_russian(text) else _unknown(path)


def _mixed(data: bytes, path: str) -> Finding | None:
    """A finding at the first line of the rarer encoding, if there are two."""
    lines: dict[bool, list[int]] = {True: [], False: []}
    for number, is_utf8 in _evidence(data):
        lines[is_utf8].append(number)
    if not lines[True] or not lines[False]:
        return None
    rarer = len(lines[True]) < len(lines[False])
    names = {True: "UTF-8", False: "Windows-1251 или другая"}
    return intake_tables.EXPORT_ENCODING_MIXED.at(
        Location(path, line=lines[rarer][0]), here=names[rarer], elsewhere=names[not rarer]
    )


def _evidence(data: bytes) -> Iterator[tuple[int, bool]]:
    """Line number and whether it is UTF-8; both for a line that has some of each."""
    for number, line in enumerate(data.splitlines(), 1):
        if line.isascii():
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            yield number, False
            if _UTF8_CYRILLIC.search(line):
                yield number, True
        else:
            if len(line) - len(text) > 1:
                yield number, True


def _is_russian(text: str) -> bool:
    """Whether it reads as Russian: other encodings come out as signs or as wORDS lIKE tHESE."""
    sample = text[:_SAMPLE]
    words = _WORD.findall(sample)
    well = sum(1 for word in words if _WELL_WRITTEN.fullmatch(word))
    foreign = sum(1 for char in sample if char > "\x7f")
    odd = len(_ODD_IN_1251.findall(sample))
    return well >= 0.8 * len(words) and odd <= 0.1 * foreign


def _line_ends(text: str) -> int:
    return text.count("\n") or text.count("\r")


def _unknown(path: str) -> Finding:
    return intake_tables.EXPORT_ENCODING_UNKNOWN.at(Location(path), known=", ".join(CODECS))


DELIMITERS = (",", ";", "\t")
_DECLARED = re.compile(r'sep=([^"\w \r\n])(?=\r|\n)')
_ROWS_TRIED = 100
_TEXT_TRIED = 1 << 17


def found_delimiter(text: str) -> str:
    """The sign by which most rows have the same number of cells, more than one; "" if none."""
    declared = _DECLARED.match(text)
    if declared:
        return declared[1]
    best, most = "", (0.0, 0)
    for delimiter in DELIMITERS:
        score = _evenness(text[:_TEXT_TRIED], delimiter)
        if score > most:
            best, most = delimiter, score
    return best


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    """The share of rows as wide as the most usual row of several cells, and that width."""
    widths: list[int] = []
    for row in cut_rows(text, delimiter):
        if any(row.cells):
            widths.append(len(row.cells))
        if len(widths) == _ROWS_TRIED:
            break
    several = [width for width in widths if width > 1]
    if not several:
        return 0.0, 0
    usual = max(several, key=lambda width: (several.count(width), width))
    return several.count(usual) / len(widths), usual


_LETTER = re.compile(r"[^\W\d_]")
_HEADER_AMONG = 20


def read_text(data: bytes, name: str, encoding: str | None, delimiter: str | None) -> Export:
    """`encoding` and `delimiter` are found unless given. Refuses an impossible delimiter."""
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise Refused(
            "Столбцы делит один знак: запятая, точка с запятой, табуляция или другой",
            "Назовите его: --delimiter ';'",
        )
    empty = Export(name, data, "csv", ())
    if len(data) > intake_tables.FILE:
        return _with(empty, intake_tables.too_large(name, "байтов", len(data), intake_tables.FILE))
    read = decoded(data, name, encoding)
    if isinstance(read, Finding):
        return _with(empty, read)
    found = replace(empty, encoding=read.encoding)
    if "\0" in read.text:
        return _with(found, _not_a_table(name, "в файле двоичные данные"))
    if not read.text.strip():
        return _with(found, intake_tables.EXPORT_EMPTY.at(Location(name)))
    chosen = delimiter or found_delimiter(read.text)
    if not chosen:
        return _with(
            found,
            _not_a_table(
                name,
                "в нём только один столбец",
                "Проверьте, та ли это выгрузка; если столбцы делит другой знак, назовите его: "
                "--delimiter ЗНАК",
            ),
        )
    rows, findings = _rows(read, chosen, name)
    return replace(
        found,
        delimiter=chosen,
        tables=(Table("", tuple(rows)),) if rows else (),
        findings=intake_tables.shortened(findings),
    )


def _with(export: Export, finding: Finding) -> Export:
    return replace(export, findings=(finding,))


def _not_a_table(name: str, what: str, advice: str = "") -> Finding:
    advice = advice or "Возьмите с платформы выгрузку оценок: CSV, XLSX или ODS"
    return intake_tables.EXPORT_NOT_A_TABLE.at(Location(name), what=what, advice=advice)


def _rows(read: Decoded, delimiter: str, name: str) -> tuple[list[Row], list[Finding]]:
    rows: list[Row] = []
    findings: list[Finding] = []
    measure = _measure(read)
    seen: dict[str, str] = {}
    begin, byte, cells = 0, 0, 0
    for number, row in enumerate(cut_rows(read.text, delimiter), 1):
        cells += len(row.cells)
        if cells > intake_tables.CELLS:
            return [], [intake_tables.too_large(name, "ячеек", cells, intake_tables.CELLS)]
        # equal cells are one string: marks and names repeat
        same = tuple(map(seen.setdefault, row.cells, row.cells))
        end = byte + measure(begin, row.end) + (read.mark if number == 1 else 0)
        rows.append(Row(number, same, (byte, end)))
        findings += _trouble(row, number, name)
        begin, byte = row.end, end
        if len(seen) > intake_tables.DISTINCT_KEPT:
            seen.clear()
    return rows, findings or _shape(rows, delimiter, name, ended=read.text.endswith(("\n", "\r")))


def _measure(read: Decoded) -> Callable[[int, int], int]:
    """How many bytes a piece of the text takes."""
    text, codec = read.text, read.codec
    if text.isascii() and not codec.startswith("utf-16"):
        return lambda begin, end: end - begin
    return lambda begin, end: len(text[begin:end].encode(codec))


def _trouble(row: Cut, number: int, name: str) -> list[Finding]:
    found: list[Finding] = []
    if row.odd:
        found.append(intake_tables.EXPORT_QUOTES.at(Location(name, line=number, column=row.odd)))
    if row.unclosed:
        where = Location(name, line=number, column=len(row.cells))
        found.append(intake_tables.EXPORT_TRUNCATED.at(where, sign="кавычка открыта и не закрыта"))
    return found


def _shape(rows: Sequence[Row], delimiter: str, name: str, *, ended: bool) -> list[Finding]:
    """Rows wider than the header, and a last row that stops half-way."""
    header = max(rows[:_HEADER_AMONG], key=_words)
    width = len(header.cells)
    if _words(header) < 2:
        return []
    below = rows[header.number :]
    found = [
        intake_tables.EXPORT_RAGGED_ROW.at(
            Location(name, line=row.number, column=width + 1),
            found=len(row.cells),
            expected=width,
            advice=_advice(delimiter),
        )
        for row in below
        if len(row.cells) > width and any(row.cells[width:])
    ]
    last = rows[-1]
    whole = all(len(row.cells) >= width for row in below[:-1] if row.cells)
    if not ended and len(below) > 1 and len(last.cells) < width and whole:
        where = Location(name, line=last.number, column=len(last.cells))
        found.append(
            intake_tables.EXPORT_TRUNCATED.at(where, sign="последняя строка короче остальных")
        )
    return found


def _words(row: Row) -> int:
    """How many cells have a letter in them: a header has the most."""
    return sum(1 for cell in row.cells if _LETTER.search(cell))


def _advice(delimiter: str) -> str:
    if delimiter == ",":
        return (
            "Похоже, дробные числа записаны через запятую и столбцы делит тоже запятая: выгрузите "
            "файл с точкой с запятой или табуляцией, или в XLSX"
        )
    return "Проверьте эту строку: ячейку, в которой есть разделитель, берут в кавычки"


_DEEPEST = 6
Value = object


class _NotRecords(Exception):
    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def read_answer(data: bytes, name: str) -> Export:
    """JSON is UTF-8, as RFC 8259 has it."""
    found = Export(name, data, "json", (), encoding="utf-8")
    if len(data) > intake_tables.FILE:
        return replace(
            found,
            findings=(intake_tables.too_large(name, "байтов", len(data), intake_tables.FILE),),
        )
    try:
        answer = json.loads(
            data.decode("utf-8-sig"),
            parse_float=str,
            parse_int=str,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
        tables = _tables(_lists(answer))
    except json.JSONDecodeError as error:
        return replace(found, findings=(_unparsed(error, name),))
    except UnicodeDecodeError:
        broken = intake_tables.EXPORT_ENCODING_WRONG.at(Location(name), encoding="utf-8")
        return replace(found, findings=(broken,))
    except RecursionError:
        return replace(found, findings=(_broken(name, "записи вложены слишком глубоко"),))
    except _NotRecords as error:
        return replace(found, findings=(_broken(name, error.what),))
    if not tables:
        return replace(found, findings=(intake_tables.EXPORT_EMPTY.at(Location(name)),))
    if isinstance(tables, int):
        return replace(
            found, findings=(intake_tables.too_large(name, "ячеек", tables, intake_tables.CELLS),)
        )
    more = intake_tables.EXPORT_PAGE_MISSING.at(Location(name))
    return replace(found, tables=tables, findings=(more,) if _has_next(answer) else ())


def _broken(name: str, what: str) -> Finding:
    return intake_tables.EXPORT_JSON_BROKEN.at(Location(name), what=what)


def _unparsed(error: json.JSONDecodeError, name: str) -> Finding:
    where = Location(name, line=error.lineno, column=error.colno)
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
        return intake_tables.EXPORT_TRUNCATED.at(where, sign="записи JSON не закрыты")
    return intake_tables.EXPORT_JSON_BROKEN.at(where, what="нарушена запись JSON")


def _no_constant(constant: str) -> Value:
    raise _NotRecords(f"{constant} — не значение JSON")


def _object(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _NotRecords("в одной записи поле названо дважды")
    return made


def _lists(answer: Value, path: str = "", depth: int = 0) -> dict[str, list[Value]]:
    """Every list outside the records: the path to it -> its items."""
    if isinstance(answer, list):
        return {path: answer}
    if not isinstance(answer, dict) or depth > _DEEPEST:
        return {}
    found: dict[str, list[Value]] = {}
    for key, value in answer.items():
        found |= _lists(value, f"{path}.{key}" if path else key, depth + 1)
    if not depth and not found:
        raise _NotRecords("в ответе нет ни одного списка")
    return found


def _has_next(answer: Value) -> bool:
    meta = answer.get("meta") if isinstance(answer, dict) else None
    return isinstance(meta, dict) and meta.get("has_next") is True


def _tables(lists: dict[str, list[Value]]) -> tuple[Table, ...] | int:
    """Empty lists are left out; the number of cells when there are too many."""
    found = []
    cells = 0
    for path, items in lists.items():
        table = _table(path, items)
        if table is not None:
            found.append(table)
            cells += sum(len(row.cells) for row in table.rows)
        if cells > intake_tables.CELLS:
            return cells
    return tuple(found)


def _table(path: str, items: list[Value]) -> Table | None:
    """Records get a row of names above them; lists and single values do not."""
    if items and all(isinstance(item, list) for item in items):
        lists = [item for item in items if isinstance(item, list)]
        rows = (Row(at, tuple(map(_worded, each))) for at, each in enumerate(lists, 1))
        return Table(path, tuple(rows))
    if items and not any(isinstance(item, (dict, list)) for item in items):
        return Table(path, (Row(1, tuple(map(_worded, items))),))
    if not all(isinstance(item, dict) for item in items):
        raise _NotRecords("записи должны быть объектами")
    flat = [dict(_flat(item, "", 1)) for item in items if isinstance(item, dict)]
    columns = {column: None for record in flat for column in record}
    if not columns:
        return None
    if len(columns) * (len(flat) + 1) > intake_tables.CELLS:
        raise _NotRecords("слишком много разных полей")
    body = (
        Row(number, tuple(record.get(column, "") for column in columns))
        for number, record in enumerate(flat, 2)
    )
    return Table(path, (Row(1, tuple(columns)), *body))


def _flat(record: dict[str, Value], before: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, value in record.items():
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _flat(value, f"{before}{key}.", depth + 1)
        else:
            yield before + key, _worded(value)


def _worded(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


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
        return intake_tables.EXPORT_EMPTY.at(where)
    if data.startswith(_OLE):
        is_locked = _ENCRYPTED in data
        return (
            intake_tables.EXPORT_ENCRYPTED if is_locked else intake_tables.EXPORT_LEGACY_XLS
        ).at(where)
    for sign, kind in _ARCHIVES.items():
        if data.startswith(sign):
            return intake_tables.EXPORT_ARCHIVED.at(where, kind=kind)
    return None


def _marked_up(data: bytes, name: str) -> Finding | None:
    """Text of another kind."""
    where = Location(name)
    start = _start(data).lower()
    if start.startswith(_WEB) or (start.startswith(_XML) and b"<html" in start):
        return intake_tables.EXPORT_WEB_PAGE.at(where)
    if start.startswith(_XML):
        return _finding_not_a_table(
            name, "документ XML", "Откройте его в Excel и сохраните как XLSX"
        )
    if start.startswith(b"%pdf"):
        return _finding_not_a_table(
            name, "документ PDF", "Возьмите с платформы выгрузку CSV или XLSX"
        )
    return None


def _finding_not_a_table(name: str, what: str, advice: str) -> Finding:
    return intake_tables.EXPORT_NOT_A_TABLE.at(Location(name), what=what, advice=advice)


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
