"""Results by period (R-2.2.3, R-4.4, R-4.5): marks in tables, narratives apart, scales explained.

A corrected entry stays readable beside its correction. The number of an entry on paper is its
number in the record, so that a line can be found again. Marks of different scales are never summed.
What the head has not approved says so (R-5.6). Target orientations appear nowhere (R-4.1).
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.approvals import ApprovalState, acts_of
from papka.records.derived.result_facts import (
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
    is_closed,
    list_results,
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


class ResultGroup(NamedTuple):
    """Rows of one programme."""

    program: str
    rows: tuple[ResultRow, ...]


@dataclass(frozen=True, slots=True)
class Narrative:
    """A result in words; `shows` are planned results with their levels."""

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
    """Return periods with results, in order, without the entries that `known` already has."""
    periods = []
    for period in in_order(archive, student.periods):
        old = known.periods.get(period, ()) if known else ()
        shown = tuple(result for result in student.periods[period] if result not in old)
        if shown:
            found = (states or {}).get(period, {})
            periods.append(_make_period(archive, student, period, shown, found))
    return tuple(periods)


def _make_period(
    archive: Archive,
    student: Student,
    period: str,
    entries: tuple[Result, ...],
    states: Mapping[str, ApprovalState],
) -> PeriodView:
    has_acts = next(acts_of(archive, period), None) is not None
    is_early = has_acts and not is_closed(archive, period) and "утверждено" in states.values()
    is_approved = is_early or is_closed(archive, period)
    late = [i for i, s in states.items() if s == "не утверждено"] if is_approved else []
    notes = _Notes(archive, student, period, late)
    ordered = sorted(entries, key=lambda result: result.date)
    marked = [result for result in ordered if result.mark is not None]
    groups = []
    for enrolment in dict.fromkeys(result.enrolment for result in marked):
        rows = [_make_row(archive, student, r, notes) for r in marked if r.enrolment == enrolment]
        title = wording.program(archive, enrolment_of(student, enrolment), enrolment)
        groups.append(ResultGroup(title, tuple(rows)))
    return PeriodView(
        title_of(archive, period),
        _word_status(status_of(archive, period, is_early=is_early), late),
        is_approved,
        tuple(groups),
        tuple(_make_narrative(archive, student, r, notes) for r in ordered if r.mark is None),
        _explain_scales(archive, student, entries),
    )


def _word_status(status: str, late: Collection[str]) -> str:
    """Say whether the period is approved, and which entries of this person are not."""
    words = "не утверждены записи" if len(late) > 1 else "не утверждена запись"
    return f"{status}; {words}{NBSP}{list_results(late)}" if late else status


def _make_row(archive: Archive, student: Student, result: Result, notes: _Notes) -> ResultRow:
    enrolment = enrolment_of(student, result.enrolment)
    part = part_of(archive, enrolment, result.part)
    scale = scale_of(archive, enrolment, result.part)
    return ResultRow(
        entry_number(result),
        day(result.date),
        part.title if part else result.part or NONE,
        result.control or result.origin,
        mark(result.mark, scale) if result.mark is not None else "",
        _name_teacher(archive, result),
        notes.of(result),
        notes.is_void(result),
    )


def _make_narrative(archive: Archive, student: Student, result: Result, notes: _Notes) -> Narrative:
    enrolment = enrolment_of(student, result.enrolment)
    part = part_of(archive, enrolment, result.part)
    of = (
        result.kind,
        result.control,
        _describe_origin(archive, result),
        wording.program(archive, enrolment, result.enrolment),
        part.title if part else result.part,
    )
    return Narrative(
        entry_number(result),
        day(result.date),
        "; ".join(word for word in of if word),
        _name_teacher(archive, result),
        result.text or "",
        _list_shown(archive, student, result),
        notes.of(result, with_text=False),
        notes.is_void(result),
    )


def _list_shown(archive: Archive, student: Student, result: Result) -> tuple[str, ...]:
    """List planned results with their levels: «Выступает перед слушателями — частично»."""
    edition = edition_of(archive, enrolment_of(student, result.enrolment))
    outcomes = {p.outcome: p.text for p in edition.planned_results} if edition else {}
    return tuple(f"{outcomes.get(s.outcome, s.outcome)} — {s.level}" for s in result.shows)


def entry_number(result: Result) -> str:
    """Return «12» for the entry r12, «б/н» for one that has no id yet."""
    return result.id.lstrip("r") if result.id else "б/н"


def _describe_origin(archive: Archive, result: Result) -> str:
    if result.event:
        return f"{result.origin}{NBSP}— {wording.event(archive, result.event)}"
    return result.origin


def _name_teacher(archive: Archive, result: Result) -> str:
    if result.author:
        return "самооценка"
    return wording.teacher(archive, result.assessed_by)


class _Notes:
    """Words of the last column: links between entries of one period, by their numbers."""

    def __init__(
        self, archive: Archive, student: Student, period: str, late: Container[str]
    ) -> None:
        self._student = student
        self._late = late
        after = ": внесено после утверждения" if is_closed(archive, period) else ""
        self._waits = f"не утверждено{after}"
        self._known = student.periods[period]
        self._by_id = {result.id: result for result in self._known if result.id}
        self._corrected: Mapping[str, Result] = corrections(self._known)
        self._resat: Mapping[str, Result] = resits(self._known)
        self._archive = archive

    def is_void(self, result: Result) -> bool:
        return result.id in self._corrected

    def of(self, result: Result, *, with_text: bool = True) -> str:
        """Word the note of an entry; `with_text`: no other column holds what is put in words."""
        parts = [self._waits] if result.id in self._late else []
        if with_text:
            parts += self._kind(result)
        parts += self._chain(result)
        if result.source and result.source.by_hand:
            parts.append(f"на платформе поставлено вручную: {result.source.by_hand}")
        if with_text:
            parts += _list_shown(self._archive, self._student, result)
            parts += [result.text] if result.text else []
        return "; ".join(parts)

    def _kind(self, result: Result) -> Iterator[str]:
        """Yield what other columns do not say, where it is out of the ordinary."""
        if result.kind != "учебный":
            yield result.kind
        if result.control and result.origin != "текущий контроль":
            yield _describe_origin(self._archive, result)
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
        if result.absence:
            yield result.absence
        if result.resits:
            yield f"пересдача записи{NBSP}{self._number(result.resits)}"
        if result.resit_by:
            yield f"пересдать до{NBSP}{day(result.resit_by)}"
        if again := self._resat.get(result.id or ""):
            yield f"пересдано, см.{NBSP}{entry_number(again)}"

    def _number(self, entry_id: str) -> str:
        found = self._by_id.get(entry_id)
        return entry_number(found) if found else entry_id


def _explain_scales(
    archive: Archive, student: Student, entries: Iterable[Result]
) -> tuple[str, ...]:
    """Explain every scale that one of their marks is read by, once."""
    used = {}
    for result in entries:
        scale = scale_of(archive, enrolment_of(student, result.enrolment), result.part)
        if scale and result.mark is not None:
            used[scale.scale] = scale_rule(scale)
    return tuple(used[code] for code in sorted(used))
