"""`papka status --due`: what the calendar demands on a day, as findings.

Invariants: nothing is asked over a network and nothing is written; what cannot be read is an error,
because a deadline may hide in it; no word names a person (a timer prints this into mail and logs).
Absent on purpose: what is only told beforehand. `papka status` lists that too.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from papka.core.codes import calendar as codes
from papka.core.findings import Finding, Location
from papka.gates.memory import Memory
from papka.gates.worktree import WorktreeSnapshot
from papka.model.archive import Archive
from papka.tasks.check import snapshot_source
from papka.tasks.copies_seen import Copies, copies_seen
from papka.tasks.overview import overview
from papka.tasks.sealing.seen import seal_on
from papka.text.positions import Source, pinned
from papka.views.deadlines import Deadline, deadlines


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
    unread = [codes.DEADLINE_UNREADABLE.at(Location(path)) for path in sorted(archive.unreadable)]
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
