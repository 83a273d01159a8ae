"""An entry id is unique in its personal folder, whatever the file."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import records as codes
from papka.core.findings import Finding
from papka.model.archive import Archive
from papka.model.student import AnyEntry


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        entries = [entry for _, _, listed in student.lists() for entry in listed]
        if len({entry.id for entry in entries}) == len(entries):
            continue  # nearly always: results are most of an archive
        seen: dict[str, AnyEntry] = {}
        for entry in entries:
            if entry.id is None:
                continue
            if entry.id in seen:
                yield codes.ID_DUPLICATE.at(
                    student.where(entry, "id"),
                    id=entry.id,
                    related=[student.where(seen[entry.id], "id")],
                )
            else:
                seen[entry.id] = entry
