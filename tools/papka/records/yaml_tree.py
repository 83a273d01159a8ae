"""The strict subset of YAML: which characters and unquoted words pass, and the tree of a file.

Accepted text shows on a screen what it holds, and every reader splits it into the same lines (LF or
CRLF) and takes each unquoted word for the same value (dates stay text). Whatever some reader takes
for something else is refused; an encoding is never guessed in order to read on. The tree is built
without recursion and stops at `MAX_DEPTH`, so no input exhausts the interpreter's stack.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
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
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
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
    """Readers disagree on a word; `readings` says in Russian what some take it for."""

    def __init__(self, readings: str) -> None:
        super().__init__(readings)
        self.readings = readings


class UnrealDay(ValueError):
    """A text written as a day that the calendar lacks: some readers stop at it."""


class NumberTooLong(ValueError):
    """A number of more than `MAX_DIGITS` digits."""


def resolve(text: str) -> Plain:
    """Return the value of an unquoted word; raise AmbiguousScalar, NumberTooLong or UnrealDay."""
    if text in WORDS:
        return _resolve_word(text)
    if text[0] not in FIRST:
        return text
    if _INTEGER.match(text):
        return int(_check_length(text))
    if _DECIMAL.match(text):
        return float(_check_length(text))
    if _NUMBER.match(text):
        raise AmbiguousScalar("числом или текстом")
    if _TIME.match(text):
        raise AmbiguousScalar("временем, числом или текстом")
    if _MOMENT.match(text):
        raise AmbiguousScalar("датой со временем или текстом")
    if _DAY.match(text) and not _is_real(text):
        raise UnrealDay(text)
    return text


def _is_real(day: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(day))
    except ValueError:
        return False


def _resolve_word(text: str) -> Plain:
    if text in _KNOWN:
        return _KNOWN[text]
    if text in _TRUTH:
        raise AmbiguousScalar("«да» (истина) или текстом")
    if text in _FALSEHOOD:
        raise AmbiguousScalar("«нет» (ложь) или текстом")
    if text in _NOTHING:
        raise AmbiguousScalar("пустотой или текстом")
    raise AmbiguousScalar("служебным знаком или текстом")


def _check_length(text: str) -> str:
    if len(text) > MAX_DIGITS and sum(map(str.isdigit, text)) > MAX_DIGITS:
        raise NumberTooLong
    return text


class SourceMark(NamedTuple):
    """A place in a text: offset in characters from 0, line and column from 1."""

    offset: int
    line: int
    column: int


class Event(NamedTuple):
    """One step of a parser. `kind`: document, scalar, map, list, alias, end (of a collection).
    `style`: "" for plain text, a quote, | or >; "flow" for collections in brackets.
    """

    kind: str
    start: SourceMark
    end: SourceMark
    text: str = ""
    style: str = ""
    anchor: str = ""
    tag: bool = False
    directives: bool = False


@dataclass(slots=True)
class Node:
    """A value with its place; `keys` go with `items` for a map, are empty for a list."""

    kind: str
    start: SourceMark
    end: SourceMark
    style: str = ""
    value: Plain = None
    keys: list[Node] = field(default_factory=lambda: _NO_NODES)
    items: list[Node] = field(default_factory=lambda: _NO_NODES)

    def plain(self) -> Any:  # noqa: ANN401 - a YAML value has any type
        """Return the value as dict, list or scalar."""
        if self.kind == "map":
            return {
                key.value: item.plain() for key, item in zip(self.keys, self.items, strict=True)
            }
        if self.kind == "list":
            return [item.plain() for item in self.items]
        return self.value


def scalars(root: Node) -> Iterator[Node]:
    """Yield keys and values that are no collections, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.kind == "map":
            for key, item in zip(reversed(node.keys), reversed(node.items), strict=True):
                stack += [item, key]
        elif node.kind == "list":
            stack += reversed(node.items)
        else:
            yield node


_NO_NODES: list[Node] = []
"""Shared by all scalars: half a million empty lists would cost more than the file."""


def escaped(part: object) -> str:
    """Escape a part of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def steps_of(pointer: str) -> list[str]:
    """Split a JSON pointer into its steps, unescaped."""
    return [_unescaped(part) for part in pointer.split("/")[1:]]


def pointer_to(steps: Iterable[object]) -> str:
    """Join steps into a JSON pointer."""
    return "".join(f"/{escaped(step)}" for step in steps)


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def child(node: Node, part: str) -> tuple[Node | None, Node] | None:
    """Return key and value one (escaped) step of a JSON pointer down; None when not there."""
    if node.kind == "list":
        if part.isdecimal() and int(part) < len(node.items):
            return None, node.items[int(part)]
        return None
    name = _unescaped(part)
    for known, item in zip(node.keys, node.items, strict=True):
        if known.value == name:
            return known, item
    return None


def node_at(root: Node, pointer: str) -> Node | None:
    """Return the value that a JSON pointer addresses; None when it is not there."""
    node = root
    for part in pointer.split("/")[1:]:
        found = child(node, part)
        if found is None:
            return None
        node = found[1]
    return node


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
    """Tell whether no character of the text is refused; microseconds for usual Russian text."""
    return _USUAL.match(text) is not None or _REFUSED.search(text) is None


def refused(text: str) -> Iterator[tuple[int, Code, str]]:
    """Yield index, code and name of each refused character."""
    for match in _REFUSED.finditer(text):
        character = match[0]
        code = next(code for pattern, code in _CODES if pattern.match(character))
        name = f" ({_NAMES[character]})" if character in _NAMES else ""
        yield match.start(), code, f"U+{ord(character):04X}{name}"


def harmless(text: str) -> str:
    """Replace every refused character by a letter: indices stay, the rest can be judged."""
    return _REFUSED.sub("x", text)


def decode(data: bytes, path: str) -> str | Finding:
    """Return the text, or why the bytes are none."""
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
    """Guess by small Russian letters: E0-FF in Windows-1251, mostly elsewhere in KOI8-R and DOS."""
    high = [byte for byte in data[:65536] if byte >= 0x80]
    return sum(byte >= 0xE0 for byte in high) * 3 > len(high) * 2


MAX_DEPTH = 32
_LONGEST_QUOTED = 40

Report = Callable[..., None]
"""Takes a code, a mark, a JSON pointer, related marks and the words of the code."""


class Composer:
    """Builds the tree from events fed one by one and reports every fault on the way.

    `root` is the tree so far, `last` the newest scalar, which tells a lost quote; `unreal` days
    that the calendar lacks, which the schema may word better: mark, JSON pointer, text.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._stack: list[Node] = []
        self._keys: list[Node | None] = []
        self._seen: list[dict[str, SourceMark]] = []
        self._anchors: set[str] = set()
        self._documents = 0
        self.unreal: list[tuple[SourceMark, str, str]] = []
        self.root: Node | None = None
        self.last: Event | None = None

    def feed(self, event: Event) -> bool:
        """Take one event; return False when there is no sense in going on."""
        if event.kind == "document":
            return self._open_document(event)
        if event.kind == "end":
            self._stack.pop().end = event.end
            self._keys.pop()
            self._seen.pop()
        elif event.kind == "alias":
            self._put(Node("alias", event.start, event.end))
            if event.anchor not in self._anchors:
                self._report_at(reading_codes.YAML_ALIAS, event.start)
        else:
            return self._add_node(event)
        return True

    def _open_document(self, event: Event) -> bool:
        self._documents += 1
        if event.directives:
            self._report_at(reading_codes.YAML_DIRECTIVE, event.start)
        if self._documents == 1:
            return True
        self._report_at(reading_codes.YAML_SECOND_DOCUMENT, event.start)
        return False

    def _add_node(self, event: Event) -> bool:
        node = Node(event.kind, event.start, event.end, event.style)
        scalar = event.kind == "scalar"
        if not scalar:
            node.keys, node.items = [], []
        self._put(node, event if scalar else None)
        if event.anchor:
            self._anchors.add(event.anchor)
            self._report_at(reading_codes.YAML_ANCHOR, event.start)
        if event.tag:
            self._report_at(reading_codes.YAML_TAG, event.start)
        if scalar:
            self.last = event
            return True
        if len(self._stack) == MAX_DEPTH:
            self._report_at(reading_codes.YAML_TOO_DEEP, event.start, limit=MAX_DEPTH)
            return False
        self._stack.append(node)
        self._keys.append(None)
        self._seen.append({})
        return True

    def _put(self, node: Node, event: Event | None = None) -> None:
        if not self._stack:
            self.root = node
            self._resolve(node, event)
            return
        box = self._stack[-1]
        if box.kind == "list":
            box.items.append(node)
            self._resolve(node, event)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = node
            self._check_key(node, event)
        else:
            box.keys.append(key)
            box.items.append(node)
            self._resolve(node, event)
            self._keys[-1] = None

    def _resolve(self, node: Node, event: Event | None) -> None:
        if event is None:
            return
        node.value = event.text
        if event.style or event.tag:
            for _, code, name in islice(refused(event.text), 1):
                self._report_at(code, node.start, character=name)
            return
        try:
            node.value = self._resolve_plain(event.text)
        except UnrealDay:
            self.unreal.append((node.start, self._pointer(), event.text))
        except (AmbiguousScalar, NumberTooLong) as fault:
            if isinstance(fault, NumberTooLong) or len(event.text) > _LONGEST_QUOTED:
                self._report_at(reading_codes.YAML_NUMBER_TOO_LONG, node.start, limit=MAX_DIGITS)
                return
            self._report_at(
                reading_codes.YAML_AMBIGUOUS_SCALAR,
                node.start,
                value=event.text,
                readings=fault.readings,
                cure=advise(event.text),
            )

    def _resolve_plain(self, text: str) -> Plain:
        if "?" in text and any(box.style == "flow" for box in self._stack):
            raise AmbiguousScalar("служебным знаком или текстом")
        return resolve(text)

    def _check_key(self, node: Node, event: Event | None) -> None:
        if event is not None and event.text == "<<" and not event.style:
            node.value = "<<"
            self._report_at(reading_codes.YAML_MERGE_KEY, node.start)
            return
        self._resolve(node, event)
        if not isinstance(node.value, str):
            node.value = ""
            if node.kind != "alias":
                self._report_at(reading_codes.YAML_KEY_NOT_STRING, node.start)
            return
        seen = self._seen[-1]
        name = unicodedata.normalize("NFC", node.value)
        first = seen.setdefault(name, node.start)
        if first is not node.start:
            self._report_at(
                reading_codes.YAML_DUPLICATE_KEY, node.start, related=(first,), first=first.line
            )

    def _report_at(
        self, code: Code, mark: SourceMark, *, related: tuple[SourceMark, ...] = (), **words: object
    ) -> None:
        self._report(code, mark, self._pointer(), related, words)

    def _pointer(self) -> str:
        steps: list[object] = []
        for box, key in zip(self._stack, self._keys, strict=True):
            if box.kind == "list":
                steps.append(max(len(box.items) - 1, 0))
            elif key is not None:
                steps.append(key.value)
            elif box.keys:
                steps.append(box.keys[-1].value)
        return pointer_to(steps)


def advise(text: str) -> str:
    """Say how to write a word that readers take differently."""
    truth = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}.get(text)
    if truth:
        return f'Напишите {truth} (истина и ложь пишутся строчными) или "{text}", если это текст'
    if text in ("~", "Null", "NULL"):
        return f'Если значения нет, удалите строку; если это текст, напишите "{text}"'
    return f'Если это текст, напишите "{text}"; если число — простыми цифрами, например 12 или 4.5'
