"""Who needs help in a study period, and why: for the teachers' talk, never for a wall (R-2.2.2).

Invariants: everybody with a reason is named and nobody else, in the order of groups and the
alphabet, never of marks; a reason is a fact of the records: a debt that is not passed, a part due
without a mark, or marks of one's own that have fallen twice in a row. Nobody is compared with
anybody; diagnostics and special needs are no reason and are not read (R-2.2.7, R-4.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from papka.core.errors import NotFound
from papka.core.phrases import natural_key, suggest
from papka.paper.form import (
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    letterhead,
    of_head,
    page,
)
from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.headcount import Enrolled, StudySpan, files_of, find_enrolled
from papka.records.derived.result_facts import (
    debts_on,
    dynamics,
    enrolment_of,
    part_of,
    scale_of,
    unmarked,
)
from papka.records.school import Period
from papka.records.search import alphabetical
from papka.records.wording import NBSP, NONE, day, mark, name_drafts, number, title_of

_FOR_US = (
    "Для работы внутри организации: здесь есть персональные данные. Порядок — по группам и "
    "алфавиту, обучающиеся друг с другом не сравниваются."
)
_FALLEN = 2
"""So many marks of one part in a row, each below the one before, are a fall."""


@dataclass(frozen=True, slots=True)
class AttentionRow:
    """One student in one programme; `reasons` is never empty."""

    name: str
    file: str
    program: str
    group: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttentionForm:
    """`empty` is said instead of the table where nobody has a reason."""

    page: Page
    letterhead: Letterhead
    heading: str
    on: str
    rows: tuple[AttentionRow, ...]
    empty: str
    notes: tuple[str, ...]
    signature: SignatureLine


def view(state: State, address: str) -> AttentionForm:
    archive = state.archive
    period = archive.periods.get(address)
    if period is None or period.start > state.on:
        raise NotFound(
            f"Учебного периода «{address}» нет или он ещё не начался",
            f"Адрес — код периода.{suggest(address, archive.periods)}",
        )
    span = StudySpan(period.start, min(period.end, state.on))
    rows = sorted(_list_rows(archive, period, span), key=_by_group_and_name)
    title = title_of(archive, address)
    drafts = name_drafts(archive, [address], files_of(find_enrolled(archive, span)))
    return AttentionForm(
        page=page(state, f"Кому нужна помощь, {title}", is_draft=bool(drafts)),
        letterhead=letterhead(archive, state.signed_on),
        heading=title,
        on=day(span.end),
        rows=tuple(rows),
        empty="" if rows else f"На{NBSP}{day(span.end)} таких обучающихся нет.",
        notes=(*drafts, _FOR_US),
        signature=of_head(archive, state.signed_on),
    )


def _by_group_and_name(row: AttentionRow) -> tuple[object, ...]:
    return row.program, natural_key(row.group), alphabetical(row.name), row.file


def _list_rows(archive: Archive, period: Period, span: StudySpan) -> Iterator[AttentionRow]:
    for each in find_enrolled(archive, span):
        person = each.student.person
        if person is None or person.duplicate_of is not None:
            continue
        reasons = (*_list_debts(archive, each, span), *_list_blanks(archive, each, period, span),
                   *_list_falls(archive, each, span))  # fmt: skip
        if reasons:
            yield AttentionRow(
                name=person.name.full,
                file=number(each.student.id),
                program=wording.program(archive, each.enrolment, each.enrolment.id or ""),
                group=each.group or NONE,
                reasons=reasons,
            )


def _list_debts(archive: Archive, each: Enrolled, span: StudySpan) -> Iterator[str]:
    for debt in debts_on(archive, each.student, span.end):
        last = debt.last
        if debt.state == "погашена" or last.enrolment != each.enrolment.id or last.mark is None:
            continue
        part = part_of(archive, each.enrolment, last.part)
        told = mark(last.mark, scale_of(archive, each.enrolment, last.part))
        due = f", пересдать до{NBSP}{day(last.resit_by)}" if last.resit_by else ""
        late = ", срок истёк" if debt.state == "просрочена" else ""
        yield f"задолженность: {part.title if part else last.part or NONE} — {told}{due}{late}"


def _list_blanks(
    archive: Archive, each: Enrolled, period: Period, span: StudySpan
) -> Iterator[str]:
    """Name parts without a mark, when the period is over: before that a mark may still come."""
    if span.end < period.end:
        return
    parts = [
        due.part.title
        for due in unmarked(archive, each.student, period)
        if due.enrolment.id == each.enrolment.id
    ]
    if parts:
        yield f"нет отметки за период: {', '.join(parts)}"


def _list_falls(archive: Archive, each: Enrolled, span: StudySpan) -> Iterator[str]:
    """Name parts whose last marks fell twice in a row, the last of them in this span."""
    for line in dynamics(archive, each.student):
        known = [
            point
            for point in line.points
            if point.date <= span.end and enrolment_of(each.student, point.result.enrolment)
        ]
        last = known[-_FALLEN - 1 :]
        if len(last) <= _FALLEN or not span.has(last[-1].date):
            continue
        is_own = last[-1].result.enrolment == each.enrolment.id
        if is_own and all(point.change == "ниже" for point in last[1:]):
            told = " → ".join(mark(point.mark, line.scale) for point in last)
            yield f"собственные отметки снижаются: {line.part.title}, {told}"


FORM = PrintedForm(
    name="attention",
    title="Кому нужна помощь",
    target="период",
    view=view,
    targets=lambda archive: sorted(archive.periods),
)
