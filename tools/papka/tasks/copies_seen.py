"""How the mirrors stand by what is remembered: here, on this computer, and in the journal.

Invariants: nothing is asked over a network; what was done after the day is not known on it yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.findings import Finding
from papka.core.memory import Receipt
from papka.core.store import MAIN
from papka.gates.git import reading
from papka.gates.git.days import day_of, first_day_after
from papka.gates.git.repository import Remote, remotes
from papka.gates.git.store import locate
from papka.gates.git.tracing import count_since
from papka.gates.git.transport import last_confirmed
from papka.gates.memory import Memory
from papka.model.archive import Archive
from papka.tasks.proof.memory import Recalled, recall
from papka.views.deadlines import MirrorSeen


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
    present, head = remotes(root), reading.head(root)
    if not present or head is None:
        return Copies()
    recalled = recall(memory, locate(root), "") if memory else Recalled()
    first = recalled.known.root if recalled.known else reading.first_commit(root, MAIN)
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
