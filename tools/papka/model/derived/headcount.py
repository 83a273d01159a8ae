"""Counts of students for self-examination and management: how many, never who (R-2.2.12, R-3.5).

Invariants: a person is counted once, with several files or enrolments too; a result or award that
a correction replaced is not counted; nothing here is a mean, an order of students or of teachers.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.derived.age import age
from papka.model.derived.chains import true_results
from papka.model.derived.enrolled import Enrolled, Span, identity
from papka.model.student import Student

OLDEST = dt.MAXYEAR
AGES: tuple[tuple[str, int, int], ...] = (
    ("младше 7 лет", 0, 6),
    ("7–10 лет", 7, 10),
    ("11–14 лет", 11, 14),
    ("15–17 лет", 15, 17),
    ("18 лет и старше", 18, OLDEST),
)
UNKNOWN_AGE = "дата рождения не записана"
LEVELS = (
    "организация",
    "муниципальный",
    "региональный",
    "межрегиональный",
    "всероссийский",
    "международный",
)
ACTIVITIES = (
    *("учебная", "физкультурная", "спортивная", "общественная", "научная"),
    *("научно-техническая", "творческая", "экспериментальная", "инновационная"),
)
"""The nine of R-2.2.10, in its order."""


@dataclass(frozen=True, slots=True)
class Participation:
    """People by level of the event they took part in, or were awarded for."""

    took_part: Mapping[str, int]
    took_part_total: int
    awarded: Mapping[str, int]
    awarded_total: int


def people(found: Iterable[Enrolled]) -> dict[str, Student]:
    """Each person once, by the id that stands for them; of two files found, the one kept."""
    known: dict[str, Student] = {}
    for each in found:
        kept = identity(each.student)
        if kept not in known or kept == each.student.id:
            known[kept] = each.student
    return known


def by_age(students: Iterable[Student], on: dt.date) -> Counter[str]:
    counts: Counter[str] = Counter()
    for student in students:
        born = student.person.birth_date if student.person else None
        if born is None:
            counts[UNKNOWN_AGE] += 1
            continue
        years = age(born, on)
        counts[next(title for title, low, high in AGES if low <= years <= high)] += 1
    return counts


def participation(archive: Archive, students: Iterable[Student], span: Span) -> Participation:
    """Events are competitions and the like, of any level; not lessons, not assessments."""
    took: defaultdict[str, set[str]] = defaultdict(set)
    won: defaultdict[str, set[str]] = defaultdict(set)
    for student in students:
        who = identity(student)
        for results in student.periods.values():
            for result in true_results(results):
                if span.has(result.date) and (level := _level(archive, result.event)):
                    took[level].add(who)
        for award in student.awards:
            if span.has(award.date) and (level := _level(archive, award.event)):
                took[level].add(who)
                won[level].add(who)
    return Participation(
        {level: len(ids) for level, ids in took.items()},
        len(set().union(*took.values())),
        {level: len(ids) for level, ids in won.items()},
        len(set().union(*won.values())),
    )


def _level(archive: Archive, event_id: str | None) -> str | None:
    event = archive.events.get(event_id) if event_id else None
    return event.level if event and event.kind == "мероприятие" else None
