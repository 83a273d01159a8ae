"""Rows of a list of people as personal files: new cards, new enrolments of known students.

Invariants: a known student's card is never changed by a list; an enrolment that is there (same
programme, same first day) is not made again; an edition that is not named is the newest one in the
programme. Absent on purpose: numbers, which are reserved (`tasks`), and documents.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from papka.core.codes import takings as codes
from papka.core.findings import Finding, Location
from papka.core.layout import student_folder
from papka.intake.mapped import StudentRow
from papka.model.archive import Archive
from papka.model.export_layout import ExportLayout
from papka.model.student import Student
from papka.text.edit import append_entries
from papka.text.emit import emit

_CARD = ("sex", "phone", "address", "snils")
_STUDY = ("program", "edition", "group", "form", "contract", "start", "order")
_HEAD = "# yaml-language-server: $schema=../../../../schema/{}.json\n"


class Newcomer(NamedTuple):
    """A row that becomes a card, and an enrolment where it says one."""

    row: StudentRow
    study: Mapping[str, Any] | None


def newcomers(
    rows: Iterable[StudentRow], layout: ExportLayout, archive: Archive, file: str
) -> tuple[list[Newcomer], list[Finding]]:
    found: list[Newcomer] = []
    wrong: list[Finding] = []
    for row in rows:
        if row.person is None:
            wrong.append(codes.EXPORT_CARD_WITHOUT_NAME.at(Location(file, line=row.first)))
            continue
        study, lacks = _study(row, layout, archive, file)
        found.append(Newcomer(row, study))
        wrong += lacks
    return found, wrong


def enrolled(
    rows: Iterable[tuple[str, StudentRow]],
    students: Mapping[str, Student],
    layout: ExportLayout,
    archive: Archive,
    file: str,
) -> tuple[dict[str, list[dict[str, Any]]], int, list[Finding]]:
    """New enrolments by student, how many were there already, and what is wrong."""
    found: dict[str, list[dict[str, Any]]] = {}
    same = 0
    wrong: list[Finding] = []
    for id_, row in rows:
        study, lacks = _study(row, layout, archive, file)
        wrong += lacks
        if study is None:
            continue
        known = [(each.program, each.start.isoformat()) for each in students[id_].enrolments]
        known += [(each["program"], each["start"]) for each in found.get(id_, ())]
        if (study["program"], study["start"]) in known:
            same += 1
            continue
        ids = [int(each.id[1:]) for each in students[id_].enrolments if each.id]
        number = max(ids, default=0) + len(found.get(id_, ())) + 1
        found.setdefault(id_, []).append({"id": f"e{number}", **study})
    return found, same, wrong


def card_files(
    number: str, newcomer: Newcomer, platform: str, salt: bytes, *, today: dt.date
) -> dict[str, bytes]:
    """The folder's first files."""
    folder = student_folder(number)
    row = newcomer.row
    name = row.person
    assert name is not None, "looked at by newcomers"
    card: dict[str, Any] = {
        "id": number,
        "name": {
            key: value
            for key in ("surname", "given", "patronymic")
            if (value := getattr(name, key))
        },
    }
    fields = {key: row.fields[key] for key in _CARD if key in row.fields}
    if "sex" in fields:
        card["sex"] = fields.pop("sex")
    if row.birth_date is not None:
        card["birth_date"] = row.birth_date
    if "phone" in fields:
        card["phone"] = str(fields["phone"])
    if row.email:
        card["email"] = row.email
    card |= {key: str(fields[key]) for key in ("address", "snils") if key in fields}
    if row.key:
        card["accounts"] = [{"platform": platform, "key": row.key, "since": today}]
    files = {
        f"{folder}/student.yaml": (_HEAD.format("student") + emit(card)).encode(),
        f"{folder}/.salt": salt,
    }
    if newcomer.study is not None:
        study = [{"id": "e1", **newcomer.study}]
        files[f"{folder}/enrolments.yaml"] = enrolments_file(None, study)
    return files


def enrolments_file(lying: bytes | None, entries: list[dict[str, Any]]) -> bytes:
    if lying is not None:
        return append_entries(lying, "enrolments", entries)
    return (_HEAD.format("enrolments") + emit({"enrolments": entries})).encode()


def card_with_keys(card: bytes, platform: str, keys: Iterable[str]) -> bytes:
    """The card with more keys of a platform."""
    return append_entries(card, "accounts", [{"platform": platform, "key": key} for key in keys])


def _study(
    row: StudentRow, layout: ExportLayout, archive: Archive, file: str
) -> tuple[dict[str, Any] | None, list[Finding]]:
    said = {key: row.fields[key] for key in _STUDY if key in row.fields}
    if not said and layout.program is None:
        return None, []
    if layout.program is not None:
        said.setdefault("program", layout.program)
    program = archive.programs.get(str(said.get("program", "")))
    if "edition" not in said and program is not None and program.editions:
        said["edition"] = max(each.edition for each in program.editions)
    names = {"program": "программа", "edition": "редакция", "start": "первый день"}
    lacks = [word for key, word in names.items() if key not in said]
    if lacks:
        where = Location(file, line=row.first)
        return None, [codes.EXPORT_FIELD_MISSING.at(where, what=", ".join(lacks))]
    study = {key: said[key] for key in _STUDY if key in said}
    study["edition"] = int(study["edition"])
    return study, []
