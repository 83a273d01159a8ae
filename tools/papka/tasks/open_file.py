"""One personal file and what it refers to, from the work tree or from a commit.

Invariants: the cost does not grow with the number of other people: of the rest only what all share
is read, the orders this file names, and the register entries that name it.
Absent on purpose: scans and raw exports, which nobody reads on a screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound
from papka.core.history import Commit
from papka.core.layout import (
    RECORDS,
    STUDENTS,
    is_student_id,
    order_file,
    place,
    student_folder,
)
from papka.core.snapshot import DictSnapshot, Snapshot
from papka.core.suggestion import may_be
from papka.gates.folders import files_below, names_in
from papka.gates.git import reading
from papka.gates.git.narrow import NarrowSnapshot
from papka.gates.worktree import WorktreeSnapshot
from papka.model.archive import Archive
from papka.model.reading import load
from papka.model.student import Student
from papka.text.schemas import SchemaSet

_ORDER = re.compile(rb"\b\d{4}/\d{4}\b")
_UNREAD = ("attachment", "raw", "salt")
_ALL_READ = ("organization", "staff", "platform", "regulation", "program", "events", "approval")


@dataclass(frozen=True, slots=True)
class Opened:
    """`files` are the records read; `commit` is None for the work tree."""

    archive: Archive
    student: Student
    schemas: SchemaSet
    files: DictSnapshot
    commit: Commit | None = None


def open_file(root: Path, student: str, *, rev: str | None = None) -> Opened:
    """The personal file `student`; raises NotFound when there is none, with the likely number."""
    if not is_student_id(student):
        order = order_file(student)
        if place(order) == ("order", student, "") and (root / order).is_file():
            raise NotFound(
                f"«{student}» — приказ, а показывают личное дело, его запись и выданный документ",
                f"Напечатать приказ: papka print order {student}; он записан в {order}",
            )
        raise NotFound(
            f"«{student}» — не номер дела",
            f"Номер дела — год и число: 2026-0007.{may_be(student, _numbers(root))} "
            "Найти по имени: papka find",
        )
    folder = student_folder(student)
    commit = reading.read_commit(root, rev) if rev else None
    source: Snapshot
    if commit is None:
        source = WorktreeSnapshot(root)
        paths = _worktree_paths(root, folder)
    else:
        source = NarrowSnapshot(root, commit.id, {folder})
        paths = source.paths()
    own = [path for path in paths if path.startswith(folder + "/")]
    if not own:
        when = f" в записи {commit.id[:12]}" if commit else " в архиве"
        raise NotFound(
            f"Дела {student}{when} нет",
            f"Все дела: papka find.{may_be(student, _numbers(root))}",
        )
    files = _files(source, paths, own, student)
    snapshot = DictSnapshot(files)
    schemas = SchemaSet.load(snapshot)
    archive = load(snapshot, schemas)
    return Opened(archive, archive.students[student], schemas, snapshot, commit)


def _numbers(root: Path) -> list[str]:
    years = names_in(root, STUDENTS)
    return [name for year in years for name in names_in(root, f"{STUDENTS}/{year}")]


def _worktree_paths(root: Path, folder: str) -> tuple[str, ...]:
    tops = [name for name in names_in(root, RECORDS) if name != "students"]
    found = [*files_below(root, "schema"), *files_below(root, folder)]
    for name in tops:
        below = files_below(root, f"{RECORDS}/{name}")
        found += below or ([f"{RECORDS}/{name}"] if name.endswith(".yaml") else [])
    return tuple(sorted(found))


def _files(
    source: Snapshot, paths: Iterable[str], own: list[str], student: str
) -> dict[str, bytes]:
    read = [path for path in own if (at := place(path)) is None or at.kind not in _UNREAD]
    files = dict(source.read_many(read))
    named = {
        f"{RECORDS}/orders/{each.decode()}.yaml"
        for data in files.values()
        for each in _ORDER.findall(data)
    }
    shared, registers = [], []
    for path in paths:
        at = place(path)
        if path.startswith("schema/") or path in named or (at and at.kind in _ALL_READ):
            shared.append(path)
        elif at and at.kind == "register":
            registers.append(path)
    files |= dict(source.read_many(shared))
    number = student.encode()
    files |= {path: data for path, data in source.read_many(registers) if number in data}
    return files
