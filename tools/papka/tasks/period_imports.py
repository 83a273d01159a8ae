"""What of the platforms a period has: exports taken in, rows without a student, platforms missing.

Invariants: a platform is in use when its own days and those of an account meet the period, and who
has the account studied then (R-1.4.4); an unmatched row is known by its number within the import's
unmatched part, never by its words. Absent on purpose: judging whether that may be (`period`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from papka.core.layout import import_file, place
from papka.core.snapshot import Snapshot
from papka.model.archive import Archive
from papka.model.derived.enrolled import Span, enrolled
from papka.model.imported import NAMES, UNMATCHED
from papka.model.person import Account
from papka.model.raw_rows import NotRows, raw_rows
from papka.model.reading import load
from papka.model.safekeeping import Import
from papka.model.school import Period, Platform
from papka.text.schemas import SchemaSet
from papka.views.sequence import natural


@dataclass(frozen=True, slots=True)
class TakenImport:
    """An export of the period; `unmatched` counts its rows without a student."""

    key: str
    manifest: Import
    unmatched: int

    @property
    def rows(self) -> Iterator[str]:
        """Names of its unmatched rows, as they are accepted: `2026-1/1/3`."""
        return (f"{self.key}/{row}" for row in range(1, self.unmatched + 1))


def imports_of(snapshot: Snapshot) -> tuple[TakenImport, ...]:
    """Every import of the archive, in order."""
    found = load(snapshot, SchemaSet.load(snapshot), wanted=_is_manifest).imports
    return tuple(
        TakenImport(key, found[key], _unmatched(snapshot, key, found[key]))
        for key in sorted(found, key=natural)
    )


def platforms_in_use(archive: Archive, period: Period) -> tuple[str, ...]:
    """Platforms whose export the period needs."""
    span = Span(period.start, period.end)
    known = {key: each for key, each in archive.platforms.items() if _meets(each, span)}
    used = {
        account.platform
        for each in enrolled(archive, span)
        if each.student.person
        for account in each.student.person.accounts
        if account.platform in known and _meets(account, span)
    }
    return tuple(sorted(used))


def _meets(used: Account | Platform, span: Span) -> bool:
    begun = used.since is None or used.since <= span.end
    return begun and (used.until is None or used.until >= span.start)


def _is_manifest(path: str) -> bool:
    found = place(path)
    return found is not None and found.kind == "import"


def _unmatched(snapshot: Snapshot, key: str, manifest: Import) -> int:
    """None are left of a part that was destroyed."""
    try:
        return len(raw_rows(snapshot.read(import_file(key, NAMES[UNMATCHED])), manifest))
    except (KeyError, NotRows):
        return 0
