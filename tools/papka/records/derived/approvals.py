"""The one question about approval: which entries an act holds as they stand now (R-5.6).

An act speaks of its own period alone, and of two acts that name an entry the later one. An entry
changed since, marked as a mistake or taken away is not the approved one. Late is what no act holds
of a closed period, and of an open one what changes or corrects an entry approved before closing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal, NamedTuple

from papka.core.places import act_key, results_file
from papka.records.acts import Approval
from papka.records.approved_entries import ApprovedLine, pin
from papka.records.archive import Archive
from papka.records.student import Result, Student, without_mark

ApprovalState = Literal["утверждено", "не утверждено"]
_Entries = Mapping[str, Result]


class UnapprovedEntry(NamedTuple):
    """An entry that no act holds as it stands; `now` is None when it is gone from the file.

    `is_named`: an act approved it when it said something else; `is_late`: it came after an act,
    and touches what the act settled.
    """

    student: str
    period: str
    id: str
    now: Result | None
    is_named: bool
    is_late: bool

    @property
    def address(self) -> str:
        return f"{self.student}#{self.id}"

    @property
    def can_be_approved(self) -> bool:
        """Whether an act may name it: it is new, or marked as a mistake; not changed, not gone."""
        return self.now is not None and (not self.is_named or self.now.void is not None)


@dataclass(frozen=True, slots=True)
class PeriodApproval:
    """How the entries of one person's period stand: id -> key of the act that holds it."""

    held: Mapping[str, str]
    unapproved: tuple[UnapprovedEntry, ...]


class _Act(NamedTuple):
    """What one act says of a person's period: ids it names, and of them those that still stand."""

    named: Collection[str]
    standing: Collection[str]


def acts_of(archive: Archive, period: str) -> Iterator[str]:
    """Yield the keys of the acts about a period as they were made: those before its closing, the
    closing one, the later ones. One out of this order is none of them."""
    numbered = list(_list_numbered(archive, period))
    yield from (key for key, act in numbered if act.is_early)
    closing = archive.approvals.get(period)
    if closing is not None and closing.period == period and not closing.is_early:
        yield period
        yield from (key for key, act in numbered if not act.is_early)


def _list_numbered(archive: Archive, period: str) -> Iterator[tuple[str, Approval]]:
    is_early = True
    for number in count(1):
        key = act_key(period, number)
        act = archive.approvals.get(key)
        if act is None or act.period != period or (act.is_early and not is_early):
            return
        is_early = act.is_early
        yield key, act


def next_act(archive: Archive, period: str) -> str:
    """Return the key of the next act about a period before or after its closing."""
    return next(
        key for number in count(1) if (key := act_key(period, number)) not in archive.approvals
    )


def is_settled(archive: Archive, student: str, period: str, id_: str) -> bool:
    """Whether an entry is only to be corrected by another: its period is closed, or an act made
    before the closing names it."""
    return period in archive.approvals or id_ in _find_named_early(archive, student, period)


def settled_periods(archive: Archive, student: Student) -> list[str]:
    """Return the periods of a personal file with an entry that is only to be corrected."""
    return [
        period
        for period, results in sorted(student.periods.items())
        if results
        if period in archive.approvals or _find_named_early(archive, student.id, period)
    ]


def _find_named_early(archive: Archive, student: str, period: str) -> set[str]:
    """Return the ids of a personal file that acts before the closing name."""
    found: set[str] = set()
    for key, act in _list_numbered(archive, period):
        listed = archive.approval_lists.get(key) if act.is_early and act.entries else None
        line = listed.line_of(student) if listed else None
        found.update(line.ids if line else ())
    return found


def entries_of(student: Student, period: str) -> dict[str, Result]:
    """Return the entries of a period that have an id, those marked as mistakes too."""
    found = {result.id: result for result in student.periods.get(period, ()) if result.id}
    if student.voided and period in student.periods:
        for _, entry in student.voided.get((results_file(student.id, period), "/results"), ()):
            if isinstance(entry, Result) and entry.id:
                found[entry.id] = entry
    return found


def judge_period(archive: Archive, student: Student, period: str) -> PeriodApproval:
    """Find which entries of one person's period an act holds, and which none does."""
    now = entries_of(student, period)
    named: set[str] = set()
    held: dict[str, str] = {}
    acts = list(acts_of(archive, period))
    for key in reversed(acts):
        if archive.approvals[acts[0]].is_early and archive.approvals[key].entries is None:
            continue  # nothing was left for it: the acts before it name all they approve
        act = _judge_act(archive, key, student, now)
        held |= dict.fromkeys((id_ for id_ in act.standing if id_ not in named), key)
        named.update(act.named)
    left = [id_ for id_ in now if id_ not in held]
    left += sorted(named - now.keys())
    late = set(left) if period in archive.approvals else _find_touching(now, left, named)
    return PeriodApproval(
        held,
        tuple(
            UnapprovedEntry(student.id, period, id_, entry, id_ in named, id_ in late)
            for id_ in left
            # an entry that was never approved and is marked as a mistake counts nowhere
            if (entry := now.get(id_)) is None or entry.void is None or id_ in named
        ),
    )


def unapproved(archive: Archive, student: Student) -> tuple[UnapprovedEntry, ...]:
    """Return what the head has not approved in a personal file, of open periods too."""
    return tuple(
        each
        for period in sorted(student.periods)
        for each in judge_period(archive, student, period).unapproved
    )


def late_entries(archive: Archive, student: Student) -> tuple[UnapprovedEntry, ...]:
    """Return what came after an act, touches what it settled, and waits for another act."""
    return tuple(each for each in unapproved(archive, student) if each.is_late)


def approval_states(archive: Archive, student: Student) -> dict[str, dict[str, ApprovalState]]:
    """Map period and id of a result to its state, which is stored nowhere (R-5.6, R-6.7).

    A result without an id has none. One that was approved and is now marked as a mistake or gone
    is a draft too: so is its absence.
    """
    states: dict[str, dict[str, ApprovalState]] = {}
    for period, results in student.periods.items():
        found = judge_period(archive, student, period)
        states[period] = {
            result.id: "утверждено" if result.id in found.held else "не утверждено"
            for result in results
            if result.id is not None
        }
        states[period] |= {each.id: "не утверждено" for each in found.unapproved}
    return states


def _find_touching(now: _Entries, left: Iterable[str], named: Collection[str]) -> set[str]:
    """Return those left that change, correct or re-sit what an act names, one after another."""
    found = {id_ for id_ in left if id_ in named}
    for id_ in left:  # as they were entered: a correction of a correction comes after it
        entry = now.get(id_)
        if entry is not None and {entry.replaces, entry.resits} & {*named, *found}:
            found.add(id_)
    return found


def _judge_act(archive: Archive, key: str, student: Student, now: _Entries) -> _Act:
    act = archive.approvals[key]
    if act.entries is None:
        if archive.stood is None:  # records alone, without a history: what stands is what stood
            plain = [id_ for id_, entry in now.items() if entry.void is None]
            return _Act(plain, plain)
        return _compare(_entries_at(archive, key, student), now)
    listed = archive.approval_lists.get(key)
    line = listed.line_of(student.id) if listed and listed.digest == act.entries else None
    return _judge_line(archive, key, student, now, line) if line else _Act((), ())


def _judge_line(
    archive: Archive, key: str, student: Student, now: _Entries, line: ApprovedLine
) -> _Act:
    """Judge a line by its pin; the history is asked only where the pin does not hold."""
    entries = [now[id_] for id_ in line.ids if id_ in now]
    if len(entries) == len(line.ids):
        if pin(student.salt, entries) == line.pin:
            return _Act(line.ids, line.ids)
        if stands_but_for_marks(student.salt, entries, line):
            return _Act(line.ids, [entry.id for entry in entries if entry.id and not entry.void])
    then = _entries_at(archive, key, student)
    stood = {id_: then[id_] for id_ in line.ids if id_ in then}
    if pin(student.salt, stood.values()) != line.pin:
        return _Act(line.ids, ())
    return _compare(stood, now)


def stands_but_for_marks(
    salt: bytes | None, entries: Collection[Result], line: ApprovedLine
) -> bool:
    """Whether nothing but marks of a mistake came to the entries of a line."""
    if all(entry.void is None for entry in entries):
        return False
    plain = [each for entry in entries if isinstance(each := without_mark(entry), Result)]
    return pin(salt, plain) == line.pin


def _compare(then: _Entries, now: _Entries) -> _Act:
    return _Act(then.keys(), [id_ for id_, entry in then.items() if now.get(id_) == entry])


def _entries_at(archive: Archive, key: str, student: Student) -> dict[str, Result]:
    """Return the entries of the act's period as they stood at the act; {} without a history."""
    stood = archive.stood(key, student.id) if archive.stood else None
    return entries_of(stood, archive.approvals[key].period) if stood else {}
