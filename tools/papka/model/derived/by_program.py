"""Enrolments told apart by programme, and what became of them: counts only (R-2.2.12).

Invariants: outcomes are counted one by one, never weighed or averaged; programmes stand by
direction and title, never by how well they do.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from papka.model.archive import Archive
from papka.model.derived.enrolled import Enrolled, Span
from papka.model.derived.planned import outcomes

ENDINGS = ("завершение", "отчисление", "перевод")
REACHED = ("достигнут", "достигнут частично", "не достигнут", "нет данных")


def by_program(archive: Archive, found: list[Enrolled]) -> dict[str, list[Enrolled]]:
    """Enrolments by programme, by direction and title."""
    groups: defaultdict[str, list[Enrolled]] = defaultdict(list)
    for each in found:
        groups[each.enrolment.program].append(each)
    return {code: groups[code] for code in sorted(groups, key=lambda c: place_of(archive, c))}


def place_of(archive: Archive, code: str) -> tuple[str, str, str]:
    """Direction, title and code, by which programmes are sorted."""
    program = archive.programs.get(code)
    return (program.direction or "", program.title, code) if program else ("", code, code)


def endings(found: list[Enrolled], span: Span) -> Counter[str]:
    return Counter(
        each.enrolment.ended.reason
        for each in found
        if each.enrolment.ended and span.has(each.enrolment.ended.date)
    )


def reached(archive: Archive, found: list[Enrolled]) -> Counter[str]:
    """Planned results of all these enrolments, counted one by one (R-2.2.5)."""
    return Counter(
        outcome.reached
        for each in found
        for outcome in outcomes(archive, each.student, each.enrolment)
    )
