"""The scale on which a mark stands: that of the programme's part, in the edition enrolled in.

Which results count: corrections and re-sits form chains, the last of a chain is what holds.

Invariants: a replaced result counts nowhere, a re-sat one was true and is better now; a re-sit of
a result that was corrected belongs to the correction. A reference to nothing leads to nothing;
a circle of references ends where it began.

Which parts owe a mark in a period: what closing it must settle (R-2.2.6).

Invariants: no mark is no debt; a pair is asked about, never judged; «не аттестован» is a mark.
Only parts with a scale can owe one. A part credited in full or finished with a passing final mark
in an earlier period owes none; an individual trajectory owes only its own parts.

Level of mastery of each part of a programme (R-2.2.3).

Invariants: one level a part, on the part's own scale; a final mark outweighs a period's, a
period's outweighs an ongoing one, then the later date, of one day the one written last; nothing
is averaged, nothing converted; a part without a mark has no level, which is no failure; what was
credited says so.

Planned results of the programme against actual ones, outcome by outcome (R-2.2.5).

Invariants: only planned results, never target orientations (R-4.1), which have no id; «нет
данных» is not failure and stands in no share; marks of different scales meet only as passed or
not. Observations (`shows`): the latest holds. Where marks and observations say different things,
the outcome is reached in part.

Dynamics: a student's marks against the same student's earlier ones (R-2.2.4).

Invariants: marks are compared only on one scale and in one part of a programme; nothing is
averaged, students are never compared or ranked; «не аттестован» is shown and compared with
nothing. A part keeps its line when the student returns under another enrolment.

Draft or approved: an entry is approved when it stands unchanged in the tree of an approving
commit (R-5.6, R-6.7).

Invariants: nothing about approval is stored on the entry; an entry without an id is a draft; the
caller finds the approving commit in the history and hands over the archive of that state.

Academic debts (R-2.2.6): the last of a chain of re-sits is below pass or «не аттестован».

Invariants: no mark at all is no debt; a mark of ongoing control is one only if a re-sit date was
set with it; a mark on an unknown scale is judged by nobody.

Academic debts as they stood on a date: open, overdue or passed (R-2.2.6).

Invariants: only results up to that date count; a debt without a re-sit date is never overdue; no
mark at all is no debt. A re-sit that fails too is the same debt, with its own re-sit date.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from papka.records.archive import Archive
from papka.records.school import NOT_ATTESTED, Edition, Part, Period, PlannedResult, Scale
from papka.records.student import Enrolment, Mark, Result, Student


def enrolment_of(student: Student, enrolment_id: str) -> Enrolment | None:
    return next((e for e in student.enrolments if e.id == enrolment_id), None)


def edition_of(archive: Archive, enrolment: Enrolment | None) -> Edition | None:
    program = archive.programs.get(enrolment.program) if enrolment else None
    return program.edition(enrolment.edition) if program and enrolment else None


def part_of(archive: Archive, enrolment: Enrolment | None, code: str | None) -> Part | None:
    edition = edition_of(archive, enrolment)
    return edition.part(code) if edition and code else None


def scale_of(archive: Archive, enrolment: Enrolment | None, code: str | None) -> Scale | None:
    part = part_of(archive, enrolment, code)
    return archive.scales.get(part.scale) if part and part.scale else None


def corrections(results: Iterable[Result]) -> Mapping[str, Result]:
    """Id of a result -> the entry that replaces it."""
    return {result.replaces: result for result in results if result.replaces}


def resits(results: Iterable[Result]) -> Mapping[str, Result]:
    """Id of a valid result -> the valid re-sit of it."""
    known = tuple(results)
    by = corrections(known)
    return {
        holding_id(result.resits, by): result
        for result in known
        if result.resits and result.id not in by
    }


def true_results(results: Iterable[Result]) -> tuple[Result, ...]:
    """Results that no correction has replaced, in the order given."""
    known = tuple(results)
    by = corrections(known)
    return tuple(result for result in known if result.id not in by)


def counting(results: Iterable[Result]) -> tuple[Result, ...]:
    """Results that count: not replaced, and the last attempt of their chain."""
    known = tuple(results)
    later = resits(known)
    return tuple(result for result in true_results(known) if result.id not in later)


def holding_id(result_id: str, by: Mapping[str, Result]) -> str:
    """The id that stands for `result_id` after all its corrections."""
    seen = set()
    while result_id in by and result_id not in seen:
        seen.add(result_id)
        result_id = by[result_id].id or result_id
    return result_id


FULLY = "зачесть"


class DuePart(NamedTuple):
    """An enrolment and a part of its programme."""

    enrolment: Enrolment
    part: Part


def due_parts(archive: Archive, student: Student, period: Period) -> Iterator[DuePart]:
    """Pairs that owe a mark in the period, marked or not."""
    for enrolment in student.enrolments:
        edition = edition_of(archive, enrolment)
        if edition is None or not _studied_in(enrolment, period):
            continue
        settled = _settled(archive, student, enrolment, period.period)
        for part in edition.parts:
            chosen = not enrolment.individual_parts or part.part in enrolment.individual_parts
            if chosen and part.scale is not None and part.part not in settled:
                yield DuePart(enrolment, part)


def unmarked(archive: Archive, student: Student, period: Period) -> Iterator[DuePart]:
    """Pairs without a mark of the period: a mark or «не аттестован» is demanded."""
    marked = {
        (result.enrolment, result.part)
        for result in counting(student.periods.get(period.period, ()))
        if result.mark is not None and result.control != "текущий"
    }
    for due in due_parts(archive, student, period):
        if (due.enrolment.id, due.part.part) not in marked:
            yield due


def _studied_in(enrolment: Enrolment, period: Period) -> bool:
    ended = enrolment.ended.date if enrolment.ended else None
    return enrolment.start <= period.end and (ended is None or ended >= period.start)


def _settled(
    archive: Archive, student: Student, enrolment: Enrolment, period: str
) -> set[str | None]:
    """Parts credited in full, or passed for good in an earlier period."""
    done = {
        item.part
        for credit in student.credits
        if credit.enrolment == enrolment.id
        for item in credit.items
        if item.decision == FULLY
    }
    for name, results in student.periods.items():
        if name >= period:
            continue
        for result in counting(results):
            if result.enrolment != enrolment.id or result.mark is None:
                continue
            scale = scale_of(archive, enrolment, result.part)
            if result.control == "итоговый" and scale is not None and scale.passes(result.mark):
                done.add(result.part)
    return done


_WEIGHT = {"итоговый": 3, "за период": 2, None: 1, "текущий": 0}


@dataclass(frozen=True, slots=True)
class Mastery:
    """`mark` is None where there is no data or only a credit without a mark; `passed` is None
    where nothing is known; `final` says that the part is over."""

    part: Part
    scale: Scale | None = None
    mark: Mark | None = None
    passed: bool | None = None
    final: bool = False
    credited: bool = False
    period: str | None = None
    result: Result | None = None


def mastery(archive: Archive, student: Student, enrolment: Enrolment) -> Iterator[Mastery]:
    """One for each part studied, in the programme's order."""
    edition = edition_of(archive, enrolment)
    for part in edition.parts if edition else ():
        if not enrolment.individual_parts or part.part in enrolment.individual_parts:
            yield _of_part(archive, student, enrolment, part)


def _of_part(archive: Archive, student: Student, enrolment: Enrolment, part: Part) -> Mastery:
    scale = archive.scales.get(part.scale or "")
    found = [
        (_WEIGHT[result.control], result.date, period, result)
        for period in sorted(student.periods)
        for result in counting(student.periods[period])
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
            if same and item.decision == FULLY:
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


Change = Literal["выше", "ниже", "так же"]


@dataclass(frozen=True, slots=True)
class Point:
    """One mark; `change` against the one before it, None for the first or where none is due."""

    period: str
    date: dt.date
    mark: Mark
    change: Change | None
    result: Result


@dataclass(frozen=True, slots=True)
class Line:
    """The marks of one part of a programme on one scale, by date."""

    program: str
    part: Part
    scale: Scale
    points: tuple[Point, ...]


def lines(archive: Archive, student: Student) -> tuple[Line, ...]:
    """One line for each programme, part and scale with a mark, in the order they began."""
    heads: dict[tuple[str, str, str], tuple[Part, Scale]] = {}
    marks: defaultdict[tuple[str, str, str], list[tuple[str, Result]]] = defaultdict(list)
    for period in sorted(student.periods):
        for result in true_results(student.periods[period]):
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
        Line(key[0], *heads[key], _points(heads[key][1], sorted(found, key=_day)))
        for key, found in marks.items()
    )


def overall(found: Iterable[Line]) -> Counter[Change]:
    """In how many lines the newest step went up, down or stayed; counted, never averaged."""
    steps = [[point.change for point in line.points if point.change] for line in found]
    return Counter(changes[-1] for changes in steps if changes)


def _day(item: tuple[str, Result]) -> dt.date:
    return item[1].date


def _points(scale: Scale, found: list[tuple[str, Result]]) -> tuple[Point, ...]:
    points: list[Point] = []
    before: float | None = None
    for period, result in found:
        mark = result.mark
        assert mark is not None
        place = _place(scale, mark)
        change: Change | None = None
        if place is not None:
            if before is not None:
                change = "так же" if place == before else "выше" if place > before else "ниже"
            before = place
        points.append(Point(period, result.date, mark, change, result))
    return tuple(points)


def _place(scale: Scale, mark: Mark) -> float | None:
    """Where a mark stands on its scale; words are listed lowest first."""
    if isinstance(mark, str):
        return None if mark == NOT_ATTESTED else float(scale.marks.index(mark))
    return float(mark)


ApprovalState = Literal["утверждено", "черновик"]


def approval_states(
    student: Student, approving: Mapping[str, Archive]
) -> dict[str, dict[str, ApprovalState]]:
    """Period -> id of a result -> its state. `approving`: period -> the newest state in which an
    act approves it; a period without one is all draft."""
    return {
        period: {
            result.id: _state(period, student.id, result, approving.get(period))
            for result in results
            if result.id is not None
        }
        for period, results in student.periods.items()
    }


def _state(period: str, student: str, result: Result, then: Archive | None) -> ApprovalState:
    if then is None or period not in then.approvals:
        return "черновик"
    approved = then.students.get(student)
    known = approved.periods.get(period, ()) if approved else ()
    return "утверждено" if result in known else "черновик"


@dataclass(frozen=True, slots=True)
class Debt:
    period: str
    result: Result


def debts(archive: Archive, student: Student) -> Iterator[Debt]:
    """Open debts, by period."""
    for period in sorted(student.periods):
        for result in counting(student.periods[period]):
            if is_debt(archive, student, result):
                yield Debt(period, result)


def is_debt(archive: Archive, student: Student, result: Result) -> bool:
    """Whether this attempt, were it the last, leaves a debt."""
    if result.mark is None or (result.control == "текущий" and result.resit_by is None):
        return False
    if result.mark == NOT_ATTESTED:
        return True
    scale = scale_of(archive, enrolment_of(student, result.enrolment), result.part)
    return scale is not None and scale.has(result.mark) and not scale.passes(result.mark)


DebtState = Literal["открыта", "просрочена", "погашена"]


@dataclass(frozen=True, slots=True)
class DebtOn:
    """`first` is the failure the debt began with, `last` its newest attempt by the date."""

    period: str
    first: Result
    last: Result
    state: DebtState


def debts_on(archive: Archive, student: Student, on: dt.date) -> Iterator[DebtOn]:
    """Every debt known on a date, passed ones included, by period."""
    for period in sorted(student.periods):
        known = tuple(result for result in student.periods[period] if result.date <= on)
        later = resits(known)
        follow = {id(result) for result in later.values()}
        for result in true_results(known):
            if id(result) not in follow:
                yield from _chain(archive, student, period, _attempts(result, later), on)


def outstanding(archive: Archive, student: Student, on: dt.date) -> Iterator[DebtOn]:
    """The debts not passed by a date."""
    return (debt for debt in debts_on(archive, student, on) if debt.state != "погашена")


def _attempts(first: Result, later: Mapping[str, Result]) -> list[Result]:
    attempts = [first]
    while (following := later.get(attempts[-1].id or "")) and following not in attempts:
        attempts.append(following)
    return attempts


def _chain(
    archive: Archive, student: Student, period: str, attempts: list[Result], on: dt.date
) -> Iterator[DebtOn]:
    failed = [attempt for attempt in attempts if is_debt(archive, student, attempt)]
    if not failed:
        return
    last = attempts[-1]
    state: DebtState = "погашена"
    if last is failed[-1]:
        state = "просрочена" if last.resit_by is not None and last.resit_by < on else "открыта"
    yield DebtOn(period, failed[0], last, state)
