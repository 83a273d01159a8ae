"""Planned results of the programme against actual ones, outcome by outcome (R-2.2.5).

Invariants: only planned results, never target orientations (R-4.1), which have no id; «нет
данных» is not failure and stands in no share; marks of different scales meet only as passed or
not. Observations (`shows`): the latest holds. Where marks and observations say different things,
the outcome is reached in part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from papka.model.archive import Archive
from papka.model.derived.chains import true_results
from papka.model.derived.mastery import Mastery, mastery
from papka.model.derived.scales import edition_of
from papka.model.program import PlannedResult
from papka.model.student import Student
from papka.model.study import Enrolment

Reached = Literal["достигнут", "достигнут частично", "не достигнут", "нет данных"]
_LEVELS: dict[str, Reached] = {
    "да": "достигнут",
    "частично": "достигнут частично",
    "нет": "не достигнут",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A planned result and what is known of it."""

    planned: PlannedResult
    reached: Reached


@dataclass(frozen=True, slots=True)
class Share:
    """How many outcomes are known and how many of these are reached in full."""

    reached: int
    known: int
    planned: int


def outcomes(archive: Archive, student: Student, enrolment: Enrolment) -> tuple[Outcome, ...]:
    """Every planned result of the enrolment's edition, in its order."""
    edition = edition_of(archive, enrolment)
    if edition is None:
        return ()
    levels = {level.part.part: level for level in mastery(archive, student, enrolment)}
    shown = _shown(student, enrolment)
    return tuple(
        Outcome(planned, _together(_by_parts(planned, levels), shown.get(planned.outcome)))
        for planned in edition.planned_results
    )


def share(found: Iterable[Outcome]) -> Share:
    """Of what is known, how much is reached; counted, never weighed."""
    counts = Counter(outcome.reached for outcome in found)
    planned = sum(counts.values())
    return Share(counts["достигнут"], planned - counts["нет данных"], planned)


def _shown(student: Student, enrolment: Enrolment) -> dict[str, Reached]:
    """The latest observation of each outcome; a re-sit adds one, a correction takes one back."""
    seen = [
        (result.date, shown.outcome, _LEVELS[shown.level])
        for period in sorted(student.periods)
        for result in true_results(student.periods[period])
        if result.enrolment == enrolment.id
        for shown in result.shows
    ]
    return {outcome: level for _, outcome, level in sorted(seen, key=lambda item: item[0])}


def _by_parts(planned: PlannedResult, levels: dict[str, Mastery]) -> Reached | None:
    """From the parts' final marks; parts outside an individual trajectory are not asked."""
    asked = [levels[part] for part in planned.parts if part in levels]
    final = [level.passed for level in asked if level.final and level.passed is not None]
    if not final:
        return None
    if any(final):
        return "достигнут" if all(final) and len(final) == len(asked) else "достигнут частично"
    return "не достигнут" if len(final) == len(asked) else None


def _together(marks: Reached | None, shown: Reached | None) -> Reached:
    if marks is None or shown is None or marks == shown:
        return marks or shown or "нет данных"
    return "достигнут частично"
