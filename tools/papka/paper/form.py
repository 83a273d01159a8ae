"""The state of the archive that a paper shows, and what every paper says of it.

Invariants: two times, never mixed: `as_of` is when the facts were known (`--rev`: the commit's
moment), `on` is the day on which they are valid (`--on`). Absent on purpose: the clock.

What a printed form is: its name, what it is printed for, and how its view is made.

Invariant: a form is a folder of `templates/` with `<name>.html.j2`, and a style sheet
`<name>.css` when it needs one; its view is a frozen dataclass with a field `page`.

What stands above every document of the school (ГОСТ Р 7.0.97-2025, реквизиты 05–14).

The grid under a document: post, place for a signature, name, place for a date (R-6.5).

A QR code as one path of SVG: the only module that knows segno.

Invariants: level M, modules of 0.4 mm, a quiet zone of four; always version 13, so that the place
kept for it on paper is the same for every document, 30.8 mm; same text, same path.

A long hexadecimal number on paper: groups of eight to type, a QR code to scan.

A table of counts in a report: words on the left, figures on the right.

Running text that breaks where a Russian typesetter would let it.

Invariants: only spaces change, each to one no-break space, so the words and their number stay; a
second pass changes nothing; no more than `LONGEST` signs are tied together, for a line must break
somewhere. Absent on purpose: hyphenation, quotation marks and dashes as they were typed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import segno

from papka.core.phrases import grouped
from papka.records.archive import Archive
from papka.records.wording import NBSP, day, number, staff

DRAFT = "ЧЕРНОВИК"


@dataclass(frozen=True, slots=True)
class State:
    """`commit` is None while the records are not saved; `is_past` when `--on` was asked, and then
    `archive` already holds nothing dated later. `root` is the id of the archive's first commit,
    told to forms of proof alone."""

    archive: Archive
    as_of: dt.datetime
    on: dt.date
    commit: str | None = None
    is_past: bool = False
    root: str | None = None

    @property
    def stamp(self) -> str:
        """What every sheet of a draft bears (R-5.6)."""
        return "" if self.commit else DRAFT


@dataclass(frozen=True, slots=True)
class Page:
    """Head of a document: its title, its moment as HTML metadata wants it, its stamp, and the
    line that says which state it shows."""

    title: str
    created: str
    stamp: str
    source: str


def page(state: State, title: str, *, is_draft: bool = False) -> Page:
    """`is_draft`: the document rests on what the head has not approved."""
    return Page(
        title,
        f"{state.as_of.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        state.stamp or (DRAFT if is_draft else ""),
        source(state),
    )


def source(state: State) -> str:
    """«Напечатано по состоянию электронного архива на 28.12.2026, запись 0123456789ab»."""
    valid = f"; сведения на {day(state.on)}" if state.is_past else ""
    if state.commit is None:
        return f"Напечатано {day(state.as_of.date())} по сведениям, не сохранённым в архиве{valid}"
    moment = day(state.as_of.date())
    return (
        f"Напечатано по состоянию электронного архива на {moment}, "
        f"запись {state.commit[:12]}{valid}"
    )


Target = Literal[
    "дело",  # 2026-0007
    "обучение",  # 2026-0007#e1
    "согласие",  # 2026-0007#c1
    "группа",  # Г-26-1
    "приказ",  # 2026/0001
    "номер документа",  # С-2026-0001
    "книга и год",  # certificates/2026
    "год",  # 2026
    "период",  # 2026-1
    "архив",  # the archive itself: no address
    "печать",  # 0002
    "замена ключей",  # 0001
]
View = Any
"""A frozen dataclass with a field `page: Page`; templates read it as `form`."""


@dataclass(frozen=True, slots=True)
class Form:
    """`view` makes the words for one address and raises NotFound; `targets` are all addresses
    there are, for `--all`. A form of proof is always in use and is told the first commit; one of
    the archive itself has the empty address."""

    name: str
    title: str
    target: Target
    view: Callable[[State, str], View]
    targets: Callable[[Archive], Iterable[str]]
    is_of_proof: bool = False

    @property
    def template(self) -> str:
        return f"{self.name}/{self.name}.html.j2"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Empty words are left out by the template, never printed as blanks."""

    organization: str
    short_name: str
    registration: str
    contacts: str
    licence: str
    place: str


def letterhead(archive: Archive) -> Letterhead:
    organization = archive.organization
    if organization is None:
        return Letterhead("", "", "", "", "", "")
    licence = organization.licence
    granted = f"от{NBSP}{day(licence.date)}, {licence.issued_by}" if licence else ""
    contacts = (organization.address, organization.email, organization.site)
    return Letterhead(
        organization=organization.name,
        short_name=organization.short_name,
        registration=registration(organization.inn, organization.ogrn),
        contacts=", ".join(part for part in contacts if part),
        licence=f"Лицензия {number(licence.number)} {granted}" if licence else "",
        place=organization.place,
    )


def registration(inn: str | None, ogrn: str | None) -> str:
    """«ИНН …, ОГРНИП …»: 15 digits are of an entrepreneur, 13 of an organization."""
    ids = [f"ИНН{NBSP}{inn}"] if inn else []
    if ogrn:
        ids.append(f"ОГРН{'ИП' if len(ogrn) == 15 else ''}{NBSP}{ogrn}")
    return ", ".join(ids)


@dataclass(frozen=True, slots=True)
class Signature:
    """Empty words leave a line to write on."""

    post: str = ""
    name: str = ""
    heading: str = ""


def of_head(archive: Archive, heading: str = "") -> Signature:
    organization = archive.organization
    if organization is None:
        return Signature(heading=heading)
    return Signature(organization.head_post, staff(archive, organization.head), heading)


def of_clerk(archive: Archive) -> Signature:
    """The one clerk the school has; with none or several the line stays empty."""
    clerks = [
        member
        for member in archive.staff.values()
        if "делопроизводитель" in member.roles and member.until is None
    ]
    if len(clerks) != 1:
        return Signature()
    return Signature(clerks[0].post, staff(archive, clerks[0].id))


MODULE = 0.4
"""Millimetres."""
QUIET = 4
VERSION = 13
SIDE = 4 * VERSION + 17 + 2 * QUIET
"""Modules, the quiet zone included."""
MILLIMETRES = 30.8


@dataclass(frozen=True, slots=True)
class QrCode:
    """`path` is for <svg viewBox="0 0 77 77" width="30.8mm" height="30.8mm"><path d="…"/></svg>."""

    path: str
    side: int = SIDE
    millimetres: float = MILLIMETRES


def qr_code(text: str) -> QrCode:
    """`text` is of base45's signs and at most 483 of them."""
    made = segno.make_qr(text, error="m", version=VERSION, mode="alphanumeric", boost_error=False)
    runs = []
    for y, row in enumerate(made.matrix, QUIET):
        x = 0
        while x < len(row):
            length = 1
            while x + length < len(row) and row[x + length] == row[x]:
                length += 1
            if row[x]:
                runs.append(f"M{x + QUIET} {y}h{length}v1h-{length}z")
            x += length
    return QrCode("".join(runs))


@dataclass(frozen=True, slots=True)
class Typed:
    groups: tuple[str, ...]
    code: QrCode


def typed(digits: str) -> Typed:
    """The code holds the same digits in capitals, which take half the place."""
    return Typed(grouped(digits), qr_code(digits.upper()))


@dataclass(frozen=True, slots=True)
class Figures:
    """The first `words` columns are text; a row has one cell a column. `note` stands below."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    note: str = ""


LONGEST = 40
_SHORT = re.compile(
    r"[«(„]?(?:а|без|во?|да|до|для|за|и|из|или|ко?|на|над|не|ни|но|об?|обо|от|по|под|при|про|со?|то|у)",
    re.IGNORECASE,
)
_BEFORE_A_NUMBER = re.compile(
    r"\(?(?:№|§|п|пп|подп|ст|ч|гл|абз|прил|разд|д|кв|каб|стр|л|т|корп|оф)\.?", re.IGNORECASE
)
_BEFORE_A_NAME = re.compile(r"(?:г|ул|пр|пер|пл|пос|с|дер|обл|р-н|им)\.", re.IGNORECASE)
_BEFORE = re.compile(r"(?:гг?|р|руб|коп|мин|экз|шт|кл|%|—|–)[.,;:)]?\.?[,;:)]?", re.IGNORECASE)
_NUMBER = re.compile(r"[«(]?\d[\d.,/–-]*")
_YEAR = re.compile(r"\d{4}\D{0,2}")
_WORD = re.compile(r"[а-яё]")
_INITIAL = re.compile(r"[«(]?[А-ЯЁA-Z]\.")
_CAPITAL = re.compile(r"[«А-ЯЁA-Z]")
_MONTH = re.compile(r"(?:янв|февр|апр|июн|июл|сент|окт|но|дек|мар|август|ма)\w{0,4}[яа]")


def unbroken(text: str) -> str:
    """The text with no-break spaces where a line should not end."""
    words = text.split(" ")
    parts = [words[0]]
    run = len(words[0])
    for left, right in pairwise(words):
        tied = bool(left and right) and _is_tied(_last(left), _first(right))
        if tied and run + 1 + len(right) <= LONGEST:
            parts.append(NBSP)
            run += 1 + len(right)
        else:
            parts.append(" ")
            run = len(right)
        parts.append(right)
    return "".join(parts)


def _last(word: str) -> str:
    return re.split(rf"[{NBSP}\n]", word)[-1]


def _first(word: str) -> str:
    return re.split(rf"[{NBSP}\n]", word)[0]


def _is_tied(left: str, right: str) -> bool:
    if _SHORT.fullmatch(left):
        return True
    if _BEFORE.fullmatch(right) or (_INITIAL.fullmatch(left) and _CAPITAL.match(right)):
        return True
    if _NUMBER.match(right) and _BEFORE_A_NUMBER.fullmatch(left):
        return True
    if _BEFORE_A_NAME.fullmatch(left) and _CAPITAL.match(right):
        return True
    if _NUMBER.fullmatch(left) and _WORD.match(right):
        follows = _SHORT.fullmatch(right) or _BEFORE_A_NUMBER.fullmatch(right)
        return not follows and left[-1] not in ",."
    return _MONTH.fullmatch(left) is not None and _YEAR.match(right) is not None
