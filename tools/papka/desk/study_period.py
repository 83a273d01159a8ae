"""`papka period`: how a study period stands, and the head's act that approves and closes it.

Invariants: closing looks at what is saved, because only that is approved; every due part has a
mark, «не аттестован», or an exception the head accepted with a reason (R-2.2.6, R-5.6), and so has
every platform in use that was not taken in and every row without a student (R-5.1). A platform is
in use when its own days and those of a studying person's account meet the period (R-1.4.4); an
unmatched row is known by its number within the import's unmatched part, never by its words. The act
is one commit signed by a head's key; the seal that follows it is `sealing`. It lists what no act
made before it holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from papka.core.errors import NotFound, Refused
from papka.core.phrases import count_phrase, enumerated, natural_key, suggest
from papka.core.places import ALLOWED_SIGNERS, ORGANIZATION, SHEETS
from papka.core.snapshot import Snapshot, bytes_of
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
from papka.desk.sealing import require_head, require_sheet
from papka.intake.waiting_rows import find_waiting
from papka.paper.sections import Section
from papka.records.acts import Approval, ApprovalException, Import
from papka.records.approved_entries import act_file, write_act
from papka.records.archive import Archive, load_kinds
from papka.records.derived.approvals import UnapprovedEntry, acts_of, next_act
from papka.records.derived.headcount import StudySpan, find_enrolled
from papka.records.derived.result_facts import debts, due_parts, unmarked
from papka.records.school import Period, Platform
from papka.records.student import Account
from papka.records.wording import day, in_order
from papka.repository import commit_snapshots
from papka.repository.signing import SigningActor
from papka.repository.worktree import WorktreeSnapshot

_NAMED = 20
"""Addresses named in one sentence."""


@dataclass(frozen=True, slots=True)
class TakenImport:
    """An export of the period; `waiting` are the numbers of its rows without a student that no
    later export tells."""

    key: str
    manifest: Import
    waiting: tuple[int, ...]

    @property
    def rows(self) -> Iterator[str]:
        """The names under which its unmatched rows are accepted: `2026-1/1/3`."""
        return (f"{self.key}/{row}" for row in self.waiting)


@dataclass(frozen=True, slots=True)
class Lack:
    """A part without the mark that is due; `address` is of the enrolment."""

    address: str
    program: str
    part: str

    @property
    def name(self) -> str:
        """The name under which it is accepted: `2026-0007#e1/техника`."""
        return f"{self.address}/{self.part}"


@dataclass(frozen=True, slots=True)
class PeriodState:
    """How a period stands; `approval` is None while all of it is draft.

    `entries` of `people` were made; of `due` parts `lacks` have no mark; `debts` are addresses of
    failed results; `untaken` are platforms in use without an export; `late` are addresses of
    entries that came after an act, touch what it settled, and that no act holds. `acts` were made
    before the closing, and hold `approved` entries.
    """

    period: Period
    approval: Approval | None
    entries: int
    people: int
    due: int
    lacks: tuple[Lack, ...]
    debts: tuple[str, ...]
    imports: tuple[TakenImport, ...] = ()
    untaken: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    approved: int = 0

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Names of rows without a student: `2026-1/1/3`."""
        return tuple(name for each in self.imports for name in each.rows)


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing would do; `open_lacks`, `open_platforms` and `open_rows` nobody accepted, and
    while there are any it cannot be done. `expected` are the bytes of the acts in the folder now,
    `listed` those of the list of entries that it approves, empty when nobody has any; `late`: those
    of them that change or correct what was approved before the closing."""

    state: PeriodState
    closed: dt.date
    open_lacks: tuple[Lack, ...]
    accepted: Mapping[str, str]
    expected: Mapping[str, bytes | None]
    open_platforms: tuple[str, ...] = ()
    open_rows: tuple[str, ...] = ()
    listed: bytes = b""
    late: tuple[ShownEntry, ...] = ()

    @property
    def is_open(self) -> bool:
        return bool(self.open_lacks or self.open_platforms or self.open_rows)


def period_states(root: Path, period: str | None = None) -> tuple[PeriodState, ...]:
    """Return the state of one period or of all, in order, by the work tree; raises NotFound."""
    files = WorktreeSnapshot(root)
    archive = overview(files)
    wanted = [find_period(archive, period).period] if period else in_order(archive, archive.periods)
    imports = imports_of(files)
    unapproved = list_unapproved(root, archive)
    return tuple(
        _with_acts(
            archive,
            _examine(archive, archive.periods[name], imports),
            unapproved.get(name, ()),
        )
        for name in wanted
    )


def tabulate_periods(states: Sequence[PeriodState]) -> Section:
    """Word all periods as one table."""
    rows = (
        (
            state.period.period,
            state.period.title,
            f"{day(state.period.start)}–{day(state.period.end)}",
            _word_closing(state),
            str(state.entries),
            _word_marked(state),
            str(len(state.debts)),
        )
        for state in states
    )
    columns = ("Период", "Название", "Дни", "Состояние", "Записей", "Отметки", "Задолженностей")
    return Section("Учебные периоды", columns, tuple(rows))


def word_period(state: PeriodState) -> Iterator[str]:
    """Word how a period stands: its days, what was entered, taken and approved, debts."""
    period = state.period
    yield f"{day(period.start)}–{day(period.end)}, {_word_closing(state)}"
    yield (
        f"Записей: {state.entries}, дел: {state.people}; отметки по частям: {_word_marked(state)}"
    )
    if state.approval is None and state.acts:
        count = count_phrase(state.approved, "запись", "записи", "записей")
        yield (
            f"Утверждено до закрытия: {count} (акты {', '.join(state.acts)}); закрытие утвердит "
            f"остальные: {state.entries - state.approved}"
        )
    for each in state.imports:
        said = each.manifest
        without = f", строк без хозяина: {len(each.waiting)}" if each.waiting else ""
        own = said.platform == SHEETS
        what = "ведомость педагога" if own else f"{said.platform}, «{said.export}»"
        yield f"Выгрузка {each.key}: {what}, {day(said.taken)}, {said.by}{without}"
    if state.debts:
        found = count_phrase(len(state.debts), "задолженность", "задолженности", "задолженностей")
        yield f"{found}: {enumerated(state.debts, _NAMED)}"
    else:
        yield "Задолженностей за период нет"


def tabulate_missing(
    lacks: Sequence[Lack], platforms: Sequence[str], rows: Sequence[str]
) -> Section | None:
    """Word which parts have no mark, which exports are not taken, which rows are nobody's; None
    when nothing is missing."""
    notes = [f"Выгрузки нет: {name}" for name in platforms]
    if rows:
        head = count_phrase(len(rows), "строка", "строки", "строк")
        notes.append(f"Без хозяина: {head} — {enumerated(rows, _NAMED)}")
    if not lacks and not notes:
        return None
    title = f"Без отметки: {count_phrase(len(lacks), 'часть', 'части', 'частей')}" if lacks else ""
    named = tuple((lack.name, lack.program) for lack in lacks)
    return Section(title, ("Чьё зачисление и часть", "Программа"), named, tuple(notes))


def word_next_of_period(state: PeriodState) -> Iterator[str]:
    """Word what a closed period was accepted without, what waits for an act, and what to do."""
    name = state.period.period
    if state.approval is None:
        if state.late:
            yield f"Изменено или исправлено после утверждения: {enumerated(state.late, _NAMED)}"
        is_open = state.lacks or state.untaken or state.unmatched
        hint = "Что дальше: внести отметки, принять выгрузки;" if is_open else "Можно закрывать:"
        yield f"{hint} papka period close {name}"
        return
    for each in state.approval.exceptions:
        yield f"Принято без этого: {_name_subject(each)} — {each.reason}"
    if state.late:
        yield f"Внесено после закрытия и не утверждено: {enumerated(state.late, _NAMED)}"
        yield f"Что дальше: руководитель утвердит, papka period approve {name}"


def _name_subject(each: ApprovalException) -> str:
    if each.export and each.row:
        return f"{each.export}/{each.row}"
    if each.student:
        return f"{each.student}/{each.part}" if each.part else each.student
    return each.kind


def _word_marked(state: PeriodState) -> str:
    return f"{state.due - len(state.lacks)} из {state.due}"


def _word_closing(state: PeriodState) -> str:
    if state.approval is None:
        return f"не закрыт, утверждено записей: {state.approved}" if state.acts else "не утверждён"
    late = f"; не утверждено позднее: {len(state.late)}" if state.late else ""
    return f"закрыт {day(state.approval.date)}, {state.approval.signed_by}{late}"


def _with_acts(
    archive: Archive, state: PeriodState, unapproved: Collection[UnapprovedEntry]
) -> PeriodState:
    """Add to a state what acts say of it; `unapproved`: what no act of the period holds."""
    period = state.period.period
    acts = [key for key in acts_of(archive, period) if archive.approvals[key].is_early]
    waiting = sum(each.now is not None and each.now.void is None for each in unapproved)
    return replace(
        state,
        late=tuple(each.address for each in unapproved if each.is_late),
        acts=tuple(acts),
        approved=state.entries - waiting if acts and state.approval is None else 0,
    )


def plan_close(  # noqa: PLR0913 - an act is asked for by exactly these
    root: Path,
    actor: SigningActor,
    period: str,
    *,
    closed: dt.date,
    today: dt.date,
    accept: Mapping[str, str],
) -> Closing:
    """Plan the closing of a period, and find what stands in the way.

    `accept`: name of a lack -> reason. Raises Refused or NotFound.
    """
    snapshot = commit_snapshots.CommitSnapshot(root, "HEAD")
    archive = overview(snapshot)
    state = _examine(archive, find_period(archive, period), imports_of(snapshot))
    if state.approval is not None:
        return Closing(state, state.approval.date, (), {}, {})
    # before anything else: nobody should gather reasons for what they may not sign
    require_head(snapshot.read(ALLOWED_SIGNERS), actor, "Закрыть период может", today)
    require_sheet(root, "HEAD")
    require_list(root)
    require_saved(root, period, archive)
    if closed < state.period.start:
        raise Refused(
            f"Период {period} начинается {state.period.start:%d.%m.%Y}, позже дня закрытия",
            "Проверьте период и ключ --date",
        )
    if closed > today:
        raise Refused(
            f"День закрытия {closed:%d.%m.%Y} ещё не настал",
            "Закройте сегодняшним днём (без --date) или дождитесь этого дня",
        )
    # a whole import named for its rows stands for each of them
    rows = {each.key: tuple(each.rows) for each in state.imports if each.waiting}
    accept = {name: why for given, why in accept.items() for name in rows.get(given, (given,))}
    names = [*(lack.name for lack in state.lacks), *state.untaken, *state.unmatched]
    for name in accept:
        if name not in names:
            raise NotFound(
                f"Исключение «{name}» не нужно: ни такой части без отметки, ни такой платформы, "
                f"ни такой строки в периоде {period} нет",
                f"Чего не хватает: papka period status {period}.{suggest(name, names)}",
            )
    waiting = list_unapproved(root, archive, (), periods=[period]).get(period, ())
    refuse_changed(waiting)
    folder = WorktreeSnapshot(root)
    acts = (act_file(period), act_file(next_act(archive, period)))
    return Closing(
        _with_acts(archive, state, waiting),
        closed,
        tuple(lack for lack in state.lacks if lack.name not in accept),
        accept,
        {path: bytes_of(folder, path) for path in acts},
        tuple(name for name in state.untaken if name not in accept),
        tuple(name for name in state.unmatched if name not in accept),
        write_chosen(archive, waiting),
        tuple(show_entries(root, archive, [each for each in waiting if each.is_late])),
    )


def close(root: Path, actor: SigningActor, closing: Closing, *, now: dt.datetime) -> Saved:
    """Write and save the act; the caller has shown what `plan_close` found."""
    period = closing.state.period.period
    files = write_act(period, _compose_act(actor, closing), closing.listed)
    return save_changes(root, actor, files, now=now, expected=closing.expected)


def find_period(archive: Archive, period: str) -> Period:
    found = archive.periods.get(period)
    if found is None:
        raise NotFound(
            f"Периода «{period}» нет",
            f"Периоды объявляют в {ORGANIZATION}.{suggest(period, archive.periods)}",
        )
    return found


def _examine(archive: Archive, period: Period, imports: Iterable[TakenImport]) -> PeriodState:
    entries = people = due = 0
    lacks: list[Lack] = []
    owed: list[str] = []
    for student in archive.students.values():
        results = student.periods.get(period.period, ())
        entries += len(results)
        people += bool(results)
        due += sum(1 for _ in due_parts(archive, student, period))
        lacks += [
            Lack(f"{student.id}#{enrolment.id}", enrolment.program, part.part)
            for enrolment, part in unmarked(archive, student, period)
        ]
        owed += [
            f"{student.id}#{debt.result.id}"
            for debt in debts(archive, student)
            if debt.period == period.period
        ]
    own = tuple(each for each in imports if each.manifest.period == period.period)
    taken = {each.manifest.platform for each in own}
    return PeriodState(
        period,
        archive.approvals.get(period.period),
        entries,
        people,
        due,
        tuple(sorted(lacks, key=lambda lack: natural_key(lack.name))),
        tuple(sorted(owed, key=natural_key)),
        own,
        tuple(name for name in platforms_in_use(archive, period) if name not in taken),
    )


def _compose_act(actor: SigningActor, closing: Closing) -> dict[str, object]:
    act: dict[str, object] = {
        "period": closing.state.period.period,
        "closed": closing.closed,
        "signed_by": actor.staff,
    }
    if closing.accepted:
        act["exceptions"] = [
            _describe_exception(closing.state, name, closing.accepted[name])
            for name in sorted(closing.accepted, key=natural_key)
        ]
    return act


def _describe_exception(state: PeriodState, name: str, reason: str) -> dict[str, object]:
    if name in state.untaken:
        return {"kind": "иное", "reason": f"Выгрузки платформы {name} нет: {reason}"}
    if name in state.unmatched:
        key, _, row = name.rpartition("/")
        kind = "несопоставленная строка"
        return {"kind": kind, "import": key, "row": int(row), "reason": reason}
    address, _, part = name.partition("/")
    return {"kind": "нет отметки", "student": address, "part": part, "reason": reason}


def imports_of(snapshot: Snapshot) -> tuple[TakenImport, ...]:
    """Return every import of the archive, in order, with the rows that wait in it."""
    archive = load_kinds(snapshot, {"import", "platform"})
    waiting = find_waiting(snapshot, archive.imports, archive.platforms)
    return tuple(TakenImport(key, archive.imports[key], rows) for key, rows in waiting.items())


def platforms_in_use(archive: Archive, period: Period) -> tuple[str, ...]:
    """Return the platforms whose export the period needs."""
    span = StudySpan(period.start, period.end)
    known = {key: each for key, each in archive.platforms.items() if _overlaps(each, span)}
    used = {
        account.platform
        for each in find_enrolled(archive, span)
        if each.student.person
        for account in each.student.person.accounts
        if account.platform in known and _overlaps(account, span)
    }
    return tuple(sorted(used))


def _overlaps(used: Account | Platform, span: StudySpan) -> bool:
    begun = used.since is None or used.since <= span.end
    return begun and (used.until is None or used.until >= span.start)
