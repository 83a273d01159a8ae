"""A group's sheet of one study period: its students, their marks by day of control, what holds.

Invariants: students stand by the alphabet, never by marks; nothing is averaged; a table that would
be too wide goes on in another, so that no column is lost; a part whose results are words has words
in place of marks; a period that the head has not approved is a draft (R-5.6). Absent on purpose:
attendance; personal results, which are each student's own and stand in the personal file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from papka.core.errors import NotFound
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.derived.enrolled import Enrolled, Span, enrolled
from papka.model.derived.scales import edition_of
from papka.model.program import Part
from papka.model.school import Period
from papka.views import reference
from papka.views.form import Form
from papka.views.group_tables import Member, Table, Words, called, tables_of, words_of
from papka.views.letterhead import Letterhead, letterhead
from papka.views.people import alphabetical
from papka.views.periods import is_approved, status_of
from papka.views.signature import Signature, of_head
from papka.views.state import Page, State, page
from papka.views.wording import day, scale_rule


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the programme: marks in `tables`, results in words alone in `words`."""

    title: str
    scale: str
    tables: tuple[Table, ...]
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class GroupSheet:
    page: Page
    letterhead: Letterhead
    heading: str
    program: str
    period: str
    status: str
    sections: tuple[Section, ...]
    teacher: Signature
    signature: Signature


def view(state: State, address: str) -> GroupSheet:
    archive = state.archive
    group = archive.groups.get(address)
    if group is None:
        raise NotFound(
            f"Группы «{address}» в архиве нет",
            "Группы объявлены в records/organization.yaml, раздел groups."
            f"{may_be(address, archive.groups)}",
        )
    period = _period(state)
    people = sorted(
        (
            each
            for each in enrolled(archive, Span(period.start, period.end))
            if each.enrolment.group == address
        ),
        key=lambda each: (alphabetical(called(each)), each.student.id),
    )
    program = archive.programs.get(group.program)
    teacher = archive.staff.get(group.teacher or "")
    return GroupSheet(
        page=page(
            state,
            f"Ведомость группы {address}, {period.title}",
            is_draft=not is_approved(archive, period.period),
        ),
        letterhead=letterhead(archive),
        heading=f"группы {address}",
        program=program.title if program else group.program,
        period=period.title,
        status=status_of(archive, period.period),
        sections=tuple(_sections(archive, people, period.period)),
        teacher=Signature(teacher.post, reference.staff(archive, teacher.id))
        if teacher
        else Signature(),
        signature=of_head(archive),
    )


def _period(state: State) -> Period:
    """The period of that day, or the last one that had begun."""
    begun = [each for each in state.archive.periods.values() if each.start <= state.on]
    if not begun:
        raise NotFound(
            f"К {day(state.on)} ни один учебный период не начался",
            "Периоды объявлены в records/organization.yaml, раздел periods",
        )
    return max(begun, key=lambda each: each.start)


def _sections(archive: Archive, people: list[Enrolled], period: str) -> Iterator[Section]:
    parts: dict[tuple[str, str | None], Part] = {}
    for each in people:
        edition = edition_of(archive, each.enrolment)
        for part in edition.parts if edition else ():
            parts.setdefault((part.part, part.scale), part)
    for part in parts.values():
        known = [Member(archive, each, part, period) for each in people]
        members = [member for member in known if member.has_part]
        scale = archive.scales.get(part.scale or "")
        has_marks = scale is not None or any(member.marked for member in members)
        yield Section(
            title=part.title,
            scale=scale_rule(scale) if scale else "без отметок, результат описан словами",
            tables=tuple(tables_of(members)) if has_marks else (),
            words=tuple(words_of(members, is_whole=not has_marks)),
        )


FORM = Form(
    name="group-sheet",
    title="Ведомость группы",
    target="группа",
    view=view,
    targets=lambda archive: archive.groups,
)
