"""How the mirrors stand by what is remembered: here, on this computer, and in the journal.

Invariants: nothing is asked over a network; what was done after the day is not known on it yet.

`papka status --due`: what the calendar demands on a day, as findings.

Invariants: nothing is asked over a network and nothing is written; what cannot be read is an error,
because a deadline may hide in it; no word names a person (a timer prints this into mail and logs).
Absent on purpose: what is only told beforehand. `papka status` lists that too.

`papka status`: what is not saved, not approved, owed and due, and how the copies stand.

Invariants: nothing is asked over a network; nothing is written; what cannot be read counts as
overdue, because a deadline may hide in it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.checks.checking import snapshot_source
from papka.copies.new_commits import unsent_errors
from papka.copies.transport import last_confirmed
from papka.core.findings import Finding, Location
from papka.desk import deadlines as desk_deadlines
from papka.desk.approval import late_entries
from papka.desk.deadlines import Deadline, MirrorSeen, deadlines
from papka.desk.edition import Standing, standing
from papka.desk.open_records import overview
from papka.desk.sealing import seal_on
from papka.proof.anchors import Receipt
from papka.proof.memory import Memory, Recalled, recall
from papka.records.archive import Archive
from papka.records.documents import Source, pinned
from papka.records.wording import in_order, title_of
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import CommitTree
from papka.repository.git_values import MAIN
from papka.repository.handle import Remote, read_setting, remotes
from papka.repository.history import count_since, day_of, first_day_after
from papka.repository.store import locate
from papka.repository.worktree import WorktreeSnapshot, is_kept


@dataclass(frozen=True, slots=True)
class Copy:
    """A mirror as last confirmed. `behind` is None when what it confirmed is no part of our
    history; `seen`: since when it waits, and when it was last heard of and looked at."""

    name: str
    primary: bool
    confirmed: str | None
    behind: int | None
    seen: MirrorSeen


@dataclass(frozen=True, slots=True)
class Copies:
    """`trouble`: the memory cannot be read, so more is unknown than need be."""

    mirrors: tuple[Copy, ...] = ()
    trouble: tuple[Finding, ...] = ()


def copies_seen(root: Path, archive: Archive, memory: Memory | None, on: dt.date) -> Copies:
    """Every mirror, the primary first; `memory` None: this computer remembers nothing."""
    present, head = remotes(root), commit_snapshots.head(root)
    if not present or head is None:
        return Copies()
    recalled = recall(memory, locate(root), "") if memory else Recalled()
    first = recalled.known.root if recalled.known else commit_snapshots.first_commit(root, MAIN)
    since = day_of(root, first)
    found = tuple(_copy(root, remote, archive, recalled, on, since) for remote in present)
    return Copies(found, recalled.trouble)


def _copy(  # noqa: PLR0913 - what is known of a mirror comes from so many places
    root: Path, remote: Remote, archive: Archive, recalled: Recalled, on: dt.date, since: dt.date
) -> Copy:
    confirmed = last_confirmed(root, remote)
    behind = count_since(root, confirmed) if confirmed else None
    unsent = first_day_after(root, confirmed) if behind or not confirmed else None
    known = recalled.known
    days = _days(known.looked if known else (), remote)
    looked = _last((*days, *_inspected(archive, remote)), on)
    heard = _last(_days(known.receipts if known else (), remote), on)
    seen = MirrorSeen(
        remote.name,
        since,
        unsent,
        parted=confirmed is not None and behind is None,
        heard=max(filter(None, (heard, looked)), default=None),
        looked=looked,
    )
    return Copy(remote.name, remote.primary, confirmed, behind, seen)


def _days(receipts: Iterable[Receipt], remote: Remote) -> Iterator[dt.date]:
    for each in receipts:
        if each.store == remote.url:
            yield dt.datetime.fromtimestamp(each.time, dt.UTC).date()


def _inspected(archive: Archive, remote: Remote) -> Iterator[dt.date]:
    """Days on which the journal says that the mirror was checked and is not bad."""
    for media in archive.media.values():
        for each in (each for each in media.inspections if each.verdict != "негодна"):
            if each.store == remote.url or remote.name in each.store.split():
                yield each.date


def _last(days: Iterable[dt.date], on: dt.date) -> dt.date | None:
    return max((day for day in days if day <= on), default=None)


@dataclass(frozen=True, slots=True)
class Due:
    """`source` gives a path's bytes as they were read."""

    on: dt.date
    findings: tuple[Finding, ...]
    source: Source


def due(root: Path, *, on: dt.date, memory: Memory | None = None) -> Due:
    """What must be done by `on` or should have been; the worst first."""
    snapshot = WorktreeSnapshot(root)
    archive = overview(snapshot)
    copies = copies_seen(root, archive, memory, on)
    unread = [
        desk_deadlines.DEADLINE_UNREADABLE.at(Location(path)) for path in sorted(archive.unreadable)
    ]
    demands = [each.demand() for each in all_deadlines(root, archive, copies, on)]
    source = snapshot_source(snapshot)
    found = pinned([*unread, *(each for each in demands if each is not None)], source)
    found.sort(key=lambda finding: -finding.severity)
    return Due(on, (*found, *copies.trouble), source)


def all_deadlines(
    root: Path, archive: Archive, copies: Copies, on: dt.date
) -> tuple[Deadline, ...]:
    """Those of the records, of the seals, and of the mirrors as remembered."""
    seen = tuple(copy.seen for copy in copies.mirrors)
    return deadlines(archive, on, seal=seal_on(root, on), seen=seen)


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
    changed = commit_snapshots.worktree_changes(root)
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
