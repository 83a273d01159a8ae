"""Numbers of sheets: which piece of the file bears which.

Invariants: sheets are paper, not pages or files; cover, inventory, certifying sheet and label carry
no number of the case (the inventory numbers its own sheets); pieces follow in the inventory's
order. A paper whose sheets nobody has counted leaves everything after it to be filled in by hand.
A lettered sheet («5а») is a sheet without a number of its own; a skipped number is on no sheet.

Volumes: which sheets are bound together (R-6.5).

Invariants: at most LIMIT numbered sheets a volume; a volume ends between two lines of the
inventory, only a line that is longer than a volume is itself divided, and the inventory says so;
numbers run on through all volumes, also from those bound before.

Inner inventory (внутренняя опись): every document of the volume with its sheets (R-5.5).

Copies printed from their scans: which page of which scan comes on which side of a sheet.

Invariant: every page of a scan is on paper, in order; printed on both sides, a document still
begins a sheet of its own.

Certifying sheet (лист-заверитель): how many sheets are bound, in figures and in words (R-6.5).

Invariant: every count is that of the pages this very PDF has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from papka.paper.form import Signature, of_clerk, of_head
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
    """A line of the inventory. `key` finds what is printed for it; `sheets` is None where nobody
    has counted them and 0 where there is no paper; a paper that is not printed is bound in by
    hand."""

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
class Placed:
    """A piece and what its sheets bear, in order, None where that cannot be known; `missing` are
    the numbers that were passed over between them."""

    piece: Piece
    labels: tuple[str, ...] | None = field(default=())
    missing: tuple[int, ...] = ()


def placed(pieces: Iterable[Piece], first: int = 1) -> tuple[Placed, ...]:
    """Numbers from `first` on."""
    following: int | None = first
    found = []
    for piece in pieces:
        if piece.sheets == 0:
            found.append(Placed(piece))
        elif piece.sheets is None or following is None:
            found.append(Placed(piece, None))
            following = None
        else:
            numbered, missing = _numbered(piece, piece.sheets, following)
            following += len(numbered) + len(missing)
            labels = (*map(str, numbered), *piece.lettered[: piece.sheets])
            found.append(Placed(piece, labels, missing))
    return tuple(found)


def _numbered(piece: Piece, sheets: int, first: int) -> tuple[list[int], tuple[int, ...]]:
    """Numbers on its sheets, and those passed over: a number is missing only before another."""
    numbers: list[int] = []
    missing: list[int] = []
    following = first
    while len(numbers) < sheets - len(piece.lettered):
        (missing if following in piece.skipped else numbers).append(following)
        following += 1
    return numbers, tuple(missing)


def spans(labels: Sequence[str]) -> str:
    """«4–30, 32–36, 12а»."""
    runs: list[list[str]] = []
    for label in labels:
        if runs and _follows(runs[-1][-1], label):
            runs[-1] = [runs[-1][0], label]
        else:
            runs.append([label])
    return ", ".join("–".join(run) for run in runs)


def _follows(before: str, label: str) -> bool:
    return before.isdecimal() and label.isdecimal() and int(label) == int(before) + 1


LIMIT = 250


@dataclass(frozen=True, slots=True)
class Part:
    """Sheets `start` to `stop` (excluded) of a placed piece."""

    placed: Placed
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
        """Numbers passed over before one of these sheets; those of the record where the sheets
        bear none."""
        known = self.placed.labels
        if known is None:
            return self.piece.skipped
        before, until = (
            max((int(label) for label in labels if label.isdecimal()), default=0)
            for labels in (known[: self.start], known[: self.stop])
        )
        return tuple(number for number in self.placed.missing if before < number < until)


@dataclass(frozen=True, slots=True)
class Volume:
    """`number` of `of`, counted with the volumes bound before."""

    number: int
    of: int
    parts: tuple[Part, ...]

    @property
    def labels(self) -> tuple[str, ...] | None:
        """What its sheets bear, None when a paper was not counted."""
        found: list[str] = []
        for part in self.parts:
            if part.labels is None:
                return None
            found += part.labels
        return tuple(found)

    @property
    def printed(self) -> int:
        """Numbered sheets that come out of the printer."""
        return sum(part.count for part in self.parts if part.piece.is_printed)

    @property
    def title(self) -> str:
        """«том 2 из 3», empty when there is only one."""
        return f"том {self.number} из {self.of}" if self.of > 1 else ""


def volumes(pieces: Iterable[Placed], bound: int = 0) -> tuple[Volume, ...]:
    """Divide after what is already bound in `bound` volumes."""
    shelves = [tuple(parts) for parts in _divided(pieces)]
    count = bound + len(shelves)
    return tuple(Volume(number, count, parts) for number, parts in enumerate(shelves, bound + 1))


def _divided(pieces: Iterable[Placed]) -> Iterator[list[Part]]:
    parts: list[Part] = []
    room = LIMIT
    for placed in pieces:
        sheets = placed.piece.sheets or 0
        if room < sheets <= LIMIT:
            yield parts
            parts, room = [], LIMIT
        start = 0
        while sheets - start > room:
            if room:
                parts.append(Part(placed, start, start + room))
            start += room
            yield parts
            parts, room = [], LIMIT
        parts.append(Part(placed, start, sheets))
        room -= sheets - start
    yield parts


ONLY_FILE, COPY = "только файл", "копия"
_IS = {ONLY_FILE: "электронный файл", COPY: "скан", "подлинник": "скан"}


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    index: str
    date: str
    title: str
    sheets: str
    note: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """Empty words leave places to write on: a browser does not tell us its sheets."""

    lines: tuple[Line, ...]
    documents_in_words: str
    sheets_in_words: str
    signature: Signature


def inventory(
    archive: Archive, volume: Volume, numbers: dict[str, int], sheets: int | None
) -> Inventory:
    """`numbers`: key of a piece -> its number in the whole inventory; `sheets`: its own."""
    lines = tuple(_line(part, volume, numbers[part.piece.key], sheets) for part in volume.parts)
    return Inventory(
        lines,
        spelled(len(lines), DOCUMENTS),
        spelled(sheets, SHEETS) if sheets else "",
        of_clerk(archive),
    )


def _line(part: Part, volume: Volume, number: int, sheets: int | None) -> Line:
    piece = part.piece
    place = ""
    if piece.sheets == 0:
        place = NONE
    elif sheets is not None and part.labels is not None:
        place = spans(part.labels)
    divided = []
    if part.start:
        divided.append(f"начало в томе {volume.number - 1}")
    if part.goes_on:
        divided.append(f"продолжение в томе {volume.number + 1}")
    return Line(
        number,
        piece.index,
        piece.date,
        piece.title,
        place,
        "; ".join([*divided, *_note(piece.note)]),
    )


def _note(note: str) -> list[str]:
    return [note] if note else []


def title_of(document: Document) -> str:
    """Its title, with its kind where the title does not begin with it."""
    is_said = document.kind.casefold() in document.title.casefold()
    return document.title if is_said else f"{document.title} ({document.kind})"


def note_of(archive: Archive, document: Document, counted_sheets: int | None) -> str:
    """Copy or file, by whom certified, what is known of the file. `counted_sheets` are those of
    its scan, None when it is not printed."""
    return "; ".join(_notes(archive, document, counted_sheets))


def _notes(archive: Archive, document: Document, counted_sheets: int | None) -> Iterator[str]:
    if document.medium == COPY:
        yield "копия"
    recorded = document.sheets
    if recorded is not None and counted_sheets not in (None, recorded):
        yield f"по записи {counted(recorded, SHEETS)}"
    if document.certified:
        by = wording.staff(archive, document.certified.signed_by)
        yield f"верно: {by}, {day(document.certified.date)}"
    if document.note:
        yield document.note
    if document.file:
        name = f" ({document.original_name})" if document.original_name else ""
        yield f"{_IS[document.medium]} {document.file}{name}"
    elif document.medium == ONLY_FILE:
        yield _IS[ONLY_FILE]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a sheet; `image` is empty for a blank back, `sheet` for a back and where the
    number is not known."""

    sheet: str
    foot: str
    caption: str
    image: str
    alt: str
    is_first: bool


def is_printed(document: Document) -> bool:
    """Whether its sheets come from its scan and not from a copier."""
    return document.medium == COPY and document.file is not None


def sheets_of(pages: int, *, duplex: bool) -> int:
    return -(-pages // 2) if duplex else pages


def sides(
    placed: Sequence[Placed], images: Mapping[str, Sequence[str]], *, duplex: bool
) -> tuple[Side, ...]:
    """`images`: key of a piece -> registered ids of the pictures of its pages."""
    found: list[Side] = []
    for each in placed:
        names = images.get(each.piece.key, ())
        for at, name in enumerate(names):
            sheet = at // 2 if duplex else at
            label = each.labels[sheet] if each.labels and not (duplex and at % 2) else ""
            page = f"страница {at + 1} из {len(names)}" if len(names) > 1 else ""
            title = each.piece.title
            found.append(
                Side(
                    label,
                    f"лист {label}" if label else "",
                    ", ".join(filter(None, (title, page))),
                    name,
                    f"Скан: {', '.join(filter(None, (title, page)))}",
                    at == 0,
                )
            )
        if duplex and len(names) % 2:
            found.append(Side("", "", "", "", "", is_first=False))
    return tuple(found)


def key_of(at: int) -> str:
    """How a document of the inventory is known while it is printed."""
    return f"document-{at}"


@dataclass(frozen=True, slots=True)
class Certification:
    """Empty words leave lines to write on; `binding` is the label over the knot; `lettered` and
    `skipped` are the numbers of such sheets and how many they are; `notes` are peculiarities with
    their sheets."""

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
    signature: Signature
    binding: Signature


def certification(
    archive: Archive, volume: Volume, inventory: int | None, first: str
) -> Certification:
    """`inventory` is the number of its own sheets, None where nobody could count; `first` the
    number the volume begins with."""
    labels = volume.labels if inventory else None
    lettered = [label for label in labels or () if not label.isdecimal()]
    skipped = [str(n) for part in volume.parts for n in part.skipped]
    if inventory is None or volume.labels is None:
        lettered = [label for part in volume.parts for label in part.piece.lettered]
    signature, binding = of_clerk(archive), of_head(archive)
    shared = {
        "printed": spelled(volume.printed, SHEETS) if inventory else "",
        "inventory": spelled(inventory, SHEETS) if inventory else "",
        "lettered": _listed(lettered),
        "skipped": _listed(skipped),
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


def _listed(numbers: list[str]) -> str:
    """«2: 12а, 12б»; «нет» leaves nothing to be written in afterwards."""
    return f"{len(numbers)}{NBSP}({', '.join(numbers)})" if numbers else "нет"
