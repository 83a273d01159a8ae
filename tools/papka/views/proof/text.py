"""The text of a page as words of its signs, so that a fact found in it is found on the paper.

Invariants: line breaks, kinds of space, quotation marks and hyphens make no difference;
every word knows its signs. Absent on purpose: pictures.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from papka.core.document_facts import Cut
from papka.views.proof.facts import GOES_ON

_UNSAID = dict.fromkeys(map(ord, "«»„“”\"'-\u00ad\u2010\u2011"), None)


class Span(NamedTuple):
    """Signs `first` to `last`, both included."""

    first: int
    last: int


class Text:
    """`signs`: what each sign of the page reads as, in order."""

    def __init__(self, signs: Sequence[str]) -> None:
        self.words: list[str] = []
        self.places: list[Span] = []
        self._bare: list[str] = []
        self._signs: list[int] = []
        self._starts: set[int] = set()
        self._ends: set[int] = set()
        held: list[int] = []
        for at, sign in enumerate((*signs, " ")):
            if not sign.isspace():
                held.append(at)
                continue
            if held:
                self._word(held, [signs[index] for index in held])
            held = []
        self.bare = "".join(self._bare)

    def _word(self, places: list[int], letters: list[str]) -> None:
        self.words.append("".join(letters))
        self.places.append(Span(places[0], places[-1]))
        for at, letter in zip(places, letters, strict=True):
            for sign in plain(letter):
                if not sign.isalnum():
                    self._starts.add(len(self._bare) + 1)
                    self._ends.add(len(self._bare))
                self._bare.append(sign)
                self._signs.append(at)
        self._starts.add(len(self._bare))
        self._ends.add(len(self._bare))

    def find(self, said: str, *, whole: bool = True) -> Iterator[Span]:
        """Where the page says it; `whole`: and no more letters or digits after it."""
        sought = plain("".join(said.split()))
        at = self.bare.find(sought) if sought else -1
        while at >= 0:
            end = at + len(sought)
            begins = at == 0 or at in self._starts or not sought[0].isalnum()
            if begins and (not whole or end in self._ends or not sought[-1].isalnum()):
                yield Span(self._signs[at], self._signs[end - 1])
            at = self.bare.find(sought, at + 1)

    def within(self, span: Span) -> tuple[int, int]:
        """The words, from and up to, that share signs with the span."""
        shared = [
            index
            for index, place in enumerate(self.places)
            if place.first <= span.last and span.first <= place.last
        ]
        return (shared[0], shared[-1] + 1) if shared else (0, 0)


class Change(NamedTuple):
    """Words `first` to `last` (not included) of the expected page, and what stands there."""

    first: int
    last: int
    seen: str


def changes(expected: Text, seen: Text) -> tuple[Change, ...]:
    """Where the words of two pages differ."""
    matcher = SequenceMatcher(None, expected.words, seen.words, autojunk=False)
    return tuple(
        Change(a, b, " ".join(seen.words[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    )


def stands_for(expected: Text, seen: Text, first: int, last: int) -> str:
    """What stands on the seen page in place of words `first` to `last` (not included)."""
    found: list[str] = []
    matcher = SequenceMatcher(None, expected.words, seen.words, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if a >= last or b < first or (b == first and kind != "insert"):
            continue
        if kind == "equal":
            found += seen.words[c + max(first - a, 0) : c + min(last, b) - a]
        elif a < b or first < a < last:
            found += seen.words[c:d]
    return " ".join(found)


def spans(text: Text, ways: Iterable[str], value: object) -> Iterator[Span]:
    """Every place that says the fact in one of these ways; of a cut text, where it starts."""
    for way in ways:
        yield from text.find(way, whole=not way.endswith(GOES_ON) and not isinstance(value, Cut))


def plain(text: str) -> str:
    """In one spelling of Unicode, without quotation marks and hyphens: lines end with them too."""
    return unicodedata.normalize("NFC", text.translate(_UNSAID))
