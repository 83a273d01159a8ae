"""What an export would change in personal files: new results, changed ones, the same, those gone.

Invariants: a cell is the same one across exports by enrolment, part, control and, where a part has
many columns, its header; a changed mark is a new entry that replaces the old one with a reason,
never an edit; what a person has corrected by hand is left as it is and told of; what is gone from
the platform is listed, never removed. Absent on purpose: files (`written`), matching of people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from papka.core.codes import takings as codes
from papka.core.findings import Finding, Location
from papka.intake.mapped import MappedMark
from papka.intake.studies import study_of
from papka.model.archive import Archive
from papka.model.results import Mark, Result, Source
from papka.model.student import Student

_WHOLE = frozenset({"за период", "итоговый"})
Standing = Literal["new", "changed", "same", "kept", "gone"]


class Cell(NamedTuple):
    """What one mark is about, whichever export it stands in."""

    enrolment: str
    part: str
    control: str
    topic: str


class Line(NamedTuple):
    """A line of what is shown: «kept» is a mark that a person corrected, so it was left."""

    state: Standing
    student: str
    cell: Cell
    mark: Mark | None
    before: Mark | None
    row: int = 0
    column: int = 0


class Added(NamedTuple):
    """A new entry and the cell it came from."""

    result: Result
    cell: Location


@dataclass(slots=True)
class Shelf:
    """One student's results of the period while exports are laid on them: `added` grows."""

    student: Student
    results: list[Result]
    next_id: int
    imports: Mapping[str, str]
    platform: str
    added: list[Added] = field(default_factory=list)
    latest: dict[Cell, Result] = field(default_factory=dict)
    by_hand: dict[Cell, list[Result]] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    sources: dict[str, Source | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for result in self.results:
            self._see(result)

    def add(self, result: Result, cell: Location) -> None:
        self.next_id += 1
        self.added.append(Added(result, cell))
        self._see(result)

    def _see(self, result: Result) -> None:
        if result.replaces:
            self.replaced.add(result.replaces)
        if result.id:
            self.sources[result.id] = result.source
        if result.mark is None or result.part is None:
            return
        cell = Cell(result.enrolment, result.part, result.control or "", _topic(result))
        source = result.source
        # A person's correction repeats the source of what it corrects.
        earlier = self.sources.get(result.replaces or result.resits or "")
        if (
            source is not None
            and source != earlier
            and self.imports.get(source.export) == self.platform
        ):
            self.latest[cell] = result
        else:
            self.by_hand.setdefault(cell, []).append(result)


@dataclass(frozen=True, slots=True)
class Proposal:
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Taking:
    """What is the same for every mark of one file: `file` names it in findings, `key` is the
    import's, `rows`: number of a row in the file -> within its student's own part."""

    archive: Archive
    file: str
    key: str
    period: str
    taken: dt.date
    rows: Mapping[int, int]
    studies: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_closed(self) -> bool:
        return self.period in self.archive.approvals


def shelf(student: Student, period: str, platform: str, imports: Mapping[str, str]) -> Shelf:
    """The student's results of the period; `imports`: key -> platform."""
    ids = (int(result.id[1:]) for _, result in student.results if result.id)
    results = list(student.periods.get(period, ()))
    return Shelf(student, results, max(ids, default=0) + 1, imports, platform)


def propose(
    taking: Taking,
    marks: Iterable[tuple[str, MappedMark]],
    shelves: Mapping[str, Shelf],
    earlier: Collection[str],
    covers: Callable[[Cell], bool],
) -> Proposal:
    """Lays the marks (each with its student) on the shelves. `earlier`: students of the platform's
    earlier exports of the same course, whose marks may be gone if the file `covers` such."""
    lines: list[Line] = []
    findings: list[Finding] = []
    seen: dict[tuple[str, Cell], MappedMark] = {}
    told: set[tuple[str, str]] = set()
    for student, mark in marks:
        own = shelves[student]
        study = study_of(taking.archive, own.student, mark, taking.studies.get(mark.student, ""))
        if study.code is not None:
            if (student, mark.program) not in told or study.code is codes.EXPORT_PART_NOT_STUDIED:
                findings.append(study.at(_where(taking, mark)))
            told.add((student, mark.program))
            continue
        cell = Cell(study.enrolment, mark.part, mark.rule.control or "", _topic_of(mark))
        first = seen.setdefault((student, cell), mark)
        if first is not mark:
            findings.append(_twice(taking, student, first, mark))
            continue
        line = _lay(taking, own, cell, mark)
        if line.state == "new" and taking.is_closed:
            closed = codes.EXPORT_PERIOD_CLOSED
            findings.append(closed.at(_where(taking, mark), period=taking.period))
        if line.state == "kept":
            known = own.by_hand.get(cell) or [own.latest[cell]]
            address = f"{student}#{known[-1].id}"
            kept = codes.EXPORT_KEPT_BY_HAND
            findings.append(kept.at(_where(taking, mark), address=address, mark=mark.mark))
        lines.append(line)
    lines += _gone(shelves, set(seen), earlier, covers)
    return Proposal(tuple(lines), tuple(findings))


def _lay(taking: Taking, own: Shelf, cell: Cell, mark: MappedMark) -> Line:
    known = own.latest.get(cell)
    hand = own.by_hand.get(cell, [])
    before = known.mark if known else hand[-1].mark if hand else None
    state: Standing
    if any(_equal(each.mark, mark.mark) for each in (*((known,) if known else ()), *hand)):
        state = "same"
    elif hand or (known is not None and known.id in own.replaced):
        state = "kept"
    else:
        state = "new" if known is None else "changed"
        own.add(_entry(taking, own, cell, mark, known), _where(taking, mark))
    student = own.student.id
    return Line(state, student, cell, mark.mark, before, mark.row, mark.column)


def _entry(
    taking: Taking, own: Shelf, cell: Cell, mark: MappedMark, known: Result | None
) -> Result:
    rule = mark.rule
    return Result(
        id=f"r{own.next_id}",
        enrolment=cell.enrolment,
        kind=rule.kind,
        origin=rule.origin,
        part=cell.part,
        control=rule.control,
        date=mark.date,
        mark=mark.mark,
        assessed_by=known.assessed_by if known else None,
        text=(known.text if known else None) or cell.topic or None,
        event=known.event if known else None,
        shows=known.shows if known else (),
        resits=known.resits if known else None,
        replaces=known.id if known else None,
        reason=(f"Изменено на платформе, выгрузка от {taking.taken:%d.%m.%Y}" if known else None),
        source=Source(
            export=taking.key,
            row=taking.rows[mark.row],
            column=mark.column,
            raw=mark.raw,
            by_hand=mark.by_hand,
        ),
    )


def _gone(
    shelves: Mapping[str, Shelf],
    seen: Collection[tuple[str, Cell]],
    earlier: Collection[str],
    covers: Callable[[Cell], bool],
) -> Iterator[Line]:
    """Marks of earlier exports of the same columns that this one has not."""
    for student in sorted(earlier):
        own = shelves.get(student)
        for cell, result in own.latest.items() if own else ():
            if (student, cell) not in seen and covers(cell):
                yield Line("gone", student, cell, None, result.mark)


def _twice(taking: Taking, student: str, first: MappedMark, mark: MappedMark) -> Finding:
    related = [_where(taking, first)]
    where = _where(taking, mark)
    if first.row == mark.row:
        code = codes.EXPORT_MARK_TWICE
        return code.at(where, related=related, part=mark.part, first=first.column)
    return codes.EXPORT_PERSON_TWICE.at(where, related=related, student=student, first=first.row)


def _where(taking: Taking, mark: MappedMark) -> Location:
    return Location(taking.file, line=mark.row, column=mark.column)


def topic_of(header: str) -> str:
    """A column's name as an entry keeps it."""
    return " ".join(header.split())


def _topic_of(mark: MappedMark) -> str:
    """A part has one mark for a period, but many works in between, told apart by their names."""
    return "" if mark.rule.control in _WHOLE else topic_of(mark.header)


def _topic(result: Result) -> str:
    return "" if result.control in _WHOLE else result.text or ""


def _equal(one: Mark | None, other: Mark | None) -> bool:
    """A number equals a number, a word a word; 4 and 4.0 are one mark."""
    return isinstance(one, str) == isinstance(other, str) and one == other
