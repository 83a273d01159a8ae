"""Everyone's study at once, without the papers: what questions about the whole school need.

Invariants: scans, raw exports, inventories, orders and registers are not read, however many there
are. Absent on purpose: checks. What cannot be read is named in `Archive.unreadable`.
"""

from __future__ import annotations

from papka.core.layout import place
from papka.core.snapshot import Snapshot
from papka.model.archive import Archive
from papka.model.reading import load
from papka.text.schemas import SchemaSet

_KINDS = frozenset(
    {
        *("organization", "staff", "program", "platform", "regulation", "approval"),
        *("student", "enrolments", "results", "credits", "consents", "media"),
    }
)


def overview(snapshot: Snapshot) -> Archive:
    """The archive as far as people, study, credits, consents, acts, approvals and media go."""
    return load(snapshot, SchemaSet.load(snapshot), wanted=_is_wanted)


def _is_wanted(path: str) -> bool:
    found = place(path)
    return found is not None and found.kind in _KINDS
