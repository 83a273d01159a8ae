"""A group's sheet of one study period: its students, their marks by day of control, their totals.

Students are listed by the alphabet, never by marks, and nothing is averaged. Every result of a part
has a cell; a table takes as many days as fit on the sheet, the rest go on in the next. A re-sit
says so; an ongoing mark is never the total; a part whose results are words has words in place of
marks. A period that the head has not approved is a draft (R-5.6). Personal results are each
student's own: they stand in the personal file, not here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from papka.core.errors import NotFound
from papka.core.phrases import suggest
from papka.paper.form import (
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    letterhead,
    of_head,
    page,
)
from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.approvals import judge_period
from papka.records.derived.headcount import Enrolled, StudySpan, find_enrolled
from papka.records.derived.in_force import person_on
from papka.records.derived.membership import teacher_on
from papka.records.derived.result_facts import edition_of, mastery, parts_studied, valid_results
from papka.records.school import Group, Period, ProgramPart
from papka.records.search import alphabetical
from papka.records.student import Result, Student
from papka.records.wording import (
    day,
    is_approved_early,
    is_closed,
    mark,
    name_drafts,
    quoted,
    scale_rule,
    status_of,
)

_COLUMNS = 8
"""Days of control that fit beside the name, the total and the teacher."""
_OWN = "личностный"
_Occasion = tuple[str, str]
"""Day as ISO text, so that occasions sort; kind of control."""


class Occasion(NamedTuple):
    """A day of control: the head of a column."""

    day: str
    control: str


@dataclass(frozen=True, slots=True)
class SheetLine:
    """`cells` belong to the table's occasions; `note` stands under the name."""

    number: str
    name: str
    note: str
    cells: tuple[str, ...]
    total: str
    teacher: str


@dataclass(frozen=True, slots=True)
class SheetTable:
    """`is_last` has the columns that close a row: total and teacher."""

    caption: str
    occasions: tuple[Occasion, ...]
    lines: tuple[SheetLine, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A result in words."""

    number: str
    name: str
    day: str
    control: str
    text: str
    teacher: str


_NO_PARTS = "Частей программы в архиве нет."
_NOBODY = "В этом периоде в группе никто не учился."


def called(each: Enrolled) -> str:
    """Return the student's full name, or the number where the card cannot be read."""
    return each.student.person.name.full if each.student.person else each.student.id


def name_end(each: Enrolled) -> str:
    """Say how and when the study ended, for under the name; empty while it goes on."""
    ended = each.enrolment.ended
    return f"{ended.reason} {day(ended.date)}" if ended else ""


class Member:
    """One student in one part of the programme."""

    def __init__(self, archive: Archive, each: Enrolled, part: ProgramPart, period: str) -> None:
        self.archive = archive
        self.name = called(each)
        self.part = part
        edition = edition_of(archive, each.enrolment)
        found = edition.part(part.part) if edition else None
        self.has_part = found is not None and found.scale == part.scale
        studied = {own.part for own in parts_studied(archive, each.enrolment)}
        self.is_taken = found is None or part.part in studied
        self.note = name_end(each)
        results = each.student.periods.get(period, ())
        self.results = [
            result
            for result in sorted(valid_results(results), key=lambda result: result.date)
            if result.enrolment == each.enrolment.id
            and result.part == part.part
            and result.kind != _OWN
        ]
        only = replace(each.student, periods={period: results})
        levels = mastery(archive, only, each.enrolment)
        self.level = next((level for level in levels if level.part.part == part.part), None)

    @property
    def total(self) -> str:
        """Word the result at the end of the period; an ongoing mark is no total."""
        level = self.level
        if not self.is_taken:
            return "не изучает"
        if level is None:
            return ""
        if level.credited:
            shown = f": {mark(level.mark, level.scale)}" if level.mark is not None else ""
            return f"зачтена{shown}"
        if level.result is None or level.mark is None or level.result.control == "текущий":
            return ""
        return mark(level.mark, level.scale)

    @property
    def teachers(self) -> str:
        """Name those who assessed it, each once."""
        names = dict.fromkeys(
            wording.teacher(self.archive, result.assessed_by)
            for result in self.results
            if result.assessed_by
        )
        return ", ".join(names)

    @property
    def marked(self) -> list[Result]:
        """Results with a mark."""
        return [result for result in self.results if result.mark is not None]

    @property
    def worded(self) -> list[Result]:
        """Results in words alone, too long for the column of a day."""
        return [result for result in self.results if result.mark is None]

    def cell(self, occasion: _Occasion) -> str:
        """Write the marks of a day of control."""
        return "; ".join(
            mark(result.mark, None) + (" (пересдача)" if result.resits else "")
            for result in self.marked
            if result.mark is not None and _find_occasion(result) == occasion
        )


def _find_occasion(result: Result) -> _Occasion:
    return result.date.isoformat(), result.control or result.origin


def tables_of(members: list[Member]) -> Iterator[SheetTable]:
    """Yield the marks of a part, a table for as many days as fit on a sheet."""
    occasions = sorted({_find_occasion(result) for each in members for result in each.marked})
    runs = [occasions[n : n + _COLUMNS] for n in range(0, len(occasions), _COLUMNS)] or [[]]
    for place, run in enumerate(runs, 1):
        caption = f"таблица {place} из {len(runs)}" if len(runs) > 1 else ""
        yield SheetTable(
            caption=caption,
            occasions=tuple(Occasion(_write_day(iso), control) for iso, control in run),
            lines=tuple(
                SheetLine(
                    str(n), each.name, each.note,
                    tuple(each.cell(occasion) for occasion in run), each.total, each.teachers,
                )
                for n, each in enumerate(members, 1)
            ),
            is_last=place == len(runs),
        )  # fmt: skip


def _write_day(iso: str) -> str:
    year, month, date = iso.split("-")
    return f"{date}.{month}.{year}"


def words_of(members: list[Member], *, is_whole: bool) -> Iterator[Words]:
    """Yield results in words; `is_whole`: there are no marks, so that everyone has a line."""
    for number, each in enumerate(members, 1):
        for place, result in enumerate(each.worded):
            yield Words(
                number=str(number) if place == 0 else "",
                name=each.name if place == 0 else "",
                day=day(result.date),
                control=result.control or result.origin,
                text=result.text or "",
                teacher=wording.teacher(each.archive, result.assessed_by),
            )
        if is_whole and not each.worded:
            yield Words(str(number), each.name, "", "", each.total, "")


@dataclass(frozen=True, slots=True)
class SheetSection:
    """One part of the programme: marks in `tables`, results in words alone in `words`."""

    title: str
    scale: str
    tables: tuple[SheetTable, ...]
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class GroupSheet:
    """What the template reads as `form`; `empty`: why there are no sections."""

    page: Page
    letterhead: Letterhead
    heading: str
    program: str
    period: str
    status: str
    sections: tuple[SheetSection, ...]
    empty: str
    teacher: SignatureLine
    signature: SignatureLine


def view(state: State, address: str) -> GroupSheet:
    archive = state.archive
    group = find_group(archive, address)
    period = find_period(state)
    people = find_members(state, address, StudySpan(period.start, period.end))
    files = [each.student for each in people]
    drafts = name_drafts(archive, [period.period], files)
    is_early = is_approved_early(archive, period.period, files)
    sections = tuple(_list_sections(archive, people, period.period))
    program = archive.programs.get(group.program)
    return GroupSheet(
        page=page(
            state,
            f"Ведомость группы {address}, {period.title}",
            is_draft=bool(drafts),
        ),
        letterhead=letterhead(archive, state.signed_on),
        heading=f"группы {address}",
        program=quoted(program.title) if program else group.program,
        period=period.title,
        status="; ".join(
            (
                status_of(archive, period.period, is_early=is_early),
                *_late_words(archive, files, period.period),
            )
        ),
        sections=sections,
        empty="" if sections else _NO_PARTS if people else _NOBODY,
        teacher=of_teacher(archive, group, min(state.on, period.end)),
        signature=of_head(archive, state.signed_on),
    )


def find_group(archive: Archive, address: str) -> Group:
    """Return a declared group; raise NotFound for one that is not."""
    group = archive.groups.get(address)
    if group is None:
        raise NotFound(
            f"Группы «{address}» в архиве нет",
            "Группы объявлены в records/organization.yaml, раздел groups."
            f"{suggest(address, archive.groups)}",
        )
    return group


def of_teacher(archive: Archive, group: Group, on: dt.date) -> SignatureLine:
    """Return the line of who taught the group on a day."""
    teacher = archive.staff.get(teacher_on(group, on) or "")
    if teacher is None:
        return SignatureLine()
    return SignatureLine(teacher.post, wording.staff(archive, teacher.id))


def find_members(state: State, group: str, span: StudySpan) -> list[Enrolled]:
    """Return those who studied in the group in a span of days, by the alphabet."""
    return sorted(
        (
            _named_on(each, min(state.on, span.end))
            for each in find_enrolled(state.archive, span)
            if each.group == group
        ),
        key=lambda each: (alphabetical(called(each)), each.student.id),
    )


def _named_on(each: Enrolled, on: dt.date) -> Enrolled:
    """Return the student with the name of that day: a sheet of the past keeps its names."""
    person = each.student.person and person_on(each.student.person, on)
    return each._replace(student=replace(each.student, person=person))


def _late_words(archive: Archive, files: list[Student], period: str) -> Iterator[str]:
    """Name the entries of an approved period that no act holds (R-5.6)."""
    if is_closed(archive, period) or is_approved_early(archive, period, files):
        late = [
            each.address
            for student in files
            for each in judge_period(archive, student, period).unapproved
        ]
        if late:
            yield f"не утверждены записи {', '.join(dict.fromkeys(late))}"


def find_period(state: State) -> Period:
    """Return the period of that day, or the last one that had begun."""
    begun = [each for each in state.archive.periods.values() if each.start <= state.on]
    if not begun:
        raise NotFound(
            f"К {day(state.on)} ни один учебный период не начался",
            "Периоды объявлены в records/organization.yaml, раздел periods",
        )
    return max(begun, key=lambda each: each.start)


def list_parts(archive: Archive, people: list[Enrolled]) -> tuple[ProgramPart, ...]:
    """Return the parts of their programmes; one whose scale differs between editions is two."""
    parts: dict[tuple[str, str | None], ProgramPart] = {}
    for each in people:
        edition = edition_of(archive, each.enrolment)
        for part in edition.parts if edition else ():
            parts.setdefault((part.part, part.scale), part)
    return tuple(parts.values())


def _list_sections(archive: Archive, people: list[Enrolled], period: str) -> Iterator[SheetSection]:
    for part in list_parts(archive, people):
        known = [Member(archive, each, part, period) for each in people]
        members = [member for member in known if member.has_part]
        scale = archive.scales.get(part.scale or "")
        has_marks = scale is not None or any(member.marked for member in members)
        yield SheetSection(
            title=part.title,
            scale=scale_rule(scale) if scale else "без отметок, результат описан словами",
            tables=tuple(tables_of(members)) if has_marks else (),
            words=tuple(words_of(members, is_whole=not has_marks)),
        )


FORM = PrintedForm(
    name="group-sheet",
    title="Ведомость группы",
    target="группа",
    view=view,
    targets=lambda archive: archive.groups,
)
