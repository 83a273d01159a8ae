"""Results by period (R-2.2.3, R-4.4, R-4.5): marks in tables, narratives apart, scales explained.

Invariants: a corrected entry stays readable beside its correction; the number of an entry on paper
is its number in the record, so that a line can be found again; marks of different scales are never
summed; what the head has not approved says so (R-5.6). Target orientations appear nowhere (R-4.1).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.mastery import (
    ApprovalState,
    corrections,
    edition_of,
    enrolment_of,
    part_of,
    resits,
    scale_of,
)
from papka.records.student import Result, Student
from papka.records.wording import (
    NBSP,
    NONE,
    day,
    in_order,
    is_approved,
    mark,
    scale_rule,
    status_of,
    title_of,
)


@dataclass(frozen=True, slots=True)
class ResultRow:
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
class ResultGroup:
    """Rows of one programme."""

    program: str
    rows: tuple[ResultRow, ...]


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
    """`scales` are the rules by which its marks are read."""

    title: str
    status: str
    is_approved: bool
    groups: tuple[ResultGroup, ...]
    narratives: tuple[Narrative, ...]
    scales: tuple[str, ...]


States = Mapping[str, Mapping[str, ApprovalState]]
"""Period -> id of a result -> approved or draft."""


def results(
    archive: Archive,
    student: Student,
    *,
    states: States | None = None,
    known: Student | None = None,
) -> tuple[PeriodView, ...]:
    """Periods with results, in order; entries that `known` already has are left out."""
    periods = []
    for period in in_order(archive, student.periods):
        old = known.periods.get(period, ()) if known else ()
        shown = tuple(result for result in student.periods[period] if result not in old)
        if shown:
            late = {i for i, s in (states or {}).get(period, {}).items() if s == "черновик"}
            periods.append(_period(archive, student, period, shown, late))
    return tuple(periods)


def _period(
    archive: Archive,
    student: Student,
    period: str,
    entries: tuple[Result, ...],
    late: Container[str],
) -> PeriodView:
    approved = is_approved(archive, period)
    notes = _Notes(archive, student, period, late if approved else ())
    ordered = sorted(entries, key=lambda result: result.date)
    marked = [result for result in ordered if result.mark is not None]
    groups = []
    for enrolment in dict.fromkeys(result.enrolment for result in marked):
        rows = [_row(archive, student, r, notes) for r in marked if r.enrolment == enrolment]
        title = wording.program(archive, enrolment_of(student, enrolment), enrolment)
        groups.append(ResultGroup(title, tuple(rows)))
    return PeriodView(
        title_of(archive, period),
        status_of(archive, period),
        approved,
        tuple(groups),
        tuple(_narrative(archive, student, r, notes) for r in ordered if r.mark is None),
        _scales(archive, student, entries),
    )


def _row(archive: Archive, student: Student, result: Result, notes: _Notes) -> ResultRow:
    enrolment = enrolment_of(student, result.enrolment)
    part = part_of(archive, enrolment, result.part)
    scale = scale_of(archive, enrolment, result.part)
    return ResultRow(
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
    enrolment = enrolment_of(student, result.enrolment)
    part = part_of(archive, enrolment, result.part)
    of = (
        result.kind,
        result.control,
        _origin(archive, result),
        wording.program(archive, enrolment, result.enrolment),
        part.title if part else result.part,
    )
    return Narrative(
        entry_number(result),
        day(result.date),
        "; ".join(word for word in of if word),
        _teacher(archive, result),
        result.text or "",
        _shown(archive, student, result),
        notes.of(result, with_text=False),
        notes.is_void(result),
    )


def _shown(archive: Archive, student: Student, result: Result) -> tuple[str, ...]:
    """«Выступает перед слушателями — частично»."""
    edition = edition_of(archive, enrolment_of(student, result.enrolment))
    outcomes = {p.outcome: p.text for p in edition.planned_results} if edition else {}
    return tuple(f"{outcomes.get(s.outcome, s.outcome)} — {s.level}" for s in result.shows)


def entry_number(result: Result) -> str:
    """«12» for the entry r12; one that has no id yet is «б/н»."""
    return result.id.lstrip("r") if result.id else "б/н"


def _origin(archive: Archive, result: Result) -> str:
    if result.event:
        return f"{result.origin}{NBSP}— {wording.event(archive, result.event)}"
    return result.origin


def _teacher(archive: Archive, result: Result) -> str:
    if result.author:
        return "самооценка"
    return wording.teacher(archive, result.assessed_by)


class _Notes:
    """What the last column says: links between entries of one period, by their numbers."""

    def __init__(
        self, archive: Archive, student: Student, period: str, late: Container[str]
    ) -> None:
        self._student = student
        self._late = late
        self._known = student.periods[period]
        self._by_id = {result.id: result for result in self._known if result.id}
        self._corrected: Mapping[str, Result] = corrections(self._known)
        self._resat: Mapping[str, Result] = resits(self._known)
        self._archive = archive

    def is_void(self, result: Result) -> bool:
        return result.id in self._corrected

    def of(self, result: Result, *, with_text: bool = True) -> str:
        parts = ["черновик: утверждением не охвачено"] if result.id in self._late else []
        if with_text:
            parts += self._kind(result)
        parts += self._chain(result)
        if result.source and result.source.by_hand:
            parts.append(f"на платформе поставлено вручную: {result.source.by_hand}")
        if with_text:
            parts += _shown(self._archive, self._student, result)
            parts += [result.text] if result.text else []
        return "; ".join(parts)

    def _kind(self, result: Result) -> Iterator[str]:
        """What other columns do not say, where it is not the ordinary."""
        if result.kind != "учебный":
            yield result.kind
        if result.control and result.origin != "текущий контроль":
            yield _origin(self._archive, result)
        elif result.event:
            yield wording.event(self._archive, result.event)

    def _chain(self, result: Result) -> Iterator[str]:
        if later := self._corrected.get(result.id or ""):
            yield f"исправлено, см.{NBSP}{entry_number(later)}"
        if result.replaces:
            reason = f": {result.reason}" if result.reason else ""
            yield f"исправление записи{NBSP}{self._number(result.replaces)}{reason}"
        elif result.reason:
            yield result.reason
        if result.resits:
            yield f"пересдача записи{NBSP}{self._number(result.resits)}"
        if result.resit_by:
            yield f"пересдать до{NBSP}{day(result.resit_by)}"
        if again := self._resat.get(result.id or ""):
            yield f"пересдано, см.{NBSP}{entry_number(again)}"

    def _number(self, entry_id: str) -> str:
        found = self._by_id.get(entry_id)
        return entry_number(found) if found else entry_id


def _scales(archive: Archive, student: Student, entries: Iterable[Result]) -> tuple[str, ...]:
    """Every scale one of their marks stands on, once."""
    used = {}
    for result in entries:
        scale = scale_of(archive, enrolment_of(student, result.enrolment), result.part)
        if scale and result.mark is not None:
            used[scale.scale] = scale_rule(scale)
    return tuple(used[code] for code in sorted(used))
