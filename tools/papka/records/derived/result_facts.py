"""Facts that follow from results: which count, what is owed, mastery, outcomes, dynamics, debts.

Nothing here is averaged, weighed or converted between scales, and students are never compared or
ranked (R-2.2.3, R-2.2.4). A mark stands on the scale of the programme's part, in the edition
enrolled in; «не аттестован» is a mark and is compared with nothing. Corrections and re-sits form
chains: a replaced result counts nowhere, a re-sat one was true and is better now; a re-sit of a
corrected result belongs to the correction. A reference to nothing leads to nothing; a circle of
references ends where it began.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import dropwhile
from typing import Literal, NamedTuple

from papka.records.archive import Archive
from papka.records.derived.in_force import day_in
from papka.records.school import (
    NOT_ATTESTED,
    Edition,
    Period,
    PlannedResult,
    Program,
    ProgramPart,
    Scale,
)
from papka.records.student import Absence, Enrolment, Mark, Result, Student


def enrolment_of(student: Student, enrolment_id: str) -> Enrolment | None:
    return next((e for e in student.enrolments if e.id == enrolment_id), None)


def edition_of(archive: Archive, enrolment: Enrolment | None) -> Edition | None:
    """Return the edition of the programme enrolled in; None when it is not in the archive."""
    program = archive.programs.get(enrolment.program) if enrolment else None
    return program.edition(enrolment.edition) if program and enrolment else None


def edition_on(archive: Archive, program: Program, day: dt.date) -> int | None:
    """Return the newest edition of a programme approved by the day; the first where none was."""
    numbers = sorted(each.edition for each in program.editions)
    approved = [
        each.edition
        for each in program.editions
        if (order := archive.orders.get(each.order)) is None or order.date <= day
    ]
    return max(approved, default=numbers[0] if numbers else None)


def part_of(archive: Archive, enrolment: Enrolment | None, code: str | None) -> ProgramPart | None:
    """Return a part of the programme by its code, in the edition enrolled in."""
    edition = edition_of(archive, enrolment)
    return edition.part(code) if edition and code else None


def scale_of(archive: Archive, enrolment: Enrolment | None, code: str | None) -> Scale | None:
    """Return the scale on which marks of a part stand; None for a part of words only."""
    part = part_of(archive, enrolment, code)
    return archive.scales.get(part.scale) if part and part.scale else None


def studied_between(enrolment: Enrolment, start: dt.date, end: dt.date) -> bool:
    """Tell whether the enrolment had begun by `end` and had not ended before `start`."""
    ended = enrolment.ended.date if enrolment.ended else None
    return enrolment.start <= end and (ended is None or ended >= start)


def corrections(results: Iterable[Result]) -> Mapping[str, Result]:
    """Map the id of a result to the entry that replaces it."""
    return {result.replaces: result for result in results if result.replaces}


def resits(results: Iterable[Result]) -> Mapping[str, Result]:
    """Map the id of a valid result to the valid re-sit of it."""
    known = tuple(results)
    by = corrections(known)
    return {
        holding_id(result.resits, by): result
        for result in known
        if result.resits and result.id not in by
    }


def valid_results(results: Iterable[Result]) -> tuple[Result, ...]:
    """Return the results that no correction has replaced, in the order given."""
    known = tuple(results)
    by = corrections(known)
    return tuple(result for result in known if result.id not in by)


def counting_results(results: Iterable[Result]) -> tuple[Result, ...]:
    """Return the results that count: not replaced, and the last attempt of their chain."""
    known = tuple(results)
    later = resits(known)
    return tuple(result for result in valid_results(known) if result.id not in later)


def holding_id(result_id: str, by: Mapping[str, Result]) -> str:
    """Return the id that stands for `result_id` after all its corrections."""
    seen = set()
    while result_id in by and result_id not in seen:
        seen.add(result_id)
        result_id = by[result_id].id or result_id
    return result_id


_FULLY = "зачесть"


class DuePart(NamedTuple):
    """An enrolment and a part of its programme."""

    enrolment: Enrolment
    part: ProgramPart


def due_parts(archive: Archive, student: Student, period: Period) -> Iterator[DuePart]:
    """Yield the parts that owe a mark in the period, marked or not (R-2.2.6).

    Only parts with a scale can owe one. A part credited in full or finished with a passing final
    mark in an earlier period owes none; an individual trajectory owes only its own parts.
    """
    for enrolment in student.enrolments:
        if studied_between(enrolment, period.start, period.end):
            settled = _find_settled(archive, student, enrolment, period.period)
            for part in parts_studied(archive, enrolment):
                if part.scale is not None and part.part not in settled:
                    yield DuePart(enrolment, part)


def unmarked(archive: Archive, student: Student, period: Period) -> Iterator[DuePart]:
    """Yield due parts without a mark of the period: a mark or «не аттестован» is demanded."""
    marked = {
        (result.enrolment, result.part)
        for result in counting_results(student.periods.get(period.period, ()))
        if result.mark is not None and result.control != "текущий"
    }
    for due in due_parts(archive, student, period):
        if (due.enrolment.id, due.part.part) not in marked:
            yield due


def standing_marks(student: Student, period: str) -> Mapping[tuple[str, str], tuple[Result, ...]]:
    """Return the results that count as marks of a part in the period, by enrolment and part."""
    found: defaultdict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in counting_results(student.periods.get(period, ())):
        if result.mark is not None and result.part and result.control in ("за период", "итоговый"):
            found[result.enrolment, result.part].append(result)
    return {key: tuple(results) for key, results in found.items()}


def parts_studied(archive: Archive, enrolment: Enrolment) -> Iterator[ProgramPart]:
    """Yield the parts of the programme, or of the individual trajectory, in their order."""
    edition = edition_of(archive, enrolment)
    for part in edition.parts if edition else ():
        if not enrolment.individual_parts or part.part in enrolment.individual_parts:
            yield part


def _find_settled(
    archive: Archive, student: Student, enrolment: Enrolment, period: str
) -> set[str | None]:
    """Return the parts credited in full, or passed for good in an earlier period."""
    done = {
        item.part
        for credit in student.credits
        if credit.enrolment == enrolment.id
        for item in credit.items
        if item.decision == _FULLY
    }
    for name, results in student.periods.items():
        if name >= period:
            continue
        for result in counting_results(results):
            if result.enrolment != enrolment.id or result.mark is None:
                continue
            scale = scale_of(archive, enrolment, result.part)
            if result.control == "итоговый" and scale is not None and scale.passes(result.mark):
                done.add(result.part)
    return done


_WEIGHT = {"итоговый": 3, "за период": 2, None: 1, "текущий": 0}


@dataclass(frozen=True, slots=True)
class Mastery:
    """The level of mastery of a part, on its own scale (R-2.2.3).

    `mark` is None where there is no data or only a credit without a mark; `passed` is None where
    nothing is known; `final` says that the part is over.
    """

    part: ProgramPart
    scale: Scale | None = None
    mark: Mark | None = None
    passed: bool | None = None
    final: bool = False
    credited: bool = False
    period: str | None = None
    result: Result | None = None


def mastery(archive: Archive, student: Student, enrolment: Enrolment) -> Iterator[Mastery]:
    """Yield the level of each part studied, in the programme's order.

    A final mark outweighs a period's, that an ongoing one, then the later date, of one day the one
    written last. A part without a mark has no level, which is no failure.
    """
    for part in parts_studied(archive, enrolment):
        yield _find_mastery(archive, student, enrolment, part)


def _find_mastery(
    archive: Archive, student: Student, enrolment: Enrolment, part: ProgramPart
) -> Mastery:
    scale = archive.scales.get(part.scale or "")
    found = [
        (_WEIGHT[result.control], result.date, period, result)
        for period in sorted(student.periods)
        for result in counting_results(student.periods[period])
        if result.enrolment == enrolment.id and result.part == part.part
        if result.mark is not None
    ]
    if found:
        found.sort(key=lambda item: item[:3])
        _, _, period, result = found[-1]
        mark = result.mark
        assert mark is not None
        passed = scale.passes(mark) if scale is not None and scale.has(mark) else None
        final = result.control == "итоговый"
        return Mastery(part, scale, mark, passed, final, period=period, result=result)
    for credit in student.credits:
        for item in credit.items:
            same = (credit.enrolment, item.part) == (enrolment.id, part.part)
            if same and item.decision == _FULLY:
                return Mastery(part, scale, item.mark, passed=True, final=True, credited=True)
    return Mastery(part, scale)


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
    """How many outcomes are planned, known of these, and reached in full of those."""

    reached: int
    known: int
    planned: int


def outcomes(archive: Archive, student: Student, enrolment: Enrolment) -> tuple[Outcome, ...]:
    """Return every planned result of the enrolment's edition with what is known (R-2.2.5).

    Target orientations are none (R-4.1). «нет данных» is no failure and in no share; where marks
    and the latest observation differ, the outcome is reached in part.
    """
    edition = edition_of(archive, enrolment)
    if edition is None:
        return ()
    levels = {level.part.part: level for level in mastery(archive, student, enrolment)}
    shown = _latest_observations(student, enrolment)
    return tuple(
        Outcome(planned, _combine(_reached_by_marks(planned, levels), shown.get(planned.outcome)))
        for planned in edition.planned_results
    )


def count_reached(found: Iterable[Outcome]) -> Share:
    """Count how much of what is known is reached."""
    counts = Counter(outcome.reached for outcome in found)
    planned = sum(counts.values())
    return Share(counts["достигнут"], planned - counts["нет данных"], planned)


def _latest_observations(student: Student, enrolment: Enrolment) -> dict[str, Reached]:
    """Return the latest observation of each outcome; a correction takes one back."""
    seen = [
        (result.date, shown.outcome, _LEVELS[shown.level])
        for period in sorted(student.periods)
        for result in valid_results(student.periods[period])
        if result.enrolment == enrolment.id
        for shown in result.shows
    ]
    return {outcome: level for _, outcome, level in sorted(seen, key=lambda item: item[0])}


def _reached_by_marks(planned: PlannedResult, levels: dict[str, Mastery]) -> Reached | None:
    """Judge by the parts' final marks; parts outside an individual trajectory are not asked."""
    asked = [levels[part] for part in planned.parts if part in levels]
    final = [level.passed for level in asked if level.final and level.passed is not None]
    if not final:
        return None
    if any(final):
        return "достигнут" if all(final) and len(final) == len(asked) else "достигнут частично"
    return "не достигнут" if len(final) == len(asked) else None


def _combine(marks: Reached | None, shown: Reached | None) -> Reached:
    if marks is None or shown is None or marks == shown:
        return marks or shown or "нет данных"
    return "достигнут частично"


Trend = Literal["выше", "ниже", "так же"]


@dataclass(frozen=True, slots=True)
class MarkPoint:
    """A mark; `change` against the one before it, None for the first or where none is due."""

    period: str
    date: dt.date
    mark: Mark
    change: Trend | None
    result: Result


@dataclass(frozen=True, slots=True)
class MarkLine:
    """Marks of one part of a programme on one scale, by date (R-2.2.4)."""

    program: str
    part: ProgramPart
    scale: Scale
    points: tuple[MarkPoint, ...]


def dynamics(archive: Archive, student: Student) -> tuple[MarkLine, ...]:
    """Return a line for each programme, part and scale with a mark, in the order they began.

    A part keeps its line when the student returns under another enrolment.
    """
    heads: dict[tuple[str, str, str], tuple[ProgramPart, Scale]] = {}
    marks: defaultdict[tuple[str, str, str], list[tuple[str, Result]]] = defaultdict(list)
    for period in sorted(student.periods):
        for result in valid_results(student.periods[period]):
            enrolment = enrolment_of(student, result.enrolment)
            part = part_of(archive, enrolment, result.part)
            scale = scale_of(archive, enrolment, result.part)
            if enrolment is None or part is None or scale is None or result.mark is None:
                continue
            if scale.has(result.mark):
                key = (enrolment.program, part.part, scale.scale)
                heads[key] = part, scale
                marks[key].append((period, result))
    return tuple(
        MarkLine(key[0], *heads[key], _make_points(heads[key][1], found))
        for key, found in marks.items()
    )


def _make_points(scale: Scale, found: list[tuple[str, Result]]) -> tuple[MarkPoint, ...]:
    points: list[MarkPoint] = []
    before: float | None = None
    for period, result in sorted(found, key=lambda item: item[1].date):
        mark = result.mark
        assert mark is not None
        rank = _rank(scale, mark)
        change: Trend | None = None
        if rank is not None:
            if before is not None:
                change = "так же" if rank == before else "выше" if rank > before else "ниже"
            before = rank
        points.append(MarkPoint(period, result.date, mark, change, result))
    return tuple(points)


def _rank(scale: Scale, mark: Mark) -> float | None:
    """Return where a mark stands on its scale; words are listed lowest first."""
    if isinstance(mark, str):
        return None if mark == NOT_ATTESTED else float(scale.marks.index(mark))
    return float(mark)


@dataclass(frozen=True, slots=True)
class Debt:
    period: str
    result: Result


def debts(archive: Archive, student: Student) -> Iterator[Debt]:
    """Yield the open debts, by period."""
    for period, results in sorted(student.periods.items()):
        for attempts in _owed(archive, student, results):
            if _is_open(archive, student, attempts):
                yield Debt(period, attempts[-1])


EXCUSED: Absence = "уважительная причина"
MOST_RESITS = 2
"""A debt is re-sat no more often, the second time before a commission (273-ФЗ ст. 58 ч. 5–6)."""


def is_debt(archive: Archive, student: Student, result: Result) -> bool:
    """Tell whether a first attempt makes a debt (R-2.2.6; 273-ФЗ ст. 58 ч. 2).

    An attestation failed, or missed without good reason; of a reason not recorded it is made until
    the reason is known. No ongoing mark makes one, nor an event's.
    """
    if result.control == "текущий":
        return False
    if result.control is None and result.origin != "текущий контроль":
        return False
    return _fails(archive, student, result)


def is_excused(result: Result) -> bool:
    """Tell whether an attestation was missed for a good reason: no debt, and no re-sit used up."""
    return result.mark == NOT_ATTESTED and result.absence == EXCUSED


def _fails(archive: Archive, student: Student, result: Result) -> bool:
    """Tell whether an attempt is below pass, or missed without good reason.

    No mark at all is neither, and a mark off its scale is judged by nobody.
    """
    if result.mark is None:
        return False
    if result.mark == NOT_ATTESTED:
        return not is_excused(result)
    scale = scale_of(archive, enrolment_of(student, result.enrolment), result.part)
    return scale is not None and scale.has(result.mark) and not scale.passes(result.mark)


DebtState = Literal["открыта", "просрочена", "погашена"]


@dataclass(frozen=True, slots=True)
class DebtOn:
    """A debt on a date: `first` failed, `again` are its re-sits by then, oldest first."""

    period: str
    first: Result
    state: DebtState
    again: tuple[Result, ...] = ()

    @property
    def last(self) -> Result:
        """The newest attempt."""
        return self.again[-1] if self.again else self.first

    @property
    def resits(self) -> int:
        """How many re-sits there were; one missed for a good reason is none."""
        return sum(not is_excused(each) for each in self.again)

    @property
    def until(self) -> dt.date:
        """The last day of the year within which it is re-sat (273-ФЗ ст. 58 ч. 5)."""
        return day_in(self.first.date.year + 1, f"{self.first.date:%m-%d}")


def debts_on(archive: Archive, student: Student, on: dt.date) -> Iterator[DebtOn]:
    """Yield every debt known on a date, passed ones included, by period.

    Only results up to that date count; a debt without a re-sit date is never overdue. A re-sit that
    fails too is the same debt, with its own re-sit date.
    """
    for period in sorted(student.periods):
        known = tuple(result for result in student.periods[period] if result.date <= on)
        for attempts in _owed(archive, student, known):
            last = attempts[-1]
            state: DebtState = "погашена"
            if _is_open(archive, student, attempts):
                is_late = last.resit_by is not None and last.resit_by < on
                state = "просрочена" if is_late else "открыта"
            yield DebtOn(period, attempts[0], state, tuple(attempts[1:]))


def _owed(archive: Archive, student: Student, results: Iterable[Result]) -> Iterator[list[Result]]:
    """Yield the attempts of each debt: the one that made it, then its re-sits."""
    known = tuple(results)
    later = resits(known)
    follow = {id(result) for result in later.values()}
    for result in valid_results(known):
        if id(result) in follow or result.control == "текущий":
            continue
        chain = dropwhile(
            lambda attempt: not _fails(archive, student, attempt), _attempts(result, later)
        )
        attempts = list(chain)
        if attempts and (attempts[0].resits or is_debt(archive, student, attempts[0])):
            yield attempts


def _is_open(archive: Archive, student: Student, attempts: list[Result]) -> bool:
    """Tell whether the last attempt failed, or was missed for a good reason."""
    return is_excused(attempts[-1]) or _fails(archive, student, attempts[-1])


def outstanding(archive: Archive, student: Student, on: dt.date) -> Iterator[DebtOn]:
    """Yield the debts not passed by a date."""
    return (debt for debt in debts_on(archive, student, on) if debt.state != "погашена")


def _attempts(first: Result, later: Mapping[str, Result]) -> list[Result]:
    attempts = [first]
    while (following := later.get(attempts[-1].id or "")) and following not in attempts:
        attempts.append(following)
    return attempts
