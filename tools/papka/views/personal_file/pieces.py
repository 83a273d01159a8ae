"""What the inventory lists, in its order: chapters, documents, the sheet of provenance.

Invariant: with an earlier state, only what is new; a document whose sheets are bound already takes
no new ones, whatever else has changed about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from papka.model.standing import Document
from papka.views.personal_file.case import Case
from papka.views.personal_file.contents import Contents
from papka.views.personal_file.copies import is_printed, key_of
from papka.views.personal_file.inventory import ONLY_FILE, note_of, title_of
from papka.views.personal_file.sheets import Piece
from papka.views.wording import day

PROVENANCE, PROVENANCE_TITLE = "provenance", "Лист происхождения сведений"
_BOUND = "сведения изменены, листы в прежнем томе"


@dataclass(frozen=True, slots=True)
class Counted:
    """Sheets that were counted: of chapters by anchor, of scans by key, of the provenance."""

    chapters: Mapping[str, int | None]
    scans: Mapping[str, int]
    provenance: int | None = 0


def new_documents(case: Case) -> Iterator[tuple[str, Document, bool]]:
    """Key, document, and whether its sheets are bound already."""
    known = {document.id: document for document in case.earlier.documents} if case.earlier else {}
    for at, document in enumerate(case.student.documents):
        before = known.get(document.id) if document.id else None
        if before is None:
            yield key_of(at), document, False
        elif before != document:
            yield key_of(at), document, _sheets(before) == _sheets(document)


def _sheets(document: Document) -> tuple[object, ...]:
    of = document
    return of.medium, of.file, of.sheets, of.lettered, of.skipped


def pieces(case: Case, contents: Contents, counted: Counted) -> tuple[Piece, ...]:
    """`counted.provenance` is 0 when there is no such sheet."""
    date = day(case.printed_on)
    found = [
        _chapter(chapter.anchor, chapter.title, counted.chapters[chapter.anchor], date)
        for chapter in contents.chapters()
    ]
    found += [
        _document(case, key, document, counted.scans.get(key), is_bound=is_bound)
        for key, document, is_bound in new_documents(case)
    ]
    if counted.provenance != 0:
        found.append(_chapter(PROVENANCE, PROVENANCE_TITLE, counted.provenance, date))
    return tuple(found)


def _chapter(key: str, title: str, sheets: int | None, date: str) -> Piece:
    return Piece(key, title, sheets, is_printed=True, date=date)


def _document(
    case: Case, key: str, document: Document, scanned: int | None, *, is_bound: bool
) -> Piece:
    note = note_of(case.archive, document, scanned)
    has_paper = document.medium != ONLY_FILE and not is_bound
    printed = is_printed(document)
    return Piece(
        key,
        title_of(document),
        (scanned if printed else document.sheets) if has_paper else 0,
        is_printed=printed and has_paper,
        index=document.number or "",
        date=day(document.date) if document.date else "",
        note=f"{note}; {_BOUND}".lstrip("; ") if is_bound else note,
        lettered=document.lettered if has_paper else (),
        skipped=document.skipped if has_paper else (),
    )
