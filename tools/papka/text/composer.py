"""Building the tree of a file from parser events, and all that is wrong with it on the way.

Works without recursion and stops at `MAX_DEPTH`, so no input can exhaust the interpreter's stack.
Where the quick pass of `document` accepts, this one yields the same value; what that one doubts is
judged here alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import islice

from papka.core.codes import yaml as codes
from papka.core.findings import Code
from papka.text import characters, scalars
from papka.text.tree import Event, Mark, Node, escaped

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
                self._say(codes.YAML_ALIAS, event.start)
        elif event.kind != "document end":
            return self._node(event)
        return True

    def _document(self, event: Event) -> bool:
        self._documents += 1
        if event.directives:
            self._say(codes.YAML_DIRECTIVE, event.start)
        if self._documents == 1:
            return True
        self._say(codes.YAML_SECOND_DOCUMENT, event.start)
        return False

    def _node(self, event: Event) -> bool:
        node = Node(event.kind, event.start, event.end, event.style)
        scalar = event.kind == "scalar"
        if not scalar:
            node.keys, node.items = [], []
        self._place(node, event if scalar else None)
        if event.anchor:
            self._anchors.add(event.anchor)
            self._say(codes.YAML_ANCHOR, event.start)
        if event.tag:
            self._say(codes.YAML_TAG, event.start)
        if scalar:
            self.last = event
            return True
        if len(self._stack) == MAX_DEPTH:
            self._say(codes.YAML_TOO_DEEP, event.start, limit=MAX_DEPTH)
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
            for _, code, name in islice(characters.refused(event.text), 1):
                self._say(code, node.start, character=name)
            return
        try:
            node.value = scalars.resolve(event.text)
        except scalars.AmbiguousScalar as fault:
            self._ambiguous(node, event.text, fault.readings)
        except scalars.NumberTooLong:
            self._say(codes.YAML_NUMBER_TOO_LONG, node.start, limit=scalars.MAX_DIGITS)

    def _ambiguous(self, node: Node, text: str, readings: str) -> None:
        if len(text) > _SHOWN:
            self._say(codes.YAML_NUMBER_TOO_LONG, node.start, limit=scalars.MAX_DIGITS)
            return
        self._say(
            codes.YAML_AMBIGUOUS_SCALAR,
            node.start,
            value=text,
            readings=readings,
            cure=_cure(text),
        )

    def _name(self, node: Node, event: Event | None) -> None:
        if event is not None and event.text == "<<" and not event.style:
            node.value = "<<"
            self._say(codes.YAML_MERGE_KEY, node.start)
            return
        self._resolve(node, event)
        if not isinstance(node.value, str):
            node.value = ""
            if node.kind != "alias":
                self._say(codes.YAML_KEY_NOT_STRING, node.start)
            return
        seen = self._seen[-1]
        name = unicodedata.normalize("NFC", node.value)
        first = seen.setdefault(name, node.start)
        if first is not node.start:
            self._say(codes.YAML_DUPLICATE_KEY, node.start, related=(first,), first=first.line)

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
