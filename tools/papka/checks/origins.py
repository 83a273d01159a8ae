"""A result and the event it came from agree on what kind of event it was (R-4.5)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        for results in student.periods.values():
            for result in results:
                event = archive.events.get(result.event) if result.event else None
                if event is not None and event.kind != result.origin:
                    yield codes.ORIGIN_MISMATCH.at(
                        student.where(result, "origin"),
                        origin=result.origin,
                        event=event.id,
                        kind=event.kind,
                    )
