"""Propose what an export would change: results, and keys of cards, as files of personal folders.

Results: the programme and the day decide to which enrolment a mark belongs, two that fit alike are
never chosen from. A cell is the same one across exports by enrolment, part, control and, where a
part has many columns, its header. A changed mark is a new entry that replaces the old one with a
reason, never an edit; what a person has corrected by hand is left as it is and told of; what is
gone from the platform is listed, never removed.

Files: one that is there keeps every byte, entries are added below.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from papka.core.findings import Code, Finding, Location
from papka.core.places import results_file
from papka.intake import intake_codes
from papka.intake.marks import MappedMark
from papka.intake.typed_marks import TypedMarks, TypedPart, find_refusal
from papka.records.archive import Archive
from papka.records.derived.result_facts import part_of, standing_marks
from papka.records.editing import append_entries, append_lines, write_scalar
from papka.records.student import Mark, Result, Source, Student


class Study(NamedTuple):
    """The enrolment's id, or what is wrong: a code and its words."""

    enrolment: str
    code: Code | None = None
    words: Mapping[str, Any] = MappingProxyType({})

    def at(self, where: Location) -> Finding:
        """Tell what is wrong at a place; there must be something."""
        assert self.code is not None, "asked of a study that was found"
        return self.code.at(where, **self.words)


def find_enrolment(archive: Archive, student: Student, mark: MappedMark, named: str = "") -> Study:
    """Find the enrolment a mark belongs to; `named` is one that the row itself names."""
    taken = [each for each in student.enrolments if each.program == mark.program and each.id]
    if named:
        taken = [each for each in taken if each.id == named]
    elif mark.rule.edition is not None:
        of_edition = [each for each in taken if each.edition == mark.rule.edition]
        # a column that names the edition says whose mark it is; a layout's word only helps choose
        taken = of_edition if of_edition or mark.rule.edition_column else taken
    about = {"student": student.id, "program": mark.program}
    if not taken:
        return Study("", intake_codes.EXPORT_NOT_ENROLLED, about)
    begun = [each for each in taken if each.start <= mark.date]
    if not begun:
        first = min(each.start for each in taken)
        return Study("", intake_codes.EXPORT_NOT_YET, {**about, "day": f"{first:%d.%m.%Y}"})
    going = [each for each in begun if not each.ended or mark.date <= each.ended.date]
    if not going:
        last = max(each.ended.date for each in begun if each.ended)
        return Study("", intake_codes.EXPORT_STUDENT_LEFT, {**about, "day": f"{last:%d.%m.%Y}"})
    if len(going) > 1:
        ids = ", ".join(str(each.id) for each in going)
        words = {**about, "ids": ids, "row": mark.row}
        return Study("", intake_codes.EXPORT_STUDY_AMBIGUOUS, words)
    id_, own = going[0].id or "", going[0].individual_parts
    if part_of(archive, going[0], mark.part) is None or (own and mark.part not in own):
        words = {"student": student.id, "part": mark.part, "enrolment": id_}
        return Study("", intake_codes.EXPORT_PART_NOT_STUDIED, words)
    return Study(id_)


_WHOLE = frozenset({"за период", "итоговый"})
LineState = Literal["new", "changed", "same", "kept", "gone"]


class ProposedCell(NamedTuple):
    """What one mark is about, whichever export it stands in.

    `topic` tells works of one part apart; a mark for a period has none.
    """

    enrolment: str
    part: str
    control: str
    topic: str


class ProposedLine(NamedTuple):
    """What is shown of a mark; «kept» is one that a person corrected, so it was left."""

    state: LineState
    student: str
    cell: ProposedCell
    mark: Mark | None
    before: Mark | None
    row: int = 0
    column: int = 0


class AddedResult(NamedTuple):
    """A new entry and the cell it came from."""

    result: Result
    cell: Location


@dataclass(slots=True)
class Shelf:
    """A student's results of the period while exports are laid on them: `added` grows."""

    student: Student
    results: list[Result]
    next_id: int
    imports: Mapping[str, str]
    platform: str
    added: list[AddedResult] = field(default_factory=list)
    latest: dict[ProposedCell, Result] = field(default_factory=dict)
    by_hand: dict[ProposedCell, list[Result]] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    sources: dict[str, Source | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for result in self.results:
            self._register(result)

    def add(self, result: Result, cell: Location) -> None:
        self.next_id += 1
        self.added.append(AddedResult(result, cell))
        self._register(result)

    def _register(self, result: Result) -> None:
        if result.replaces:
            self.replaced.add(result.replaces)
        if result.void is not None and result.id:
            self.replaced.add(result.id)  # made by mistake: its cell is not taken once more
        if result.void is not None and result.source is None:
            return
        if result.id:
            self.sources[result.id] = result.source
        if result.mark is None or result.part is None:
            return
        topic = "" if result.control in _WHOLE else result.text or ""
        cell = ProposedCell(result.enrolment, result.part, result.control or "", topic)
        source = result.source
        # A person's correction repeats the source of what it corrects.
        is_new = source != self.sources.get(result.replaces or result.resits or "")
        if source and is_new and self.imports.get(source.export) == self.platform:
            self.latest[cell] = result
        else:
            self.by_hand.setdefault(cell, []).append(result)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file would change, line by line."""

    lines: tuple[ProposedLine, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ExportContext:
    """What is the same for every mark of one file.

    `file` names it in findings, `key` is the import's, `rows`: number of a row in the file ->
    within its student's own part. `studies`: number of a row -> enrolment that it names, or an
    answer about it. `tells_all`: every row with a fault is told, not one of a student. `typed`:
    what a person saw who typed the marks on a screen.
    """

    archive: Archive
    file: str
    key: str
    period: str
    taken: dt.date
    rows: Mapping[int, int]
    studies: Mapping[int, str] = field(default_factory=dict)
    tells_all: bool = False
    typed: TypedMarks | None = None


def open_shelf(student: Student, period: str, platform: str, imports: Mapping[str, str]) -> Shelf:
    """Return the student's results of the period; `imports`: key -> platform."""
    ids = (int(each.id[1:]) for each in student.entries() if each.id and isinstance(each, Result))
    path = results_file(student.id, period)
    results: list[Result] = []
    for where, _, entries in student.lists():
        if where == path:
            results += (each for each in entries if isinstance(each, Result))
    return Shelf(student, results, max(ids, default=0) + 1, imports, platform)


def propose(
    taking: ExportContext,
    marks: Iterable[tuple[str, MappedMark]],
    shelves: Mapping[str, Shelf],
    earlier: Collection[str],
    covers: Callable[[ProposedCell], bool],
) -> Proposal:
    """Lay the marks, each with its student, on the shelves.

    `earlier`: students of the platform's earlier exports of the same course, whose marks may be
    gone if the file `covers` such.
    """
    lines: list[ProposedLine] = []
    findings: list[Finding] = []
    seen: dict[tuple[str, ProposedCell], MappedMark] = {}
    told: set[tuple[str, str]] = set()
    for student, mark in marks:
        own = shelves[student]
        named = taking.studies.get(mark.row) or taking.studies.get(mark.student, "")
        study = find_enrolment(taking.archive, own.student, mark, named)
        if study.code is not None:
            about = (student, mark.program)
            is_each = taking.tells_all or study.code is intake_codes.EXPORT_PART_NOT_STUDIED
            if is_each or about not in told:
                findings.append(study.at(_locate(taking, mark)))
            told.add(about)
            continue
        topic = "" if mark.rule.control in _WHOLE else normalise_topic(mark.header)
        cell = ProposedCell(study.enrolment, mark.part, mark.rule.control or "", topic)
        first = seen.setdefault((student, cell), mark)
        if first is not mark:
            findings.append(_tell_twice(taking, student, first, mark))
            continue
        if taking.typed is not None:
            part = TypedPart(cell.enrolment, cell.part, mark.mark)
            refused = find_refusal(taking.archive, taking.typed, own.student, taking.period, part)
            if refused is not None:
                findings.append(refused.at(_locate(taking, mark)))
                continue
        line = _lay_mark(taking, own, cell, mark)
        if line.state == "new" and taking.period in taking.archive.approvals:
            closed = intake_codes.EXPORT_PERIOD_CLOSED
            findings.append(closed.at(_locate(taking, mark), period=taking.period))
        if line.state == "kept":
            known = own.by_hand.get(cell) or [own.latest[cell]]
            address = f"{student}#{known[-1].id}"
            kept = intake_codes.EXPORT_KEPT_BY_HAND
            findings.append(kept.at(_locate(taking, mark), address=address, mark=mark.mark))
        lines.append(line)
    if taking.typed is None:
        lines += _find_gone(shelves, set(seen), earlier, covers)
    return Proposal(tuple(lines), tuple(findings))


def _lay_mark(
    taking: ExportContext, own: Shelf, cell: ProposedCell, mark: MappedMark
) -> ProposedLine:
    known = own.latest.get(cell)
    hand = own.by_hand.get(cell, [])
    if taking.typed is not None:  # over what stands, whoever entered it
        stands = standing_marks(own.student, taking.period).get((cell.enrolment, cell.part), ())
        known, hand = (stands[-1] if stands else None), []
    there = [*hand, *((known,) if known else ())]
    before = there[-1].mark if there else None
    state: LineState
    if any(_equal(each.mark, mark.mark) for each in there):
        state = "same"
    elif hand or (taking.typed is None and known is not None and known.id in own.replaced):
        state = "kept"
    else:
        state = "new" if known is None else "changed"
        own.add(_make_entry(taking, own, cell, mark, known), _locate(taking, mark))
    student = own.student.id
    return ProposedLine(state, student, cell, mark.mark, before, mark.row, mark.column)


def _make_entry(
    taking: ExportContext, own: Shelf, cell: ProposedCell, mark: MappedMark, known: Result | None
) -> Result:
    rule = mark.rule
    row, by_hand = taking.rows[mark.row], mark.by_hand
    source = Source(export=taking.key, row=row, column=mark.column, raw=mark.raw, by_hand=by_hand)
    why = f"Изменено на платформе, выгрузка от {taking.taken:%d.%m.%Y}"
    why = taking.typed.reason if taking.typed is not None else why
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
        reason=why if known else None,
        source=source,
    )


def _find_gone(
    shelves: Mapping[str, Shelf],
    seen: Collection[tuple[str, ProposedCell]],
    earlier: Collection[str],
    covers: Callable[[ProposedCell], bool],
) -> Iterator[ProposedLine]:
    """Yield marks of earlier exports of the same columns that this one has not."""
    for student in sorted(earlier):
        own = shelves.get(student)
        for cell, result in own.latest.items() if own else ():
            if (student, cell) not in seen and covers(cell):
                yield ProposedLine("gone", student, cell, None, result.mark)


def _tell_twice(
    taking: ExportContext, student: str, first: MappedMark, mark: MappedMark
) -> Finding:
    where, related = _locate(taking, mark), [_locate(taking, first)]
    if first.row == mark.row:
        twice = intake_codes.EXPORT_MARK_TWICE
        return twice.at(where, related=related, part=mark.part, first=first.column)
    twice = intake_codes.EXPORT_PERSON_TWICE
    return twice.at(where, related=related, student=student, first=first.row)


def _locate(taking: ExportContext, mark: MappedMark) -> Location:
    return Location(taking.file, line=mark.row, column=mark.column)


def normalise_topic(header: str) -> str:
    """Return a column's name as an entry keeps it."""
    return " ".join(header.split())


def _equal(one: Mark | None, other: Mark | None) -> bool:
    """Compare two marks: a number equals a number, a word a word; 4 and 4.0 are one."""
    return isinstance(one, str) == isinstance(other, str) and one == other


def card_with_keys(card: bytes, platform: str, keys: Iterable[str]) -> bytes:
    """Add keys of a platform to the card."""
    return append_entries(card, "accounts", [{"platform": platform, "key": key} for key in keys])


_FIELDS = (
    *("id", "enrolment", "kind", "origin", "event", "part", "control", "date", "mark"),
    *("assessed_by", "text", "resit_by", "resits", "replaces", "reason"),
)

# 4 and "4" are two scalars
_scalar = lru_cache(maxsize=4096, typed=True)(write_scalar)


def results_files(
    shelves: Iterable[Shelf], period: str, lying: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return path -> bytes of every file that gets an entry; `lying` are those there are."""
    files = {}
    for own in shelves:
        if own.added:
            path = results_file(own.student.id, period)
            files[path] = _append_results(period, own.added, lying.get(path))
    return files


def write_entry(result: Result) -> list[str]:
    """Write the entry as lines of the list; fast, for a take writes a hundred thousand."""
    found = [
        f"{key}: {_scalar(value)}" for key in _FIELDS if (value := getattr(result, key)) is not None
    ]
    if result.shows:
        found.append("shows:")
        for each in result.shows:
            found += [f"  - outcome: {_scalar(each.outcome)}", f"    level: {_scalar(each.level)}"]
    source = result.source
    if source is not None:
        found += [
            "source:",
            f"  import: {_scalar(source.export)}",
            f"  row: {source.row}",
            f"  column: {source.column}",
            f"  raw: {_scalar(source.raw)}",
        ]
        if source.by_hand:
            found.append(f"  by_hand: {_scalar(source.by_hand)}")
    return [f"  - {found[0]}", *(f"    {line}" for line in found[1:])]


def _append_results(period: str, added: Iterable[AddedResult], lying: bytes | None) -> bytes:
    lines = [line for each in added for line in write_entry(each.result)]
    if lying is not None:
        return append_lines(lying, "results", lines)
    schema = "# yaml-language-server: $schema=../../../../../schema/results.json\n"
    head = f"{schema}period: {_scalar(period)}\nresults:\n"
    return "".join((head, *(f"{line}\n" for line in lines))).encode()
