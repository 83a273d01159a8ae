"""Unquoted words: the few that are numbers, truth or nothing, and those readers disagree on.

Invariant: what `resolve` returns is what every YAML 1.1 and YAML 1.2 reader takes the word for
(dates apart, which stay text here). Whatever some reader takes for something else is refused.

A file as a tree: every key and value with its place; and the parser's steps it is built from.

Bytes to text: strict UTF-8 without a character that cannot be seen.

Invariant: accepted text shows on a screen what it holds, and every reader splits it into the
same lines (LF or CRLF only). Absent on purpose: guessing an encoding in order to read on.

Building the tree of a file from parser events, and all that is wrong with it on the way.

Works without recursion and stops at `MAX_DEPTH`, so no input can exhaust the interpreter's stack.
Where the quick pass of `document` accepts, this one yields the same value; what that one doubts is
judged here alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from papka.core.findings import Code, Finding, Location
from papka.records import reading_codes

MAX_DIGITS = 15

Plain = str | int | float | bool | None

_TRUTH = ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "True", "TRUE")
_FALSEHOOD = ("n", "N", "no", "No", "NO", "off", "Off", "OFF", "False", "FALSE")
_NOTHING = ("~", "Null", "NULL")
_KNOWN: dict[str, Plain] = {"true": True, "false": False, "null": None, "": None}

WORDS = frozenset((*_TRUTH, *_FALSEHOOD, *_NOTHING, *_KNOWN, "=", "<<"))
"""Words that are not plainly text."""
FIRST = frozenset(word[0] for word in WORDS if word) | frozenset("0123456789+-.")
"""First characters of everything that may not be plainly text; "" apart."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+\Z")
_TIME = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
    r"(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?\Z"
)
_NUMBER = re.compile(
    r"[-+]?(?:"
    r"0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+"
    r"|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"
    r"|\.[0-9_]+(?:[eE][-+]?[0-9]+)?"
    r"|\.(?:inf|Inf|INF|nan|NaN|NAN))\Z"
)


class AmbiguousScalar(ValueError):
    """Readers disagree; `readings` says in Russian what some take the word for."""

    def __init__(self, readings: str) -> None:
        super().__init__(readings)
        self.readings = readings


class NumberTooLong(ValueError):
    """A number of more than `MAX_DIGITS` digits."""


def resolve(text: str) -> Plain:
    """The value of an unquoted word; raises AmbiguousScalar or NumberTooLong."""
    if text in WORDS:
        return _word(text)
    if text[0] not in FIRST:
        return text
    if _INTEGER.match(text):
        return int(_short(text))
    if _DECIMAL.match(text):
        return float(_short(text))
    if _NUMBER.match(text):
        raise AmbiguousScalar("числом или текстом")
    if _TIME.match(text):
        raise AmbiguousScalar("временем, числом или текстом")
    if _MOMENT.match(text):
        raise AmbiguousScalar("датой со временем или текстом")
    return text


def _word(text: str) -> Plain:
    if text in _KNOWN:
        return _KNOWN[text]
    if text in _TRUTH:
        raise AmbiguousScalar("«да» (истина) или текстом")
    if text in _FALSEHOOD:
        raise AmbiguousScalar("«нет» (ложь) или текстом")
    if text in _NOTHING:
        raise AmbiguousScalar("пустотой или текстом")
    raise AmbiguousScalar("служебным знаком или текстом")


def _short(text: str) -> str:
    if len(text) > MAX_DIGITS and sum(map(str.isdigit, text)) > MAX_DIGITS:
        raise NumberTooLong
    return text


class Mark(NamedTuple):
    """A place in the text: offset in characters from 0, line and column from 1."""

    offset: int
    line: int
    column: int


class Event(NamedTuple):
    """One step of a parser. `kind`: document, scalar, map, list, alias, end (of a collection),
    document end. `style`: "" for plain text, a quote, | or >; "flow" for collections in brackets.
    """

    kind: str
    start: Mark
    end: Mark
    text: str = ""
    style: str = ""
    anchor: str = ""
    tag: bool = False
    directives: bool = False


@dataclass(slots=True)
class Node:
    """A value with its place; `keys` go with `items` for a map, are empty for a list."""

    kind: str
    start: Mark
    end: Mark
    style: str = ""
    value: Plain = None
    keys: list[Node] = field(default_factory=lambda: _NO_NODES)
    items: list[Node] = field(default_factory=lambda: _NO_NODES)

    def plain(self) -> Any:  # noqa: ANN401 - a YAML value has any type
        """The value as dict, list or scalar; depth is bounded by MAX_DEPTH."""
        if self.kind == "map":
            return {
                key.value: item.plain() for key, item in zip(self.keys, self.items, strict=True)
            }
        if self.kind == "list":
            return [item.plain() for item in self.items]
        return self.value


_NO_NODES: list[Node] = []
"""Shared by all scalars: half a million empty lists would cost more than the file."""


def escaped(part: object) -> str:
    """A part of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def child(node: Node, part: str) -> tuple[Node | None, Node] | None:
    """Key and value one step of a JSON pointer down; None when it is not there."""
    if node.kind == "list":
        if part.isdecimal() and int(part) < len(node.items):
            return None, node.items[int(part)]
        return None
    name = part.replace("~1", "/").replace("~0", "~")
    for known, item in zip(node.keys, node.items, strict=True):
        if known.value == name:
            return known, item
    return None


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
    (re.compile(f"[{_BIDI}]"), reading_codes.YAML_BIDI),
    (re.compile(f"[{_SEPARATORS}\r]"), reading_codes.YAML_LINE_SEPARATOR),
    (re.compile(f"[{_CONTROLS}]"), reading_codes.YAML_CONTROL),
    (re.compile(""), reading_codes.YAML_INVISIBLE),
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
        return reading_codes.YAML_TOO_BIG.at(Location(path, line=1, column=1), limit="1 МБ")
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
    return reading_codes.YAML_NOT_UTF8.at(Location(path, line=line, column=column), guess=guess)


def _looks_utf16(data: bytes) -> bool:
    zeros = data.count(0)
    if zeros * 4 < len(data) or len(data) % 2:
        return False
    return zeros in (data[::2].count(0), data[1::2].count(0))


def _looks_cp1251(data: bytes) -> bool:
    """In Windows-1251 Russian small letters are E0-FF; in KOI8-R and DOS most are elsewhere."""
    high = [byte for byte in data[:65536] if byte >= 0x80]
    return sum(byte >= 0xE0 for byte in high) * 3 > len(high) * 2


MAX_DEPTH = 32
_SHOWN = 40

Report = Callable[..., None]
"""Takes a code, a mark, a pointer and the code's words."""


class Composer:
    """Builds the tree from events fed one by one; `root` when done.

    `report` is called for every fault; `last` is the newest scalar, which tells a lost quote.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._stack: list[Node] = []
        self._key: list[Node | None] = []
        self._seen: list[dict[str, Mark]] = []
        self._anchors: set[str] = set()
        self._documents = 0
        self.root: Node | None = None
        self.last: Event | None = None

    def feed(self, event: Event) -> bool:
        """Takes one event; False when there is no sense in going on."""
        if event.kind == "document":
            return self._document(event)
        if event.kind == "end":
            self._stack.pop().end = event.end
            self._key.pop()
            self._seen.pop()
        elif event.kind == "alias":
            self._place(Node("alias", event.start, event.end))
            if event.anchor not in self._anchors:
                self._say(reading_codes.YAML_ALIAS, event.start)
        elif event.kind != "document end":
            return self._node(event)
        return True

    def _document(self, event: Event) -> bool:
        self._documents += 1
        if event.directives:
            self._say(reading_codes.YAML_DIRECTIVE, event.start)
        if self._documents == 1:
            return True
        self._say(reading_codes.YAML_SECOND_DOCUMENT, event.start)
        return False

    def _node(self, event: Event) -> bool:
        node = Node(event.kind, event.start, event.end, event.style)
        scalar = event.kind == "scalar"
        if not scalar:
            node.keys, node.items = [], []
        self._place(node, event if scalar else None)
        if event.anchor:
            self._anchors.add(event.anchor)
            self._say(reading_codes.YAML_ANCHOR, event.start)
        if event.tag:
            self._say(reading_codes.YAML_TAG, event.start)
        if scalar:
            self.last = event
            return True
        if len(self._stack) == MAX_DEPTH:
            self._say(reading_codes.YAML_TOO_DEEP, event.start, limit=MAX_DEPTH)
            return False
        self._stack.append(node)
        self._key.append(None)
        self._seen.append({})
        return True

    def _place(self, node: Node, event: Event | None = None) -> None:
        if not self._stack:
            self.root = node
            self._resolve(node, event)
            return
        box = self._stack[-1]
        if box.kind == "list":
            box.items.append(node)
            self._resolve(node, event)
        elif (key := self._key[-1]) is None:
            self._key[-1] = node
            self._name(node, event)
        else:
            box.keys.append(key)
            box.items.append(node)
            self._resolve(node, event)
            self._key[-1] = None

    def _resolve(self, node: Node, event: Event | None) -> None:
        if event is None:
            return
        node.value = event.text
        if event.style or event.tag:
            for _, code, name in islice(refused(event.text), 1):
                self._say(code, node.start, character=name)
            return
        try:
            node.value = resolve(event.text)
        except AmbiguousScalar as fault:
            self._ambiguous(node, event.text, fault.readings)
        except NumberTooLong:
            self._say(reading_codes.YAML_NUMBER_TOO_LONG, node.start, limit=MAX_DIGITS)

    def _ambiguous(self, node: Node, text: str, readings: str) -> None:
        if len(text) > _SHOWN:
            self._say(reading_codes.YAML_NUMBER_TOO_LONG, node.start, limit=MAX_DIGITS)
            return
        self._say(
            reading_codes.YAML_AMBIGUOUS_SCALAR,
            node.start,
            value=text,
            readings=readings,
            cure=_cure(text),
        )

    def _name(self, node: Node, event: Event | None) -> None:
        if event is not None and event.text == "<<" and not event.style:
            node.value = "<<"
            self._say(reading_codes.YAML_MERGE_KEY, node.start)
            return
        self._resolve(node, event)
        if not isinstance(node.value, str):
            node.value = ""
            if node.kind != "alias":
                self._say(reading_codes.YAML_KEY_NOT_STRING, node.start)
            return
        seen = self._seen[-1]
        name = unicodedata.normalize("NFC", node.value)
        first = seen.setdefault(name, node.start)
        if first is not node.start:
            self._say(
                reading_codes.YAML_DUPLICATE_KEY, node.start, related=(first,), first=first.line
            )

    def _say(
        self, code: Code, mark: Mark, *, related: tuple[Mark, ...] = (), **words: object
    ) -> None:
        self._report(code, mark, self._pointer(), related, words)

    def _pointer(self) -> str:
        parts = []
        for box, key in zip(self._stack, self._key, strict=True):
            if box.kind == "list":
                parts.append(str(max(len(box.items) - 1, 0)))
            elif key is not None:
                parts.append(escaped(key.value))
            elif box.keys:
                parts.append(escaped(box.keys[-1].value))
        return "".join(f"/{part}" for part in parts)


def _cure(text: str) -> str:
    truth = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}.get(text)
    if truth:
        return f'Напишите {truth} (истина и ложь пишутся строчными) или "{text}", если это текст'
    if text in ("~", "Null", "NULL"):
        return f'Если значения нет, удалите строку; если это текст, напишите "{text}"'
    return f'Если это текст, напишите "{text}"; если число — простыми цифрами, например 12 или 4.5'
