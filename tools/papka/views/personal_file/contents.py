"""The chapters with words: personal card, results of each period, summary.

Invariants: a chapter begins a sheet of its own, its sections follow one another; a section without
anything to say is left out unless its absence must be stated; each chapter is signed by the head,
so that a period's results can be bound when the period is over.
Absent on purpose: target orientations, which are not results (R-4.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from papka.views.card import (
    facts,
    keeping,
    lendings,
    photo_allowed,
    photo_fact,
    representatives,
    volumes,
)
from papka.views.chart import Chart, charts
from papka.views.personal_file.case import Case
from papka.views.results import PeriodView, results
from papka.views.signature import Signature, of_head
from papka.views.standing_tables import awards, consents, notices
from papka.views.study_tables import credits as credited
from papka.views.study_tables import debts, enrolments, levels, planned
from papka.views.tables import Fact, Table

CARD, SUMMARY = "Личная карточка обучающегося", "Сводная ведомость освоения программ"
RESULTS = "Ведомость результатов"


@dataclass(frozen=True, slots=True)
class Photo:
    """`image` is the registered id of the picture, `alt` says what it shows."""

    image: str
    alt: str


@dataclass(frozen=True, slots=True)
class Card:
    anchor: str
    title: str
    photo: Photo | None
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]
    shelf: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class PeriodChapter:
    anchor: str
    title: str
    period: PeriodView


@dataclass(frozen=True, slots=True)
class Summary:
    """Tables before the charts of progress and after them."""

    anchor: str
    title: str
    reached: tuple[Table, ...]
    charts: tuple[Chart, ...]
    standing: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """A chapter is None when nothing of it is printed."""

    card: Card | None
    periods: tuple[PeriodChapter, ...]
    summary: Summary | None
    signature: Signature

    def chapters(self) -> Iterator[Card | PeriodChapter | Summary]:
        if self.card:
            yield self.card
        yield from self.periods
        if self.summary:
            yield self.summary


def contents(case: Case, photo: str | None = None) -> Contents:
    """`photo` is the registered id of the picture, None when it is not shown."""
    return Contents(
        _card(case, photo),
        tuple(
            PeriodChapter(f"period-{at}", f"{RESULTS}: {view.title}", view)
            for at, view in enumerate(
                results(case.archive, case.student, states=case.states, known=case.earlier)
            )
        ),
        _summary(case),
        of_head(case.archive, "Верно"),
    )


def _card(case: Case, photo: str | None) -> Card | None:
    now = _card_words(case)
    shown = [*now[0]]
    tables, shelf = now[1], now[2]
    if case.earlier and case.earlier.person:
        before = _card_words(Case(case.state, case.earlier, case.earlier.person))
        old = set(before[0])
        shown = [fact for fact in shown if fact not in old]
        tables = _fresh(tables, before[1])
        shelf = _fresh(shelf, before[2])
        photo = None
        if not shown and not tables:
            return None
    picture = Photo(photo, f"Фотография: {case.holder}") if photo else None
    return Card("card", CARD, picture, tuple(shown), tables, shelf)


def _card_words(case: Case) -> tuple[list[Fact], tuple[Table, ...], tuple[Table, ...]]:
    archive, student, person = case.archive, case.student, case.person
    shown = facts(archive, student, person)
    if person.photo:
        allowed = photo_allowed(archive, student, case.state.on)
        shown.append(photo_fact(student, person.photo, allowed=allowed))
    tables = (
        representatives(person),
        consents(archive, student, person),
        enrolments(archive, student),
    )
    shelf = (volumes(archive, person), lendings(person), keeping(archive, person))
    return shown, _spoken(tables), _spoken(shelf)


def _summary(case: Case) -> Summary | None:
    reached, drawn, standing = _summary_words(case)
    if case.earlier and case.earlier.person:
        before = _summary_words(Case(case.state, case.earlier, case.earlier.person))
        reached = _fresh(reached, before[0])
        drawn = tuple(chart for chart in drawn if chart not in before[1])
        standing = _fresh(standing, before[2])
    if not (reached or drawn or standing):
        return None
    return Summary("summary", SUMMARY, reached, drawn, standing)


def _summary_words(
    case: Case,
) -> tuple[tuple[Table, ...], tuple[Chart, ...], tuple[Table, ...]]:
    archive, student, person = case.archive, case.student, case.person
    return (
        _spoken((*levels(archive, student), *planned(archive, student))),
        charts(archive, student),
        _spoken(
            (
                credited(archive, student),
                debts(archive, student, case.state.on),
                awards(archive, student),
                notices(archive, student, person),
            )
        ),
    )


def _spoken(tables: tuple[Table, ...]) -> tuple[Table, ...]:
    return tuple(table for table in tables if table.says_something)


def _fresh(tables: tuple[Table, ...], before: tuple[Table, ...]) -> tuple[Table, ...]:
    """Rows that a bound volume does not have; a table is known by its kind and title."""
    old = {(table.kind, table.title): table for table in before}
    return _spoken(tuple(t.without(old.get((t.kind, t.title))) for t in tables))
