"""`papka period approve`: the head's act about some entries, before a period is closed or after.

While the period is open it is told whose entries are meant: named people, a programme, a group; the
period stays open, and what is approved is settled as in a closed one. After the closing it takes
what came late. Missing marks are told person by person, and never accepted by such an act.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound, Refused
from papka.core.phrases import natural_key, suggest
from papka.core.places import ALLOWED_SIGNERS
from papka.core.snapshot import bytes_of
from papka.desk.act_writing import (
    ShownEntry,
    refuse_changed,
    require_list,
    require_saved,
    show_entries,
    write_chosen,
)
from papka.desk.approval import list_unapproved
from papka.desk.open_records import overview
from papka.desk.saving import Saved, save_changes
from papka.desk.sealing import require_head
from papka.desk.study_period import find_period
from papka.records.approved_entries import act_file, write_act
from papka.records.archive import Archive
from papka.records.choosing import PeopleFilter, choose_people
from papka.records.derived.approvals import UnapprovedEntry, next_act
from papka.records.derived.result_facts import (
    debts,
    enrolment_of,
    part_of,
    studied_between,
    unmarked,
)
from papka.records.school import Period
from papka.records.student import Enrolment, Result, Student
from papka.repository.commit_snapshots import CommitSnapshot
from papka.repository.signing import SigningActor
from papka.repository.worktree import WorktreeSnapshot

_Studies = Mapping[str, frozenset[str]]
"""Personal file -> ids of the enrolments that an act is about."""


@dataclass(frozen=True, slots=True)
class WhatToApprove:
    """What was asked for: addresses of entries (`2026-0007#r4`), people, a programme, a group.

    Several people, entries: any of them; a programme beside a group or people: both at once.
    """

    entries: tuple[str, ...] = ()
    students: tuple[str, ...] = ()
    program: str = ""
    group: str = ""

    def __bool__(self) -> bool:
        """Whether anything is named."""
        return self != WhatToApprove()


@dataclass(frozen=True, slots=True)
class MissingOf:
    """What one person lacks among what was asked for: titles of parts without a mark, parts owed;
    `has_none`: there is no entry of theirs to approve."""

    student: str
    name: str
    unmarked: tuple[str, ...]
    owed: tuple[str, ...]
    has_none: bool


@dataclass(frozen=True, slots=True)
class PlannedAct:
    """What an act would approve; `left`: entries waiting in the period that were not asked for.

    `is_early`: the period is open and stays so. `listed` are the bytes of its list, `expected`
    those of the acts in the folder now: another act in the meantime makes the plan void.
    """

    key: str
    period: str
    day: dt.date
    is_early: bool
    entries: tuple[ShownEntry, ...]
    missing: tuple[MissingOf, ...]
    left: int
    listed: bytes
    expected: Mapping[str, bytes | None]


def plan_act(
    root: Path, actor: SigningActor, period: str, wanted: WhatToApprove, *, today: dt.date
) -> PlannedAct:
    """Plan the next act about a period: of what is `wanted`, in a closed one by default of all.

    Raises NotFound for what is not there or waits for nothing, Refused.
    """
    snapshot = CommitSnapshot(root, "HEAD")
    archive = overview(snapshot)
    about = find_period(archive, period)
    is_early = period not in archive.approvals
    require_head(snapshot.read(ALLOWED_SIGNERS), actor, "Утвердить записи может", today)
    require_list(root)
    if is_early:
        _require_named(about, wanted, today)
    require_saved(root, period, archive)
    waiting = list_unapproved(root, archive, (), periods=[period]).get(period, ())
    studies = _find_studies(archive, about, wanted)
    chosen = _choose(waiting, wanted, studies, period) if wanted else list(waiting)
    refuse_changed(chosen)
    key = next_act(archive, period)
    folder = WorktreeSnapshot(root)
    return PlannedAct(
        key,
        period,
        today,
        is_early,
        tuple(show_entries(root, archive, chosen)),
        tuple(_find_missing(archive, about, studies, chosen)) if is_early else (),
        len(waiting) - len(chosen),
        write_chosen(archive, chosen),
        {path: bytes_of(folder, path) for path in (act_file(key), act_file(period))},
    )


def approve(root: Path, actor: SigningActor, planned: PlannedAct, *, now: dt.datetime) -> Saved:
    """Write and save the act; the caller has shown every entry of it."""
    day = "approved" if planned.is_early else "closed"
    act = {"period": planned.period, day: planned.day, "signed_by": actor.staff}
    files = write_act(planned.key, act, planned.listed)
    return save_changes(root, actor, files, now=now, expected=planned.expected)


def _require_named(period: Period, wanted: WhatToApprove, today: dt.date) -> None:
    if not wanted:
        raise Refused(
            f"Период {period.period} ещё не закрыт: скажите, что в нём утвердить",
            "Человека: --student НОМЕР, программу: --program, группу: --group, запись: "
            f"НОМЕР#ЗАПИСЬ. Всё сразу утверждает papka period close {period.period}",
        )
    if today < period.start:
        raise Refused(
            f"Период {period.period} начнётся {period.start:%d.%m.%Y}",
            "Утверждать в нём ещё нечего; проверьте период",
        )


def _find_studies(archive: Archive, period: Period, wanted: WhatToApprove) -> _Studies:
    """Return whose study the act is about: of the period, or with an entry in it."""
    for student in wanted.students:
        if student not in archive.students:
            raise NotFound(
                f"Дела «{student}» нет",
                f"Найти дело: papka find ФАМИЛИЯ.{suggest(student, archive.students)}",
            )
    if not (wanted.students or wanted.program or wanted.group):
        return {}
    people = choose_people(
        archive,
        PeopleFilter(group=wanted.group, program=wanted.program),
        period.end,
        lambda student, each: _is_in(student, each, period),
    )
    found = {
        each.student.id: frozenset(study.id for study in each.studies if study.id)
        for each in people
        if not wanted.students or each.student.id in wanted.students
    }
    strange = [each for each in wanted.students or [""] if each not in found]
    if strange and (strange[0] or not found):
        raise NotFound(
            f"{strange[0] or 'По этим словам никто'} в периоде {period.period} так не учится",
            "Проверьте человека, группу, программу и период; papka find --group ГРУППА",
        )
    return found


def _is_in(student: Student, study: Enrolment, period: Period) -> bool:
    results = student.periods.get(period.period, ())
    return studied_between(study, period.start, period.end) or any(
        each.enrolment == study.id for each in results
    )


def _choose(
    waiting: Collection[UnapprovedEntry], wanted: WhatToApprove, studies: _Studies, period: str
) -> list[UnapprovedEntry]:
    by_address = {each.address: each for each in waiting}
    for address in wanted.entries:
        if address not in by_address:
            raise NotFound(
                f"Запись {address} утверждения за период {period} не ждёт",
                f"Ждут: {', '.join(by_address) or 'ни одной'}.{suggest(address, by_address)}",
            )
    return [
        each
        for each in waiting
        if each.address in wanted.entries
        or (each.now is not None and each.now.enrolment in studies.get(each.student, ()))
    ]


def _find_missing(
    archive: Archive, period: Period, studies: _Studies, chosen: Iterable[UnapprovedEntry]
) -> Iterator[MissingOf]:
    """Yield those of the studies that lack something, by the number of their file."""
    named = {each.student for each in chosen}
    studies = studies or _list_studies(chosen)
    for key in sorted(studies, key=natural_key):
        student = archive.students[key]
        lacking = tuple(
            each.part.title
            for each in unmarked(archive, student, period)
            if each.enrolment.id in studies[key]
        )
        owed = tuple(
            _title(archive, student, debt.result)
            for debt in debts(archive, student)
            if debt.period == period.period and debt.result.enrolment in studies[key]
        )
        if lacking or owed or key not in named:
            name = student.person.name.full if student.person else ""
            yield MissingOf(key, name, lacking, owed, key not in named)


def _list_studies(chosen: Iterable[UnapprovedEntry]) -> _Studies:
    """Return whose study the chosen entries are of."""
    found: dict[str, frozenset[str]] = {}
    for each in chosen:
        if each.now is not None:
            found[each.student] = found.get(each.student, frozenset()) | {each.now.enrolment}
    return found


def _title(archive: Archive, student: Student, result: Result) -> str:
    part = part_of(archive, enrolment_of(student, result.enrolment), result.part)
    return part.title if part else result.part or result.kind
