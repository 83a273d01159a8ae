"""Inner inventory (внутренняя опись): every document of the file with its sheets (R-5.5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.student import Student
from papka.views.sheets import ONLY_FILE, Sheets, numbers, span
from papka.views.signature import Signature, of_clerk
from papka.views.wording import DOCUMENTS, SHEETS, day, spelled

CARD_TITLE = "Личная карточка обучающегося"
RESULTS_TITLE = "Ведомость результатов освоения образовательных программ"
_NOTE = {"подлинник": "", "копия": "копия", ONLY_FILE: "электронный файл"}


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
    archive: Archive, student: Student, sheets: Sheets | None, printed_on: dt.date
) -> Inventory:
    printed = ("", "")
    following = None
    if sheets:
        printed = span(1, sheets.card), span(1 + sheets.card, sheets.results)
        following = 1 + sheets.printed
    date = day(printed_on)
    lines = [
        Line(1, "", date, CARD_TITLE, printed[0], ""),
        Line(2, "", date, RESULTS_TITLE, printed[1], ""),
    ]
    for number, document in enumerate(student.documents, 3):
        place = ""
        if document.medium == ONLY_FILE:
            place = "—"
        elif following is not None and document.sheets is not None:
            place, following = numbers(following, document)
        else:
            following = None
        lines.append(
            Line(
                number,
                document.number or "",
                day(document.date) if document.date else "",
                document.title,
                place,
                "; ".join(filter(None, (_NOTE[document.medium], document.note))),
            )
        )
    return Inventory(
        tuple(lines),
        spelled(len(lines), DOCUMENTS),
        spelled(sheets.inventory, SHEETS) if sheets else "",
        of_clerk(archive),
    )
