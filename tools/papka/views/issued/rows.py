"""Tables of an issued document: parts of the programme with results, and events.

Invariants: only what counts (no corrected entry, the last re-sit); a mark stands with its scale
and is never converted (R-2.2.3); personal results and own words of students are never here.
"""

from __future__ import annotations

from papka.model.acts import PrintedRow
from papka.model.derived.chains import counting, true_results
from papka.model.derived.mastery import Mastery, mastery
from papka.model.derived.scales import scale_of
from papka.model.results import Result
from papka.model.school import Scale
from papka.views import reference
from papka.views.issued.case import Case, said
from papka.views.wording import mark

_CREDITED = "зачтено из другой организации"
_BELOW = "ниже порога освоения"


def mastered(case: Case) -> tuple[PrintedRow, ...]:
    """One line a part that has a result, in the programme's order."""
    levels = mastery(case.archive, case.student, case.enrolment)
    return tuple(_part(level) for level in levels if level.mark is not None or level.credited)


def planned(case: Case) -> tuple[PrintedRow, ...]:
    """One line a part, with its result if it has one."""
    return tuple(_part(level) for level in mastery(case.archive, case.student, case.enrolment))


def of_period(case: Case) -> tuple[PrintedRow, ...]:
    """Marks of a period by discipline: those of the period, or while there are none, current."""
    found = counting(case.student.periods.get(case.period or "", ()))
    rows: list[PrintedRow] = []
    for part in case.edition.parts:
        scale = case.archive.scales.get(part.scale or "")
        marks = [
            result
            for result in found
            if (result.enrolment, result.part) == (case.enrolment.id, part.part)
            and result.mark is not None
        ]
        summed = [result for result in marks if result.control not in (None, "текущий")]
        rows += [
            _result(part.title, result, scale)
            for result in sorted(summed or marks, key=lambda result: result.date)
        ]
    return tuple(rows)


def took_part(case: Case) -> tuple[PrintedRow, ...]:
    """Events of this study with the result or the award there, by day."""
    results: dict[str, Result] = {}
    for period in sorted(case.student.periods):
        for result in true_results(case.student.periods[period]):
            if result.enrolment == case.enrolment.id and result.event:
                held = results.get(result.event)
                if held is None or held.mark is None:
                    results[result.event] = result
    rows = [_event(case, event_id, result) for event_id, result in results.items()]
    return tuple(sorted((row for row in rows if row), key=lambda row: (row.date, row.title)))


def _part(level: Mastery) -> PrintedRow:
    control = level.result.control or level.result.origin if level.result else None
    words = None if level.mark is None else said(mark(level.mark, level.scale))
    return PrintedRow(
        title=level.part.title,
        hours=level.part.hours,
        control=control,
        result=words or ("зачтено" if level.credited else None),
        scale=level.scale.title if level.scale else None,
        date=level.result.date if level.result else None,
        note=_CREDITED if level.credited else _BELOW if level.passed is False else None,
    )


def _result(title: str, result: Result, scale: Scale | None) -> PrintedRow:
    assert result.mark is not None
    below = scale is not None and scale.has(result.mark) and not scale.passes(result.mark)
    return PrintedRow(
        title=title,
        control=result.control or result.origin,
        result=said(mark(result.mark, scale)),
        scale=scale.title if scale else None,
        date=result.date,
        note=_BELOW if below else None,
    )


def _event(case: Case, event_id: str, result: Result) -> PrintedRow | None:
    found = case.archive.events.get(event_id)
    if found is None:
        return None
    words = [
        f"{award.award}: {award.text}" for award in case.student.awards if award.event == event_id
    ]
    scale = scale_of(case.archive, case.enrolment, result.part)
    if result.mark is not None:
        words.insert(0, said(mark(result.mark, scale)))
    return PrintedRow(
        title=said(reference.event(case.archive, event_id)),
        result="; ".join(words) or "участие",
        date=found.date,
    )
