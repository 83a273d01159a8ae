"""Numbers of sheets, and the volumes they are bound in (R-6.5).

Sheets are paper, not pages or files. Cover, inventory, certifying sheet and label carry no number
of the case (the inventory numbers its own sheets); pieces follow in the inventory's order. Every
count is that of the pages of this very print.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
    are on no sheet.
    """

    key: str
    title: str
    sheets: int | None
    is_printed: bool = False
    index: str = ""
    date: str = ""
    note: str = ""
    lettered: tuple[str, ...] = ()
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberedPiece:
    """A piece with the labels of its sheets, in order; None where they cannot be known.

    `missing`: the numbers passed over between them.
    """

    piece: Piece
    labels: tuple[str, ...] | None = field(default=())
    missing: tuple[int, ...] = ()


def number_sheets(pieces: Iterable[Piece], first: int = 1) -> tuple[NumberedPiece, ...]:
    """Number the sheets of all pieces from `first` on.

    A paper whose sheets nobody has counted leaves everything after it to be filled in by hand.
    """
    following: int | None = first
    found = []
    for piece in pieces:
        if piece.sheets == 0:
            found.append(NumberedPiece(piece))
        elif piece.sheets is None or following is None:
            found.append(NumberedPiece(piece, None))
            following = None
        else:
            numbered, missing = _number_sheets(piece, piece.sheets, following)
            following += len(numbered) + len(missing)
            labels = (*map(str, numbered), *piece.lettered[: piece.sheets])
            found.append(NumberedPiece(piece, labels, missing))
    return tuple(found)


def _number_sheets(piece: Piece, sheets: int, first: int) -> tuple[list[int], tuple[int, ...]]:
    """Return the numbers of its sheets and those passed over: only a number before another is."""
    numbers: list[int] = []
    missing: list[int] = []
    following = first
    while len(numbers) < sheets - len(piece.lettered):
        (missing if following in piece.skipped else numbers).append(following)
        following += 1
    return numbers, tuple(missing)


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
    """Sheets `start` to `stop` (excluded) of a placed piece."""

    placed: NumberedPiece
    start: int
    stop: int

    @property
    def piece(self) -> Piece:
        return self.placed.piece

    @property
    def count(self) -> int:
        return self.stop - self.start

    @property
    def labels(self) -> tuple[str, ...] | None:
        return None if self.placed.labels is None else self.placed.labels[self.start : self.stop]

    @property
    def goes_on(self) -> bool:
        return self.stop < (self.piece.sheets or 0)

    @property
    def skipped(self) -> tuple[int, ...]:
        """Numbers passed over before one of these sheets; as recorded where sheets bear none."""
        known = self.placed.labels
        if known is None:
            return self.piece.skipped
        before, until = (
            max((int(label) for label in labels if label.isdecimal()), default=0)
            for labels in (known[: self.start], known[: self.stop])
        )
        return tuple(number for number in self.placed.missing if before < number < until)


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
    def title(self) -> str:
        """«том 2 из 3», empty when there is only one."""
        return f"том {self.number} из {self.of}" if self.of > 1 else ""


def divide_volumes(pieces: Iterable[NumberedPiece], bound: int = 0) -> tuple[BoundVolume, ...]:
    """Divide what comes after the `bound` volumes; numbers of sheets run on through all.

    A volume ends between two lines of the inventory; only a line longer than a volume is divided.
    """
    shelves = [tuple(parts) for parts in _divide(pieces)]
    count = bound + len(shelves)
    return tuple(
        BoundVolume(number, count, parts) for number, parts in enumerate(shelves, bound + 1)
    )


def _divide(pieces: Iterable[NumberedPiece]) -> Iterator[list[VolumePart]]:
    parts: list[VolumePart] = []
    room = LIMIT
    for placed in pieces:
        sheets = placed.piece.sheets or 0
        if room < sheets <= LIMIT:
            yield parts
            parts, room = [], LIMIT
        start = 0
        while sheets - start > room:
            if room:
                parts.append(VolumePart(placed, start, start + room))
            start += room
            yield parts
            parts, room = [], LIMIT
        parts.append(VolumePart(placed, start, sheets))
        room -= sheets - start
    yield parts


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


def inventory(
    archive: Archive, volume: BoundVolume, numbers: dict[str, int], sheets: int | None
) -> Inventory:
    """Return the inventory of a volume.

    `numbers`: key of a piece -> its number in the whole inventory; `sheets`: of the inventory
    itself, None where nobody counts.
    """
    lines = tuple(
        _word_line(part, volume, numbers[part.piece.key], sheets) for part in volume.parts
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
    return InventoryLine(number, piece.index, piece.date, piece.title, place, note)


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
        name = f" ({document.original_name})" if document.original_name else ""
        kind = "электронный файл" if document.medium == ONLY_FILE else "скан"
        notes.append(f"{kind} {document.file}{name}")
    elif document.medium == ONLY_FILE:
        notes.append("электронный файл")
    return "; ".join(notes)


@dataclass(frozen=True, slots=True)
class VolumeSide:
    """One side of a sheet.

    `image` is empty for a blank back, `sheet` for a back and where the number is not known.
    """

    sheet: str
    foot: str
    caption: str
    image: str
    alt: str
    is_first: bool


def is_printed(document: Document) -> bool:
    """Return whether its sheets come from its scan and not from a copier."""
    return document.medium == COPY and document.file is not None


def sheets_of(pages: int, *, duplex: bool) -> int:
    return -(-pages // 2) if duplex else pages


def sides(
    placed: Sequence[NumberedPiece], images: Mapping[str, Sequence[str]], *, duplex: bool
) -> tuple[VolumeSide, ...]:
    """Return every page of the scans, in order; printed on both sides, each begins a new sheet.

    `images`: key of a piece -> registered ids of the pictures of its pages.
    """
    found: list[VolumeSide] = []
    for each in placed:
        names = images.get(each.piece.key, ())
        for at, name in enumerate(names):
            sheet = at // 2 if duplex else at
            label = each.labels[sheet] if each.labels and not (duplex and at % 2) else ""
            page = f"страница {at + 1} из {len(names)}" if len(names) > 1 else ""
            caption = ", ".join(filter(None, (each.piece.title, page)))
            foot = f"лист {label}" if label else ""
            found.append(VolumeSide(label, foot, caption, name, f"Скан: {caption}", at == 0))
        if duplex and len(names) % 2:
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
    archive: Archive, volume: BoundVolume, inventory: int | None, first: str, on: dt.date
) -> Certification:
    """Return the certifying sheet.

    `inventory`: its own sheets, None where nobody counts; `first`: the number a volume begins with;
    `on`: the day that says who certifies.
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
            count="", words="", noun="листов", first=number(first), last="", papers="",
            signature=signature, binding=binding, **shared,
        )  # fmt: skip
    total = len(labels)
    numbered = [label for label in labels if label.isdecimal()]
    return Certification(
        count=str(total),
        words=in_words(total),
        noun=agreed(total, SHEETS),
        first=number(numbered[0] if numbered else first),
        last=number(max(numbered, key=int)) if numbered else "",
        papers=spelled(total - volume.printed, SHEETS),
        signature=signature,
        binding=binding,
        **shared,
    )


def _list_numbers(numbers: list[str]) -> str:
    """Return «2 (12а, 12б)»; «нет» leaves nothing to be written in afterwards."""
    return f"{len(numbers)}{NBSP}({', '.join(numbers)})" if numbers else "нет"
