"""A mark stands on the scale its part declares; nothing is converted (R-2.2.3).

A re-sit and a correction are about the same work as what they name.

A re-sit has the same enrolment, part, kind and period; a correction moreover repeats every key.

Re-sits and corrections form chains: no circle, no fork (R-2.2.6).

A result and the event it came from agree on what kind of event it was (R-4.5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from papka.checks import state_codes
from papka.core.findings import Finding, Location
from papka.records.archive import Archive
from papka.records.derived.mastery import edition_of
from papka.records.school import Edition, Part, Scale
from papka.records.student import Mark, Result, Student


def check_marks(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        editions = {entry.id: edition_of(archive, entry) for entry in student.enrolments}
        for results in student.periods.values():
            for result in results:
                if result.mark is None or result.part is None:
                    continue
                part = _part(editions, result.enrolment, result.part)
                if part is not None and not _stands(archive, part, result.mark):
                    yield _finding(archive, part, result.mark, student.where(result, "mark"))
        for credit in student.credits:
            for index, item in enumerate(credit.items):
                if item.mark is None or item.part is None:
                    continue
                part = _part(editions, credit.enrolment, item.part)
                if part is not None and not _stands(archive, part, item.mark):
                    where = student.where(credit, "items", index, "mark")
                    yield _finding(archive, part, item.mark, where)


def _part(editions: Mapping[str | None, Edition | None], enrolment: str, code: str) -> Part | None:
    edition = editions.get(enrolment)
    return edition.part(code) if edition is not None else None


def _stands(archive: Archive, part: Part, mark: Mark) -> bool:
    """Whether the mark is on the part's scale; of an undeclared scale other rules speak."""
    if part.scale is None:
        return False
    scale = archive.scales.get(part.scale)
    return scale is None or scale.has(mark)


def _finding(archive: Archive, part: Part, mark: Mark, where: Location) -> Finding:
    if part.scale is None:
        return state_codes.MARK_WITHOUT_SCALE.at(where, part=part.part)
    marks = _marks(archive.scales[part.scale])
    return state_codes.MARK_NOT_ON_SCALE.at(where, scale=part.scale, mark=mark, marks=marks)


def _marks(scale: Scale) -> str:
    if scale.marks:
        return ", ".join(f"«{mark}»" for mark in scale.marks)
    return f"от {scale.lowest} до {scale.highest} с шагом {scale.step}"


_SAME = ("enrolment", "kind", "part")
_REPEATED = (
    *("event", "control", "mark", "assessed_by", "author", "text", "shows", "resits", "source"),
)


def check_attempts(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        by_id: dict[str | None, tuple[str, Result]] | None = None
        for period, results in student.periods.items():
            for result in results:
                for field, name in (("resits", result.resits), ("replaces", result.replaces)):
                    if name is None:
                        continue
                    if by_id is None:
                        by_id = {entry.id: (other, entry) for other, entry in student.results}
                    if name in by_id:
                        yield from _pair(student, result, period, field, by_id[name])


def _pair(
    student: Student, result: Result, period: str, field: str, earlier: tuple[str, Result]
) -> Iterator[Finding]:
    other_period, other = earlier
    wrong = [key for key in _SAME if getattr(result, key) != getattr(other, key)]
    if period != other_period:
        wrong.append("period")
    if field == "replaces":
        wrong += [key for key in _REPEATED if getattr(other, key) and not getattr(result, key)]
    for key in wrong:
        here = key if key != "period" and getattr(result, key) else field
        yield state_codes.ATTEMPT_MISMATCH.at(
            student.where(result, here), key=key, name=other.id, field=field
        )


def check_result_chains(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        linked = [
            result
            for results in student.periods.values()
            for result in results
            if result.resits is not None or result.replaces is not None
        ]
        for field in ("resits", "replaces"):
            yield from _chains(student, field, linked)


def _chains(student: Student, field: str, linked: list[Result]) -> Iterator[Finding]:
    replaced = {result.replaces for result in linked if result.replaces is not None}
    after: dict[str, Result] = {}
    before: dict[str, str] = {}
    for result in linked:
        name = getattr(result, field)
        if name is None:
            continue
        # A correction of a re-sit repeats its `resits`: then the corrected one counts no more.
        if field == "replaces" or result.id not in replaced:
            first = after.setdefault(name, result)
            if first is not result:
                yield state_codes.CHAIN_FORK.at(
                    student.where(result, field), name=name, field=field, first=first.id or "?"
                )
        if result.id is not None:
            before[result.id] = name
            ring = _ring(result.id, before)
            if ring:
                yield state_codes.CHAIN_CYCLE.at(
                    student.where(result, field), ids=", ".join(ring), field=field
                )


def _ring(start: str, before: dict[str, str]) -> list[str]:
    """The ids that lead from `start` back to it; nothing when they lead elsewhere."""
    ids = [start]
    while (name := before.get(ids[-1])) is not None and name not in ids:
        ids.append(name)
    return ids if before.get(ids[-1]) == start else []


def check_origins(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        for results in student.periods.values():
            for result in results:
                event = archive.events.get(result.event) if result.event else None
                if event is not None and event.kind != result.origin:
                    yield state_codes.ORIGIN_MISMATCH.at(
                        student.where(result, "origin"),
                        origin=result.origin,
                        event=event.id,
                        kind=event.kind,
                    )
