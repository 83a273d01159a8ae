"""A personal file is never just deleted: it goes by an act of destruction (R-6.4).

A step that brings an act is judged by the rules of the history, which see its evidence.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.core.layout import student_folder
from papka.model.archive import Archive


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    if after.destructions - before.destructions:
        return
    for student in sorted(before.folders - after.folders):
        if student not in after.students:  # without its card: said by placement
            yield codes.FOLDER_REMOVED.at(Location(student_folder(student)), student=student)
