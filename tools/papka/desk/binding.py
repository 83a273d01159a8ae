"""Record that a personal file was bound: which sheets, on which day, signed by whom (R-6.5).

The inventory of a bound volume is frozen in the record, with the commit that its sheets show.
Whatever is printed after it goes into the next volume; binding the whole file anew takes a reason,
and adds lines that begin with volume 1 again, for nothing of the record is ever rewritten.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from papka.core.errors import Refused
from papka.core.places import student_file, student_folder
from papka.desk.open_records import open_file
from papka.desk.saving import Saved, save_changes
from papka.paper.form_list import PERSONAL_FILE
from papka.paper.print_cache import BoundSheets, PrintedDocument, PrintOptions
from papka.paper.print_saved import find_turn, print_saved
from papka.records.editing import append_entry
from papka.repository.signing import SigningActor


@dataclass(frozen=True, slots=True)
class BindingRequest:
    """What was bound: whose file, when; `rev`: the commit that the sheets name.

    `reason`: why all of a bound file was bound anew; `duplex`: printed on both sides.
    """

    student: str
    bound: dt.date
    rev: str | None = None
    duplex: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """The volumes recorded, and the save; not saved when that has findings."""

    volumes: tuple[BoundSheets, ...]
    saved: Saved


def bind(
    root: Path,
    actor: SigningActor,
    request: BindingRequest,
    *,
    now: dt.datetime,
    dry_run: bool = False,
) -> Binding:
    """Count the sheets as they were printed and record them as bound.

    Raises NotFound; Refused where nothing new was printed, a paper was not counted, or the records
    have changed since.
    """
    opened = open_file(root, request.student)
    person, school = opened.student.person, opened.archive.organization
    if person is None or school is None:
        raise Refused(
            f"Карточка дела {request.student} не читается", "Узнайте причину: papka check"
        )
    if person.paper is None:
        raise Refused(
            f"В деле {request.student} не записано, где стоит бумажное дело",
            f'Запишите: papka fix {request.student} paper.place="Шкаф 1, полка 2"',
        )
    for volume in person.paper.shelf:
        if request.rev and volume.head and volume.head.startswith(request.rev):
            raise Refused(
                f"Том {volume.volume} с листами сохранения {request.rev} уже записан",
                f"Что прошито: papka show {request.student}",
            )
    printed = _print_bound(root, request, is_bound=bool(person.paper.shelf))
    path = student_file(request.student, "student")
    before = opened.files.read(path)
    after = before
    volumes = tuple(file.bound for file in printed.files if file.bound)
    for sheets in volumes:
        entry = _write_volume(sheets, request, school.head, printed.commit)
        after = append_entry(after, "/paper/volumes", entry)
    saved = save_changes(
        root, actor, {path: after}, now=now, dry_run=dry_run, expected={path: before}
    )
    return Binding(volumes, saved)


def _print_bound(root: Path, request: BindingRequest, *, is_bound: bool) -> PrintedDocument:
    """Print what was bound once more, to count it."""
    anew = request.reason is not None
    options = PrintOptions(
        duplex=request.duplex,
        new_sheets=is_bound and not anew,
        rebind=is_bound and anew,
        turn=find_turn(root, request.bound, student_folder(request.student)),
    )
    if anew and not is_bound:
        raise Refused(
            f"В деле {request.student} нет прошитых томов: перешивать нечего",
            f"Прошитое впервые записывают без --rebind: papka bind {request.student}",
        )
    printed = print_saved(root, PERSONAL_FILE, request.student, options, rev=request.rev)
    if printed.unsaved:
        raise Refused(
            f"В деле {request.student} есть несохранённые правки, на листах их нет: "
            + ", ".join(printed.unsaved),
            "Сохраните их (papka save) и назовите сохранение, которое названо на обложке: "
            f"papka bind {request.student} --rev СОХРАНЕНИЕ",
        )
    return printed


def _write_volume(
    volume: BoundSheets, request: BindingRequest, head: str, commit: str
) -> dict[str, Any]:
    if not volume.sheets:
        raise Refused(
            f"Число листов тома {volume.volume} неизвестно: у документа на бумаге не указано, "
            "сколько в нём листов, или листов нет вовсе",
            f"Сосчитайте и впишите: papka fix {request.student}#ДОКУМЕНТ sheets=ЧИСЛО (номера: "
            f"papka show {request.student}), сохраните и напечатайте заново",
        )
    return {
        "volume": volume.volume,
        "bound": request.bound.isoformat(),
        "sheets": volume.sheets,
        "signed_by": head,
        "head": commit,
        "papers": [
            {"title": title} | ({"on_sheets": sheets} if sheets else {})
            for title, sheets in volume.papers
        ],
        **({"reason": request.reason} if request.reason else {}),
    }
