"""`papka show ID#ENTRY`: one entry with its place, its words in Russian, and what points at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound
from papka.core.findings import Location
from papka.core.layout import place
from papka.core.suggestion import may_be
from papka.tasks.labelled import labelled
from papka.tasks.open_file import Opened, open_file
from papka.tasks.why import Why, grounds, steps_of
from papka.text.document import locate, read
from papka.text.entries import Steps, Value, entries_in


@dataclass(frozen=True, slots=True)
class EntryShown:
    """One entry: `lines` are (label, value) in the order of the record; `cited` says who points
    at it; `value` is the record itself; `why` is there only when asked."""

    address: str
    title: str
    where: Location
    lines: tuple[tuple[str, str], ...]
    cited: tuple[str, ...]
    value: dict[str, Value]
    commit: str | None
    why: Why | None = None


def show_entry(
    root: Path, student: str, entry: str, *, rev: str | None = None, why: bool = False
) -> EntryShown:
    """One entry with its place; raises NotFound with the likely id."""
    opened = open_file(root, student, rev=rev)
    documents = {
        path: read(opened.files.read(path), path).value
        for path in opened.files.paths()
        if path.startswith(opened.student.folder + "/")
    }
    entries = {
        value["id"]: (path, pointer, value)
        for path, whole in documents.items()
        for pointer, value in entries_in(whole, ())
    }
    if entry not in entries:
        raise NotFound(
            f"Записи {entry} в деле {student} нет",
            f"Все записи дела: papka show {student}.{may_be(entry, entries)}",
        )
    path, steps, value = entries[entry]
    at = place(path)
    kind = at.kind if at else ""
    where = _located(opened, path, steps)
    return EntryShown(
        f"{student}#{entry}",
        opened.schemas.title(kind, steps[:1]),
        where,
        tuple(labelled(opened.schemas, kind, steps, value)),
        tuple(_cited(opened, documents, student, entry)),
        value,
        opened.commit.id if opened.commit else None,
        _why(root, opened, path, steps, value, rev or "HEAD") if why else None,
    )


def _why(  # noqa: PLR0913 - an entry and its place
    root: Path, opened: Opened, path: str, steps: Steps, value: dict[str, Value], rev: str
) -> Why:
    at = place(path)
    kind = at.kind if at else ""
    archive, schemas = opened.archive, opened.schemas
    return Why(
        tuple(steps_of(root, archive, schemas, path, value["id"], kind, steps, rev)),
        tuple(grounds(root, opened, value, rev)),
    )


def _located(opened: Opened, path: str, steps: Steps) -> Location:
    pointer = "".join(f"/{step}" for step in steps)
    line, column = locate(opened.files.read(path), pointer)
    return Location(path, pointer, line, column, opened.commit.id if opened.commit else "")


def _cited(opened: Opened, documents: dict[str, Value], student: str, entry: str) -> Iterator[str]:
    """What points at the entry: other entries of the file, orders, issued documents."""
    for path, whole in documents.items():
        at = place(path)
        for steps, value in entries_in(whole, ()):
            for key, text in value.items():
                if key != "id" and text == entry:
                    label = opened.schemas.title(at.kind if at else "", (*steps, key)) or key
                    yield f"{value['id']} — {label.lower()}"
    address = f"{student}#{entry}"
    for key, order in opened.archive.orders.items():
        if any(address in item.students for item in order.items):
            yield f"приказ № {order.number} от {order.date:%d.%m.%Y} ({key})"
    for issued in opened.archive.registers.values():
        if issued.student == address:
            yield f"выдан документ {issued.number} от {issued.date:%d.%m.%Y}"
