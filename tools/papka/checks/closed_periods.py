"""A closed period takes corrections and re-sits only; what stands in it stays as it is (R-5.6).

Closed is a period with an approval in the earlier state: the step that closes it is free.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.core.layout import results_file
from papka.model.archive import Archive
from papka.model.student import Student


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    for student_id, new in after.students.items():
        old = before.students.get(student_id, Student(student_id))
        for period in sorted(old.periods.keys() | new.periods.keys()):
            if period in before.approvals:
                yield from _period(before, after, old, new, period)


def _period(
    before: Archive, after: Archive, old: Student, new: Student, period: str
) -> Iterator[Finding]:
    path = results_file(new.id, period)
    if not (after.is_readable(path) and before.is_readable(path)):
        return
    stood = {result.id: result for result in old.periods.get(period, ())}
    kept = set()
    for index, result in enumerate(new.periods.get(period, ())):
        kept.add(result.id)
        first = stood.get(result.id) if result.id else None
        if first is None and result.resits is None and result.replaces is None:
            what = "добавлена без resits или replaces"
        elif first is not None and first != result:
            what = "изменена"
        else:
            continue
        yield codes.CLOSED_PERIOD_CHANGED.at(
            Location(path, f"/results/{index}"), period=period, id=result.id or "новая", what=what
        )
    moved = {result.id for results in new.periods.values() for result in results}
    for id_ in stood:
        if id_ not in kept and id_ in moved:  # gone altogether: said by removed_ids
            yield codes.CLOSED_PERIOD_CHANGED.at(
                Location(path), period=period, id=id_, what="перенесена в другой период"
            )
