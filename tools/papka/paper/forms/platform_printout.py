"""A student's own rows of platforms' exports, for the head to certify «Верно» (R-5.3).

A cell is printed as it stands in the export, whatever was made of it; an export that cannot be read
as rows is said to be so, never left out. Columns are called as in the file itself: of several rows
above the students, the one with most words. Marks of the records stand in the personal file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from papka.core.errors import NotFound
from papka.core.places import SHEETS, raw_name
from papka.paper.form import (
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    find_student,
    letterhead,
    of_head,
    page,
)
from papka.records import wording
from papka.records.acts import Import
from papka.records.archive import Archive
from papka.records.raw_exports import NotRows, read_rows
from papka.records.student import Student
from papka.records.wording import NBSP, day, in_order, number, quoted, title_of


def titles(archive: Archive, key: str, count: int) -> tuple[str, ...]:
    """Return a title for every column, at least `count`; "" for a column without one."""
    taken, kept = archive.imports.get(key), archive.import_files.get(key)
    try:
        rows = read_rows(kept.header.removeprefix(b"\xef\xbb\xbf"), taken) if kept and taken else []
    except NotRows:
        rows = []
    best = max(rows, key=lambda cells: sum(bool(cell.strip()) for cell in cells), default=[])
    named = [" ".join(cell.split()).removeprefix("\ufeff") for cell in best]
    return (*named, *[""] * (count - len(named)))


CERTIFIED = "Верно"
_NOTE = "Записи платформы приведены без изменений: только строки этого обучающегося."
_UNREADABLE = "Строки этой выгрузки не читаются: что с ними, скажет проверка архива."


class PrintoutCell(NamedTuple):
    """`number` is the column's in the export, from 1."""

    number: str
    title: str
    text: str


class PrintoutRow(NamedTuple):
    """`caption` is there when the student has several rows."""

    caption: str
    cells: tuple[PrintoutCell, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """One export: what it is, and the student's rows in it."""

    title: str
    about: str
    rows: tuple[PrintoutRow, ...]


@dataclass(frozen=True, slots=True)
class Printout:
    """What the template reads as `form`."""

    page: Page
    letterhead: Letterhead
    heading: str
    text: str
    exports: tuple[Exported, ...]
    note: str
    signature: SignatureLine


def view(state: State, student_id: str) -> Printout:
    archive = state.archive
    student, person = find_student(archive, student_id)
    keys = [import_of(name) for name in student.raw]
    taken = {key: archive.imports[key] for key in keys if key in archive.imports}
    if not taken:
        raise NotFound(
            f"В деле {student_id} нет строк из выгрузок платформ",
            "Выгрузки принимает papka take",
        )
    order = in_order(archive, {each.period for each in taken.values()})
    ordered = sorted(taken, key=lambda key: (order.index(taken[key].period), taken[key].taken, key))
    exports = tuple(_describe_export(archive, student, key, taken[key]) for key in ordered)
    return Printout(
        page=page(state, f"Распечатка с платформы, личное дело {number(student_id)}"),
        letterhead=letterhead(archive, state.signed_on),
        heading="записей обучающегося на образовательной платформе",
        text=f"Обучающийся: {person.name.full} (личное дело {number(student_id)}).",
        exports=exports,
        note=_NOTE if any(each.rows for each in exports) else "",
        signature=of_head(archive, state.signed_on, CERTIFIED),
    )


def import_of(name: str) -> str:
    """Return the import that rows were cut from: `2026-1/2` for `2026-1-2.part`."""
    period, _, count = name.removesuffix(".part").rpartition("-")
    return f"{period}/{count}"


def platform_title(archive: Archive, taken: Import) -> str:
    """Return «Платформа „Курсотека“», or what the school's own sheets are called."""
    if taken.platform == SHEETS:
        return "Ведомость, заполненная педагогом"
    known = archive.platforms.get(taken.platform)
    return f"Платформа {quoted(known.title if known else taken.platform)}"


def _describe_export(archive: Archive, student: Student, key: str, taken: Import) -> Exported:
    known = archive.platforms.get(taken.platform)
    words = [
        f"Выгрузка {number(key)}, принята {day(taken.taken)}",
        f"кто принял: {wording.staff(archive, taken.by)}",
        f"период: {title_of(archive, taken.period)}",
        *([f"основание использования: {known.licence_basis}"] if known else ()),
    ]
    about = f"{'; '.join(words)}."
    try:
        rows = read_rows(student.raw[raw_name(key)], taken)
    except NotRows:
        return Exported(platform_title(archive, taken), f"{about} {_UNREADABLE}", ())
    named = titles(archive, key, max(map(len, rows), default=0))
    captions = [f"Строка{NBSP}{n}" for n in range(1, len(rows) + 1)] if len(rows) > 1 else [""]
    shown = tuple(
        PrintoutRow(caption, tuple(_list_cells(cells, named)))
        for caption, cells in zip(captions, rows, strict=False)
    )
    return Exported(platform_title(archive, taken), about, shown)


def _list_cells(cells: list[str], named: tuple[str, ...]) -> Iterator[PrintoutCell]:
    for at, text in enumerate(cells):
        yield PrintoutCell(str(at + 1), named[at], text)


def _list_students(archive: Archive) -> Iterator[str]:
    """List everybody with rows of an export."""
    return (student.id for student in archive.students.values() if student.raw)


FORM = PrintedForm(
    name="platform-printout",
    title="Распечатка с платформы, заверяемая «Верно»",
    target="дело",
    view=view,
    targets=_list_students,
)
