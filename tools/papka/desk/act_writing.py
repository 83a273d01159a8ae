"""What an act of approval is made of: entries shown to the head, pinned, listed, bound to the act.

Invariants: only what is saved can be approved, and it is shown before: what an entry says, what
stood instead, who brought it into the archive by their own signed commit (R-5.6, R-6.7). An entry
that changed in place or is gone cannot be approved: a correction is an entry of its own.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import Refused
from papka.core.phrases import natural_key
from papka.core.places import place, results_file, schema_file
from papka.desk.edition import require_current
from papka.records.approval_words import LateWords, word_late_entry
from papka.records.approved_entries import ApprovedLine, pin, write_list
from papka.records.archive import Archive
from papka.records.derived.approvals import UnapprovedEntry
from papka.records.strict_yaml import Value, iterate_entries, read
from papka.records.student import Result
from papka.records.wording import NONE, teacher
from papka.repository import commit_snapshots
from papka.repository.git_values import Commit
from papka.repository.history import versions

_APPROVED_KINDS = frozenset(
    {"results", "enrolments", "credits", "program", "organization", "import", "import-unmatched"}
)


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry as the head sees it; `entered`: on which day whoever `by` is named saved it."""

    words: LateWords
    name: str
    by: str
    entered: dt.date


def show_entries(
    root: Path, archive: Archive, chosen: Iterable[UnapprovedEntry]
) -> Iterator[ShownEntry]:
    """Yield entries in words, with who made them what they are, by personal file."""
    by_file: defaultdict[str, list[UnapprovedEntry]] = defaultdict(list)
    for each in chosen:
        by_file[results_file(each.student, each.period)].append(each)
    for path in sorted(by_file, key=natural_key):
        commits = find_entering(root, path, {each.id for each in by_file[path]})
        for each in by_file[path]:
            if each.now is not None:
                commit = commits[each.id]
                student = archive.students[each.student]
                yield ShownEntry(
                    word_late_entry(archive, student, each.now),
                    student.person.name.full if student.person else NONE,
                    f"{teacher(archive, commit.author.name)} ({commit.author.name})",
                    commit.committer.moment.date(),
                )


def find_entering(root: Path, path: str, ids: Collection[str]) -> Mapping[str, Commit]:
    """Return id -> the commit that made an entry of this file what it now is."""
    found: dict[str, Commit] = {}
    now: dict[str, Value] = {}
    last: Commit | None = None
    for version in versions(root, path):
        then = _read_entries(version.data, path)
        if last is None:
            now = {id_: then.get(id_) for id_ in ids}
        else:
            found |= {id_: last for id_ in ids - found.keys() if then.get(id_) != now[id_]}
        last = version.commit
        if len(found) == len(ids):
            break
    if last is not None:
        found |= dict.fromkeys(ids - found.keys(), last)
    return found


def _read_entries(data: bytes | None, path: str) -> dict[str, Value]:
    if data is None:
        return {}
    return {value["id"]: value for _, value in iterate_entries(read(data, path).value)}


def refuse_changed(chosen: Iterable[UnapprovedEntry]) -> None:
    """Raise Refused for what is no new entry: changed in place since it was approved, or gone."""
    spoiled = [each.address for each in chosen if not each.can_be_approved]
    if spoiled:
        raise Refused(
            f"После утверждения изменены или исчезли: {', '.join(spoiled[:5])}",
            "Такое не утверждают: верните прежнее и исправьте новой записью, papka fix "
            f"{spoiled[0]} ПОЛЕ=ЗНАЧЕНИЕ; кто изменил, покажет papka show {spoiled[0]} --why",
        )


def write_chosen(archive: Archive, chosen: Iterable[UnapprovedEntry]) -> bytes:
    """Write the list of these entries; empty when there are none. Raise Refused for a file without
    its salt."""
    found: defaultdict[str, list[Result]] = defaultdict(list)
    for each in chosen:
        if each.now is not None:
            found[each.student].append(each.now)
    return _write_pinned(archive, found)


def _write_pinned(archive: Archive, entries: Mapping[str, Sequence[Result]]) -> bytes:
    unsalted = [each for each in entries if archive.students[each].salt is None]
    if unsalted:
        raise Refused(
            f"В деле {unsalted[0]} нет файла .salt, без него список утверждённого не составить",
            f"Верните его из истории; у нового дела его создаст papka save: papka show "
            f"{unsalted[0]}",
        )
    lines = [
        ApprovedLine(
            student,
            tuple(each.id for each in results if each.id),
            pin(archive.students[student].salt, results),
        )
        for student, results in entries.items()
    ]
    return write_list(lines) if lines else b""


def require_saved(root: Path, period: str, archive: Archive) -> None:
    """Raise Refused while something that belongs to the period is unsaved, or unreadable."""
    unsaved = []
    for path, _ in commit_snapshots.worktree_changes(root):
        found = place(path)
        if found is None or found.kind not in _APPROVED_KINDS:
            continue
        if found.kind != "results" or found.key == period:
            unsaved.append(path)
    if unsaved:
        raise Refused(
            f"Есть несохранённое, что относится к периоду: {', '.join(unsaved[:3])}",
            "Утверждают сохранённое. Сначала: papka save",
        )
    if archive.unreadable:
        raise Refused(
            f"Не читается: {', '.join(sorted(archive.unreadable)[:3])}", "Исправьте: papka check"
        )


def require_list(root: Path) -> None:
    """Raise Refused when the archive is too old to know of lists of approved entries."""
    require_current(root, "HEAD", "Утвердить", schema_file("approval"))
