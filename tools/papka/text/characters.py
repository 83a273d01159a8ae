"""Bytes to text: strict UTF-8 without a character that cannot be seen.

Invariant: accepted text shows on a screen what it holds, and every reader splits it into the
same lines (LF or CRLF only). Absent on purpose: guessing an encoding in order to read on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from papka.core.codes import yaml as codes
from papka.core.findings import Code, Finding, Location

MAX_BYTES = 2**20

_USUAL = re.compile("[ -~\n\u0410-\u044fЁё«»—–№\u00a0]*\\Z")
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_SEPARATORS = "\u0085\u2028\u2029"
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufff0-\ufffb\ufffe\uffff"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f"
    "\u3164\ufeff\uffa0\U000e0000-\U000e0fff"
)
_REFUSED = re.compile(f"[{_BIDI}{_SEPARATORS}{_CONTROLS}{_INVISIBLE}]|\r(?!\n)")
_CODES: tuple[tuple[re.Pattern[str], Code], ...] = (
    (re.compile(f"[{_BIDI}]"), codes.YAML_BIDI),
    (re.compile(f"[{_SEPARATORS}\r]"), codes.YAML_LINE_SEPARATOR),
    (re.compile(f"[{_CONTROLS}]"), codes.YAML_CONTROL),
    (re.compile(""), codes.YAML_INVISIBLE),
)
_NAMES = {
    "\u00ad": "мягкий перенос",
    "\u200b": "пробел нулевой ширины",
    "\u200c": "разделитель нулевой ширины",
    "\u200d": "соединитель нулевой ширины",
    "\u2028": "разделитель строк",
    "\u2029": "разделитель абзацев",
    "\r": "одиночный возврат каретки",
    "\x00": "нулевой байт",
}


def is_clean(text: str) -> bool:
    """Whether no character of the text is refused; microseconds for usual Russian text."""
    return _USUAL.match(text) is not None or _REFUSED.search(text) is None


def refused(text: str) -> Iterator[tuple[int, Code, str]]:
    """Each refused character: index, code, how to name it."""
    for match in _REFUSED.finditer(text):
        character = match[0]
        code = next(code for pattern, code in _CODES if pattern.match(character))
        yield match.start(), code, named(character)


def named(character: str) -> str:
    """`U+200B (пробел нулевой ширины)`."""
    name = _NAMES.get(character)
    number = f"U+{ord(character):04X}"
    return f"{number} ({name})" if name else number


def harmless(text: str) -> str:
    """The same text with every refused character made a letter, so that indices stay and the
    rest can be judged."""
    return _REFUSED.sub("x", text)


def decode(data: bytes, path: str) -> str | Finding:
    """The text, or why the bytes are none."""
    if len(data) > MAX_BYTES:
        return codes.YAML_TOO_BIG.at(Location(path, line=1, column=1), limit="1 МБ")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff") or _looks_utf16(data):
            return _not_utf8(path, 1, 1, ": похоже на UTF-16")
        before = data[: error.start].decode()
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        guess = ": похоже на Windows-1251" if _looks_cp1251(data) else ""
        return _not_utf8(path, line, column, guess)
    if b"\0" in data and _looks_utf16(data):
        return _not_utf8(path, 1, 1, ": похоже на UTF-16")
    return text


def _not_utf8(path: str, line: int, column: int, guess: str) -> Finding:
    return codes.YAML_NOT_UTF8.at(Location(path, line=line, column=column), guess=guess)


def _looks_utf16(data: bytes) -> bool:
    zeros = data.count(0)
    if zeros * 4 < len(data) or len(data) % 2:
        return False
    return zeros in (data[::2].count(0), data[1::2].count(0))


def _looks_cp1251(data: bytes) -> bool:
    """In Windows-1251 Russian small letters are E0-FF; in KOI8-R and DOS most are elsewhere."""
    high = [byte for byte in data[:65536] if byte >= 0x80]
    return sum(byte >= 0xE0 for byte in high) * 3 > len(high) * 2
