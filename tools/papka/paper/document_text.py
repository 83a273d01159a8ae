"""The text of a document's pages: do they say what was signed?

Signed facts as a person reads them (`list_facts`, `fact_as_text`), every way a paper may spell
them, and the two comparisons: of pages with a print made now, and of pages with themselves. Nothing
here judges signatures: the words are shown for a code with a bad signature too.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher, get_close_matches
from itertools import pairwise
from typing import NamedTuple

from papka.core.findings import Finding, Location
from papka.paper.document_codes import DOC_FIELD_DIFFERS, DOC_PAGE_DIFFERS
from papka.paper.page_pictures import (
    READING_DOTS,
    Box,
    SeenPage,
    Sign,
    differences,
    is_ours,
    redraw_from_text,
)
from papka.proof.document_code import MESSAGE_MAX, TAGS, DocumentFacts, FactsCut, fit_facts
from papka.records.name_cases import dative
from papka.records.student import Name
from papka.records.wording import MONTHS, day

LABELS = {
    "form": "Форма",
    "number": "Номер",
    "date": "Дата",
    "holder": "ФИО",
    "birth_date": "Дата рождения",
    "programme": "Программа",
    "hours": "Часы",
    "started": "Начало обучения",
    "ended": "Окончание обучения",
    "result": "Итог",
    "order": "Основание",
    "duplicate_of": "Взамен утраченного",
    "organization": "Организация (ИНН)",
    "entry": "Строки приложения и прочее",
    "key": "Ключ подписи",
}
GOES_ON = (" ч", " ак")
"""How a spelling may end within a word: «36 часов», «36 ак. ч»."""
_ALWAYS = ("number", "date", "holder")
_STUDY = (*_ALWAYS, "birth_date", "programme", "hours")
_WHOLE_STUDY = (*_STUDY, "started", "ended", "order", "duplicate_of")
_SHOWN = {
    "certificate": _WHOLE_STUDY,
    "transcript": _WHOLE_STUDY,
    "progress": (*_STUDY, "duplicate_of"),
}
"""Form -> facts it prints word for word; it words the others in its own way or not at all."""


def list_facts(facts: DocumentFacts) -> Iterator[tuple[str, object]]:
    """Yield the present facts as (field, value), in the order of the signed format."""
    for name, _ in TAGS.values():
        value = getattr(facts, name)
        if value is not None:
            yield name, value


def fact_as_text(value: object) -> str:
    """Return the value as text: «28.05.2026», bytes in hexadecimal, a cut text with an ellipsis."""
    if isinstance(value, dt.date):
        return day(value)
    return value.hex() if isinstance(value, bytes) else str(value)


def differing(one: DocumentFacts, other: DocumentFacts, room: int = MESSAGE_MAX) -> Iterator[str]:
    """Yield the names of the fields that differ once fitted, in the order of the format."""
    first, second = fit_facts(one, room), fit_facts(other, room)
    for field in fields(first):
        if getattr(first, field.name) != getattr(second, field.name):
            yield field.name


def spellings_on_form(facts: DocumentFacts) -> dict[str, tuple[str, ...]]:
    """Return fact -> spellings of its form, for all that can be sought without the archive."""
    form = str(facts.form).partition("@")[0]
    values = dict(list_facts(facts))
    found = {
        name: spellings(name, values[name]) for name in _SHOWN.get(form, _ALWAYS) if name in values
    }
    if form in ("transcript", "progress"):  # these name the holder in the dative
        cases = found.pop("holder")
        parts = str(facts.holder).split()
        if isinstance(facts.holder, str) and len(parts) == 3:
            name = Name(**dict(zip(("surname", "given", "patronymic"), parts, strict=True)))
            if in_dative := dative(name, None):
                found["holder"] = (*cases, in_dative)
    return found


def spellings_anywhere(facts: DocumentFacts, dative_case: str = "") -> dict[str, tuple[str, ...]]:
    """Return fact -> spellings of any form; `dative_case`: the holder as the entry has it."""
    found = {name: spellings(name, value) for name, value in list_facts(facts)}
    if dative_case:
        found["holder"] = (*found["holder"], dative_case)
    return found


def spellings(name: str, value: object) -> tuple[str, ...]:
    """Return how a paper may spell the fact; nothing for what no paper spells."""
    if isinstance(value, dt.date):
        return day(value), f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    if name == "hours":
        return tuple(f"{value}{unit}" for unit in GOES_ON)
    if isinstance(value, str):
        return (value,)
    return (value.start,) if isinstance(value, FactsCut) else ()


_IGNORED = dict.fromkeys(map(ord, "«»„“”\"'-\u00ad\u2010\u2011"), None)


def plain(text: str) -> str:
    """Return the text in one Unicode spelling, without quotation marks and hyphens."""
    return unicodedata.normalize("NFC", text.translate(_IGNORED))


class TextSpan(NamedTuple):
    """Signs `first` to `last`, both included."""

    first: int
    last: int


class Text:
    """The text of a page; every word knows the signs it is made of.

    Line breaks, kinds of space, quotation marks and hyphens make no difference.
    """

    def __init__(self, signs: Sequence[str]) -> None:
        """`signs`: the text of each sign of the page, in order."""
        self.words: list[str] = []
        self.places: list[TextSpan] = []
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
                self._add_word(held, [signs[index] for index in held])
            held = []
        self.bare = "".join(self._bare)

    def _add_word(self, places: list[int], letters: list[str]) -> None:
        self.words.append("".join(letters))
        self.places.append(TextSpan(places[0], places[-1]))
        for at, letter in zip(places, letters, strict=True):
            for sign in plain(letter):
                if not sign.isalnum():
                    self._starts.add(len(self._bare) + 1)
                    self._ends.add(len(self._bare))
                self._bare.append(sign)
                self._signs.append(at)
        self._starts.add(len(self._bare))
        self._ends.add(len(self._bare))

    def find(self, said: str, *, whole: bool = True) -> Iterator[TextSpan]:
        """Yield where the page says it; `whole`: only where no letter or digit follows."""
        sought = plain("".join(said.split()))
        at = self.bare.find(sought) if sought else -1
        while at >= 0:
            end = at + len(sought)
            begins = at == 0 or at in self._starts or not sought[0].isalnum()
            if begins and (not whole or end in self._ends or not sought[-1].isalnum()):
                yield TextSpan(self._signs[at], self._signs[end - 1])
            at = self.bare.find(sought, at + 1)

    def within(self, span: TextSpan) -> tuple[int, int]:
        """Return the range of words that share signs with the span."""
        shared = [
            index
            for index, place in enumerate(self.places)
            if place.first <= span.last and span.first <= place.last
        ]
        return (shared[0], shared[-1] + 1) if shared else (0, 0)


class TextChange(NamedTuple):
    """Words `first` to `last` (not included) of the expected page; `seen`: what stands there."""

    first: int
    last: int
    seen: str


def changes(expected: Text, seen: Text) -> tuple[TextChange, ...]:
    """Return where the words of two pages differ."""
    matcher = SequenceMatcher(None, expected.words, seen.words, autojunk=False)
    return tuple(
        TextChange(a, b, " ".join(seen.words[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    )


def stands_for(expected: Text, seen: Text, first: int, last: int) -> str:
    """Return what the seen page has in place of words `first` to `last` (not included)."""
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


def spans(text: Text, ways: Iterable[str], value: object) -> Iterator[TextSpan]:
    """Yield every place that says the fact in one of these ways; of a cut text, its beginning."""
    for way in ways:
        yield from text.find(
            way, whole=not way.endswith(GOES_ON) and not isinstance(value, FactsCut)
        )


def against_print(
    facts: DocumentFacts,
    ways: Mapping[str, Sequence[str]],
    seen: Sequence[SeenPage],
    expected: Sequence[SeenPage],
) -> tuple[Finding, ...]:
    """Compare a document's pages with a print of its entry made now: text and picture must agree.

    `ways`: how the form may spell each fact; `expected`: pages of the print. A difference is named
    by the signed fact that stands there, else by page and words. The print's own text layer says
    where facts stand, so the document's cannot mislead; where both texts agree, pictures decide.
    """
    found: list[Finding] = []
    if len(seen) != len(expected):
        what = f"в документе страниц {len(seen)}, должно быть {len(expected)}"
        found.append(_page_differs(min(len(seen), len(expected)), what))
    for number, (page, right) in enumerate(zip(seen, expected, strict=False), 1):
        found += _Pair(facts, ways, number, page, right).compare()
    return tuple(dict.fromkeys([*found, *_compare_with_screen(seen)]))


@dataclass(slots=True)
class _Pair:
    """A page of the document and the same page of the print (`right`)."""

    facts: DocumentFacts
    ways: Mapping[str, Sequence[str]]
    number: int
    page: SeenPage
    right: SeenPage

    def compare(self) -> Iterator[Finding]:
        text, right = _text_of(self.page.signs), _text_of(self.right.signs)
        places = _find_facts(self.facts, self.ways, right)
        found = changes(right, text)
        for change in found:
            yield from self._compare_words(change, right, text, places)
        if not found:
            yield from self._compare_pictures(right, places)

    def _compare_words(
        self, change: TextChange, right: Text, text: Text, places: Mapping[TextSpan, str]
    ) -> Iterator[Finding]:
        first, last, seen = change
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
            after = f" (после «{near}»)" if near else ""
            what = f"напечатано «{seen}», должно быть «{gone}»{after}"
            yield _page_differs(self.number, what)

    def _compare_pictures(self, right: Text, places: Mapping[TextSpan, str]) -> Iterator[Finding]:
        tiles = differences(self.page.picture, self.right.picture)
        if not tiles:
            return
        named = False
        for span, name in places.items():
            boxes = [sign.box for sign in self.right.signs[span.first : span.last + 1]]
            if _meet(tiles, boxes):
                named = True
                yield self._field(name, "видно другое, чем говорит текст файла")
        if not named:
            near = [
                word
                for word, place in zip(right.words, right.places, strict=True)
                if _meet(tiles, [s.box for s in self.right.signs[place.first : place.last + 1]])
            ]
            where = f" возле слов «{' '.join(near[:6])}»" if near else ""
            yield _page_differs(self.number, f"изображение не то, что должно быть{where}")

    def _field(self, name: str, seen: str) -> Finding:
        labels = " или ".join(LABELS[each] for each in name.split())
        signed = fact_as_text(getattr(self.facts, name.split(maxsplit=1)[0]))
        return DOC_FIELD_DIFFERS.at(Location(), field=labels, seen=seen, signed=signed)


def _page_differs(number: int, what: str) -> Finding:
    return DOC_PAGE_DIFFERS.at(Location(), page=number, what=what)


def _compare_with_screen(pages: Sequence[SeenPage]) -> Iterator[Finding]:
    for number, page in enumerate(pages, 1):
        if not page.is_same_on_screen:
            yield _page_differs(number, "на экране лист выглядит иначе, чем на бумаге")


def _text_of(signs: Sequence[Sign]) -> Text:
    return Text([sign.text for sign in signs])


def _find_facts(
    facts: DocumentFacts, ways: Mapping[str, Sequence[str]], text: Text
) -> dict[TextSpan, str]:
    """Return where the page says which fact; names joined by a space where two facts read alike."""
    found: dict[TextSpan, str] = {}
    for name, value in list_facts(facts):
        for span in spans(text, ways.get(name, ()), value):
            found[span] = f"{found[span]} {name}" if span in found else name
    return found


def _meet(tiles: Sequence[Box], boxes: Sequence[Box]) -> bool:
    return any(tile.meets(box) for tile in tiles for box in boxes)


_SMALLEST = 9.0
"""The smallest type of a fact, in 1/72 inch."""
_WORDS = 200
"""The longest text that may have been cut, in words."""
_LOST = "\ufffd"
"""Replaces a sign that is in the file and is not seen."""
_SMALL = "\ufffc"
"""Replaces a sign that is seen but too small to prove a fact, as in a footer."""
_BREAK = Sign(" ", Box(0, 0, 0, 0), "", 0.0, (0.0,) * 6)
_SHAPES = {
    **dict.fromkeys(("date", "birth_date", "started", "ended"), r"\b\d\d\.\d\d\.\d{4}\b"),
    "hours": r"\d[\d,]*(?= ?(?:ч|ак))",
    **dict.fromkeys(("number", "duplicate_of"), r"\b\w+-\d{4}-\d{4,}\b"),
}


def against_itself(
    facts: DocumentFacts,
    pages: Sequence[SeenPage],
    codes_at: Sequence[Sequence[Box]],
    fonts: Mapping[str, bytes],
) -> tuple[Finding, ...]:
    """Compare a document without an archive at hand: does its visible text say what was signed?

    Only signs that are seen where the text layer has them, of a readable size and one after
    another, prove a fact; a picture that is no text of papka's is a finding. The other text of the
    document is for a person to read. `codes_at`: where on each page its code is.
    """
    found = [*_compare_with_screen(pages)]
    seen: list[Sign] = []
    layer: list[Sign] = []
    for number, (page, boxes) in enumerate(zip(pages, codes_at, strict=True), 1):
        tiles = differences(page.picture, redraw_from_text(page, fonts, boxes), rules=False)
        left = set(tiles)
        for sign in page.signs:
            hit = {tile for tile in tiles if sign.box.meets(tile)}
            left -= hit
            if sign.text.isspace():
                seen.append(sign)
            elif hit or not (is_ours(sign) and _is_on_page(page, sign)):
                seen.append(sign._replace(text=_LOST))
            else:
                seen.append(sign if sign.size >= _SMALLEST else sign._replace(text=_SMALL))
        seen.append(_BREAK)
        layer += [*page.signs, _BREAK]
        if left:
            found.append(_page_differs(number, "есть изображение, которого нет в тексте листа"))
    text, hidden = _text_of(seen), _text_of(layer)
    values = dict(list_facts(facts))
    for name, ways in spellings_on_form(facts).items():
        value = values[name]
        instead = "этого не видно, хотя в файле такой текст есть"
        if not any(
            sign.text == _LOST
            for span in spans(hidden, ways, value)
            for sign in seen[span.first : span.last + 1]
        ):
            if _is_readable(text, seen, ways, value):
                continue
            instead = _guess_instead(text, facts, name)
        label, signed = LABELS[name], fact_as_text(value)
        found.append(DOC_FIELD_DIFFERS.at(Location(), field=label, seen=instead, signed=signed))
    return tuple(found)


def _is_readable(text: Text, signs: Sequence[Sign], ways: Sequence[str], value: object) -> bool:
    """Return whether the fact stands in one place, to be read as a person reads."""
    for span in spans(text, ways, value):
        run = [sign for sign in signs[span.first : span.last + 1] if not sign.text.isspace()]
        if _is_in_line(run) and (not isinstance(value, FactsCut) or _is_whole(text, span, value)):
            return True
    return False


def _is_whole(text: Text, span: TextSpan, value: FactsCut) -> bool:
    """Return whether the text that was cut stands here: every length is tried on its digest."""
    first, _ = text.within(span)
    for last in range(first + 1, min(first + _WORDS, len(text.words)) + 1):
        said = " ".join(text.words[first:last]).strip("«».,;")
        for inner in (said, said.replace("„", "«").replace("“", "»")):
            if value.stands_for(inner):
                return True
    return False


def _is_in_line(run: Sequence[Sign]) -> bool:
    """Return whether each sign follows to the right or on a line below: none is scattered."""
    for one, other in pairwise(run):
        high = one.size / 72 * READING_DOTS
        down = other.origin_down - one.origin_down
        if abs(down) < high * 0.3:
            gap = other.box.left - one.box.right
            if not -0.5 * high < gap < 2.5 * high:
                return False
        elif not (0 < down < 3 * high and other.box.left < one.box.left):
            return False
    return True


def _is_on_page(page: SeenPage, sign: Sign) -> bool:
    width, height = page.picture.size
    box = sign.box
    return min(box.left, box.top) >= 0 and box.right <= width and box.bottom <= height


def _guess_instead(text: Text, facts: DocumentFacts, name: str) -> str:
    """Return what the page seems to say in place of a fact."""
    said = " ".join(text.words)
    value = getattr(facts, name)
    if name in _SHAPES and not isinstance(value, FactsCut):
        known = {fact_as_text(other) for _, other in list_facts(facts)}
        others = [found for found in re.findall(_SHAPES[name], said) if found not in known]
        likely = get_close_matches(fact_as_text(value), others, n=1, cutoff=0)
        return f"«{likely[0]}»" if likely else "этого нет"
    signed = fact_as_text(value).split()
    windows = [
        " ".join(text.words[at : at + len(signed)])
        for at in range(max(len(text.words) - len(signed) + 1, 0))
    ]
    likely = get_close_matches(" ".join(signed), windows, n=1, cutoff=0.5)
    return f"«{likely[0].strip('«».,;')}»" if likely else "этого нет"
