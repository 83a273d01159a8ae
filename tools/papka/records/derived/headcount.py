"""Counts of students for self-examination and management: how many, never who (R-2.2.12, R-3.5).

A person is counted once, with several files or enrolments too, and known by the file that is kept;
a result or award that a correction replaced is not counted. Outcomes are counted one by one, never
weighed or averaged; nothing is an order of students, of teachers or of programmes.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, get_args

from papka.records.acts import DestroyedCount, Level
from papka.records.archive import Archive
from papka.records.derived.in_force import age, end_of, first_day, school_year
from papka.records.derived.membership import group_until
from papka.records.derived.result_facts import Reached, outcomes, studied_between, valid_results
from papka.records.student import Activity, Ending, Enrolment, Student


class StudySpan(NamedTuple):
    """Days from `start` to `end`, both included."""

    start: dt.date
    end: dt.date

    def has(self, day: dt.date) -> bool:
        return self.start <= day <= self.end


class Enrolled(NamedTuple):
    """An enrolment; `group` is that of the last day studied in the span asked about."""

    student: Student
    enrolment: Enrolment
    group: str | None = None


def find_enrolled(archive: Archive, span: StudySpan) -> Iterator[Enrolled]:
    """Yield who studied in a span of days, by student, then in the order of the file."""
    for student in archive.students.values():
        for enrolment in student.enrolments:
            if studied_between(enrolment, span.start, span.end):
                yield Enrolled(student, enrolment, group_until(student, enrolment, span.end))


def count_destroyed(archive: Archive, periods: Container[str]) -> Iterator[DestroyedCount]:
    """Yield what acts of destruction kept of these periods, all acts of one programme together.

    Personal files that are gone are counted nowhere else; a person may be in several lines.
    """
    sums: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for act in archive.destruction_acts.values():
        for each in act.counts:
            if each.period in periods:
                sums[each.program, each.period] += Counter(
                    students=each.students,
                    completed=each.completed,
                    expelled=each.expelled,
                    moved=each.moved,
                )
    for (program, period), found in sorted(sums.items()):
        yield DestroyedCount(program=program, period=period, **found)


def identity(student: Student) -> str:
    """Return the id that stands for the person, however many files were made."""
    twin = student.person.duplicate_of if student.person else None
    return twin or student.id


ENDINGS: tuple[str, ...] = get_args(Ending)
REACHED: tuple[str, ...] = get_args(Reached)


def by_program(archive: Archive, found: list[Enrolled]) -> dict[str, list[Enrolled]]:
    """Group enrolments by programme; programmes stand by direction and title."""
    groups: defaultdict[str, list[Enrolled]] = defaultdict(list)
    for each in found:
        groups[each.enrolment.program].append(each)
    return {code: groups[code] for code in sorted(groups, key=lambda c: place_of(archive, c))}


def place_of(archive: Archive, code: str) -> tuple[str, str, str]:
    """Return direction, title and code, by which programmes are sorted."""
    program = archive.programs.get(code)
    return (program.direction or "", program.title, code) if program else ("", code, code)


def count_endings(found: list[Enrolled], span: StudySpan) -> Counter[str]:
    """Count how the enrolments that ended in a span of days ended."""
    return Counter(
        each.enrolment.ended.reason
        for each in found
        if each.enrolment.ended and span.has(each.enrolment.ended.date)
    )


def count_reached(archive: Archive, found: list[Enrolled]) -> Counter[str]:
    """Count the planned results of all these enrolments, one by one (R-2.2.5)."""
    return Counter(
        outcome.reached
        for each in found
        for outcome in outcomes(archive, each.student, each.enrolment)
    )


AGES: tuple[tuple[str, int, int], ...] = (
    ("младше 7 лет", 0, 6),
    ("7–10 лет", 7, 10),
    ("11–14 лет", 11, 14),
    ("15–17 лет", 15, 17),
    ("18 лет и старше", 18, dt.MAXYEAR),
)
UNKNOWN_AGE = "дата рождения не записана"
LEVELS: tuple[str, ...] = get_args(Level)
ACTIVITIES: tuple[str, ...] = get_args(Activity)


@dataclass(frozen=True, slots=True)
class Participation:
    """People by level of the event they took part in, or were awarded for."""

    took_part: Mapping[str, int]
    took_part_total: int
    awarded: Mapping[str, int]
    awarded_total: int


def people(found: Iterable[Enrolled]) -> dict[str, Student]:
    """Return each person once, by the id that stands for them; of two files, the one kept."""
    known: dict[str, Student] = {}
    for each in found:
        kept = identity(each.student)
        if kept not in known or kept == each.student.id:
            known[kept] = each.student
    return known


def files_of(found: Iterable[Enrolled]) -> tuple[Student, ...]:
    """Return each personal file once, both files of one person too."""
    return tuple({each.student.id: each.student for each in found}.values())


def by_age(students: Iterable[Student], on: dt.date) -> Counter[str]:
    """Count people by age on a day, in the groups of AGES or UNKNOWN_AGE."""
    counts: Counter[str] = Counter()
    for student in students:
        born = student.person.birth_date if student.person else None
        if born is None:
            counts[UNKNOWN_AGE] += 1
            continue
        years = age(born, on)
        counts[next(title for title, low, high in AGES if low <= years <= high)] += 1
    return counts


def participation(archive: Archive, students: Iterable[Student], span: StudySpan) -> Participation:
    """Count who took part in competitions and the like; lessons and assessments are none."""
    took: defaultdict[str, set[str]] = defaultdict(set)
    won: defaultdict[str, set[str]] = defaultdict(set)
    for student in students:
        who = identity(student)
        for results in student.periods.values():
            for result in valid_results(results):
                if span.has(result.date) and (level := _level_of(archive, result.event)):
                    took[level].add(who)
        for award in student.awards:
            if span.has(award.date) and (level := _level_of(archive, award.event)):
                took[level].add(who)
                won[level].add(who)
    return Participation(
        {level: len(ids) for level, ids in took.items()},
        len(set().union(*took.values())),
        {level: len(ids) for level, ids in won.items()},
        len(set().union(*won.values())),
    )


def _level_of(archive: Archive, event_id: str | None) -> str | None:
    event = archive.events.get(event_id) if event_id else None
    return event.level if event and event.kind == "мероприятие" else None


@dataclass(frozen=True, slots=True)
class Reported:
    """The days a report is about, and the study periods whose results it counts."""

    span: StudySpan
    periods: frozenset[str]


def calendar_year(year: int) -> StudySpan:
    return StudySpan(dt.date(year, 1, 1), dt.date(year, 12, 31))


def years(archive: Archive) -> list[int]:
    """Return the school years that have a study period, in order."""
    return sorted({period.school_year for period in archive.periods.values()})


def find_reported(archive: Archive, name: str) -> Reported | None:
    """Find a study period by its code or a school year by its number; None when there is none.

    A school year begins on the day the school declares, on or before its first period.
    """
    period = archive.periods.get(name)
    if period is not None:
        return Reported(StudySpan(period.start, period.end), frozenset({name}))
    inside = [each for each in archive.periods.values() if str(each.school_year) == name]
    if not inside:
        return None
    first, last = min(each.start for each in inside), max(each.end for each in inside)
    year = school_year(archive, first)
    span = StudySpan(first_day(archive, year), max(end_of(archive, year), last))
    return Reported(span, frozenset(each.period for each in inside))
