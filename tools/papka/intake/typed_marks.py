"""Marks typed on a screen over those that stood when it was shown: what may be saved of them.

Invariants: a mark that somebody else saved meanwhile is never replaced, but told; what the head has
approved, and what the screen cannot show whole, is locked, and the same reason is shown and judged
by; a mark that stands is corrected only with a reason, which stays beside the new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from papka.intake import intake_codes as codes
from papka.intake.mark_rules import Wrong
from papka.records.archive import Archive
from papka.records.derived.approvals import is_settled
from papka.records.derived.result_facts import standing_marks
from papka.records.student import Mark, Result, Student


class TypedPlace(NamedTuple):
    """What a mark of a period is of: a student's enrolment and a part of its programme."""

    student: str
    enrolment: str
    part: str


class TypedPart(NamedTuple):
    """A mark that was typed for a part of an enrolment."""

    enrolment: str
    part: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class TypedMarks:
    """What stood in each place when the person typed, and why a mark that stands is wrong."""

    seen: Mapping[TypedPlace, Mark | None]
    reason: str = ""


class Lock(NamedTuple):
    """Why a mark is not changed here, and what to do instead; both empty when it may be."""

    why: str = ""
    what: str = ""

    def __str__(self) -> str:
        return ". ".join(filter(None, self))


UNLOCKED = Lock()


def find_lock(
    archive: Archive, student: Student, period: str, standing: tuple[Result, ...]
) -> Lock:
    """Tell whether the mark of a place is locked; `standing` are the results that count there."""
    fix = f"Исправить: papka fix {student.id}#{standing[-1].id} mark=ОТМЕТКА" if standing else ""
    if period in archive.approvals:
        again = f"пересдачу вносят так: papka add {student.id} result --resits ЗАПИСЬ"
        return Lock(f"период {period} закрыт и утверждён", fix or again[0].upper() + again[1:])
    if len(standing) > 1:
        marks = ", ".join(str(each.mark) for each in standing)
        return Lock(f"отметок здесь несколько: {marks}", fix)
    for each in standing:
        if each.control == "итоговый":
            return Lock(f"стоит итоговая отметка {each.mark}", fix)
        if each.id and is_settled(archive, student.id, period, each.id):
            return Lock(f"отметка {each.mark} утверждена актом", fix)
    return UNLOCKED


def find_refusal(
    archive: Archive, typed: TypedMarks, student: Student, period: str, part: TypedPart
) -> Wrong | None:
    """Tell why a typed mark is not saved, None when it may be."""
    standing = standing_marks(student, period).get((part.enrolment, part.part), ())
    now = standing[-1].mark if standing else None
    if now == part.mark:
        return None
    lock = find_lock(archive, student, period, standing)
    if lock.why:
        return Wrong(codes.TYPED_MARK_LOCKED, lock._asdict())
    if now != typed.seen.get(TypedPlace(student.id, part.enrolment, part.part)):
        words = {"now": "ничего" if now is None else now, "mark": part.mark}
        return Wrong(codes.TYPED_CHANGED_MEANWHILE, words)
    if now is not None and not typed.reason:
        return Wrong(codes.TYPED_WITHOUT_REASON, {"before": now, "mark": part.mark})
    return None
