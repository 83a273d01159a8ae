"""Parts that printed forms share: the state they show, letterhead, signatures, QR code, tied words.

The only module that knows segno. The view of a form is a frozen dataclass with a field `page`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from papka.core.errors import NotFound
from papka.core.phrases import grouped, suggest
from papka.records.archive import Archive
from papka.records.derived.leadership import school_on, signatory_on
from papka.records.name_cases import dative
from papka.records.student import Name, Person, Student
from papka.records.tombstones import no_file
from papka.records.wording import (
    NBSP,
    agreements,
    day,
    in_order,
    is_closed,
    name_drafts,
    number,
    staff,
    title_of,
)

UNSAVED, UNAPPROVED, COPY, VOID = "НЕ СОХРАНЕНО", "НЕ УТВЕРЖДЕНО", "КОПИЯ", "недействителен"
"""Stamps of a sheet; the last one is written in the gender of the document, in capitals."""


@dataclass(frozen=True, slots=True)
class State:
    """The state of the archive that a paper shows.

    Two times, never mixed: `as_of`, when the facts were known (`--rev`: the commit's moment), and
    `on`, the day on which they are valid (`--on`). `commit`: None while the records are not saved;
    `is_past`: `--on` was asked and `archive` holds nothing dated later; `root`: the id of the
    archive's first commit, only for forms of proof; `turn`: the day up to that of printing from
    which another signs for the school (`leadership.last_turn`).
    """

    archive: Archive
    as_of: dt.datetime
    on: dt.date
    commit: str | None = None
    is_past: bool = False
    root: str | None = None
    turn: dt.date | None = None

    @property
    def signed_on(self) -> dt.date:
        """The day that says who signs a paper without a day of its own, and what heads it.

        The state may be older than the last change of head, the paper is signed after it.
        """
        return self.on if self.is_past or self.turn is None else max(self.on, self.turn)

    @property
    def stamp(self) -> str:
        """The word on every sheet of what is not saved (R-5.6)."""
        return "" if self.commit else UNSAVED


@dataclass(frozen=True, slots=True)
class Page:
    """Title, moment as HTML metadata wants it, stamp, and the line that names the state."""

    title: str
    created: str
    stamp: str
    source: str

    @property
    def is_void(self) -> bool:
        """Whether every sheet is crossed from corner to corner."""
        return self.stamp.casefold() in agreements(VOID)


def page(state: State, title: str, *, is_draft: bool = False) -> Page:
    """Return the head of a document; `is_draft`: it rests on what the head has not approved."""
    return Page(
        title,
        f"{state.as_of.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        state.stamp or (UNAPPROVED if is_draft else ""),
        source(state),
    )


class Unapproved(NamedTuple):
    """Sentences about what the head has not approved (R-5.6).

    `drafts` make the paper a draft; `current` are of periods that go on, which nobody could have
    approved yet: it is a paper about current marks.
    """

    drafts: tuple[str, ...]
    current: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        return (*self.drafts, *self.current)


def find_unapproved(state: State, periods: Iterable[str], people: Iterable[Student]) -> Unapproved:
    """Say what of these people's results is not approved, period by period."""
    archive = state.archive
    ordered = in_order(archive, periods)
    going = [each for each in ordered if _goes_on(archive, each, state.on)]
    over = [each for each in ordered if each not in going]
    known = tuple(people)
    current = [each for each in going if name_drafts(archive, [each], known)]
    titles = "; ".join(title_of(archive, each) for each in current)
    return Unapproved(
        name_drafts(archive, over, known),
        (f"Период ещё идёт, его отметки текущие: {titles}.",) if titles else (),
    )


def _goes_on(archive: Archive, period: str, on: dt.date) -> bool:
    declared = archive.periods.get(period)
    return not is_closed(archive, period) and declared is not None and on <= declared.end


def source(state: State) -> str:
    """Return «Напечатано по состоянию … на 28.12.2026, сохранение 0123456789ab»."""
    valid = f"; сведения на {day(state.on)}" if state.is_past else ""
    moment = day(state.as_of.date())
    if state.commit is None:
        return f"Напечатано {moment} по сведениям, не сохранённым в архиве{valid}"
    return (
        f"Напечатано по состоянию электронного архива на {moment}, "
        f"сохранение {state.commit[:12]}{valid}"
    )


Target = Literal[
    "дело",  # 2026-0007
    "обучение",  # 2026-0007#e1
    "согласие",  # 2026-0007#c1
    "обращение",  # 2026-0007#z1
    "зачёт",  # 2026-0007#k1
    "выписка",  # 2026-0007:2026/0001
    "группа",  # Г-26-1
    "приказ",  # 2026/0001
    "номер документа",  # С-2026-0001
    "книга и год",  # certificates/2026
    "год",  # 2026
    "период",  # 2026-1
    "архив",  # the archive itself: no address
    "пломба",  # 0002
    "замена ключей",  # 0001
    "акт об уничтожении",  # 1
]
View = Any
"""A frozen dataclass with a field `page: Page`; templates read it as `form`."""


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """A printed form: a template and, if need be, a style sheet, both at `stem`.

    `view` makes the words for one address and raises NotFound; `targets`: all addresses, for
    `--all`; a form of the archive itself has the empty address. A form of proof is always in use
    and gets the first commit; an own one is the school's (`own_forms`). `layout` is the form whose
    template it shares; empty for one of its own.
    """

    name: str
    title: str
    target: Target
    view: Callable[[State, str], View]
    targets: Callable[[Archive], Iterable[str]]
    is_of_proof: bool = False
    is_own: bool = False
    layout: str = ""

    @property
    def stem(self) -> str:
        """The path of template and style sheet below `templates/`, without their endings."""
        layout = self.layout or self.name
        return f"forms/{self.name}/form" if self.is_own else f"{layout}/{layout}"

    @property
    def template(self) -> str:
        return f"{self.stem}.html.j2"

    @property
    def folder(self) -> str:
        """The folder of the form below `templates/`."""
        return self.stem.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands above every document of the school (ГОСТ Р 7.0.97-2025, реквизиты 05–14).

    Empty words are left out by the template, never printed as blanks.
    """

    organization: str
    short_name: str
    registration: str
    contacts: str
    licence: str
    place: str


def letterhead(archive: Archive, on: dt.date) -> Letterhead:
    """Return what the school said of itself on a day."""
    if archive.organization is None:
        return Letterhead("", "", "", "", "", "")
    organization = school_on(archive.organization, on)
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
    """Return «ИНН …, ОГРНИП …»: 15 digits are of an entrepreneur, 13 of an organization."""
    ids = [f"ИНН{NBSP}{inn}"] if inn else []
    if ogrn:
        ids.append(f"ОГРН{'ИП' if len(ogrn) == 15 else ''}{NBSP}{ogrn}")
    return ", ".join(ids)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Post, place to sign, name, date (R-6.5); empty words leave a line to write on."""

    post: str = ""
    name: str = ""
    heading: str = ""


def of_head(
    archive: Archive, on: dt.date, heading: str = "", staff_id: str | None = None
) -> SignatureLine:
    """Return the line of who signs for the school on a day, or of `staff_id` if that may sign."""
    who = signatory_on(archive, on, staff_id) or signatory_on(archive, on)
    return SignatureLine(who.post, who.name, heading) if who else SignatureLine(heading=heading)


def of_clerk(archive: Archive) -> SignatureLine:
    """Return the only clerk of the school; with none or several the line stays empty."""
    clerks = [
        member
        for member in archive.staff.values()
        if "делопроизводитель" in member.roles and member.until is None
    ]
    if len(clerks) != 1:
        return SignatureLine()
    return SignatureLine(clerks[0].post, staff(archive, clerks[0].id))


MODULE = 0.4
"""Millimetres."""
QUIET = 4
VERSION = 13
SIDE = 4 * VERSION + 17 + 2 * QUIET
"""Modules, the quiet zone included."""
MILLIMETRES = 30.8


@dataclass(frozen=True, slots=True)
class QrCode:
    """A path for <svg viewBox="0 0 77 77" width="30.8mm" height="30.8mm"><path d="…"/></svg>."""

    path: str
    side: int = SIDE
    millimetres: float = MILLIMETRES


@lru_cache(maxsize=8)
def qr_code(text: str) -> QrCode:
    """Return the code of at most 483 signs of base45: level M, a quiet zone of four modules.

    It is always version 13, so that its place on paper is the same on every document. The last ones
    are remembered: a paper is worded before it is laid out, and printed anew to be verified.
    """
    import segno  # most forms have no code

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


class Typed(NamedTuple):
    groups: tuple[str, ...]
    code: QrCode


def as_digits_to_type(digits: str) -> Typed:
    """Return a long hexadecimal number in groups of eight to type and as a code to scan.

    The code holds capitals, which take half the place.
    """
    return Typed(grouped(digits), qr_code(digits.upper()))


@dataclass(frozen=True, slots=True)
class Figures:
    """A table of counts: the first `words` columns are text, the others figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    note: str = ""


LONGEST = 40
_PIECES = re.compile(rf"[{NBSP}\n]")
_SHORT = re.compile(
    r"[«(„]?(?:а|без|во?|да|до|для|за|и|из|или|ко?|на|над|не|ни|но|об?|обо|от|по|под|при|про|со?|то|у)",
    re.IGNORECASE,
)
_BEFORE_A_NUMBER = re.compile(
    r"\(?(?:№|§|п|пп|подп|ст|ч|гл|абз|прил|разд|д|кв|каб|стр|л|т|корп|оф)\.?"
    r"|(?:кабинет|шкаф|том)\w{0,2}|(?:полк|папк)\w{1,2}",
    re.IGNORECASE,
)
_BEFORE_A_NAME = re.compile(r"(?:г|ул|пр|пер|пл|пос|с|дер|обл|р-н|им)\.", re.IGNORECASE)
_BEFORE = re.compile(r"(?:гг?|р|руб|коп|мин|экз|шт|кл|%|—|–)[.,;:)]?\.?[,;:)]?", re.IGNORECASE)
_NUMBER = re.compile(r"[«(]?\d[\d.,/–-]*")
_YEAR = re.compile(r"\d{4}\D{0,2}")
_WORD = re.compile(r"[а-яё]")
_INITIAL = re.compile(r"[«(]?[А-ЯЁA-Z]\.")
_CAPITAL = re.compile(r"[«А-ЯЁA-Z]")
_MONTH = re.compile(r"(?:янв|февр|апр|июн|июл|сент|окт|но|дек|мар|август|ма)\w{0,4}[яа]")


def tie_words(text: str) -> str:
    """Put no-break spaces where a Russian typesetter would not end a line.

    Only spaces change, so a second pass changes nothing; no more than LONGEST signs are tied
    together, for a line must break somewhere.
    """
    words = text.split(" ")
    parts = [words[0]]
    run = len(words[0])
    for left, right in pairwise(words):
        tied = bool(left and right) and _is_tied(_PIECES.split(left)[-1], _PIECES.split(right)[0])
        if tied and run + 1 + len(right) <= LONGEST:
            parts.append(NBSP)
            run += 1 + len(right)
        else:
            parts.append(" ")
            run = len(right)
        parts.append(right)
    return "".join(parts)


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


def find_student(archive: Archive, student_id: str) -> tuple[Student, Person]:
    """Return a student and the card; raise NotFound for a file not there or an unreadable card."""
    student = archive.students.get(student_id)
    if student is None:
        raise no_file(archive.destroyed, student_id, archive.students)
    if student.person is None:
        raise NotFound(
            f"Карточка дела {student_id} не читается",
            f"Узнайте причину: papka check, файл {student.folder}/student.yaml",
        )
    return student, student.person


def name_addressee(name: Name, sex: str | None) -> str:
    """Name whom a letter is for, in the dative if it is certain."""
    return dative(name, sex) or f"Кому: {name.full}"


class NamedEntry(Protocol):
    """What every entry of a personal file has."""

    @property
    def id(self) -> str | None: ...


_Entry = TypeVar("_Entry", bound=NamedEntry)


def find_entry(entries: Sequence[_Entry], entry_id: str, missing: str, where: str) -> _Entry:
    """Return the entry of a file with this id; raise NotFound, with those alike named."""
    found = next((each for each in entries if each.id == entry_id), None)
    if found is None:
        known = (each.id for each in entries if each.id)
        raise NotFound(missing, f"{where}.{suggest(entry_id, known)}")
    return found


def list_addresses(
    archive: Archive, entries: Callable[[Student], Iterable[NamedEntry]]
) -> Iterator[str]:
    """Yield the addresses of entries of all files, `2026-0007#e1`; without an id there is none."""
    for student in archive.students.values():
        yield from (f"{student.id}#{entry.id}" for entry in entries(student) if entry.id)
