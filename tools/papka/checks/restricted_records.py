"""Diagnostics and special needs stand in the restricted archive, and nothing else does there
(R-4.2, R-2.2.7)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RESTRICTED
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    school = archive.organization
    if school is None:
        return
    for path in archive.misplaced:
        yield codes.RESTRICTED_RECORD.at(
            Location(path),
            kind="ограниченном" if school.kind == RESTRICTED else "основном",
            other="основном" if school.kind == RESTRICTED else "ограниченном",
        )
