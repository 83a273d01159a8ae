"""In what encoding a text file is written: found, or named by a person, never guessed.

Invariants: decoding is strict and reversible, so that text offsets give byte offsets; a file in
two encodings is refused with its line. Absent on purpose: statistics of languages. Platforms here
write UTF-8, UTF-16 or Windows-1251; whatever else must be named.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from papka.core.codes import exports
from papka.core.errors import Refused
from papka.core.findings import Finding, Location

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
            return exports.EXPORT_TRUNCATED.at(where, sign="последняя буква записана не целиком")
        return exports.EXPORT_ENCODING_WRONG.at(where, encoding=name)


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
        return exports.EXPORT_TRUNCATED.at(where, sign="последняя буква записана не целиком")
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
    return exports.EXPORT_ENCODING_MIXED.at(
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
    return exports.EXPORT_ENCODING_UNKNOWN.at(Location(path), known=", ".join(CODECS))
