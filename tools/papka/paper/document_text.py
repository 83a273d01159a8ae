"""Signed facts as a person reads them, and every way a paper may spell them.

Absent on purpose: belief. These words are shown also for a code whose signature is bad.

The text of a page as words of its signs, so that a fact found in it is found on the paper.

Invariants: line breaks, kinds of space, quotation marks and hyphens make no difference;
every word knows its signs. Absent on purpose: pictures.

A document's pages against a print of its entry made now: text and picture must be the same.

Invariants: what differs is named by the signed fact that stands there, else by its page and words;
the print's own text layer says where facts stand, so the document's cannot mislead; where both
texts agree, the pictures decide. Absent on purpose: making the print.

A document without an archive at hand: does its visible text say what was signed?

Invariants: a page is redrawn from its own text layer, and only signs that are seen where they say
they are, upright and of a readable size, one after another, prove a fact; what is seen and is no
text of papka's is told. Absent on purpose: the document's other text; a person reads that.
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
from papka.paper import document_codes
from papka.paper.page_pictures import READING_DOTS, Box, Page, Sign, differences, is_ours, redrawn
from papka.proof.document_code import TAGS, Cut, DocumentFacts, fitted
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
_SHOWN = {
    "certificate": (*_STUDY, "started", "ended", "order", "duplicate_of"),
    "transcript": (*_STUDY, "started", "ended", "order", "duplicate_of"),
    "progress": (*_STUDY, "duplicate_of"),
}
"""Form -> facts it prints word for word. Others it words in its own way or does not show."""
_IN_DATIVE = frozenset(("transcript", "progress"))
_PARTS = ("surname", "given", "patronymic")


def told(facts: DocumentFacts) -> Iterator[tuple[str, str]]:
    """(field, words) in the order of the format, absent ones left out."""
    for name, _ in TAGS.values():
        value = getattr(facts, name)
        if value is not None:
            yield name, words(value)


def words(value: object) -> str:
    """«28.05.2026»; bytes in hexadecimal; a cut text with an ellipsis."""
    if isinstance(value, dt.date):
        return day(value)
    return value.hex() if isinstance(value, bytes) else str(value)


def differing(one: DocumentFacts, other: DocumentFacts) -> Iterator[str]:
    """Names of fields that are not equal once fitted, in the order of the format."""
    first, second = fitted(one), fitted(other)
    for field in fields(first):
        if getattr(first, field.name) != getattr(second, field.name):
            yield field.name


def shown(facts: DocumentFacts) -> dict[str, tuple[str, ...]]:
    """Fact -> how its form spells it, for all that can be looked for without the archive."""
    form = str(facts.form).partition("@")[0]
    values = dict(told(facts))
    found = {
        name: spellings(name, values[name]) for name in _SHOWN.get(form, _ALWAYS) if name in values
    }
    if form in _IN_DATIVE:
        cases = (*found.pop("holder"), *_dative(str(facts.holder)))
        if len(cases) > 1 and isinstance(facts.holder, str):
            found["holder"] = cases
    return found


def printed(facts: DocumentFacts, dative_case: str = "") -> dict[str, tuple[str, ...]]:
    """Fact -> how any form may spell it; `dative_case`: the name in it, as the entry has it."""
    found = {name: spellings(name, value) for name, value in told(facts)}
    if dative_case:
        found["holder"] = (*found["holder"], dative_case)
    return found


def _dative(full: str) -> Iterator[str]:
    """«Ивушкиной Розе Платоновне» of a name of three words; none where that is unsure."""
    parts = full.split()
    if len(parts) == len(_PARTS):
        name = Name(**dict(zip(_PARTS, parts, strict=True)))
        yield from filter(None, [dative(name, None)])


def spellings(name: str, value: object) -> tuple[str, ...]:
    """How a paper may spell the fact; none for what no paper spells."""
    if isinstance(value, dt.date):
        return day(value), f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    if name == "hours":
        return tuple(f"{value}{unit}" for unit in GOES_ON)
    if isinstance(value, str):
        return (value,)
    return (value.start,) if isinstance(value, Cut) else ()


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
            document_codes.DOC_PAGE_DIFFERS.at(
                Location(), page=min(len(seen), len(expected)), what=what
            )
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
        return document_codes.DOC_FIELD_DIFFERS.at(
            Location(), field=labels, seen=seen, signed=signed
        )

    def _page(self, what: str) -> Finding:
        return document_codes.DOC_PAGE_DIFFERS.at(Location(), page=self.number, what=what)


def screens(pages: Sequence[Page]) -> Iterator[Finding]:
    """Pages that a screen shows otherwise than paper."""
    for number, page in enumerate(pages, 1):
        if not page.is_same_on_screen:
            what = "на экране лист выглядит иначе, чем на бумаге"
            yield document_codes.DOC_PAGE_DIFFERS.at(Location(), page=number, what=what)


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
            found.append(document_codes.DOC_PAGE_DIFFERS.at(Location(), page=number, what=what))
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
            document_codes.DOC_FIELD_DIFFERS.at(
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
        high = one.size / 72 * READING_DOTS
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
