"""Who changed what in a personal file, commit by commit, and the days on which it changed.

Each commit that touched the folder is told by the entries it brought, changed and took away, in the
words of the archive's schemas; one that only moved lines around is not told. People are named by
the staff list of the archive as it is. Signatures are judged by `verify`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from papka.core.kinds import KIND_OF
from papka.core.places import is_by_period, place, student_folder
from papka.desk.entry_history import (
    EntryChange,
    ShownCommit,
    compare_entries,
    tell_step,
    word_change,
)
from papka.paper.sections import Section
from papka.records.archive import Archive
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import Steps, Value, iterate_entries, read
from papka.repository.git_values import FileChange
from papka.repository.history import Histories
from papka.repository.objects import Objects
from papka.repository.points import resolve
from papka.repository.rewritten_commits import as_signed

CARD = "student"
_MOST = 200
"""Commits told at once: who needs more reads git itself."""


@dataclass(frozen=True, slots=True)
class FileStep:
    """A commit: who signed it and when, and what it did, a line each."""

    commit: ShownCommit
    lines: tuple[str, ...]


def list_file_steps(
    root: Path, archive: Archive, schemas: SchemaSet, student: str, rev: str = "HEAD"
) -> Iterator[FileStep]:
    """Yield the commits that changed a personal file, the latest first. Raise NotFound."""
    folder, tip = student_folder(student), resolve(root, rev)
    objects = Objects(root)
    for step in islice(Histories(root, tip, [folder]).of([folder]), _MOST):
        found = (_tell_file(objects, schemas, change) for change in step.changes)
        if lines := tuple(chain.from_iterable(found)):
            commit = as_signed(root, tip, step.commit)
            yield FileStep(tell_step(archive, commit, EntryChange("")), lines)


def word_file_steps(steps: tuple[FileStep, ...]) -> Section:
    """Word the history of a personal file as one table."""
    rows = tuple(
        (
            step.commit.touch.commit[:12],
            f"{step.commit.touch.time:%d.%m.%Y %H:%M}",
            f"{step.commit.name} ({step.commit.touch.staff})\n{step.commit.post}",
            "\n".join(step.lines),
        )
        for step in steps
    )
    notes = ["Подлинность подписей проверяет papka verify"] if rows else []
    if len(rows) == _MOST:
        notes.append(f"Показаны последние сохранения: {_MOST}.")
    columns = ("Сохранение", "Когда", "Кто подписал", "Что сделано")
    return Section("Кто и когда менял дело (последнее сверху)", columns, rows, tuple(notes))


def step_values(step: FileStep) -> dict[str, object]:
    """Return a commit for programs."""
    touch = step.commit.touch
    return {
        "commit": touch.commit,
        "time": touch.time.isoformat(),
        "staff": touch.staff,
        "name": step.commit.name,
        "post": step.commit.post,
        "key": touch.key,
        "lines": list(step.lines),
    }


def _tell_file(objects: Objects, schemas: SchemaSet, change: FileChange) -> Iterator[str]:
    at = place(change.path)
    if at is None or not KIND_OF[at.kind].title:
        return
    kind = KIND_OF[at.kind]
    title = f"{kind.title} {at.key}" if is_by_period(at.kind) else kind.title
    if not kind.is_judged:
        what = "убран" if not change.new_id else "заменён" if change.old_id else "добавлен"
        yield f"{title}: {what} файл {change.path.rpartition('/')[2]}"
        return
    before, after = (
        read(objects.read(id_)[1], change.path).value if id_ else None
        for id_ in (change.old_id, change.new_id)
    )
    for words in _tell_record(schemas, at.kind, before, after):
        yield f"{title}: {words}"


def _tell_record(schemas: SchemaSet, kind: str, before: Value, after: Value) -> Iterator[str]:
    """Tell what a record says beyond its entries, then the entries; those that came, together."""
    whole = compare_entries(schemas, kind, (), *map(_without_entries, (before, after)))
    if whole.changes or (kind == CARD and whole.what != "изменена"):
        yield _word(whole)
    old, new = (_entries_of(value) for value in (before, after))
    came = [id_ for id_ in new if id_ not in old]
    if came:
        yield f"{'внесены' if len(came) > 1 else 'внесена'} {', '.join(came)}"
    for id_, (steps, was) in old.items():
        now = new[id_][1] if id_ in new else None
        if was != now:
            yield _word(compare_entries(schemas, kind, steps, was, now), id_)


def _entries_of(value: Value) -> dict[str, tuple[Steps, dict[str, Value]]]:
    return {each["id"]: (steps, each) for steps, each in iterate_entries(value)}


def _without_entries(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _without_entries(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [
            _without_entries(each)
            for each in value
            if not (isinstance(each, dict) and isinstance(each.get("id"), str))
        ]
    return value


def _word(change: EntryChange, id_: str = "") -> str:
    """«внесена»; «изменена r12: Оценка: 3 → 4»."""
    said = "; ".join(word_change(*each) for each in change.changes)
    head = f"{change.what} {id_}".strip()
    return f"{head}: {said}" if said else head
