"""`papka give results`: what is saved, as a table for other programs.

Invariants: the saved state, never unsaved edits; the same state gives the same bytes; text never
turns into a formula. Absent on purpose: what the columns mean (`views.exported`).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from papka.core.errors import NotFound, Refused
from papka.core.layout import RESTRICTED, STUDENTS, is_student_id, place
from papka.core.sheet import Sheet
from papka.core.store import MAIN
from papka.core.suggestion import may_be
from papka.gates.git.reading import CommitSnapshot
from papka.gates.sheets import write_csv, write_xlsx
from papka.model.archive import Archive
from papka.model.reading import load
from papka.tasks.approving import Approving
from papka.text.schemas import SchemaSet
from papka.views.exported import Choice, Value, columns, rows

Format = Literal["csv", "xlsx", "json"]
SCHEME = "papka-results/1"
_READ = ("student", "enrolments", "results", "credits")
_SHARED = ("organization", "program", "approval")


@dataclass(frozen=True, slots=True)
class Results:
    """`count` results in `data`, as of `commit`."""

    name: str
    data: bytes
    count: int
    commit: str


def results(root: Path, wanted: Iterable[str], form: Format, *, names: bool = False) -> Results:
    """`wanted`: periods, groups, programmes, personal files; each kind narrows. Raises NotFound."""
    snapshot = CommitSnapshot(root, MAIN)
    archive = load(snapshot, SchemaSet.load(snapshot), wanted=is_read)
    if archive.organization is not None and archive.organization.kind == RESTRICTED:
        raise Refused(
            "Из ограниченного архива результатов не выдают: их там нет",
            "Выдайте результаты из основного архива",
        )
    asked = tuple(wanted)
    choice = chosen(archive, asked)
    approving = Approving(root, snapshot.commit)
    found = list(
        rows(
            archive,
            choice,
            lambda student: approving.states(archive, student, set()),
            names=names,
        )
    )
    name = "-".join(("results", *(_safe(word) for word in asked)))
    data = written(found, form, snapshot.commit, names=names)
    return Results(f"{name}.{form}", data, len(found), snapshot.commit)


def chosen(archive: Archive, wanted: Iterable[str]) -> Choice:
    """What the words name. Raises NotFound for a word that names nothing."""
    kinds: dict[str, list[str]] = {"periods": [], "groups": [], "programs": [], "students": []}
    known = {
        "periods": archive.periods,
        "groups": archive.groups,
        "programs": archive.programs,
        "students": archive.students,
    }
    for word in wanted:
        kind = next((kind for kind, names in known.items() if word in names), None)
        if kind is None:
            words = [*archive.periods, *archive.groups, *archive.programs]
            words += archive.students if is_student_id(word) else ()
            raise NotFound(
                f"Нет ни периода, ни группы, ни программы, ни дела «{word}»",
                f"Периоды: {', '.join(archive.periods)}; группы: {', '.join(archive.groups)}."
                f"{may_be(word, words)}",
            )
        kinds[kind].append(word)
    return Choice(**kinds)


def is_read(path: str) -> bool:
    found = place(path)
    if found is None:
        return False
    return found.kind in (_READ if path.startswith(STUDENTS + "/") else _SHARED)


def written(found: list[tuple[Value, ...]], form: Format, commit: str, *, names: bool) -> bytes:
    """The rows in a file of this kind; `commit` says whose state they are."""
    shown = columns(names=names)
    if form == "json":
        report = {
            "scheme": SCHEME,
            "commit": commit,
            "columns": {column.key: f"{column.title}: {column.says}" for column in shown},
            "results": [
                {c.key: _plain(v) for c, v in zip(shown, row, strict=True) if v is not None}
                for row in found
            ],
        }
        return f"{json.dumps(report, ensure_ascii=False, indent=1)}\n".encode()
    header = tuple(column.title for column in shown)
    if form == "csv":
        return write_csv(Sheet("", (header, *(tuple(map(_text, row)) for row in found))))
    meanings = tuple((column.title, column.says) for column in shown)
    return write_xlsx(
        (
            Sheet("Результаты", (header, *found)),
            Sheet("Колонки", (("Колонка", "Что в ней"), *meanings, ("Запись истории", commit))),
        )
    )


def _plain(value: Value) -> Any:  # noqa: ANN401 - a JSON value
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _text(value: Value) -> str | int | None:
    """A decimal with a comma: with a point a Russian spreadsheet would take 4.5 for a date."""
    if isinstance(value, Decimal):
        return str(value).replace(".", ",")
    return value.isoformat() if isinstance(value, dt.date) else value


def _safe(word: str) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in word)
