"""A group's summary sheet of a school year: who has which final results in which part (R-5.4.2).

The year is that of the day of the paper. Students are listed by the alphabet; nothing is averaged,
and no mark becomes one of another scale. A cell has the totals of the year's periods in their
order; an ongoing mark is none. A year with a period that is over and not approved is a draft
(R-5.6).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.paper.form import PrintedForm, State, find_unapproved, of_head
from papka.paper.forms.group_sheet import (
    Member,
    called,
    find_group,
    find_members,
    find_period,
    list_parts,
    name_end,
    of_teacher,
)
from papka.paper.plain_sheet import PLAIN, PlainSheet, plain_sheet
from papka.paper.sections import ScreenTable, lines
from papka.records.archive import Archive
from papka.records.derived.headcount import Enrolled, StudySpan, find_reported
from papka.records.derived.in_force import name_year, school_year
from papka.records.derived.result_facts import outstanding, part_of
from papka.records.school import ProgramPart
from papka.records.wording import NBSP, NONE, day, in_order, quoted, scale_rule, title_of

_COLUMNS = 8
"""Parts that fit beside the name."""


def view(state: State, address: str) -> PlainSheet:
    """Word the sheet. Raise NotFound for a group there is not."""
    archive = state.archive
    group = find_group(archive, address)
    year = find_period(state).school_year
    about = find_reported(archive, str(year))
    assert about is not None, "a declared period is of a declared year"
    end = min(state.on, about.span.end)
    periods = in_order(archive, (p for p in about.periods if archive.periods[p].start <= end))
    people = find_members(state, address, StudySpan(about.span.start, end))
    unapproved = find_unapproved(state, periods, [each.student for each in people])
    parts = list_parts(archive, people)
    titles = "; ".join(title_of(archive, period) for period in periods)
    called_year = name_year(archive, school_year(archive, about.span.start))
    program = archive.programs.get(group.program)
    return plain_sheet(
        state,
        "СВОДНАЯ ВЕДОМОСТЬ",
        f"группы {address} за {called_year}, на{NBSP}{day(end)}",
        title=f"Сводная ведомость группы {address}, {called_year}",
        facts=(("Программа", quoted(program.title) if program else group.program),),
        texts=() if people else ("В этом учебном году в группе никто не учился.",),
        tables=(
            *_tabulate_parts(archive, people, parts, periods),
            *([_tabulate_debts(archive, people, end)] if people else []),
        ),
        notes=(
            *(
                [f"В клетке — итоги периодов по порядку: {titles}; «{NONE}» — итога нет."]
                * bool(people)
            ),
            *_explain_scales(archive, parts),
            *unapproved.notes,
        ),
        signatures=(of_teacher(archive, group, end), of_head(archive, state.signed_on)),
        is_wide=True,
        is_draft=bool(unapproved.drafts),
    )


def _tabulate_parts(
    archive: Archive,
    people: list[Enrolled],
    parts: tuple[ProgramPart, ...],
    periods: list[str],
) -> Iterator[ScreenTable]:
    """Yield a table for as many parts as fit on a sheet."""
    runs = [parts[at : at + _COLUMNS] for at in range(0, len(parts), _COLUMNS)]
    for place, run in enumerate(runs, 1):
        yield ScreenTable(
            "year",
            f"Таблица {place} из {len(runs)}" if len(runs) > 1 else "",
            ("№", "Фамилия, имя, отчество", *(part.title for part in run)),
            tuple(
                (
                    str(n),
                    lines(called(each), name_end(each)),
                    *(_write_totals(archive, each, part, periods) for part in run),
                )
                for n, each in enumerate(people, 1)
            ),
        )


def _write_totals(archive: Archive, each: Enrolled, part: ProgramPart, periods: list[str]) -> str:
    """Write «4; 5»; once where every period says the same words; nothing of another's part."""
    members = [Member(archive, each, part, period) for period in periods]
    if not any(member.has_part for member in members):
        return ""
    totals = [member.total or NONE for member in members]
    said = {"не изучает", *(total for total in totals if total.startswith("зачтена"))}
    if len(set(totals)) == 1 and totals[0] in {*said, NONE}:
        return totals[0]
    return "; ".join(totals)


def _tabulate_debts(archive: Archive, people: list[Enrolled], on: dt.date) -> ScreenTable:
    rows: list[tuple[str, ...]] = []
    for each in people:
        owed = [
            part.title if (part := part_of(archive, each.enrolment, debt.last.part)) else NONE
            for debt in outstanding(archive, each.student, on)
            if debt.last.enrolment == each.enrolment.id
        ]
        if owed:
            rows.append((str(len(rows) + 1), called(each), "; ".join(owed)))
    return ScreenTable(
        "year",
        "Академические задолженности",
        ("№", "Фамилия, имя, отчество", "Части программы"),
        tuple(rows),
        absence=f"На {day(on)} академических задолженностей по программе группы нет.",
    )


def _explain_scales(archive: Archive, parts: tuple[ProgramPart, ...]) -> Iterator[str]:
    for code in dict.fromkeys(part.scale for part in parts if part.scale):
        if scale := archive.scales.get(code):
            titles = ", ".join(part.title for part in parts if part.scale == code)
            yield f"{titles}: {scale_rule(scale)}."


FORM = PrintedForm(
    name="year-sheet",
    title="Сводная ведомость группы за учебный год",
    target="группа",
    view=view,
    targets=lambda archive: archive.groups,
    layout=PLAIN,
)
