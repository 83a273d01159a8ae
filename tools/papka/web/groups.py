"""*Группы*: who studies where, and the sheet of a group: people by parts, with what is missing.

Members, marks and totals are those of the printed sheet of the group; only the files of people who
were ever in it are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template, request

from papka.core.errors import NotFound
from papka.core.phrases import natural_key, suggest
from papka.desk.open_records import open_people
from papka.paper.form import State
from papka.paper.forms.group_sheet import (
    GroupSheet,
    Member,
    called,
    find_members,
    find_period,
    list_parts,
    name_end,
)
from papka.paper.forms.group_sheet import view as view_sheet
from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.headcount import Enrolled, StudySpan
from papka.records.derived.membership import teacher_on
from papka.records.derived.result_facts import unmarked
from papka.records.school import Period, ProgramPart
from papka.records.wording import NONE, in_order, mark
from papka.web.face import Face, KnownPerson

_KINDS = ("student", "enrolments", "transfers", "results", "credits", "salt")


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group in the list: `count` study in it now."""

    group: str
    program: str
    teacher: str
    count: int


@dataclass(frozen=True, slots=True)
class GroupCell:
    """The total of a part, else its ongoing marks; `is_missing`: the period demands a mark."""

    total: str
    ongoing: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class GroupRow:
    student: str
    name: str
    note: str
    cells: tuple[GroupCell, ...]


@dataclass(frozen=True, slots=True)
class GroupPage:
    """What the page shows; `sheet` is the printed one, part by part."""

    group: str
    teacher: str
    period: Period
    periods: tuple[Period, ...]
    parts: tuple[str, ...]
    rows: tuple[GroupRow, ...]
    sheet: GroupSheet
    unread: tuple[str, ...]

    @property
    def missing(self) -> int:
        return sum(cell.is_missing for row in self.rows for cell in row.cells)


def list_groups(archive: Archive, rows: Iterable[KnownPerson], state: State) -> list[GroupLine]:
    """Return the declared groups, as a person counts them."""
    counts = Counter(
        group
        for row in rows
        if not row.is_duplicate
        for group in {each.groups[-1:] for each in row.studies if each.goes_on(state.on)}
    )
    found = []
    for group in sorted(archive.groups.values(), key=lambda each: natural_key(each.group)):
        program = archive.programs.get(group.program)
        title = program.title if program else group.program
        teacher = wording.staff(archive, teacher_on(group, state.on))
        found.append(GroupLine(group.group, title, teacher, counts[group.group,]))
    return found


def view_group(state: State, group: str) -> GroupPage:
    """Lay out the sheet of a group for the period of the state's day. Raise NotFound."""
    archive = state.archive
    sheet = view_sheet(state, group)
    period = find_period(state)
    people = find_members(state, group, StudySpan(period.start, period.end))
    parts = list_parts(archive, people)
    begun = (name for name in archive.periods if archive.periods[name].start <= state.on)
    return GroupPage(
        group,
        wording.staff(archive, teacher_on(archive.groups[group], min(state.on, period.end))),
        period,
        tuple(archive.periods[name] for name in in_order(archive, begun)),
        tuple(part.title for part in parts),
        tuple(_make_row(archive, each, parts, period) for each in people),
        sheet,
        tuple(sorted(archive.unreadable)),
    )


def _make_row(
    archive: Archive, each: Enrolled, parts: Iterable[ProgramPart], period: Period
) -> GroupRow:
    due = {
        due.part.part
        for due in unmarked(archive, each.student, period)
        if due.enrolment.id == each.enrolment.id
    }
    cells = (_make_cell(Member(archive, each, part, period.period), due) for part in parts)
    return GroupRow(each.student.id, called(each), name_end(each), tuple(cells))


def _make_cell(member: Member, due: Collection[str]) -> GroupCell:
    if not member.has_part:
        return GroupCell("", "", is_missing=False)
    ongoing = ", ".join(mark(each.mark, None) for each in member.marked if each.mark is not None)
    if not member.part.scale and member.worded:
        ongoing = f"словами: {len(member.worded)}"
    total = member.total
    missing = member.part.part in due and not total
    return GroupCell(total, "" if total else ongoing, is_missing=missing)


def routes(face: Face) -> Blueprint:
    """Return the pages of groups."""
    pages = Blueprint("groups", __name__)

    def open_state(students: Iterable[str]) -> State:
        archive = open_people(face.root, face.read().tree, students, _KINDS)
        return State(archive, face.clock(), face.today)

    @pages.get("/groups")
    def show() -> str:
        state = open_state(())
        lines = list_groups(state.archive, face.people().values(), state)
        return render_template("groups.html", lines=lines)

    @pages.get("/groups/<group>")
    def show_group(group: str) -> str:
        state = open_state(face.members(group))
        asked = request.args.get("period", "")
        if asked:
            state = _at_period(state, asked)
        begun = [p for p in state.archive.periods.values() if p.start <= face.today]
        return render_template(
            "group.html", view=view_group(state, group), choices=begun, none=NONE
        )

    return pages


def _at_period(state: State, name: str) -> State:
    """Return the state at the end of a period, or today while it goes on. Raise NotFound."""
    archive = state.archive
    period = archive.periods.get(name)
    if period is None or period.start > state.on:
        raise NotFound(
            f"Периода «{name}» нет или он ещё не начался",
            f"Периоды объявлены в records/organization.yaml.{suggest(name, archive.periods)}",
        )
    return State(archive, state.as_of, min(state.on, period.end))
