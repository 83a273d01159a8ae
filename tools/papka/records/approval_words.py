"""An entry that came after closing, in words: what it says now and what stood instead (R-5.6).

The head reads the same words on the screen before signing and on the printed act.
"""

from __future__ import annotations

from typing import NamedTuple

from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.result_facts import enrolment_of, part_of, scale_of
from papka.records.student import Result, Student, without_mark
from papka.records.wording import NONE, day, mark


class LateWords(NamedTuple):
    """`old` is a dash when nothing stood instead; `why`: the way it came, and the reason given."""

    student: str
    entry: str
    date: str
    part: str
    old: str
    new: str
    teacher: str
    why: str

    @property
    def address(self) -> str:
        return f"{self.student}#{self.entry}"


def word_late_entry(archive: Archive, student: Student, result: Result) -> LateWords:
    """Word a late entry of a personal file."""
    part = part_of(archive, enrolment_of(student, result.enrolment), result.part)
    if result.void is not None:
        plain = without_mark(result)
        assert isinstance(plain, Result)
        old, new = say_value(archive, student, plain), "внесено ошибочно, не считается"
        why = result.void.reason
    else:
        old, new = _find_old(archive, student, result), say_value(archive, student, result)
        why = "; ".join(_explain(result))
    return LateWords(
        student.id,
        result.id or NONE,
        day(result.date),
        part.title if part else result.part or result.kind,
        old,
        new,
        "самооценка" if result.author else wording.teacher(archive, result.assessed_by),
        why or NONE,
    )


def say_value(archive: Archive, student: Student, result: Result) -> str:
    """Say the mark with its scale, or the words of a narrative result."""
    if result.mark is None:
        return result.text or NONE
    scale = scale_of(archive, enrolment_of(student, result.enrolment), result.part)
    return mark(result.mark, scale)


def _find_old(archive: Archive, student: Student, result: Result) -> str:
    earlier = result.replaces or result.resits
    stood = next((each for _, each in student.results if each.id == earlier), None)
    return say_value(archive, student, stood) if earlier and stood else NONE


def _explain(result: Result) -> list[str]:
    words = []
    if result.replaces:
        words.append(f"исправление записи {result.replaces.lstrip('r')}")
    if result.resits:
        words.append(f"пересдача записи {result.resits.lstrip('r')}")
    return [*words, result.reason] if result.reason else words
