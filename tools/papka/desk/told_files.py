"""Personal files of which `papka status` knows all there is to tell, and need not read again.

A file is known again by the id of its folder in the last commit, while nothing in it is unsaved,
and by what its terms rest on beside it: the school's own records, the schemas, which saves brought
the acts of approval, this program and the day, which may be any that compares alike with all days
in the file (`watched_day`). Orders, issued documents and imports come daily:
whoever they may concern (recently expelled, held from destruction) is read each time. Where
anything is doubtful nothing is known, and the outcome is the same with and without what is kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from papka.core.findings import Location
from papka.core.installation import program_digest
from papka.core.places import RECORDS, STUDENTS, is_student_id, student_folder
from papka.desk.approval import SavedActs
from papka.desk.deadline import Deadline
from papka.desk.deadlines import (
    CONSENT_ENDS,
    DEBT_OVERDUE,
    FILE_NOT_RETURNED,
    NEED_ENDED,
    RETENTION_ENDED,
)
from papka.desk.statutory_deadlines import ASKED_FOR, PHOTO_DUE, PHOTO_OVERDUE, is_expelled
from papka.desk.watched_day import WatchedDay
from papka.records.archive import Archive
from papka.records.derived.approvals import UnapprovedEntry
from papka.records.derived.in_force import days_after
from papka.records.derived.told_terms import ToldFile, ToldTerm, read_told, write_told
from papka.records.student import Student
from papka.repository.commit_snapshots import CommitTree
from papka.repository.derived_store import DerivedStore
from papka.repository.files import SMALL, read_if_plain

_SORT = "status"
_DAILY = ("orders", "registers", "imports")
"""Folders of records that concern only files which are read each time."""
_UNSEEN = ("media", "seals", "trust")
"""Folders of records that no term of a personal file rests on."""
_TOLD = frozenset(
    {
        *("задолженность", "бумажное дело выдано", "согласие истекает", "срок хранения истёк"),
        "фотография без согласия",
    }
)
"""What is told in our own words, codes and days alone."""
_CODES = {
    each.name: each
    for each in (
        *(CONSENT_ENDS, DEBT_OVERDUE, FILE_NOT_RETURNED, NEED_ENDED, RETENTION_ENDED),
        *(PHOTO_DUE, PHOTO_OVERDUE),
    )
}
_HARMLESS = re.compile(rb"\s*|#.*|/(?!records|schema)[\w.-]+/?\s*")
"""A line of `.gitignore` that hides no record from git."""


@dataclass(frozen=True, slots=True)
class ToldFiles:
    """What is known: `told` by the student's number; `others`: the folders that must be read, None
    for all; `bases`: what the terms of each saved file rest on now."""

    told: Mapping[str, ToldFile]
    others: Collection[str] | None = None
    bases: Mapping[str, bytes] | None = None

    def count_entries(self) -> Iterable[tuple[str, int]]:
        """Yield period and count of results, for each file."""
        return (pair for told in self.told.values() for pair in told.entries.items())

    def count_waiting(self) -> Iterable[tuple[str, tuple[int, int]]]:
        """Yield period and counts of entries without approval, and of those an act may name, for
        each file."""
        return (pair for told in self.told.values() for pair in told.waiting.items())

    def terms(self) -> Iterable[Deadline]:
        """Yield the deadlines."""
        for told in self.told.values():
            for each in told.terms:
                code = _CODES[each.code] if each.code else None
                where = Location(each.path, each.pointer)
                yield Deadline(each.about, each.address, each.text, each.day, where, code)


def recall_told(
    root: Path, last: CommitTree | None, acts: SavedActs, changed: Iterable[str], on: dt.date
) -> ToldFiles:
    """Recall what was told on the day; `changed`: all unsaved paths."""
    bases = _list_bases(root, last, acts, changed) if last else None
    if bases is None:
        return ToldFiles({})
    told = {}
    for student, data in DerivedStore(root).recall(_SORT).items():
        found = read_told(data)
        if found is None or not found.basis or found.basis != bases.get(student):
            continue
        if found.first <= on <= found.last:
            told[student] = found
    others = [student_folder(student) for student in bases if student not in told]
    return ToldFiles(told, others if told else None, bases)


def _list_bases(
    root: Path, last: CommitTree, acts: SavedActs, changed: Iterable[str]
) -> dict[str, bytes] | None:
    """Return what the terms of each personal file rest on beside the day, b"" for one with unsaved
    edits; None when it cannot be told."""
    edited: set[str] = set()
    for path in changed:
        parts = path.split("/")
        if parts[0] == RECORDS and parts[1] in _DAILY + _UNSEEN:
            continue
        if path.startswith(f"{STUDENTS}/") and len(parts) > 4 and is_student_id(parts[3]):
            edited.add(parts[3])
        elif parts[0] in (RECORDS, "schema") or path == ".gitignore":
            return None
    rules = read_if_plain(root / ".gitignore", most=SMALL)
    if rules is None or not all(map(_HARMLESS.fullmatch, rules.split(b"\n"))):
        return None
    seen = [name for name in last.names(RECORDS) if name not in (*_DAILY, *_UNSEEN, "students")]
    words = [last.id_of("schema") or ""]
    words += [f"{name} {last.id_of(f'{RECORDS}/{name}')}" for name in seen]
    words += [f"{path} {commit}" for path, commit in sorted(acts.commits.items())]
    frame = hashlib.blake2b("\n".join(words).encode("utf-8", "surrogateescape"), digest_size=20)
    frame.update(program_digest())
    found: dict[str, bytes] = dict.fromkeys(edited, b"")
    for year in last.names(STUDENTS):
        for name in last.names(f"{STUDENTS}/{year}"):
            if not is_student_id(name) or not name.startswith(f"{year}-"):
                return None
            if name not in edited:
                own = frame.copy()
                own.update((last.id_of(f"{STUDENTS}/{year}/{name}") or "").encode())
                found[name] = own.digest()
    return found


def keep_told(  # noqa: PLR0913 - what was known, and what was worked out of what
    root: Path,
    known: ToldFiles,
    archive: Archive,
    waiting: Mapping[str, Iterable[UnapprovedEntry]],
    found: Iterable[Deadline],
    days: Mapping[str, WatchedDay],
) -> None:
    """Keep what is told of the files that were read; `found`: all deadlines; `days`: how each file
    compared with the day."""
    if known.bases is None:
        return
    terms: defaultdict[str, list[Deadline]] = defaultdict(list)
    for each in found:
        terms[each.address.partition("#")[0]].append(each)
    counts: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for period, entries in waiting.items():
        total, late = Counter[str](), Counter[str]()
        for entry in entries:
            total[entry.student] += 1
            late[entry.student] += entry.is_late and entry.can_be_approved
        for student in total:
            counts[student][period] = (total[student], late[student])
    broken = {path.split("/")[3] for path in archive.unreadable if path.count("/") > 3}
    rows = {
        student.id: _tell(
            student,
            known.bases[student.id],
            days[student.id],
            terms[student.id],
            counts[student.id],
        )
        for student in archive.students.values()
        if known.bases.get(student.id) and student.id not in broken
        if not _is_read_each_time(student, days[student.id])
        and _TOLD.issuperset(t.about for t in terms[student.id])
    }
    if rows:
        DerivedStore(root).keep(_SORT, {id_: write_told(told) for id_, told in rows.items()})


def _is_read_each_time(student: Student, on: dt.date) -> bool:
    """Whether an order, an issued document or a term of other records may concern the file."""
    if student.person is None or student.person.holds:
        return True
    return any(
        is_expelled(each)
        and each.ended is not None
        and days_after(each.ended.date, 2 * ASKED_FOR.days) > on
        for each in student.enrolments
    )


def _tell(
    student: Student,
    basis: bytes,
    day: WatchedDay,
    terms: Iterable[Deadline],
    waiting: dict[str, tuple[int, int]],
) -> ToldFile:
    return ToldFile(
        basis,
        day.first,
        day.last,
        {period: len(results) for period, results in student.periods.items()},
        waiting,
        tuple(
            ToldTerm(
                each.about, each.address, each.text, each.day, each.where.path, each.where.pointer,
                each.code.name if each.code else None,
            )
            for each in terms
        ),
    )  # fmt: skip
