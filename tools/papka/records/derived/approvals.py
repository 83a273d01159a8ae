"""The one question about approval: which entries an act holds as they stand now (R-5.6).

An act speaks of its own period alone, and of two acts that name an entry the later one. An entry
changed since, marked as a mistake or taken away is not the approved one. What no act of a closed
period holds came late, and waits until a supplementary act names it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal, NamedTuple

from papka.core.places import act_key, results_file
from papka.records.approved_entries import ApprovedLine, pin
from papka.records.archive import Archive
from papka.records.student import Result, Student, without_mark

ApprovalState = Literal["утверждено", "не утверждено"]
_Entries = Mapping[str, Result]


class UnapprovedEntry(NamedTuple):
    """An entry that no act holds as it stands; `now` is None when it is gone from the file.

    `is_named`: an act approved it when it said something else.
    """

    student: str
    period: str
    id: str
    now: Result | None
    is_named: bool

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
    """Yield the keys of the acts about a period, the closing one first."""
    for number in count():
        key = act_key(period, number)
        act = archive.approvals.get(key)
        if act is None or act.period != period:
            return
        yield key


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
    for key in reversed(list(acts_of(archive, period))):
        act = _judge_act(archive, key, student, now)
        held |= dict.fromkeys((id_ for id_ in act.standing if id_ not in named), key)
        named.update(act.named)
    left = [id_ for id_ in now if id_ not in held]
    left += sorted(named - now.keys())
    return PeriodApproval(
        held,
        tuple(
            UnapprovedEntry(student.id, period, id_, entry, id_ in named)
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
    """Return what came into closed periods and waits for a supplementary act."""
    return tuple(each for each in unapproved(archive, student) if each.period in archive.approvals)


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
