"""A document's pages against a print of its entry made now: text and picture must be the same.

Invariants: what differs is named by the signed fact that stands there, else by its page and words;
the print's own text layer says where facts stand, so the document's cannot mislead; where both
texts agree, the pictures decide. Absent on purpose: making the print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from papka.core.codes import documents as codes
from papka.core.document_facts import DocumentFacts
from papka.core.findings import Finding, Location
from papka.gates.pages import Box, Page
from papka.gates.redrawing import differences
from papka.views.proof.facts import LABELS, told, words
from papka.views.proof.text import Span, Text, changes, spans, stands_for

_UNSEEN = "видно другое, чем говорит текст файла"


def against_print(
    facts: DocumentFacts,
    ways: Mapping[str, Sequence[str]],
    seen: Sequence[Page],
    expected: Sequence[Page],
) -> tuple[Finding, ...]:
    """`ways`: how the form may spell each fact; `expected`: pages of the entry printed again."""
    found: list[Finding] = []
    if len(seen) != len(expected):
        what = f"в документе страниц {len(seen)}, должно быть {len(expected)}"
        found.append(
            codes.DOC_PAGE_DIFFERS.at(Location(), page=min(len(seen), len(expected)), what=what)
        )
    for number, (page, right) in enumerate(zip(seen, expected, strict=False), 1):
        found += _Pair(facts, ways, number, page, right).judge()
    return tuple(dict.fromkeys([*found, *screens(seen)]))


@dataclass(slots=True)
class _Pair:
    """A page and its print."""

    facts: DocumentFacts
    ways: Mapping[str, Sequence[str]]
    number: int
    page: Page
    right: Page

    def judge(self) -> Iterator[Finding]:
        text, right = _text(self.page), _text(self.right)
        places = _places(self.facts, self.ways, right)
        told = 0
        for change in changes(right, text):
            told += 1
            yield from self._changed(change.first, change.last, change.seen, right, text, places)
        if not told:
            yield from self._drawn(right, places)

    def _changed(  # noqa: PLR0913 - one change and the two texts it is between
        self,
        first: int,
        last: int,
        seen: str,
        right: Text,
        text: Text,
        places: Mapping[Span, str],
    ) -> Iterator[Finding]:
        named = False
        for span, name in places.items():
            a, b = right.within(span)
            if a < max(last, first + 1) and first < b:
                named = True
                stands = stands_for(right, text, a, b)
                yield self._field(name, f"«{stands}»" if stands else "этого нет")
        if not named:
            gone = " ".join(right.words[first:last])
            near = " ".join(right.words[max(first - 3, 0) : first])
            what = f"напечатано «{seen}», должно быть «{gone}»" + (
                f" (после «{near}»)" if near else ""
            )
            yield self._page(what)

    def _drawn(self, right: Text, places: Mapping[Span, str]) -> Iterator[Finding]:
        """The text is right: is it what is seen?"""
        tiles = differences(self.page.picture, self.right.picture)
        if not tiles:
            return
        named = False
        for span, name in places.items():
            boxes = [sign.box for sign in self.right.signs[span.first : span.last + 1]]
            if _meet(tiles, boxes):
                named = True
                yield self._field(name, _UNSEEN)
        if not named:
            near = [
                word
                for word, place in zip(right.words, right.places, strict=True)
                if _meet(tiles, [s.box for s in self.right.signs[place.first : place.last + 1]])
            ]
            where = f" возле слов «{' '.join(near[:6])}»" if near else ""
            yield self._page(f"изображение не то, что должно быть{where}")

    def _field(self, name: str, seen: str) -> Finding:
        labels = " или ".join(LABELS[each] for each in name.split())
        signed = words(getattr(self.facts, name.split(maxsplit=1)[0]))
        return codes.DOC_FIELD_DIFFERS.at(Location(), field=labels, seen=seen, signed=signed)

    def _page(self, what: str) -> Finding:
        return codes.DOC_PAGE_DIFFERS.at(Location(), page=self.number, what=what)


def screens(pages: Sequence[Page]) -> Iterator[Finding]:
    """Pages that a screen shows otherwise than paper."""
    for number, page in enumerate(pages, 1):
        if not page.is_same_on_screen:
            what = "на экране лист выглядит иначе, чем на бумаге"
            yield codes.DOC_PAGE_DIFFERS.at(Location(), page=number, what=what)


def _text(page: Page) -> Text:
    return Text([sign.text for sign in page.signs])


def _places(facts: DocumentFacts, ways: Mapping[str, Sequence[str]], text: Text) -> dict[Span, str]:
    """Where the page says which fact; names joined by a space where two facts read alike."""
    found: dict[Span, str] = {}
    for name, value in told(facts):
        for span in spans(text, ways.get(name, ()), value):
            found[span] = f"{found[span]} {name}" if span in found else name
    return found


def _meet(tiles: Sequence[Box], boxes: Sequence[Box]) -> bool:
    return any(tile.meets(box) for tile in tiles for box in boxes)
