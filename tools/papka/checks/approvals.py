"""The act that closed a period is neither changed nor taken back (R-5.6)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS
from papka.model.archive import Archive


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    for period, approval in before.approvals.items():
        path = f"{RECORDS}/approvals/{period}.yaml"
        if after.is_readable(path) and after.approvals.get(period) != approval:
            yield codes.APPROVAL_CHANGED.at(Location(path), period=period)
