"""Print what is saved: a personal file as it stands in a commit of the archive.

Invariants: only saved records get on paper, so that every sheet can name the commit it shows;
the archive's own forms of that same commit print it. Absent on purpose: printing of unsaved edits.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from papka.core.layout import STUDENTS, is_student_id, student_folder
from papka.core.store import MAIN
from papka.gates.git import reading
from papka.model.reading import load
from papka.tasks.print_personal_file import print_personal_file
from papka.tasks.printed import Printed
from papka.text.schemas import SchemaSet


@dataclass(frozen=True, slots=True)
class PrintedSaved:
    """`unsaved` are changed paths of this folder that are not on the paper."""

    printed: Printed
    commit: str
    unsaved: tuple[str, ...]


def print_saved(root: Path, student: str, *, rev: str = MAIN, html: bool = False) -> PrintedSaved:
    """The personal file of `student` as of `rev`, dated by that commit."""
    snapshot = reading.CommitSnapshot(root, rev)
    commit = reading.read_commit(root, snapshot.commit)
    offset = commit.committer.offset
    minutes = int(offset[1:3]) * 60 + int(offset[3:5])
    zone = dt.timezone(dt.timedelta(minutes=-minutes if offset[0] == "-" else minutes))
    folder = student_folder(student) + "/" if is_student_id(student) else "?"
    archive = load(
        snapshot,
        SchemaSet.load(snapshot),
        wanted=lambda path: not path.startswith(STUDENTS + "/") or path.startswith(folder),
    )
    printed = print_personal_file(
        archive,
        snapshot,
        student,
        templates=snapshot,
        as_of=dt.datetime.fromtimestamp(commit.committer.time, zone),
        commit=snapshot.commit,
        html=html,
    )
    changed = [path for path, _ in reading.worktree_changes(root) if path.startswith(folder)]
    return PrintedSaved(printed, snapshot.commit, tuple(changed))
