"""`papka status`: what is not saved, not approved, owed and due, and how the copies stand.

Invariants: nothing is asked over a network; nothing is written; what cannot be read counts as
overdue, because a deadline may hide in it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from papka.core.findings import Finding
from papka.gates.git import reading
from papka.gates.git.commit_tree import CommitTree
from papka.gates.git.repository import read_setting
from papka.gates.memory import Memory
from papka.gates.worktree import WorktreeSnapshot, is_kept
from papka.tasks.approval import late_entries
from papka.tasks.copies_seen import Copy, copies_seen
from papka.tasks.due import all_deadlines
from papka.tasks.edition import Standing, standing
from papka.tasks.overview import overview
from papka.tasks.unsent import unsent_errors
from papka.views.deadlines import Deadline
from papka.views.periods import in_order, title_of


@dataclass(frozen=True, slots=True)
class Actor:
    """Who saves here; `key` is the file of the key, `has_key` whether it is there now."""

    staff: str | None
    key: str | None
    has_key: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """Entries that the head has not approved, of so many people; `closed`: they came after the
    act that closed the period."""

    period: str
    title: str
    entries: int
    people: int
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """`foreign` are files in the folder that are no part of an archive: nothing saves them."""

    on: dt.date
    actor: Actor
    unsaved: tuple[tuple[str, str], ...]
    foreign: tuple[str, ...]
    drafts: tuple[Draft, ...]
    deadlines: tuple[Deadline, ...]
    copies: tuple[Copy, ...]
    unread: tuple[str, ...]
    edition: Standing
    unsendable: tuple[Finding, ...] = ()

    @property
    def is_overdue(self) -> bool:
        return bool(self.unread) or any(deadline.overdue for deadline in self.deadlines)


def status(
    root: Path, *, on: dt.date, memory: Memory | None = None, now: dt.datetime | None = None
) -> Status:
    """How the archive stands on a day; `memory`: what this computer knows of its mirrors; `now`:
    None to leave unjudged what was not sent yet."""
    archive = overview(WorktreeSnapshot(root))
    entries: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for student in archive.students.values():
        for period, results in student.periods.items():
            if period not in archive.approvals:
                entries[period] += len(results)
                people[period] += 1
    changed = reading.worktree_changes(root)
    unsaved = tuple(each for each in changed if is_kept(each[0]))
    late = late_entries(root, archive, [path for path, _ in unsaved])
    for period, addresses in late.items():
        entries[period] = len(addresses)
        people[period] = len({address.partition("#")[0] for address in addresses})
    drafts = tuple(
        Draft(period, title_of(archive, period), entries[period], people[period], period in late)
        for period in in_order(archive, entries)
    )
    copies = copies_seen(root, archive, memory, on)
    return Status(
        on,
        _actor(root),
        unsaved,
        tuple(path for path, _ in changed if not is_kept(path)),
        drafts,
        all_deadlines(root, archive, copies, on),
        copies.mirrors,
        tuple(sorted(archive.unreadable)),
        standing(root, CommitTree(root, "HEAD")),
        unsent_errors(root, now) if now else (),
    )


def _actor(root: Path) -> Actor:
    key = read_setting(root, "user.signingKey")
    return Actor(
        read_setting(root, "user.name"),
        key,
        has_key=key is not None and Path(key).expanduser().exists(),
    )
