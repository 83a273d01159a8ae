"""A file of records: bytes in, value or findings out; and the place of anything in it.

`read` accepts only what every YAML 1.1 and 1.2 reader takes alike: integers, decimals, true, false,
null and text (dates stay text). A quick pass goes from parser events straight to values and gives
up at the first oddity; the careful one (`parse_carefully`) then builds a tree with places and lists
every fault. Faults of characters come first, and what they make unreadable is not reported a second
time. This is the only module that knows yaml; the nodes of the library are not used, because its
composer overflows the C stack on deep input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple
from unicodedata import is_normalized

import yaml
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from papka.core.findings import Code, Finding, Location, sort_findings
from papka.core.snapshot import Snapshot, bytes_of
from papka.records import reading_codes, yaml_tree
from papka.records.reading_codes import AT_KEY
from papka.records.yaml_tree import MAX_DEPTH, Composer, Event, Node, SourceMark, child, is_clean


class RecordFile(NamedTuple):
    """A file as it was read: a dict, list or scalar, or None and the findings that say why.

    `doubts` are values that some reader would refuse, and that the schema may word better.
    """

    value: Any
    findings: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


def read(data: bytes, path: str) -> RecordFile:
    """Read a file strictly; `path` only names it in findings. Never raises."""
    text = yaml_tree.decode(data, path)
    if isinstance(text, Finding):
        return RecordFile(None, (text,))
    if is_clean(text) and "\t" not in text:
        try:
            return RecordFile(_read_quickly(data))
        except (_Doubt, ValueError, yaml.YAMLError):
            pass
    judged = parse_carefully(text, path)
    if judged.findings or judged.root is None:
        return RecordFile(None, judged.findings)
    return RecordFile(judged.root.plain(), doubts=judged.doubts)


def locate(data: bytes, pointer: str, *, key: bool = False) -> tuple[int, int]:
    """Return line and column, from 1, of what a JSON pointer addresses, or of its key.

    The nearest existing ancestor stands in for what is not there; (1, 1) when unreadable.
    """
    return _locate_in(parse_tree(data), pointer, key=key)


def _locate_in(root: Node | None, pointer: str, *, key: bool) -> tuple[int, int]:
    if root is None:
        return 1, 1
    node = at = root
    for part in pointer.split("/")[1:]:
        found = child(node, part)
        if found is None:
            break
        name, node = found
        at = name if key and name is not None else node
    return at.start.line, at.start.column


def parse_tree(data: bytes) -> Node | None:
    """Return the tree with places, as far as the file can be read; None when there is none.

    Marks count characters of the decoded text; a BOM, if any, counts as one.
    """
    text = yaml_tree.decode(data, "")
    return None if isinstance(text, Finding) else parse_carefully(text, "").root


Source = Callable[[str], bytes | None]
"""Bytes of a file by its path; None when it is not there."""


def snapshot_source(snapshot: Snapshot) -> Source:
    """Return a function that reads a path's bytes, None when it is not there."""
    return partial(bytes_of, snapshot)


def add_lines(findings: Iterable[Finding], source: Source) -> list[Finding]:
    """Give findings lines and columns, as far as their files can be read.

    Rules work on values and know only JSON pointers; a rejected file is parsed once more here,
    once however many findings it has.
    """

    @cache
    def parse(path: str) -> tuple[bool, Node | None]:
        data = source(path)
        return data is not None, parse_tree(data or b"")

    def pin(where: Location, *, key: bool = False) -> Location:
        if where.line or where.commit or not where.path.endswith(".yaml"):
            return where
        is_there, root = parse(where.path)
        if not is_there:
            return where
        line, column = _locate_in(root, where.pointer, key=key)
        return replace(where, line=line, column=column)

    return [
        replace(
            finding,
            where=pin(finding.where, key=finding.code in AT_KEY),
            related=tuple(pin(where) for where in finding.related),
        )
        for finding in findings
    ]


Value = Any
"""A value read from YAML."""
Steps = tuple[str | int, ...]


def iterate_entries(value: Value, at: Steps = ()) -> Iterator[tuple[Steps, dict[str, Value]]]:
    """Yield every entry (a mapping of a list that has an id) with the steps that lead to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from iterate_entries(inner, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                yield (*at, index), item
            yield from iterate_entries(item, (*at, index))


_CACHED_LENGTH = 32
_NUMERIC = frozenset("0123456789+-.")
_resolve_cached = lru_cache(maxsize=4096)(yaml_tree.resolve)


_TIGHT_REMARK_BYTES = re.compile(rb"[|>][-+0-9]{0,2}#")


class _Doubt(Exception):
    """The quick pass leaves the file to the careful one."""


def _read_quickly(data: bytes) -> Any:  # noqa: ANN401, C901, PLR0912, PLR0915 - one flat loop: calls cost
    """Build the value straight from events; raise _Doubt, ValueError or YAMLError at any oddity."""
    marked = b"&" in data or b"*" in data or b"!" in data or b"%" in data
    escaped = b"\\" in data
    if b"#" in data and _TIGHT_REMARK_BYTES.search(data):
        raise _Doubt
    asking = b"?" in data and (b"[" in data or b"{" in data)
    step: Callable[[], Any] = CParser(data).get_event
    scalar, map_start, list_start = ScalarEvent, MappingStartEvent, SequenceStartEvent
    first, words, numeric, resolve = yaml_tree.FIRST, yaml_tree.WORDS, _NUMERIC, _resolve_cached
    step()
    event = step()
    if event.__class__ is not DocumentStartEvent or event.version or event.tags:
        raise _Doubt
    root: list[Any] = []
    box: Any = root
    keyed = False
    key = ""
    stack: list[Any] = []
    while True:
        event = step()
        kind = event.__class__
        if keyed and kind is scalar:
            key = event.value
            if key in box or key in words or key[0] in numeric:
                raise _Doubt
            if not key.isascii() and not is_normalized("NFC", key):
                raise _Doubt
            if (marked and (event.anchor or event.tag)) or (escaped and not is_clean(key)):
                raise _Doubt
            if asking and "?" in key:
                raise _Doubt
            event = step()
            kind = event.__class__
        elif keyed and kind is not MappingEndEvent:
            raise _Doubt
        if kind is scalar:
            value = event.value
            if marked and (event.anchor or event.tag):
                raise _Doubt
            if escaped and not is_clean(value):
                raise _Doubt
            if asking and "?" in value:
                raise _Doubt
            if (not value or value[0] in first) and event.implicit[0]:
                value = resolve(value) if len(value) < _CACHED_LENGTH else yaml_tree.resolve(value)
            if keyed:
                box[key] = value
            else:
                box.append(value)
                if box is root:
                    break
        elif kind is map_start or kind is list_start:
            if (marked and (event.anchor or event.tag)) or len(stack) == MAX_DEPTH:
                raise _Doubt
            stack.append(box)
            inner: Any = {} if kind is map_start else []
            if keyed:
                box[key] = inner
            else:
                box.append(inner)
            box = inner
            keyed = kind is map_start
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            box = stack.pop()
            if box is root:
                break
            keyed = box.__class__ is dict
        else:
            raise _Doubt
    step()
    if step().__class__ is not StreamEndEvent or root[0] is None:
        raise _Doubt
    return root[0]


_MAX_FINDINGS = 1000
"""Where reading ends: a file that bad is mended in turns, and costs no more time."""
_SIGNS = (reading_codes.YAML_ALIAS, reading_codes.YAML_ANCHOR, reading_codes.YAML_TAG)


class JudgedFile(NamedTuple):
    """The tree as far as it could be read, and every fault in order of place."""

    root: Node | None
    findings: tuple[Finding, ...]
    doubts: tuple[Finding, ...] = ()


def parse_carefully(text: str, path: str) -> JudgedFile:
    """Parse a decoded text carefully: the tree, and what is wrong with it."""
    bom = text.startswith("\ufeff")
    found = _Findings(path, int(bom))
    if bom:
        text = text[1:]
        found.add(reading_codes.YAML_BOM, SourceMark(-1, 1, 0))
    _find_bad_characters(text, found)
    has_bad_characters = len(found) > bom
    composer = Composer(found.add)
    try:
        for event in _events(yaml_tree.harmless(text)):
            if not composer.feed(event) or found.full:
                break
        else:
            root = composer.root
            if root is None or (root.kind == "scalar" and root.value is None and not len(found)):
                found.add(reading_codes.YAML_EMPTY, SourceMark(0, 1, 1))
    except _Stopped as stopped:
        problem, mark, context, start = stopped.args
        lines = text.split("\n")
        complaint = _Complaint(problem, mark, context, start, lines, composer.last)
        if not has_bad_characters and not found.signs_in(complaint.mark.line):
            fault = _explain(complaint)
            found.add(fault.code, fault.mark, words=fault.words)
    else:
        if composer.root is not None:
            _find_what_others_refuse(text, composer.root, found)
    doubts = _Findings(path, int(bom))
    for mark, pointer, day in composer.unreal:
        words: dict[str, object] = {
            "value": day,
            "readings": _UNREAL,
            "cure": yaml_tree.advise(day),
        }
        doubts.add(reading_codes.YAML_AMBIGUOUS_SCALAR, mark, pointer, words=words)
    return JudgedFile(composer.root, found.sorted(), doubts.sorted())


_UNREAL = "датой, которой нет в календаре, или текстом"


_TIGHT_REMARK = re.compile(r"[|>][-+0-9]{0,2}(?=#)")


def _find_what_others_refuse(text: str, root: Node, found: _Findings) -> None:
    if "\t" in text:
        _find_tabs(text, root, found)
    if _TIGHT_REMARK.search(text):
        _find_tight_remarks(text, root, found)


def _find_tight_remarks(text: str, root: Node, found: _Findings) -> None:
    """Report a remark right behind the sign of a text of many lines: some readers refuse it."""
    for node in yaml_tree.scalars(root):
        tight = _TIGHT_REMARK.match(text, node.start.offset) if node.style in ("|", ">") else None
        if tight is not None:
            words: dict[str, object] = {
                "problem": f"после знака {tight[0]} вплотную стоит #",
                "cure": "Поставьте перед # пробел или уберите замечание",
            }
            found.add(reading_codes.YAML_SYNTAX, node.start, words=words)


def _find_tabs(text: str, root: Node, found: _Findings) -> None:
    """Report tabs outside quotes, texts of many lines and comments: not every reader skips them.

    At the end of a line of a text of many lines a tab is a part of the text that nobody sees.
    """
    inside = [
        (
            text.find("\n", node.start.offset) if node.style in "|>" else node.start.offset,
            node.end.offset,
            node.style in "|>",
        )
        for node in yaml_tree.scalars(root)
        if node.style
    ]
    spans = iter(inside)
    start, end, is_block = next(spans, (len(text), len(text), False))
    offset = 0
    for number, line in enumerate(text.split("\n"), 1):
        last = len(line.rstrip())
        for column, sign in enumerate(line, 1):
            at = offset + column - 1
            while at >= end:
                start, end, is_block = next(spans, (len(text), len(text) + 1, False))
            if start <= at < end and not (is_block and sign == "\t" and column > last):
                continue
            if sign == "#" and (column == 1 or line[column - 2] in " \t"):
                break
            if sign == "\t":
                found.add(reading_codes.YAML_TAB, SourceMark(at, number, column))
                break
        offset += len(line) + 1


def _find_bad_characters(text: str, found: _Findings) -> None:
    line, start, read = 1, 0, 0
    for offset, code, name in yaml_tree.refused(text):
        if found.full:
            return
        line += text.count("\n", read, offset)
        start = max(start, text.rfind("\n", read, offset) + 1)
        read = offset
        found.add(code, SourceMark(offset, line, offset - start + 1), words={"character": name})


class _Findings:
    """Findings of one path as they come; `shift` columns were cut off line 1."""

    def __init__(self, path: str, shift: int) -> None:
        self._path = path
        self._shift = shift
        self._found: list[Finding] = []

    def __len__(self) -> int:
        return len(self._found)

    @property
    def full(self) -> bool:
        return len(self._found) >= _MAX_FINDINGS

    def signs_in(self, line: int) -> bool:
        """Tell whether an anchor, alias or tag in the line explains a stumble after it."""
        return any(one.where.line == line and one.code in _SIGNS for one in self._found)

    def add(
        self,
        code: Code,
        mark: SourceMark,
        pointer: str = "",
        related: tuple[SourceMark, ...] = (),
        words: dict[str, object] | None = None,
    ) -> None:
        there = [self._where(mark, "") for mark in related]
        self._found.append(code.at(self._where(mark, pointer), related=there, **(words or {})))

    def _where(self, mark: SourceMark, pointer: str) -> Location:
        column = mark.column + (self._shift if mark.line == 1 else 0)
        return Location(self._path, pointer, mark.line, column)

    def sorted(self) -> tuple[Finding, ...]:
        return tuple(sort_findings(self._found))


class _Stopped(Exception):
    """The parser cannot go on; `args` are the first four fields of a _Complaint."""


def _events(text: str) -> Iterator[Event]:
    """Yield the library's events in our words; raise _Stopped with its problem and places."""
    parser = CParser(text)
    try:
        event: Any = None
        while event.__class__ is not StreamEndEvent:
            event = parser.get_event()
            if isinstance(event, (NodeEvent, CollectionEndEvent, DocumentStartEvent)):
                yield _event(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _Stopped(
            error.problem or "",
            _mark(mark),
            error.context or "",
            _mark(error.context_mark or mark),
        ) from None
    except (yaml.YAMLError, ValueError):
        start = SourceMark(0, 1, 1)
        raise _Stopped("", start, "", start) from None


def _event(event: Any) -> Event:  # noqa: ANN401 - the library's events carry no types
    start, end = _mark(event.start_mark), _mark(event.end_mark)
    if isinstance(event, DocumentStartEvent):
        return Event("document", start, end, directives=bool(event.version or event.tags))
    if isinstance(event, CollectionEndEvent):
        return Event("end", start, end)
    anchor = event.anchor or ""
    if isinstance(event, AliasEvent):
        return Event("alias", start, end, anchor=anchor)
    tag = event.tag is not None
    if isinstance(event, ScalarEvent):
        return Event("scalar", start, end, event.value, event.style or "", anchor, tag)
    kind = "map" if isinstance(event, MappingStartEvent) else "list"
    return Event(kind, start, end, "", "flow" if event.flow_style else "", anchor, tag)


def _mark(mark: Any) -> SourceMark:  # noqa: ANN401 - as above
    return SourceMark(mark.index, mark.line + 1, mark.column + 1)


class _Complaint(NamedTuple):
    """Where and why the parser stopped, the lines of the file, the newest scalar read."""

    problem: str
    mark: SourceMark
    context: str
    context_mark: SourceMark
    lines: list[str]
    last: Event | None

    def line(self, number: int) -> str:
        """Return a line by its number from 1; "" outside."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


class _Fault(NamedTuple):
    """The slip behind a complaint."""

    code: Code
    mark: SourceMark
    words: dict[str, object] | None = None


_Rule = Callable[[_Complaint], _Fault | None]
_INDENT_TAB = re.compile(r"[ ]*(?:- +)*\t")
_GLUED = re.compile(r"(\s*(?:- +)*[\w-]+):[^\s:/]")
_KEY_LINE = re.compile(r"\s*(?:- +)*[\w-]+:(?:\s|$)")
_TWICE = re.compile(r"\s*(?:- +)*[\w-]+:\s+[^\s#].*:\s")


def _explain(complaint: _Complaint) -> _Fault:
    """Name the slip: a parser says where it stopped, the slip is often earlier.

    Each rule looks at the text around that place for the slip it knows; the first that finds it
    answers, else the parser's own problem is put in Russian.
    """
    for rule in _RULES:
        fault = rule(complaint)
        if fault is not None:
            return fault
    problem, cure = next(
        (problem, cure) for part, problem, cure in _GENERIC if part in complaint.problem
    )
    return _Fault(reading_codes.YAML_SYNTAX, complaint.mark, {"problem": problem, "cure": cure})


def _find_deep_nesting(complaint: _Complaint) -> _Fault | None:
    """Find what libyaml 0.2.6 stops at, far deeper than our limit and before it told of any level:
    what lies before its stop shows where that was passed."""
    if "maximum nesting depth" not in complaint.problem:
        return None
    deep = [complaint.mark]

    def note(code: Code, mark: SourceMark, *_: object, **_more: object) -> None:
        if code is reading_codes.YAML_TOO_DEEP:
            deep.append(mark)

    composer = Composer(note)
    with suppress(_Stopped):
        for event in _events(
            yaml_tree.harmless("\n".join(complaint.lines)[: complaint.mark.offset])
        ):
            if not composer.feed(event):
                break
    return _Fault(reading_codes.YAML_TOO_DEEP, deep[-1], {"limit": MAX_DEPTH})


def _find_tab_indent(complaint: _Complaint) -> _Fault | None:
    for number in (complaint.mark.line, complaint.context_mark.line + 1):
        found = _INDENT_TAB.match(complaint.line(number))
        if found:
            mark = complaint.mark._replace(line=number, column=found.end())
            return _Fault(reading_codes.YAML_TAB_INDENT, mark)
    return None


def _find_open_quote(complaint: _Complaint) -> _Fault | None:
    if "quoted scalar" in complaint.context and "escape" not in complaint.problem:
        return _Fault(reading_codes.YAML_QUOTE_NOT_CLOSED, complaint.context_mark)
    return None


def _find_text_after_quote(complaint: _Complaint) -> _Fault | None:
    """Find text right after a quoted value: a stray word, or a quote that closed lines too late."""
    last = complaint.last
    if last is None or last.style not in ("'", '"') or last.end.line != complaint.mark.line:
        return None
    if last.start.line != last.end.line:
        return _Fault(reading_codes.YAML_QUOTE_NOT_CLOSED, last.start)
    if complaint.mark.offset >= last.end.offset and complaint.problem.startswith("did not find"):
        return _Fault(reading_codes.YAML_TEXT_AFTER_VALUE, complaint.mark)
    return None


def _find_text_after_bracket(complaint: _Complaint) -> _Fault | None:
    before = complaint.line(complaint.mark.line)[: complaint.mark.column - 1].rstrip()
    if "block" in complaint.context and before.endswith(("]", "}")):
        return _Fault(reading_codes.YAML_TEXT_AFTER_VALUE, complaint.mark)
    return None


def _find_bad_escape(complaint: _Complaint) -> _Fault | None:
    if "escape" in complaint.problem or "hexdecimal" in complaint.problem:
        return _Fault(reading_codes.YAML_BAD_ESCAPE, complaint.mark)
    return None


def _find_reserved_sign(complaint: _Complaint) -> _Fault | None:
    """Find a text that begins with a sign YAML keeps for itself."""
    for word, code in (
        ("an alias", reading_codes.YAML_ALIAS),
        ("an anchor", reading_codes.YAML_ANCHOR),
        ("a tag", reading_codes.YAML_TAG),
        ("a directive", reading_codes.YAML_DIRECTIVE),
        ("%TAG", reading_codes.YAML_DIRECTIVE),
        ("%YAML", reading_codes.YAML_DIRECTIVE),
    ):
        if word in complaint.context or word in complaint.problem:
            return _Fault(code, complaint.context_mark)
    if "tag handle" in complaint.problem:
        return _Fault(reading_codes.YAML_TAG, complaint.mark)
    if "directive" in complaint.problem:
        return _Fault(reading_codes.YAML_DIRECTIVE, complaint.mark)
    if complaint.problem == "found character that cannot start any token":
        sign = complaint.line(complaint.mark.line)[complaint.mark.column - 1 :][:1]
        return _Fault(
            reading_codes.YAML_RESERVED_CHARACTER, complaint.mark, {"character": f"«{sign}»"}
        )
    return None


def _find_open_bracket(complaint: _Complaint) -> _Fault | None:
    if "flow" in complaint.context:
        return _Fault(reading_codes.YAML_BRACKET_NOT_CLOSED, complaint.context_mark)
    return None


def _find_glued_colon(complaint: _Complaint) -> _Fault | None:
    """Find `key:value`, which swallows the next line or lacks its colon."""
    here = complaint.mark.line
    for number in (complaint.context_mark.line, here, here - 1):
        found = _GLUED.match(complaint.line(number))
        if found:
            place = complaint.mark._replace(line=number, column=found.end(1) + 1)
            return _Fault(reading_codes.YAML_NO_SPACE_AFTER_COLON, place)
    return None


def _find_second_colon(complaint: _Complaint) -> _Fault | None:
    before = complaint.line(complaint.mark.line)[: complaint.mark.column] + " "
    if "mapping values" in complaint.problem and _TWICE.match(before):
        return _Fault(reading_codes.YAML_COLON_IN_VALUE, complaint.mark)
    return None


def _find_missing_colon(complaint: _Complaint) -> _Fault | None:
    if complaint.problem == "could not find expected ':'":
        return _Fault(reading_codes.YAML_NO_COLON, complaint.context_mark)
    return None


def _find_bad_indent(complaint: _Complaint) -> _Fault | None:
    line = complaint.line(complaint.mark.line)
    starts = len(line) - len(line.lstrip(" ")) + 1
    place = complaint.mark._replace(column=starts)
    if "mapping values" in complaint.problem and _KEY_LINE.match(line):
        return _Fault(reading_codes.YAML_BAD_INDENT, place)
    if "block" in complaint.context and complaint.mark.column == starts:
        return _Fault(reading_codes.YAML_BAD_INDENT, place)
    return None


_RULES: tuple[_Rule, ...] = (
    _find_deep_nesting,
    _find_tab_indent,
    _find_bad_escape,
    _find_open_quote,
    _find_text_after_quote,
    _find_text_after_bracket,
    _find_reserved_sign,
    _find_open_bracket,
    _find_glued_colon,
    _find_second_colon,
    _find_missing_colon,
    _find_bad_indent,
)

_GENERIC = (
    (
        "block sequence entries",
        "список не может начинаться в этом месте",
        "Начните список с новой строки с отступом: «- значение»; текст возьмите в кавычки",
    ),
    (
        "mapping values",
        "здесь не может стоять двоеточие",
        "Возьмите значение в кавычки или начните поле с новой строки",
    ),
    (
        "node content",
        "здесь ожидалось значение",
        "Возьмите значение в кавычки",
    ),
    (
        "document start",
        "здесь не ожидалось продолжения",
        "Возьмите значение в кавычки или исправьте отступ",
    ),
    (
        "",
        "запись не по правилам YAML",
        "Проверьте отступы, кавычки и двоеточия в этой строке и в предыдущей",
    ),
)
