"""The personal file as it is printed (R-1.4.2): cover, inventory, card, results, certifying sheet.

It is worded in two parts. The numbered sheets (card, results) do not depend on how many sheets
there are, so they are laid out and counted once; the frame around them says the counts.
Absent on purpose: the clock; the moment of the state is an argument.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.person import Person
from papka.model.student import Student
from papka.views.card import Card, card
from papka.views.certification import Certification, certification
from papka.views.cover import Cover, State, cover, printed_from
from papka.views.inventory import CARD_TITLE, RESULTS_TITLE, Inventory, inventory
from papka.views.periods import in_order, is_approved, title_of
from papka.views.results import ResultsView, results
from papka.views.sheets import Sheets, total
from papka.views.wording import number

DRAFT = "ЧЕРНОВИК"


@dataclass(frozen=True, slots=True)
class Case:
    """Whose file, in which state; `commit` is None while the records are not saved."""

    archive: Archive
    student: Student
    person: Person
    as_of: dt.datetime
    commit: str | None = None

    @property
    def title(self) -> str:
        return f"Личное дело {number(self.student.id)}"

    @property
    def stamp(self) -> str:
        return "" if self.commit else DRAFT

    @property
    def created(self) -> str:
        """The moment as HTML metadata wants it."""
        return f"{self.as_of.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class Numbered:
    """Sheets that carry the case's numbers."""

    case: str
    stamp: str
    created: str
    holder: str
    card_title: str
    results_title: str
    card: Card
    results: ResultsView


@dataclass(frozen=True, slots=True)
class Frame:
    """What is bound around them and counts them."""

    case: str
    stamp: str
    created: str
    holder: str
    cover: Cover
    inventory: Inventory
    certification: Certification


def numbered(case: Case) -> Numbered:
    return Numbered(
        case=case.title,
        stamp=case.stamp,
        created=case.created,
        holder=case.person.name.full,
        card_title=CARD_TITLE,
        results_title=RESULTS_TITLE,
        card=card(case.archive, case.student, case.person),
        results=results(case.archive, case.student),
    )


def frame(case: Case, sheets: Sheets | None) -> Frame:
    """The frame for these counts, which are those of the laid-out pages; None leaves blanks."""
    count = total(sheets.printed, case.student.documents) if sheets else None
    return Frame(
        case=case.title,
        stamp=case.stamp,
        created=case.created,
        holder=case.person.name.full,
        cover=cover(
            case.archive,
            case.student,
            case.person,
            State(count, printed_from(case.as_of, case.commit), _warnings(case)),
        ),
        inventory=inventory(case.archive, case.student, sheets, case.as_of.date()),
        certification=certification(case.archive, sheets, count, case.student.documents),
    )


def _warnings(case: Case) -> tuple[str, ...]:
    """What makes this paper, or a period in it, a draft (R-5.6)."""
    drafts = [
        title_of(case.archive, period)
        for period in in_order(case.archive, case.student.periods)
        if case.student.periods[period] and not is_approved(case.archive, period)
    ]
    unsaved = [f"{DRAFT}: сведения ещё не сохранены в архиве."] if case.commit is None else []
    unapproved = [f"Не утверждены руководителем: {'; '.join(drafts)}."] if drafts else []
    return (*unsaved, *unapproved)
