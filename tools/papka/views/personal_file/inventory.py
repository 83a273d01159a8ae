"""Inner inventory (внутренняя опись): every document of the volume with its sheets (R-5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.standing import Document
from papka.views import reference
from papka.views.personal_file.sheets import spans
from papka.views.personal_file.volumes import Part, Volume
from papka.views.signature import Signature, of_clerk
from papka.views.wording import DOCUMENTS, NONE, SHEETS, counted, day, spelled

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
        by = reference.staff(archive, document.certified.signed_by)
        yield f"верно: {by}, {day(document.certified.date)}"
    if document.note:
        yield document.note
    if document.file:
        name = f" ({document.original_name})" if document.original_name else ""
        yield f"{_IS[document.medium]} {document.file}{name}"
    elif document.medium == ONLY_FILE:
        yield _IS[ONLY_FILE]
