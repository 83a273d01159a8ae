"""A personal file as it stood when its last volume was bound (R-6.5): what is not new since.

Invariant: the state is that of the latest commit made up to the end of the day of binding, by the
clock of who made it. Absent on purpose: which sheets follow from the difference.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from papka.core.errors import Refused
from papka.core.layout import student_folder
from papka.core.snapshot import Part
from papka.gates.git.commit_tree import CommitTree
from papka.gates.git.tracing import commit_before
from papka.model.reading import load_part
from papka.model.student import Student
from papka.text.schemas import SchemaSet


def as_last_bound(root: Path, tip: str, schemas: SchemaSet, student: Student) -> Student:
    """Raises Refused when no volume is bound, or the history does not reach that day."""
    volumes = student.person.paper.volumes if student.person and student.person.paper else ()
    if not volumes:
        raise Refused(
            f"В деле {student.id} нет прошитых томов: новых листов не бывает без старых",
            "Напечатайте дело целиком, без --new-sheets; прошитый том записывается в student.yaml, "
            "строка paper.volumes",
        )
    day = max(volume.bound for volume in volumes)
    commit = commit_before(root, tip, dt.datetime.combine(day, dt.time.max))
    if commit is None:
        raise Refused(
            f"В истории архива нет состояния на {day:%d.%m.%Y}, когда прошит последний том",
            "Напечатайте дело целиком, без --new-sheets",
        )
    folder = Part(CommitTree(root, commit), student_folder(student.id))
    paths = [path for path in folder.paths() if path.endswith(".yaml")]
    found = load_part(folder.read_many(paths), schemas)
    return found.students.get(student.id, Student(student.id))
