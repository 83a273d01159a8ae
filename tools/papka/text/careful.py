"""Judging a file the quick pass doubts: every fault with its line, column and pointer.

Faults of characters come first; what they make unreadable is not reported a second time.
Reading ends at `MAX_FINDINGS`: a file that bad is mended in turns, and costs no more time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from papka.core.codes import yaml as codes
from papka.core.findings import Code, Finding, Location, in_order
from papka.text import characters, faults
from papka.text.composer import Composer
from papka.text.tree import Event, Mark, Node

MAX_FINDINGS = 1000
_BOM = "\ufeff"
_SIGNS = (codes.YAML_ALIAS, codes.YAML_ANCHOR, codes.YAML_TAG)


class Stopped(Exception):
    """The parser cannot go on: its words and places."""

    def __init__(self, problem: str, mark: Mark, context: str, context_mark: Mark) -> None:
        super().__init__(problem)
        self.problem = problem
        self.mark = mark
        self.context = context
        self.context_mark = context_mark


@dataclass(frozen=True, slots=True)
class Judged:
    """What could be read, with places, and what is wrong, in order of place."""

    root: Node | None
    findings: tuple[Finding, ...]


Parser = Callable[[str], Iterator[Event]]
"""Events of a text; raises Stopped."""


class _Findings:
    """Collects findings of one path; `shift` columns were cut off line 1."""

    def __init__(self, path: str, shift: int) -> None:
        self._path = path
        self._shift = shift
        self._found: list[Finding] = []

    def __len__(self) -> int:
        return len(self._found)

    @property
    def full(self) -> bool:
        return len(self._found) >= MAX_FINDINGS

    def signs_in(self, line: int) -> bool:
        """Whether an anchor, alias or tag was found there, which explains a stumble after it."""
        return any(one.where.line == line and one.code in _SIGNS for one in self._found)

    def add(
        self,
        code: Code,
        mark: Mark,
        pointer: str = "",
        related: tuple[Mark, ...] = (),
        words: dict[str, object] | None = None,
    ) -> None:
        there = [self._where(mark, "") for mark in related]
        self._found.append(code.at(self._where(mark, pointer), related=there, **(words or {})))

    def _where(self, mark: Mark, pointer: str) -> Location:
        column = mark.column + (self._shift if mark.line == 1 else 0)
        return Location(self._path, pointer, mark.line, column)

    def all(self) -> tuple[Finding, ...]:
        return tuple(in_order(self._found))


def judge(text: str, path: str, parse: Parser) -> Judged:
    """The tree and all findings of a decoded text."""
    bom = text.startswith(_BOM)
    found = _Findings(path, int(bom))
    if bom:
        text = text[1:]
        found.add(codes.YAML_BOM, Mark(-1, 1, 0))
    _characters(text, found)
    unseen = len(found) > bom
    composer = Composer(found.add)
    try:
        for event in parse(characters.harmless(text)):
            if not composer.feed(event) or found.full:
                break
        else:
            _emptiness(composer.root, found)
    except Stopped as stopped:
        if not unseen and not found.signs_in(stopped.mark.line):
            _complain(stopped, text, composer.last, found)
    return Judged(composer.root, found.all())


def _characters(text: str, found: _Findings) -> None:
    line, start, read = 1, 0, 0
    for offset, code, name in characters.refused(text):
        if found.full:
            return
        line += text.count("\n", read, offset)
        start = max(start, text.rfind("\n", read, offset) + 1)
        read = offset
        found.add(code, Mark(offset, line, offset - start + 1), words={"character": name})


def _emptiness(root: Node | None, found: _Findings) -> None:
    if root is None or (root.kind == "scalar" and root.value is None and not len(found)):
        found.add(codes.YAML_EMPTY, Mark(0, 1, 1))


def _complain(stopped: Stopped, text: str, last: Event | None, found: _Findings) -> None:
    lines = text.split("\n")
    fault = faults.explain(
        faults.Complaint(
            stopped.problem, stopped.mark, stopped.context, stopped.context_mark, lines, last
        )
    )
    found.add(fault.code, fault.mark, words=dict(fault.words))
