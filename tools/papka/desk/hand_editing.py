"""`papka edit`: a file of a personal folder opened where a person wants to write.

A new entry is offered as a skeleton: its fields as comments, with their titles. Invariants: nothing
but the skeleton is written here, and what is left of it when the editor closes is taken away; lines
a person wrote stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound, PapkaError
from papka.core.phrases import suggest
from papka.core.places import results_file, student_file
from papka.core.snapshot import bytes_of
from papka.desk.entries import render_file
from papka.desk.open_records import Desk, EntryKind
from papka.records.fields import Field
from papka.records.strict_yaml import locate, read
from papka.repository import worktree
from papka.repository.dot_papka import archive_lock

_HINT = "# новая запись: уберите «# » перед нужными строками и впишите значения"


@dataclass(frozen=True, slots=True)
class EditedPlace:
    """Where to open an editor: a file and a line from 1; `skeleton`: the lines offered there.

    `is_new`: the file was made for the entry alone.
    """

    path: str
    line: int
    skeleton: tuple[str, ...] = ()
    is_new: bool = False


def open_place(root: Path, address: str, word: str = "") -> EditedPlace:
    """Return where an entry `2026-0007#r12` stands, or the end of the list of a kind of entry.

    Without a kind it is the card. Raise NotFound.
    """
    student, _, entry = address.partition("#")
    desk = Desk(root, student)
    if entry:
        return _find_entry(desk, entry)
    if not word:
        return EditedPlace(student_file(student, "student"), 1)
    kinds = desk.kinds()
    if word not in kinds:
        raise NotFound(
            f"Вида записи «{word}» нет.{suggest(word, kinds, are_told=True)}",
            f"Есть: {', '.join(kinds)}",
        )
    return _offer(desk, kinds[word])


def _find_entry(desk: Desk, id_: str) -> EditedPlace:
    student = desk.person
    for entry in student.entries():
        if entry.id == id_:
            where = student.where(entry)
            data = desk.bytes_of(where.path) or b""
            return EditedPlace(where.path, locate(data, where.pointer)[0])
    raise NotFound(
        f"Записи {id_} в деле {desk.student} нет", f"Что в нём есть: papka show {desk.student}"
    )


def _offer(desk: Desk, kind: EntryKind) -> EditedPlace:
    path = _choose_file(desk, kind)
    data = desk.bytes_of(path)
    key = kind.listing.pointer.rpartition("/")[2]
    if data is None:
        return EditedPlace(path, 3, (f"{key}:", *_skeleton(kind)), is_new=True)
    value = read(data, path).value
    if isinstance(value, dict) and key in value and key != list(value)[-1]:
        return EditedPlace(path, locate(data, f"/{key}", key=True)[0])
    head = () if isinstance(value, dict) and key in value else (f"# {key}:",)
    return EditedPlace(path, data.count(b"\n") + 2, (*head, *_skeleton(kind)))


def _choose_file(desk: Desk, kind: EntryKind) -> str:
    """Return the file the entry belongs to: of results that of the last period there is."""
    if not kind.by_period:
        return student_file(desk.student, kind.record)
    known = desk.archive.periods
    if not known:
        raise PapkaError("Учебных периодов нет", "Объявите период в records/organization.yaml")
    return results_file(desk.student, max(desk.person.periods or known))


def _skeleton(kind: EntryKind) -> Iterator[str]:
    """Yield the lines of a new entry as comments, in the order of the schema."""
    yield f"  {_HINT}"
    first = True
    for field in kind.form.fields:
        if field.name == "id" or field.types == ("nothing",):
            continue
        mark = "- " if first else "  "
        first = False
        due = "" if field.name in kind.form.required else " (если есть)"
        yield f"  # {mark}{field.name}: {_example(field)}  # {field.title}{due}"


def _example(field: Field) -> str:
    if field.choices:
        return " | ".join(field.choices)
    return "2026-01-15" if field.is_date else "…"


def lay_skeleton(root: Path, place: EditedPlace) -> None:
    """Write the lines offered into the file, below what is there."""
    if not place.skeleton:
        return
    lines = "".join(f"{line}\n" for line in place.skeleton).encode()
    with archive_lock(root):
        before = bytes_of(worktree.WorktreeSnapshot(root), place.path)
        if before is None:
            schema = place.path.rpartition("/")[2].removesuffix(".yaml")
            kind = "results" if "/results/" in place.path else schema
            before = render_file(place.path, kind, {}).replace(b"{}\n", b"")
            if kind == "results":
                before += f"period: {schema}\n".encode()
        elif not before.endswith(b"\n"):
            before += b"\n"
        worktree.write(root, place.path, before + lines)


def take_skeleton_away(root: Path, place: EditedPlace) -> None:
    """Take away what a person left of the lines offered; a file that holds nothing else goes."""
    offered = {line.rstrip() for line in place.skeleton}
    if not offered:
        return
    with archive_lock(root):
        data = bytes_of(worktree.WorktreeSnapshot(root), place.path)
        if data is None:
            return
        lines = data.decode("utf-8", "surrogateescape").splitlines(keepends=True)
        kept = [line for line in lines if line.rstrip() not in offered or not _is_comment(line)]
        text = "".join(kept)
        if place.is_new and not any("- " in line for line in kept if not _is_comment(line)):
            worktree.remove(root, place.path)
        elif text != data.decode("utf-8", "surrogateescape"):
            worktree.write(root, place.path, text.encode("utf-8", "surrogateescape"))


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")
