"""The archive: all documents of a Snapshot, indexed by what refers to them.

Invariants: a value is here only when its file was read strictly and its schema accepted it;
`unreadable` names the files that were not, so that a rule does not call their contents missing.
Absent on purpose: rules (checks/), derived facts (derived/), reading (reading.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from papka.core.findings import Finding
from papka.model.acts import Approval, Event, Order, RegisterEntry
from papka.model.imported import ImportFiles
from papka.model.program import Program
from papka.model.safekeeping import Import, Media
from papka.model.school import (
    Group,
    Organization,
    Period,
    Platform,
    Purpose,
    Regulation,
    Scale,
    Series,
    StaffMember,
)
from papka.model.student import Student


@dataclass(frozen=True, slots=True)
class Archive:
    """Keys: staff and platform ids, programme codes, `2026/0001` for orders, `2026/02` for
    events, `<book>/<year>/<series>-<number>` for register entries, periods for approvals,
    `<period>/<n>` for imports, years for media. `misplaced` are paths that an archive of this kind
    may not hold, read or not (R-4.2). `folders` are the ids of all personal files there are, read
    this time or not, `import_lists` the imports that have a list of parts; `destructions` the names
    of all acts of destruction; `act_texts` the paths of
    files beside regulations. `proof` are the files of trust and of seals by path, as they are: only
    an archive read on demand has them, for nothing but paper asks."""

    organization: Organization | None = None
    staff: Mapping[str, StaffMember] = field(default_factory=dict)
    platforms: Mapping[str, Platform] = field(default_factory=dict)
    regulations: Mapping[str, Regulation] = field(default_factory=dict)
    programs: Mapping[str, Program] = field(default_factory=dict)
    events: Mapping[str, Event] = field(default_factory=dict)
    orders: Mapping[str, Order] = field(default_factory=dict)
    students: Mapping[str, Student] = field(default_factory=dict)
    registers: Mapping[str, RegisterEntry] = field(default_factory=dict)
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    imports: Mapping[str, Import] = field(default_factory=dict)
    import_files: Mapping[str, ImportFiles] = field(default_factory=dict)
    import_lists: frozenset[str] = frozenset()
    proof: Mapping[str, bytes] = field(default_factory=dict)
    media: Mapping[str, Media] = field(default_factory=dict)
    act_texts: frozenset[str] = frozenset()
    destructions: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    unreadable: frozenset[str] = frozenset()
    misplaced: tuple[str, ...] = ()
    files: int = 0

    staff_list: tuple[StaffMember, ...] = ()
    event_years: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    periods: Mapping[str, Period] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    purposes: Mapping[str, Purpose] = field(default_factory=dict)
    series: Mapping[str, Series] = field(default_factory=dict)

    def is_readable(self, path: str) -> bool:
        """False for a file that is there but was rejected: nothing follows from its absence."""
        return path not in self.unreadable
