"""New records: a personal file, programme, order, event or platform, with its number in the year.

Invariants: a number is the next one and never one in use; a personal file starts with its salt. The
number of a personal file is reserved where all computers see it, and the file is saved at once
(`numbers`); without a connection a draft waits for its number.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from papka.copies.syncing import sync
from papka.core.errors import Refused
from papka.core.places import (
    RECORDS,
    SALT_BYTES,
    STUDENTS,
    order_file,
    program_file,
    student_folder,
)
from papka.desk import writing
from papka.desk.entries import give_ids, render_file
from papka.desk.filling import Filling
from papka.desk.numbers import Reserved, reserve_student
from papka.desk.open_records import Desk
from papka.desk.writing import WriteStep, Written, report_repeated
from papka.records.editing import append_entry
from papka.repository.files import names_in
from papka.repository.handle import list_remotes
from papka.repository.runner import SshAccess
from papka.repository.signing import SigningActor

KINDS = {
    "student": "дело",
    "program": "программа",
    "order": "приказ",
    "event": "мероприятие",
    "platform": "платформа",
}
"""A kind of record that can be begun -> what it is called in Russian."""


def begin_record(desk: Desk, kind: str, *, staff: str, today: dt.date) -> Filling:
    """Begin a record of one of KINDS."""
    forms = desk.schemas.forms
    form = next(forms.listings("events")).form if kind == "event" else forms.of(kind)
    own = frozenset({"id"} if kind in ("student", "event") else ())
    return Filling(desk, form, staff, today, own)


def build_record(filled: Filling, kind: str, number: str = "") -> WriteStep:
    """Return the new file; `number` is a reserved number of a personal file. Raises Refused."""
    if kind == "student":
        return _make_student(filled, number)
    if kind == "order":
        return _make_order(filled)
    return _make_event(filled) if kind == "event" else _make_named(filled, kind)


def next_student(desk: Desk, year: int) -> str:
    """Return the first free number of a personal file in this copy."""
    taken = _highest_number(names_in(desk.root, f"{STUDENTS}/{year}"), f"{year}-")
    return f"{year}-{taken + 1:04d}"


def save_student(
    filled: Filling, actor: SigningActor, *, now: datetime, access: SshAccess | None
) -> tuple[Reserved, Written | None]:
    """Save a personal file under a number that the primary accepted.

    The second value is None when there is no number and nothing was found wrong with the file. What
    the same request made before its answer was lost is found again, on the primary or as a draft.
    """
    steps: dict[str, WriteStep] = {}
    root = filled.desk.root
    if (before := _find_made_before(filled, actor, now, access)) is not None:
        return before

    def files(number: str) -> Mapping[str, bytes]:
        steps[number] = step = _make_student(filled, number)
        writing.note(root, step.request, step.names, step.after)
        return step.after

    found = reserve_student(root, actor, now.year, files, now=now, access=access)
    saved = found.saved
    if saved is None:
        return found, None
    step = steps[found.number] if found.number in steps else list(steps.values())[-1]
    return found, Written(step, saved.findings, saved.source, saved.commit is not None, saved)


def _find_made_before(
    filled: Filling, actor: SigningActor, now: datetime, access: SshAccess | None
) -> tuple[Reserved, Written | None] | None:
    root, asked = filled.desk.root, request("student", filled)
    known = writing.find_note(root, asked)
    if known is None:
        return None
    if (draft := writing.draft_of(root, known)) is not None:
        return Reserved(None, draft=draft, reason="связи с основным зеркалом не было"), None
    if writing.find_saving_commit(root, known) is None:
        sync(root, [actor], now=now, access=access)  # the primary may have taken it
    commit = writing.find_saving_commit(root, known)
    if commit is None:
        return None
    written = report_repeated(root, asked, known, commit)
    return Reserved(known.names[0], written.saved), written


def has_primary(filled: Filling) -> bool:
    """Return whether numbers are reserved anywhere but here."""
    return bool(list_remotes(filled.desk.root))


def _make_student(filled: Filling, number: str) -> WriteStep:
    folder = student_folder(number)
    card, salt = f"{folder}/student.yaml", f"{folder}/.salt"
    record = give_ids(filled.desk, filled.form, filled.record)
    data = render_file(card, "student", {"id": number, **record})
    after = {card: data, salt: secrets.token_bytes(SALT_BYTES)}
    return WriteStep(dict.fromkeys(after), after, (number,), request("student", filled))


def request(kind: str, filled: Filling) -> bytes:
    """Return bytes that are equal whenever the same new record is asked for."""
    return f"new {kind} {json.dumps(filled.record, default=str)}".encode()


def _make_named(filled: Filling, kind: str) -> WriteStep:
    """Return the new file of a programme or platform, whose author chose its code."""
    name = filled.record["code" if kind == "program" else "id"]
    path = program_file(name) if kind == "program" else f"{RECORDS}/platforms/{name}.yaml"
    data, before = render_file(path, kind, filled.record), filled.desk.bytes_of(path)
    if before not in (None, data):
        raise Refused(f"Файл {path} уже есть", "Дополните его в редакторе или возьмите другой код")
    return WriteStep({path: before}, {path: data}, (name,))


def _make_order(filled: Filling) -> WriteStep:
    record = filled.record
    year = record["date"][:4]
    taken = _highest_number(names_in(filled.desk.root, f"{RECORDS}/orders/{year}"), "")
    name = f"{year}/{taken + 1:04d}"
    path = order_file(name)
    data = render_file(path, "order", record)
    return WriteStep({path: None}, {path: data}, (name,), request("order", filled))


def _make_event(filled: Filling) -> WriteStep:
    record = filled.record
    year = record["date"][:4]
    path = f"{RECORDS}/events/{year}.yaml"
    before = filled.desk.bytes_of(path)
    whole: Any = filled.desk.value_of(path) or {}
    known = [event["id"] for event in whole.get("events", ()) if isinstance(event, dict)]
    record = {"id": f"{year}/{_highest_number(known, f'{year}/') + 1:02d}", **record}
    after = (
        render_file(path, "events", {"events": [record]})
        if before is None
        else append_entry(before, "events", record)
    )
    return WriteStep({path: before}, {path: after}, (record["id"],), request("event", filled))


def _highest_number(names: tuple[str, ...] | list[str], prefix: str) -> int:
    """Return the highest number right after the prefix; what follows a dot is an extension."""
    found = (name.removeprefix(prefix).partition(".")[0] for name in names)
    return max((int(number) for number in found if number.isdecimal()), default=0)
