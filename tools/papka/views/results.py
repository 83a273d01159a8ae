"""Results by period (R-2.2.3, R-4.4, R-4.5): marks in tables, narratives apart, scales explained.

Invariants: a corrected entry stays readable beside its correction; the number of an entry on paper
is its number in the record, so that a line can be found again; marks of different scales are never
summed; what the head has not approved says so (R-5.6). Target orientations appear nowhere (R-4.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.derived.chains import corrections, resits
from papka.model.derived.scales import edition_of, enrolment_of, part_of, scale_of
from papka.model.results import Result
from papka.model.student import Student
from papka.views import reference
from papka.views.chart import Chart, charts
from papka.views.periods import in_order, is_approved, status_of, title_of
from papka.views.signature import Signature, of_head
from papka.views.wording import NBSP, NONE, day, mark, scale_rule


@dataclass(frozen=True, slots=True)
class Row:
    """`is_void`: a correction took its place."""

    number: str
    date: str
    part: str
    control: str
    mark: str
    teacher: str
    note: str
    is_void: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one programme."""

    program: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Narrative:
    number: str
    date: str
    origin: str
    author: str
    text: str
    shows: tuple[str, ...]
    note: str
    is_void: bool


@dataclass(frozen=True, slots=True)
class PeriodView:
    title: str
    status: str
    is_approved: bool
    groups: tuple[Group, ...]
    narratives: tuple[Narrative, ...]


@dataclass(frozen=True, slots=True)
class ResultsView:
    periods: tuple[PeriodView, ...]
    charts: tuple[Chart, ...]
    scales: tuple[str, ...]
    signature: Signature


def results(archive: Archive, student: Student) -> ResultsView:
    periods = [
        _period(archive, student, period, student.periods[period])
        for period in in_order(archive, student.periods)
        if student.periods[period]
    ]
    return ResultsView(
        tuple(periods),
        charts(archive, student),
        _scales(archive, student),
        of_head(archive, "Верно"),
    )


def _period(
    archive: Archive, student: Student, period: str, entries: tuple[Result, ...]
) -> PeriodView:
    notes = _Notes(archive, entries)
    ordered = sorted(entries, key=lambda result: result.date)
    marked = [result for result in ordered if result.mark is not None]
    groups = []
    for enrolment in dict.fromkeys(result.enrolment for result in marked):
        rows = [_row(archive, student, r, notes) for r in marked if r.enrolment == enrolment]
        title = reference.program(archive, enrolment_of(student, enrolment), enrolment)
        groups.append(Group(title, tuple(rows)))
    return PeriodView(
        title_of(archive, period),
        status_of(archive, period),
        is_approved(archive, period),
        tuple(groups),
        tuple(_narrative(archive, student, r, notes) for r in ordered if r.mark is None),
    )


def _row(archive: Archive, student: Student, result: Result, notes: _Notes) -> Row:
    enrolment = enrolment_of(student, result.enrolment)
    part = part_of(archive, enrolment, result.part)
    scale = scale_of(archive, enrolment, result.part)
    return Row(
        entry_number(result),
        day(result.date),
        part.title if part else result.part or NONE,
        result.control or result.origin,
        mark(result.mark, scale) if result.mark is not None else "",
        _teacher(archive, result),
        notes.of(result),
        notes.is_void(result),
    )


def _narrative(archive: Archive, student: Student, result: Result, notes: _Notes) -> Narrative:
    edition = edition_of(archive, enrolment_of(student, result.enrolment))
    outcomes = {p.outcome: p.text for p in edition.planned_results} if edition else {}
    return Narrative(
        entry_number(result),
        day(result.date),
        "; ".join(part for part in (result.kind, _origin(archive, result)) if part),
        _teacher(archive, result),
        result.text or "",
        tuple(f"{outcomes.get(s.outcome, s.outcome)} — {s.level}" for s in result.shows),
        notes.of(result, with_text=False),
        notes.is_void(result),
    )


def entry_number(result: Result) -> str:
    """«12» for the entry r12; one that has no id yet is «б/н»."""
    return result.id.lstrip("r") if result.id else "б/н"


def _origin(archive: Archive, result: Result) -> str:
    if result.event:
        return f"{result.origin}{NBSP}— {reference.event(archive, result.event)}"
    return result.origin


def _teacher(archive: Archive, result: Result) -> str:
    if result.author:
        return "самооценка"
    return reference.teacher(archive, result.assessed_by)


class _Notes:
    """What the last column says: links between entries of one period, by their numbers."""

    def __init__(self, archive: Archive, entries: Iterable[Result]) -> None:
        self._known = tuple(entries)
        self._by_id = {result.id: result for result in self._known if result.id}
        self._corrected: Mapping[str, Result] = corrections(self._known)
        self._resat: Mapping[str, Result] = resits(self._known)
        self._archive = archive

    def is_void(self, result: Result) -> bool:
        return result.id in self._corrected

    def of(self, result: Result, *, with_text: bool = True) -> str:
        parts = []
        if with_text and result.control and result.origin != "текущий контроль":
            parts.append(_origin(self._archive, result))
        elif with_text and result.event:
            parts.append(reference.event(self._archive, result.event))
        if later := self._corrected.get(result.id or ""):
            parts.append(f"исправлено, см.{NBSP}{entry_number(later)}")
        if result.replaces:
            reason = f": {result.reason}" if result.reason else ""
            parts.append(f"исправление записи{NBSP}{self._number(result.replaces)}{reason}")
        if result.resits:
            parts.append(f"пересдача записи{NBSP}{self._number(result.resits)}")
        if again := self._resat.get(result.id or ""):
            parts.append(f"пересдано, см.{NBSP}{entry_number(again)}")
        elif result.resit_by and not self.is_void(result):
            parts.append(f"пересдать до{NBSP}{day(result.resit_by)}")
        if with_text and result.text:
            parts.append(result.text)
        return "; ".join(parts)

    def _number(self, entry_id: str) -> str:
        found = self._by_id.get(entry_id)
        return entry_number(found) if found else entry_id


def _scales(archive: Archive, student: Student) -> tuple[str, ...]:
    """Every scale a printed mark stands on, once."""
    used = {}
    for _, result in student.results:
        scale = scale_of(archive, enrolment_of(student, result.enrolment), result.part)
        if scale and result.mark is not None:
            used[scale.scale] = scale_rule(scale)
    return tuple(used[code] for code in sorted(used))
