"""`papka give sheet`: a blank XLSX for a teacher, which `papka take` reads back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound, Refused
from papka.core.store import MAIN
from papka.core.suggestion import may_be
from papka.gates.git.reading import CommitSnapshot
from papka.gates.sheets import write_xlsx
from papka.intake.sheet import blank
from papka.model.archive import Archive
from papka.model.reading import load
from papka.model.school import Period
from papka.tasks.give.results import is_read
from papka.tasks.suggested import open_period
from papka.text.schemas import SchemaSet


@dataclass(frozen=True, slots=True)
class Blank:
    """`rows` students, `parts` columns to fill."""

    name: str
    data: bytes
    period: str
    rows: int
    parts: int


def sheet(root: Path, group: str, *, today: dt.date, period: str | None = None) -> Blank:
    """The group's blank for the period, by default the open one. Raises NotFound, Refused."""
    snapshot = CommitSnapshot(root, MAIN)
    archive = load(snapshot, SchemaSet.load(snapshot), wanted=is_read)
    if group not in archive.groups:
        raise NotFound(
            f"Группы {group} в архиве нет",
            "Группы объявлены в records/organization.yaml, раздел groups."
            f"{may_be(group, archive.groups)}",
        )
    found = _period(archive, period, today)
    made = blank(archive, group, found)
    count = len(made.rows) - 1
    if not count:
        raise Refused(
            f"В периоде {found.period} никто из группы {group} не должен отметок",
            "Проверьте группу и период: papka print group-sheet",
        )
    name = "".join(sign if sign.isalnum() else "-" for sign in group)
    file = f"sheet-{name}-{found.period}.xlsx"
    return Blank(file, write_xlsx((made,)), found.period, count, len(made.rows[0]) - 5)


def _period(archive: Archive, asked: str | None, today: dt.date) -> Period:
    name = asked or open_period(archive, today)
    if name is None:
        raise Refused(
            f"День {today:%d.%m.%Y} не попадает ни в один открытый период",
            "Назовите период: --period ПЕРИОД",
        )
    if name not in archive.periods:
        raise NotFound(f"Периода «{name}» нет", f"Есть: {', '.join(archive.periods)}")
    if name in archive.approvals:
        raise Refused(
            f"Период {name} закрыт: отметки в него больше не вносят",
            "Исправляют papka fix, пересдают papka add НОМЕР result --resits ЗАПИСЬ",
        )
    return archive.periods[name]
