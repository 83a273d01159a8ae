"""Re-sits and corrections form chains: no circle, no fork (R-2.2.6)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive
from papka.model.results import Result
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
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
                yield codes.CHAIN_FORK.at(
                    student.where(result, field), name=name, field=field, first=first.id or "?"
                )
        if result.id is not None:
            before[result.id] = name
            ring = _ring(result.id, before)
            if ring:
                yield codes.CHAIN_CYCLE.at(
                    student.where(result, field), ids=", ".join(ring), field=field
                )


def _ring(start: str, before: dict[str, str]) -> list[str]:
    """The ids that lead from `start` back to it; nothing when they lead elsewhere."""
    ids = [start]
    while (name := before.get(ids[-1])) is not None and name not in ids:
        ids.append(name)
    return ids if before.get(ids[-1]) == start else []
