"""A file of records: bytes in, value or findings out. The only module that knows yaml.

Invariants: `read` never raises; it accepts only what every YAML 1.1 and 1.2 reader takes alike
(integers, decimals, true, false, null, text; dates stay text); a rejected file has no value.
Two passes: a quick one from parser events straight to values, which doubts at the first oddity,
and the careful one of `careful`, which judges, finds places and lists every fault.
Absent on purpose: nodes of the library (its composer overflows the C stack on deep input) and
writing (`edit`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
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

from papka.core.findings import Finding
from papka.text import careful, characters, scalars
from papka.text.characters import is_clean
from papka.text.composer import MAX_DEPTH
from papka.text.tree import Event, Mark, Node, child

_CACHED_LENGTH = 32
_NUMERIC = frozenset("0123456789+-.")
_known = lru_cache(maxsize=4096)(scalars.resolve)


class Document(NamedTuple):
    """`value` is dict, list or scalar; None when `findings` is not empty."""

    value: Any
    findings: tuple[Finding, ...] = ()


class _Doubt(Exception):
    """The quick pass leaves the file to the careful one."""


def read(data: bytes, path: str) -> Document:
    """The document in `data`; `path` only names it in findings. Never raises."""
    text = characters.decode(data, path)
    if isinstance(text, Finding):
        return Document(None, (text,))
    if is_clean(text):
        try:
            return Document(_quick(data))
        except (_Doubt, ValueError, yaml.YAMLError):
            pass
    judged = careful.judge(text, path, _events)
    if judged.findings or judged.root is None:
        return Document(None, judged.findings)
    return Document(judged.root.plain())


def locate(data: bytes, pointer: str, *, key: bool = False) -> tuple[int, int]:
    """As `placer`, for one question."""
    return placer(data)(pointer, key=key)


class Placer(Protocol):
    def __call__(self, pointer: str, *, key: bool = False) -> tuple[int, int]: ...


def placer(data: bytes) -> Placer:
    """Tells line and column, from 1, of what a JSON pointer addresses, or of its key.

    The file is read once, however many are asked. The nearest existing ancestor stands in for
    what is not there; (1, 1) when unreadable.
    """
    root = compose(data)

    def place(pointer: str, *, key: bool = False) -> tuple[int, int]:
        if root is None:
            return 1, 1
        node = at = root
        for part in pointer.split("/")[1:]:
            found = child(node, part)
            if found is None:
                return at.start.line, at.start.column
            name, node = found
            at = name if key and name is not None else node
        return at.start.line, at.start.column

    return place


def compose(data: bytes) -> Node | None:
    """The tree with places, as far as the file can be read; None when there is none.

    Marks count characters of the decoded text; a BOM, if any, counts as one.
    """
    text = characters.decode(data, "")
    if isinstance(text, Finding):
        return None
    return careful.judge(text, "", _events).root


def _events(text: str) -> Iterator[Event]:
    """The library's events in our words; raises careful.Stopped."""
    parser = CParser(text)
    try:
        event: Any = None
        while event.__class__ is not StreamEndEvent:
            event = parser.get_event()
            if isinstance(event, (NodeEvent, CollectionEndEvent, DocumentStartEvent)):
                yield _event(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise careful.Stopped(
            error.problem or "",
            _mark(mark),
            error.context or "",
            _mark(error.context_mark or mark),
        ) from None
    except (yaml.YAMLError, ValueError):
        start = Mark(0, 1, 1)
        raise careful.Stopped("", start, "", start) from None


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


def _mark(mark: Any) -> Mark:  # noqa: ANN401 - as above
    return Mark(mark.index, mark.line + 1, mark.column + 1)


def _quick(data: bytes) -> Any:  # noqa: ANN401, C901, PLR0912, PLR0915 - one flat loop: calls cost
    """The value straight from events; raises _Doubt, ValueError or YAMLError when not plain."""
    marked = b"&" in data or b"*" in data or b"!" in data or b"%" in data
    escaped = b"\\" in data
    step: Callable[[], Any] = CParser(data).get_event
    scalar, map_start, list_start = ScalarEvent, MappingStartEvent, SequenceStartEvent
    first, words, numeric, resolve = scalars.FIRST, scalars.WORDS, _NUMERIC, _known
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
            if (not value or value[0] in first) and event.implicit[0]:
                value = resolve(value) if len(value) < _CACHED_LENGTH else scalars.resolve(value)
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
