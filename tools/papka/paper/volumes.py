"""Numbers of sheets, and the volumes they are bound in (R-6.5).

Sheets are paper, not pages or files. Each volume numbers its sheets and the lines of its inventory
from 1. Cover, inventory, certifying sheet and label carry no number of the case (the inventory
numbers its own sheets); pieces follow in the inventory's order. Every
count is that of the pages of this very print.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from papka.paper.form import SignatureLine, of_clerk, of_head
from papka.records import wording
from papka.records.archive import Archive
from papka.records.student import Document
from papka.records.wording import (
    DOCUMENTS,
    NBSP,
    NONE,
    SHEETS,
    agreed,
    counted,
    day,
    in_words,
    number,
    spelled,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the inventory; a paper that is not printed is bound in by hand.

    `key` finds what is printed for it; `sheets`: None where nobody has counted them, 0 where there
    is no paper; `lettered`: «5а», sheets without a number of their own; `skipped`: numbers that
    are on no sheet; `certified`: who certifies it, of a copy that is printed.
    """

    key: str
    title: str
    sheets: int | None
    is_printed: bool = False
    index: str = ""
    date: dt.date | None = None
    note: str = ""
    lettered: tuple[str, ...] = ()
    skipped: tuple[int, ...] = ()
    certified: SignatureLine | None = None


def join_labels(labels: Sequence[str]) -> str:
    """Return «4–30, 32–36, 12а»."""
    runs: list[list[str]] = []
    for label in labels:
        before = runs[-1][-1] if runs else ""
        if before.isdecimal() and label.isdecimal() and int(label) == int(before) + 1:
            runs[-1] = [runs[-1][0], label]
        else:
            runs.append([label])
    return ", ".join("–".join(run) for run in runs)


LIMIT = 250
"""Numbered sheets of a volume (R-6.5)."""


@dataclass(frozen=True, slots=True)
class VolumePart:
    """Sheets `start` to `stop` (excluded) of a piece, in one volume.

    `labels`: of these sheets, in order, None where they cannot be known; `skipped`: the numbers
    passed over between them, or as recorded where sheets bear none.
    """

    piece: Piece
    start: int
    stop: int
    labels: tuple[str, ...] | None = ()
    skipped: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        return self.stop - self.start

    @property
    def goes_on(self) -> bool:
        return self.stop < (self.piece.sheets or 0)


@dataclass(frozen=True, slots=True)
class BoundVolume:
    """Sheets bound together; `number` of `of`, counted with the volumes bound before."""

    number: int
    of: int
    parts: tuple[VolumePart, ...]

    @property
    def labels(self) -> tuple[str, ...] | None:
        """Labels of its sheets, None when a paper was not counted."""
        found = [part.labels for part in self.parts]
        return None if None in found else tuple(chain.from_iterable(filter(None, found)))

    @property
    def printed(self) -> int:
        """Numbered sheets that come out of the printer."""
        return sum(part.count for part in self.parts if part.piece.is_printed)

    @property
    def started(self) -> dt.date | None:
        """The date of its earliest paper."""
        return min(self._dates, default=None)

    @property
    def ended(self) -> dt.date | None:
        """The date of its latest paper."""
        return max(self._dates, default=None)

    @property
    def _dates(self) -> list[dt.date]:
        dates = (part.piece.date for part in self.parts if part.piece.sheets != 0)
        return list(filter(None, dates))

    @property
    def title(self) -> str:
        """«том 2 из 3», empty when there is only one."""
        return f"том {self.number} из {self.of}" if self.of > 1 else ""


def divide_volumes(pieces: Iterable[Piece], bound: int = 0) -> tuple[BoundVolume, ...]:
    """Divide what comes after the `bound` volumes; each volume numbers its sheets from 1.

    A volume ends between two lines of the inventory; only a line longer than a volume is divided.
    """
    told: set[tuple[str, int]] = set()
    shelves = [tuple(_number_parts(parts, told)) for parts in _divide(pieces)]
    count = bound + len(shelves)
    return tuple(
        BoundVolume(number, count, parts) for number, parts in enumerate(shelves, bound + 1)
    )


def _divide(pieces: Iterable[Piece]) -> Iterator[list[VolumePart]]:
    parts: list[VolumePart] = []
    room = LIMIT
    for piece in pieces:
        sheets = piece.sheets or 0
        if room < sheets <= LIMIT:
            yield parts
            parts, room = [], LIMIT
        start = 0
        while sheets - start > room:
            if room:
                parts.append(VolumePart(piece, start, start + room))
            start += room
            yield parts
            parts, room = [], LIMIT
        parts.append(VolumePart(piece, start, sheets))
        room -= sheets - start
    yield parts


def _number_parts(parts: Iterable[VolumePart], told: set[tuple[str, int]]) -> Iterator[VolumePart]:
    """Number the sheets of a volume.

    A paper whose sheets nobody has counted leaves everything after it to be filled in by hand.
    `told`: key and number of what was passed over in the volumes before, for one gap is told once.
    """
    following: int | None = 1
    for part in parts:
        piece = part.piece
        if piece.sheets == 0:
            yield part
        elif piece.sheets is None or following is None:
            yield replace(part, labels=None, skipped=piece.skipped)
            following = None
        else:
            plain = piece.sheets - len(piece.lettered[: piece.sheets])
            count = max(0, min(part.stop, plain) - part.start)
            gaps = {n for n in piece.skipped if (piece.key, n) not in told}
            numbered, missing = _number_sheets(gaps, count, following)
            told.update((piece.key, n) for n in missing)
            following += len(numbered) + len(missing)
            letters = piece.lettered[max(0, part.start - plain) : max(0, part.stop - plain)]
            yield replace(part, labels=(*map(str, numbered), *letters), skipped=missing)


def _number_sheets(gaps: set[int], count: int, first: int) -> tuple[list[int], tuple[int, ...]]:
    """Return the numbers of its sheets and those passed over: only a number before another is."""
    numbers: list[int] = []
    missing: list[int] = []
    following = first
    while len(numbers) < count:
        (missing if following in gaps else numbers).append(following)
        following += 1
    return numbers, tuple(missing)


ONLY_FILE, COPY = "только файл", "копия"


@dataclass(frozen=True, slots=True)
class InventoryLine:
    """A line of the inventory in words."""

    number: int
    index: str
    date: str
    title: str
    sheets: str
    note: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """The inner inventory (внутренняя опись, R-5.5); empty words leave places to write on."""

    lines: tuple[InventoryLine, ...]
    documents_in_words: str
    sheets_in_words: str
    signature: SignatureLine


def inventory(archive: Archive, volume: BoundVolume, sheets: int | None) -> Inventory:
    """Return the inventory of a volume; `sheets`: of the inventory itself, None: nobody counts."""
    lines = tuple(
        _word_line(part, volume, number, sheets) for number, part in enumerate(volume.parts, 1)
    )
    return Inventory(
        lines,
        spelled(len(lines), DOCUMENTS),
        spelled(sheets, SHEETS) if sheets else "",
        of_clerk(archive),
    )


def _word_line(
    part: VolumePart, volume: BoundVolume, number: int, sheets: int | None
) -> InventoryLine:
    piece = part.piece
    place = ""
    if piece.sheets == 0:
        place = NONE
    elif sheets is not None and part.labels is not None:
        place = join_labels(part.labels)
    notes = (
        f"начало в томе {volume.number - 1}" if part.start else "",
        f"продолжение в томе {volume.number + 1}" if part.goes_on else "",
        piece.note,
    )
    note = "; ".join(filter(None, notes))
    date = day(piece.date) if piece.date else ""
    return InventoryLine(number, piece.index, date, piece.title, place, note)


def title_of(document: Document) -> str:
    """Return the document's title, with its kind where the title does not name it."""
    is_said = document.kind.casefold() in document.title.casefold()
    return document.title if is_said else f"{document.title} ({document.kind})"


def describe_document(archive: Archive, document: Document, counted_sheets: int | None) -> str:
    """Say whether it is a copy or a file, who certified it, what the file is.

    `counted_sheets`: of its scan, None when it is not printed.
    """
    notes = ["копия"] if document.medium == COPY else []
    recorded = document.sheets
    if recorded is not None and counted_sheets not in (None, recorded):
        notes.append(f"по записи {counted(recorded, SHEETS)}")
    if document.certified:
        by = wording.staff(archive, document.certified.signed_by)
        notes.append(f"верно: {by}, {day(document.certified.date)}")
    if document.note:
        notes.append(document.note)
    if document.file:
        kind = "электронный файл" if document.medium == ONLY_FILE else "скан"
        notes.append(f"{kind} {document.file}")
    elif document.medium == ONLY_FILE:
        notes.append("электронный файл")
    return "; ".join(notes)


@dataclass(frozen=True, slots=True)
class VolumeSide:
    """One side of a sheet.

    `image` is empty for a blank back, `sheet` for a back and where the number is not known;
    `certified`: who writes «Копия верна» below the last page of a copy.
    """

    sheet: str
    foot: str
    caption: str
    image: str
    alt: str
    is_first: bool
    certified: SignatureLine | None = None


def is_printed(document: Document) -> bool:
    """Return whether its sheets come from its scan and not from a copier."""
    return document.medium == COPY and document.file is not None


def sheets_of(pages: int, *, duplex: bool) -> int:
    return -(-pages // 2) if duplex else pages


def sides(
    parts: Iterable[VolumePart], images: Mapping[str, Sequence[str]], *, duplex: bool
) -> tuple[VolumeSide, ...]:
    """Return every page of the scans, in order; printed on both sides, each begins a new sheet.

    `images`: key of a piece -> registered ids of the pictures of its pages.
    """
    found: list[VolumeSide] = []
    for part in parts:
        names = images.get(part.piece.key, ())
        of = 2 if duplex else 1
        for at, name in list(enumerate(names))[part.start * of : part.stop * of]:
            is_back = duplex and at % 2
            label = part.labels[at // of - part.start] if part.labels and not is_back else ""
            page = f"страница {at + 1} из {len(names)}" if len(names) > 1 else ""
            caption = ", ".join(filter(None, (part.piece.title, page)))
            foot = f"лист {label}" if label else ""
            signature = part.piece.certified if at == len(names) - 1 else None
            found.append(
                VolumeSide(label, foot, caption, name, f"Скан: {caption}", at == 0, signature)
            )
        if duplex and len(names) % 2 and not part.goes_on:
            found.append(VolumeSide("", "", "", "", "", is_first=False))
    return tuple(found)


def key_of(at: int) -> str:
    """Return the key of the document at this place of the inventory."""
    return f"document-{at}"


@dataclass(frozen=True, slots=True)
class Certification:
    """The certifying sheet (лист-заверитель, R-6.5): how many sheets are bound.

    Empty words leave lines to write on. `binding`: the label over the knot; `lettered`, `skipped`:
    such sheets, with their number.
    """

    count: str
    words: str
    noun: str
    first: str
    last: str
    printed: str
    papers: str
    inventory: str
    lettered: str
    skipped: str
    signature: SignatureLine
    binding: SignatureLine


def certification(
    archive: Archive, volume: BoundVolume, inventory: int | None, on: dt.date
) -> Certification:
    """Return the certifying sheet.

    `inventory`: its own sheets, None where nobody counts; `on`: the day that says who certifies.
    """
    labels = volume.labels if inventory else None
    lettered = [label for label in labels or () if not label.isdecimal()]
    skipped = [str(n) for part in volume.parts for n in part.skipped]
    if inventory is None or volume.labels is None:
        lettered = [label for part in volume.parts for label in part.piece.lettered]
    signature, binding = of_clerk(archive), of_head(archive, on)
    shared = {
        "printed": spelled(volume.printed, SHEETS) if inventory else "",
        "inventory": spelled(inventory, SHEETS) if inventory else "",
        "lettered": _list_numbers(lettered),
        "skipped": _list_numbers(skipped),
    }
    if labels is None:
        return Certification(
            count="", words="", noun="листов", first=number("1"), last="", papers="",
            signature=signature, binding=binding, **shared,
        )  # fmt: skip
    total = len(labels)
    numbered = [label for label in labels if label.isdecimal()]
    return Certification(
        count=str(total),
        words=in_words(total),
        noun=agreed(total, SHEETS),
        first=number(numbered[0] if numbered else "1"),
        last=number(max(numbered, key=int)) if numbered else "",
        papers=spelled(total - volume.printed, SHEETS),
        signature=signature,
        binding=binding,
        **shared,
    )


def _list_numbers(numbers: list[str]) -> str:
    """Return «2 (12а, 12б)»; «нет» leaves nothing to be written in afterwards."""
    return f"{len(numbers)}{NBSP}({', '.join(numbers)})" if numbers else "нет"
