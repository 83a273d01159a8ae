"""What must go with a personal file, so that what remains does not give a row of it back (R-6.4).

Of every export the student was in goes the unit `original`: from the exact size, the plain digest,
the order of rows, the averages or the workbook the row can be computed or confirmed. Rows nobody
was found for go too: they may be this student's, and nobody can tell.
"""

from __future__ import annotations

from papka.core.layout import import_file, student_folder
from papka.model.archive import Archive
from papka.model.imported import ORIGINAL_UNIT, UNMATCHED, UNMATCHED_UNIT


def bound_units(archive: Archive, student: str) -> tuple[str, ...]:
    """Units as `layout.unit` names them, the personal file first."""
    found = [student_folder(student)]
    for key, files in sorted(archive.import_files.items()):
        owners = {part.owner for part in files.parts}
        if student in owners:
            found.append(import_file(key, ORIGINAL_UNIT))
            found += [import_file(key, UNMATCHED_UNIT)] if UNMATCHED in owners else []
    return tuple(found)
