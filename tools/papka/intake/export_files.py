"""Read the bytes of an export into an Export, whatever kind of file it is: text, JSON or workbook.

The kind is seen in the bytes, never believed from a name. Whatever is wrong with the file is a
finding; only an impossible option (an unknown encoding, a delimiter of two signs) is refused.

Text: UTF-8, UTF-16 and Windows-1251 are recognised, any other encoding must be named by a person.
Decoding is strict and reversible, so text offsets give byte offsets; a file in two encodings is
refused with its line. The rows' spans follow one another without a gap from the first byte to the
last (a byte order mark belongs to the first row).

JSON: each list outside the records is a table named by its keys, an object a row, its fields the
columns, a nested field `outer.inner`. The first row holds the names, in the order in which they
first come; numbers keep the text they have in the file; rows that are lists stay as they are.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from papka.core.errors import Refused
from papka.core.findings import Finding, Location
from papka.intake import tables
from papka.intake.tables import Export, Row, Table, cell_text
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
_OLE = b"\xd0\xcf\x11\xe0"
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
    """Read an export. `sheets` limits a workbook to these; `name` stands in findings.

    `encoding` and `delimiter` are for text files and found unless given; a given delimiter says
    that this is text, whatever its first row begins with.
    """
    if data.startswith(_ZIP):
        return read_workbook(data, name, sheets)
    foreign = _refuse_binary(data, name)
    if foreign is None and delimiter is None:
        foreign = _refuse_markup(data, name)
    if foreign is not None:
        return Export(name, data, "csv", (), findings=(foreign,))
    if delimiter is None and _is_json(data, name):
        return _read_json(data, name)
    return _read_csv(data, name, encoding, delimiter)


def _refuse_binary(data: bytes, name: str) -> Finding | None:
    """Return what is wrong with bytes that are neither text nor a workbook."""
    where = Location(name)
    if not data:
        return tables.EXPORT_EMPTY.at(where)
    if data.startswith(_OLE):
        is_locked = "EncryptedPackage".encode("utf-16-le") in data
        return (tables.EXPORT_ENCRYPTED if is_locked else tables.EXPORT_LEGACY_XLS).at(where)
    for sign, kind in _ARCHIVES.items():
        if data.startswith(sign):
            return tables.EXPORT_ARCHIVED.at(where, kind=kind)
    return None


def _refuse_markup(data: bytes, name: str) -> Finding | None:
    """Return what is wrong with text of another kind: a web page, XML, a PDF."""
    start = _text_start(data).lower()
    if start.startswith(_WEB) or (start.startswith(_XML) and b"<html" in start):
        return tables.EXPORT_WEB_PAGE.at(Location(name))
    if start.startswith(_XML):
        return _not_a_table(name, "документ XML", "Откройте его в Excel и сохраните как XLSX")
    if start.startswith(b"%pdf"):
        return _not_a_table(name, "документ PDF", "Возьмите с платформы выгрузку CSV или XLSX")
    return None


def _text_start(data: bytes) -> bytes:
    """Return the first signs, without a mark and blanks, and without the zeros of UTF-16."""
    start = data[:2048].removeprefix(codecs.BOM_UTF8)
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        start = start.removeprefix(mark)
    return start.replace(b"\0", b"").lstrip()


def _is_json(data: bytes, name: str) -> bool:
    """Recognise JSON: a brace cannot begin a CSV worth taking; a bracket can."""
    start = _text_start(data)
    return start.startswith(b"{") or (
        start.startswith(b"[")
        and (name.lower().endswith(".json") or start[1:].lstrip().startswith((b"{", b"]")))
    )


_LETTER = re.compile(r"[^\W\d_]")


def _read_csv(data: bytes, name: str, encoding: str | None, delimiter: str | None) -> Export:
    """Read CSV. `encoding` and `delimiter` are found unless given; an impossible one is refused."""
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise Refused(
            "Столбцы делит один знак: запятая, точка с запятой, табуляция или другой",
            "Назовите его: --delimiter ';'",
        )
    found = Export(name, data, "csv", ())
    if len(data) > tables.FILE:
        return found.having(tables.too_large(name, "байтов", len(data), tables.FILE))
    read = _decode(data, name, encoding)
    if isinstance(read, Finding):
        return found.having(read)
    found = replace(found, encoding=read.encoding)
    if "\0" in read.text:
        return found.having(_not_a_table(name, "в файле двоичные данные"))
    if not read.text.strip():
        return found.having(tables.EXPORT_EMPTY.at(Location(name)))
    chosen = delimiter or _find_delimiter(read.text)
    if not chosen:
        advice = (
            "Проверьте, та ли это выгрузка; если столбцы делит другой знак, назовите его: "
            "--delimiter ЗНАК"
        )
        return found.having(_not_a_table(name, "в нём только один столбец", advice))
    rows, findings = _read_rows(read, chosen, name)
    return replace(
        found,
        delimiter=chosen,
        tables=(Table("", tuple(rows)),) if rows else (),
        findings=tables.shorten(findings),
    )


def _not_a_table(
    name: str, what: str, advice: str = "Возьмите с платформы выгрузку оценок: CSV, XLSX или ODS"
) -> Finding:
    return tables.EXPORT_NOT_A_TABLE.at(Location(name), what=what, advice=advice)


def _read_rows(read: _Decoded, delimiter: str, name: str) -> tuple[list[Row], list[Finding]]:
    rows: list[Row] = []
    findings: list[Finding] = []
    count_bytes = _byte_counter(read)
    seen: dict[str, str] = {}
    begin, byte, cells = 0, 0, 0
    for number, row in enumerate(cut_rows(read.text, delimiter), 1):
        cells += len(row.cells)
        if cells > tables.CELLS:
            return [], [tables.too_large(name, "ячеек", cells, tables.CELLS)]
        # equal cells are one string: marks and names repeat
        same = tuple(map(seen.setdefault, row.cells, row.cells))
        end = byte + count_bytes(begin, row.end) + (read.mark if number == 1 else 0)
        rows.append(Row(number, same, (byte, end)))
        findings += _check_quotes(row, number, name)
        begin, byte = row.end, end
        if len(seen) > tables.DISTINCT_KEPT:
            seen.clear()
    return rows, findings or _check_shape(
        rows, delimiter, name, ended=read.text.endswith(("\n", "\r"))
    )


def _byte_counter(read: _Decoded) -> Callable[[int, int], int]:
    """Return a function that tells how many bytes a piece of the text takes."""
    text, codec = read.text, CODECS[read.encoding]
    if text.isascii() and not codec.startswith("utf-16"):
        return lambda begin, end: end - begin
    return lambda begin, end: len(text[begin:end].encode(codec))


def _check_quotes(row: Cut, number: int, name: str) -> list[Finding]:
    found: list[Finding] = []
    if row.odd:
        found.append(tables.EXPORT_QUOTES.at(Location(name, line=number, column=row.odd)))
    if row.unclosed:
        where = Location(name, line=number, column=len(row.cells))
        found.append(tables.EXPORT_TRUNCATED.at(where, sign="кавычка открыта и не закрыта"))
    return found


def _check_shape(rows: Sequence[Row], delimiter: str, name: str, *, ended: bool) -> list[Finding]:
    """Find rows wider than the header, and a last row that stops half-way."""
    header = max(rows[:20], key=_count_words)
    width = len(header.cells)
    if _count_words(header) < 2:
        return []
    below = rows[header.number :]
    advice = "Проверьте эту строку: ячейку, в которой есть разделитель, берут в кавычки"
    if delimiter == ",":
        advice = (
            "Похоже, дробные числа записаны через запятую и столбцы делит тоже запятая: выгрузите "
            "файл с точкой с запятой или табуляцией, или в XLSX"
        )
    found = [
        tables.EXPORT_RAGGED_ROW.at(
            Location(name, line=row.number, column=width + 1),
            found=len(row.cells),
            expected=width,
            advice=advice,
        )
        for row in below
        if len(row.cells) > width and any(row.cells[width:])
    ]
    last = rows[-1]
    whole = all(len(row.cells) >= width for row in below[:-1] if row.cells)
    if not ended and len(below) > 1 and len(last.cells) < width and whole:
        where = Location(name, line=last.number, column=len(last.cells))
        found.append(tables.EXPORT_TRUNCATED.at(where, sign="последняя строка короче остальных"))
    return found


def _count_words(row: Row) -> int:
    """Count the cells with a letter in them: a header has the most."""
    return sum(1 for cell in row.cells if _LETTER.search(cell))


_DECLARED = re.compile(r'sep=([^"\w \r\n])(?=\r|\n)')


def _find_delimiter(text: str) -> str:
    """Return the declared delimiter, or the one that cuts most rows evenly; "" if none does."""
    declared = _DECLARED.match(text)
    if declared:
        return declared[1]
    best, most = "", (0.0, 0)
    for delimiter in ",;\t|":
        score = _measure_evenness(text[: 1 << 17], delimiter)
        if score > most:
            best, most = delimiter, score
    return best


def _measure_evenness(text: str, delimiter: str) -> tuple[float, int]:
    """Return the share of rows as wide as the most usual row of several cells, and that width."""
    widths: list[int] = []
    for row in cut_rows(text, delimiter):
        if any(row.cells):
            widths.append(len(row.cells))
        if len(widths) == 100:
            break
    several = [width for width in widths if width > 1]
    if not several:
        return 0.0, 0
    usual = max(several, key=lambda width: (several.count(width), width))
    return several.count(usual) / len(widths), usual


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
class _Decoded:
    """A text with its `encoding` (a name of CODECS) and the length of its byte order `mark`."""

    text: str
    encoding: str
    mark: int = 0


def _decode(data: bytes, path: str, wanted: str | None) -> _Decoded | Finding:
    """Decode the text, or say why it cannot be. Refuses an encoding this program does not know."""
    sign, name = next(((sign, name) for sign, name in _MARKS if data.startswith(sign)), (b"", ""))
    mark = len(sign)
    if wanted is not None:
        chosen = _find_encoding(wanted, name)
        if name and CODECS[name] == CODECS[chosen]:
            return _decode_strictly(data, name, mark, path)
        return _decode_strictly(data, chosen, 0, path)
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _encoding_unknown(path)
    name = name or _recognise_utf16(data)
    if name:
        return _decode_strictly(data, name, mark, path)
    try:
        return _Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        return _decode_legacy(data, error, path)


def _find_encoding(wanted: str, marked: str) -> str:
    """Return the CODECS name of what a person calls an encoding."""
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


def _decode_strictly(data: bytes, name: str, mark: int, path: str) -> _Decoded | Finding:
    try:
        return _Decoded(data[mark:].decode(CODECS[name]), name, mark)
    except UnicodeDecodeError as error:
        readable = data[mark : mark + error.start].decode(CODECS[name])
        where = Location(path, line=1 + (readable.count("\n") or readable.count("\r")))
        cut_short = error.reason in {"unexpected end of data", "truncated data"}
        if cut_short and error.end == len(data) - mark:
            return tables.EXPORT_TRUNCATED.at(where, sign="последняя буква записана не целиком")
        return tables.EXPORT_ENCODING_WRONG.at(where, encoding=name)


def _recognise_utf16(data: bytes) -> str:
    """Return the UTF-16 of a text without a byte order mark, "" when it is none.

    Latin and Cyrillic text has a 0 or a 4 in every other byte, and no other text has.
    """
    sample = data[: _SAMPLE - _SAMPLE % 2]
    even, odd = sample[::2], sample[1::2]
    if not odd or b"\0" not in sample:
        return ""
    high_even = (even.count(0) + even.count(4)) / len(even)
    high_odd = (odd.count(0) + odd.count(4)) / len(odd)
    if high_odd > 0.7 and high_even < 0.3:
        return "utf-16-le"
    return "utf-16-be" if high_even > 0.7 and high_odd < 0.3 else ""


def _decode_legacy(data: bytes, error: UnicodeDecodeError, path: str) -> _Decoded | Finding:
    if error.reason == "unexpected end of data" and not data[: error.start].isascii():
        return _decode_strictly(data, "utf-8", 0, path)
    mixed = _find_mixture(data, path)
    if mixed is not None:
        return mixed
    try:
        text = data.decode("cp1251")
    except UnicodeDecodeError:
        return _encoding_unknown(path)
    return _Decoded(text, "windows-1251") if _is_russian(text) else _encoding_unknown(path)


def _find_mixture(data: bytes, path: str) -> Finding | None:
    """Return a finding at the first line of the rarer encoding, if there are two."""
    lines: dict[bool, list[int]] = {True: [], False: []}
    for number, is_utf8 in _classify_lines(data):
        lines[is_utf8].append(number)
    if not lines[True] or not lines[False]:
        return None
    rarer = len(lines[True]) < len(lines[False])
    names = {True: "UTF-8", False: "Windows-1251 или другая"}
    return tables.EXPORT_ENCODING_MIXED.at(
        Location(path, line=lines[rarer][0]), here=names[rarer], elsewhere=names[not rarer]
    )


def _classify_lines(data: bytes) -> Iterator[tuple[int, bool]]:
    """Yield line number and whether it is UTF-8; both answers for a line that has some of each."""
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
    """Tell text that reads as Russian from signs and wORDS lIKE tHESE, as other encodings give."""
    sample = text[:_SAMPLE]
    words = _WORD.findall(sample)
    well = sum(1 for word in words if _WELL_WRITTEN.fullmatch(word))
    foreign = sum(1 for char in sample if char > "\x7f")
    odd = len(_ODD_IN_1251.findall(sample))
    return well >= 0.8 * len(words) and odd <= 0.1 * foreign


def _encoding_unknown(path: str) -> Finding:
    return tables.EXPORT_ENCODING_UNKNOWN.at(Location(path), known=", ".join(CODECS))


_DEEPEST = 6
_Json = object


class _NotRecords(Exception):
    """The JSON is no list of records; says why."""


def _read_json(data: bytes, name: str) -> Export:
    """Read a platform's JSON answer: UTF-8, as RFC 8259 has it."""
    found = Export(name, data, "json", (), encoding="utf-8")
    if len(data) > tables.FILE:
        return found.having(tables.too_large(name, "байтов", len(data), tables.FILE))
    try:
        answer = json.loads(
            data.decode("utf-8-sig"),
            parse_float=str,
            parse_int=str,
            parse_constant=_refuse_constant,
            object_pairs_hook=_make_object,
        )
        read = _make_tables(_find_lists(answer), name)
    except json.JSONDecodeError as error:
        return found.having(_syntax_error(error, name))
    except UnicodeDecodeError:
        return found.having(tables.EXPORT_ENCODING_WRONG.at(Location(name), encoding="utf-8"))
    except (RecursionError, _NotRecords) as error:
        what = str(error) if isinstance(error, _NotRecords) else "записи вложены слишком глубоко"
        return found.having(tables.EXPORT_JSON_BROKEN.at(Location(name), what=what))
    if isinstance(read, Finding):
        return found.having(read)
    meta = answer.get("meta") if isinstance(answer, dict) else None
    if isinstance(meta, dict) and meta.get("has_next") is True:
        found = found.having(tables.EXPORT_PAGE_MISSING.at(Location(name)))
    return replace(found, tables=read)


def _syntax_error(error: json.JSONDecodeError, name: str) -> Finding:
    where = Location(name, line=error.lineno, column=error.colno)
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
        return tables.EXPORT_TRUNCATED.at(where, sign="записи JSON не закрыты")
    return tables.EXPORT_JSON_BROKEN.at(where, what="нарушена запись JSON")


def _refuse_constant(constant: str) -> _Json:
    raise _NotRecords(f"{constant} — не значение JSON")


def _make_object(pairs: list[tuple[str, _Json]]) -> dict[str, _Json]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _NotRecords("в одной записи поле названо дважды")
    return made


def _find_lists(answer: _Json, path: str = "", depth: int = 0) -> dict[str, list[_Json]]:
    """Return every list outside the records: the path to it -> its items."""
    if isinstance(answer, list):
        return {path: answer}
    if not isinstance(answer, dict) or depth > _DEEPEST:
        return {}
    found: dict[str, list[_Json]] = {}
    for key, value in answer.items():
        found |= _find_lists(value, f"{path}.{key}" if path else key, depth + 1)
    if not depth and not found:
        raise _NotRecords("в ответе нет ни одного списка")
    return found


def _make_tables(lists: dict[str, list[_Json]], name: str) -> tuple[Table, ...] | Finding:
    """Make a table of each list that is not empty; a finding when there is none, or too much."""
    found = []
    cells = 0
    for path, items in lists.items():
        table = _make_table(path, items)
        if table is not None:
            found.append(table)
            cells += sum(len(row.cells) for row in table.rows)
        if cells > tables.CELLS:
            return tables.too_large(name, "ячеек", cells, tables.CELLS)
    return tuple(found) if found else tables.EXPORT_EMPTY.at(Location(name))


def _make_table(path: str, items: list[_Json]) -> Table | None:
    """Make a table: records get a row of names above them; lists and single values do not."""
    if items and all(isinstance(item, list) for item in items):
        lists = [item for item in items if isinstance(item, list)]
        rows = (Row(at, tuple(map(_cell_text, each))) for at, each in enumerate(lists, 1))
        return Table(path, tuple(rows))
    if items and not any(isinstance(item, (dict, list)) for item in items):
        return Table(path, (Row(1, tuple(map(_cell_text, items))),))
    if not all(isinstance(item, dict) for item in items):
        raise _NotRecords("записи должны быть объектами")
    flat = [dict(_flatten(item, "", 1)) for item in items if isinstance(item, dict)]
    columns = {column: None for record in flat for column in record}
    if not columns:
        return None
    if len(columns) * (len(flat) + 1) > tables.CELLS:
        raise _NotRecords("слишком много разных полей")
    body = (
        Row(number, tuple(record.get(column, "") for column in columns))
        for number, record in enumerate(flat, 2)
    )
    return Table(path, (Row(1, tuple(columns)), *body))


def _flatten(record: dict[str, _Json], before: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, value in record.items():
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _flatten(value, f"{before}{key}.", depth + 1)
        else:
            yield before + key, _cell_text(value)


def _cell_text(value: _Json) -> str:
    return (
        json.dumps(value, ensure_ascii=False)
        if isinstance(value, (list, dict))
        else cell_text(value)
    )
