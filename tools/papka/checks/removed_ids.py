"""An entry id, once saved, stays: things end, are corrected, but never vanish.

A folder that is gone altogether is destruction, judged by acts in the history, not here. What came
with an export goes with it, when the whole import is taken back while its period is open.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.model.archive import Archive
from papka.model.results import Result


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    taken_back = before.imports.keys() - after.imports.keys()
    for student_id, old in before.students.items():
        new = after.students.get(student_id)
        if new is None:
            continue
        kept = {entry.id for entry in new.entries()}
        for path, pointer, entries in old.lists():
            if not after.is_readable(path):
                continue
            for entry in entries:
                if (
                    entry.id is not None
                    and entry.id not in kept
                    and not (
                        isinstance(entry, Result)
                        and entry.source is not None
                        and entry.source.export in taken_back
                    )
                ):
                    yield codes.ID_REMOVED.at(Location(path, pointer), id=entry.id)
