"""New records: a personal file, or one that all files share, with the next free number.

A programme, local act or purpose that is there gets a new edition: that is how they change.
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
from papka.core.cells import caseless
from papka.core.errors import Refused
from papka.core.places import (
    ORGANIZATION,
    RECORDS,
    SALT_BYTES,
    STAFF,
    order_file,
    program_file,
    student_folder,
)
from papka.desk import command_end
from papka.desk.command_end import WriteStep, Written, report_repeated
from papka.desk.entries import give_ids, render_file
from papka.desk.filling import Filling
from papka.desk.numbers import (
    Reserved,
    highest_number,
    next_lying,
    orders,
    reserve_student,
    students,
)
from papka.desk.open_records import Desk
from papka.records.archive import load
from papka.records.editing import append_entry
from papka.records.people_alike import AlikePeople, appearance_of
from papka.records.student import Name
from papka.repository.handle import list_remotes
from papka.repository.runner import SshAccess
from papka.repository.signing import SigningActor
from papka.repository.worktree import WorktreeSnapshot

KINDS = {
    "student": "дело",
    "program": "программа",
    "order": "приказ",
    "event": "мероприятие",
    "platform": "платформа",
    "staff": "сотрудник",
    "group": "группа",
    "period": "период",
    "purpose": "цель",
    "scale": "шкала",
    "regulation": "акт",
}
"""A kind of record that can be begun -> what it is called in Russian."""


_LISTED = {
    "staff": (STAFF, "staff", "/staff"),
    "group": (ORGANIZATION, "organization", "/groups"),
    "period": (ORGANIZATION, "organization", "/periods"),
    "purpose": (ORGANIZATION, "organization", "/purposes"),
    "scale": (ORGANIZATION, "organization", "/scales"),
}
"""Kinds that are entries of a file all share -> the file, its schema, the list."""
_KEYS = {"program": "code", "purpose": "purpose", "group": "group", "period": "period"}
_KEYS |= {"scale": "scale"}
"""The field that names a record; `id` of the others."""
_DEFINED = {"purpose": frozenset({"purpose"}), "regulation": frozenset({"award"})}
"""Fields in which a kind says words of its own, which elsewhere are chosen from what there is."""


def begin_record(desk: Desk, kind: str, *, staff: str, today: dt.date) -> Filling:
    """Begin a record of one of KINDS."""
    forms = desk.schemas.forms
    if kind in _LISTED:
        _, schema, pointer = _LISTED[kind]
        form = next(each.form for each in forms.listings(schema) if each.pointer == pointer)
    else:
        form = next(forms.listings("events")).form if kind == "event" else forms.of(kind)
    own = frozenset({"id"} if kind in ("student", "event", "staff") else {"salt"})
    filling = Filling(desk, form, staff, today, own)
    filling.defined = _DEFINED.get(kind, frozenset())
    filling.standing = lambda record: _told_before(desk, kind, record)
    return filling


def build_record(filled: Filling, kind: str, number: str = "") -> WriteStep:
    """Return the new file; `number` is a reserved number of a personal file. Raises Refused."""
    if kind == "student":
        return _make_student(filled, number)
    if kind == "order":
        return _make_order(filled)
    if kind == "event":
        return _make_event(filled)
    return _make_listed(filled, kind) if kind in _LISTED else _make_named(filled, kind)


def next_student(desk: Desk, year: int) -> str:
    """Return the first free number of a personal file in this copy."""
    series = students(year)
    return series.number(next_lying(desk.root, series))


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
        command_end.note(root, step.request, step.names, step.after)
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
    known = command_end.find_note(root, asked)
    if known is None:
        return None
    if (draft := command_end.draft_of(root, known)) is not None:
        return Reserved(None, draft=draft, reason="связи с основным зеркалом не было"), None
    if command_end.find_saving_commit(root, known) is None:
        sync(root, [actor], now=now, access=access)  # the primary may have taken it
    commit = command_end.find_saving_commit(root, known)
    if commit is None:
        return None
    written = report_repeated(root, asked, known, commit)
    return Reserved(known.names[0], written.saved), written


def find_alike(filled: Filling) -> list[str]:
    """Return the personal files that may be of the very person, in order of their numbers.

    None are named when this very request is repeated: what it made before would be found.
    """
    name, born = filled.record.get("name"), filled.record.get("birth_date")
    if not isinstance(name, dict) or "given" not in name or not isinstance(born, str):
        return []
    if command_end.find_note(filled.desk.root, request("student", filled)) is not None:
        return []
    called = Name(
        given=name["given"], surname=name.get("surname"), patronymic=name.get("patronymic")
    )
    seen = appearance_of(called, dt.date.fromisoformat(born))
    snapshot = WorktreeSnapshot(filled.desk.root)
    cards = [path for path in snapshot.paths() if path.endswith("/student.yaml")]
    # Whoever is alike shares a word of the name at least.
    likely = {
        path
        for path, data in snapshot.read_many(cards)
        if any(word in caseless(data.decode(errors="replace")) for word in seen.words)
    }
    found = load(snapshot, filled.desk.schemas, wanted=likely.__contains__)
    people = AlikePeople()
    for student in found.students.values():
        card = student.person
        if card is not None and card.birth_date is not None and card.duplicate_of is None:
            people.add(student.id, appearance_of(card.name, card.birth_date))
    return people.find(seen)


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
    """Return the file of a programme, platform or local act, whose author chose its code.

    One that is there gets the new edition.
    """
    name = filled.record[_KEYS.get(kind, "id")]
    path = _named_file(kind, name)
    data, before = render_file(path, kind, filled.record), filled.desk.bytes_of(path)
    if before is not None and before != data:
        data = _add_editions(filled, before, filled.desk.value_of(path), "", path)
    return WriteStep({path: before}, {path: data}, (name,))


def _named_file(kind: str, name: str) -> str:
    if kind == "program":
        return program_file(name)
    if kind == "regulation":
        return f"{RECORDS}/regulations/{name}/regulation.yaml"
    return f"{RECORDS}/platforms/{name}.yaml"


def _make_listed(filled: Filling, kind: str) -> WriteStep:
    """Return the file that all share with one more entry, or one more edition of it."""
    path, _, pointer = _LISTED[kind]
    before = filled.desk.bytes_of(path)
    if before is None:
        raise Refused(f"Файла {path} нет", "Верните его: papka restore --heal")
    record, known = filled.record, _list_known(filled.desk, kind)
    if kind == "staff":
        taken = [str(each.get("id"))[1:] for each in known]
        record = {"id": f"s{highest_number(taken) + 1:03d}", **record}
    name = str(record[_KEYS.get(kind, "id")])
    place = next((n for n, each in enumerate(known) if _is_named(each, kind, name)), None)
    if place is None:
        after = append_entry(before, pointer, record)
    elif known[place] == record:
        return WriteStep({}, {}, (name,))
    else:
        after = _add_editions(filled, before, known[place], f"{pointer}/{place}", path)
    return WriteStep({path: before}, {path: after}, (name,))


def _add_editions(
    filled: Filling, before: bytes, known: Mapping[str, Any], pointer: str, path: str
) -> bytes:
    """Return the file with the editions added to the record at a pointer; raise Refused."""
    editions = filled.record.get("editions", ())
    taken = {each.get("edition") for each in known.get("editions", ())}
    if not editions or taken & {each["edition"] for each in editions}:
        what = f", редакции: {', '.join(map(str, sorted(taken)))}" if taken else ""
        raise Refused(
            f"Такая запись уже есть в файле {path}{what}",
            "Возьмите другой код или номер; исправить записанное можно в редакторе",
        )
    for each in editions:
        before = append_entry(before, f"{pointer}/editions", each)
    return before


def _list_known(desk: Desk, kind: str) -> list[dict[str, Any]]:
    path, _, pointer = _LISTED[kind]
    whole = desk.value_of(path)
    found = whole.get(pointer[1:]) if isinstance(whole, dict) else None
    return [each for each in found or () if isinstance(each, dict)]


def _is_named(each: Mapping[str, Any], kind: str, name: str) -> bool:
    return str(each.get(_KEYS.get(kind, "id"))) == name


def _told_before(desk: Desk, kind: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is already written of a record that gets a new edition."""
    name = str(record.get(_KEYS.get(kind, "id"), ""))
    if not name or kind not in ("program", "regulation", "purpose"):
        return {}
    if kind in _LISTED:
        known = next((e for e in _list_known(desk, kind) if _is_named(e, kind, name)), {})
    else:
        known = desk.value_of(_named_file(kind, name)) or {}
    return {key: value for key, value in known.items() if key != "editions"}


def _make_order(filled: Filling) -> WriteStep:
    record = filled.record
    year = record["date"][:4]
    series = orders(int(year))
    name = f"{year}/{series.number(next_lying(filled.desk.root, series))}"
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
    record = {"id": f"{year}/{highest_number(known, f'{year}/') + 1:02d}", **record}
    after = (
        render_file(path, "events", {"events": [record]})
        if before is None
        else append_entry(before, "events", record)
    )
    return WriteStep({path: before}, {path: after}, (record["id"],), request("event", filled))
