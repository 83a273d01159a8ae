"""A document without an archive at hand: does its visible text say what was signed?

Invariants: a page is redrawn from its own text layer, and only signs that are seen where they say
they are, upright and of a readable size, one after another, prove a fact; what is seen and is no
text of papka's is told. Absent on purpose: the document's other text; a person reads that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise

from papka.core.codes import documents as codes
from papka.core.document_facts import Cut, DocumentFacts
from papka.core.findings import Finding, Location
from papka.gates.pages import DOTS, Box, Page, Sign
from papka.gates.redrawing import differences, is_ours, redrawn
from papka.tasks.documents.printed_text import screens
from papka.views.proof.facts import LABELS, shown, told, words
from papka.views.proof.text import Span, Text, spans

_HIDDEN = "этого не видно, хотя в файле такой текст есть"
_SMALLEST = 9.0
"""In 1/72 inch: a fact is printed no smaller."""
_ALIKE = 0.5
_WORDS = 200
"""So long a cut text may be, in words."""
_LOST = "\ufffd"
"""Stands for a sign that is in the file and is not seen."""
_SMALL = "\ufffc"
"""Stands for one that is seen, as in a footer, and too small to prove a fact."""
_BREAK = Sign(" ", Box(0, 0, 0, 0), "", 0.0, (0.0,) * 6)
_DAY = re.compile(r"\b\d\d\.\d\d\.\d{4}\b")
_SHAPES = {
    **dict.fromkeys(("date", "birth_date", "started", "ended"), _DAY),
    "hours": re.compile(r"\d[\d,]*(?= ?(?:ч|ак))"),
    "number": re.compile(r"\b\w+-\d{4}-\d{4,}\b"),
    "duplicate_of": re.compile(r"\b\w+-\d{4}-\d{4,}\b"),
}


def against_itself(
    facts: DocumentFacts,
    pages: Sequence[Page],
    codes_at: Sequence[Sequence[Box]],
    fonts: Mapping[str, bytes],
) -> tuple[Finding, ...]:
    """`codes_at`: where on each page its code is."""
    found = [*screens(pages)]
    seen: list[Sign] = []
    layer: list[Sign] = []
    for number, (page, boxes) in enumerate(zip(pages, codes_at, strict=True), 1):
        tiles = differences(page.picture, redrawn(page, fonts, boxes), rules=False)
        left = set(tiles)
        for sign in page.signs:
            hit = {tile for tile in tiles if sign.box.meets(tile)}
            left -= hit
            if sign.text.isspace():
                seen.append(sign)
            elif hit or not _stands(page, sign):
                seen.append(sign._replace(text=_LOST))
            else:
                seen.append(sign if sign.size >= _SMALLEST else sign._replace(text=_SMALL))
        seen.append(_BREAK)
        layer += [*page.signs, _BREAK]
        if left:
            what = "есть изображение, которого нет в тексте листа"
            found.append(codes.DOC_PAGE_DIFFERS.at(Location(), page=number, what=what))
    text, hidden = Text([sign.text for sign in seen]), Text([sign.text for sign in layer])
    values = dict(told(facts))
    for name, ways in shown(facts).items():
        value = values[name]
        said = list(spans(hidden, ways, value))
        is_hidden = any(_LOST in _texts(seen, span) for span in said)
        if not is_hidden and _is_shown(text, seen, ways, value):
            continue
        instead = _HIDDEN if is_hidden else _instead(text, facts, name)
        found.append(
            codes.DOC_FIELD_DIFFERS.at(
                Location(), field=LABELS[name], seen=instead, signed=words(value)
            )
        )
    return tuple(found)


def _is_shown(text: Text, signs: Sequence[Sign], ways: Sequence[str], value: object) -> bool:
    """Whether it stands in one place, to be read as a person reads."""
    for span in spans(text, ways, value):
        run = [sign for sign in signs[span.first : span.last + 1] if not sign.text.isspace()]
        if _reads(run) and (not isinstance(value, Cut) or _is_whole(text, span, value)):
            return True
    return False


def _is_whole(text: Text, span: Span, value: Cut) -> bool:
    """A cut text is the one whose digest was signed: how long it was is tried."""
    first, _ = text.within(span)
    for last in range(first + 1, min(first + _WORDS, len(text.words)) + 1):
        said = " ".join(text.words[first:last]).strip("«».,;")
        for inner in (said, said.replace("„", "«").replace("“", "»")):
            if value.stands_for(inner):
                return True
    return False


def _reads(run: Sequence[Sign]) -> bool:
    """Sign after sign to the right, or from the left of a line below: letters strewn over the page
    say nothing."""
    for one, other in pairwise(run):
        high = one.size / 72 * DOTS
        down = other.origin_down - one.origin_down
        if abs(down) < high * 0.3:
            gap = other.box.left - one.box.right
            if not -0.5 * high < gap < 2.5 * high:
                return False
        elif not (0 < down < 3 * high and other.box.left < one.box.left):
            return False
    return True


def _stands(page: Page, sign: Sign) -> bool:
    width, height = page.picture.size
    box = sign.box
    inside = min(box.left, box.top) >= 0 and box.right <= width and box.bottom <= height
    return inside and is_ours(sign)


def _texts(signs: Sequence[Sign], span: Span) -> list[str]:
    return [sign.text for sign in signs[span.first : span.last + 1]]


def _instead(text: Text, facts: DocumentFacts, name: str) -> str:
    """What the page seems to say in place of a fact."""
    said = " ".join(text.words)
    value = getattr(facts, name)
    if name in _SHAPES and not isinstance(value, Cut):
        known = {words(other) for _, other in told(facts)}
        others = [found for found in _SHAPES[name].findall(said) if found not in known]
        likely = get_close_matches(words(value), others, n=1, cutoff=0)
        return f"«{likely[0]}»" if likely else "этого нет"
    signed = words(value).split()
    windows = [
        " ".join(text.words[at : at + len(signed)])
        for at in range(max(len(text.words) - len(signed) + 1, 0))
    ]
    likely = get_close_matches(" ".join(signed), windows, n=1, cutoff=_ALIKE)
    return f"«{likely[0].strip('«».,;')}»" if likely else "этого нет"
