"""Add: one more entry to a list of a personal folder, of whatever kinds the schemas know."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from papka.core.errors import NotFound, Refused
from papka.core.layout import SCHEMA_OF, student_file
from papka.core.suggestion import may_be
from papka.tasks.desk import Desk, EntryKind, ids_in
from papka.tasks.filling import Filling
from papka.tasks.scan import Scan
from papka.tasks.suggested import open_period
from papka.tasks.write import Step
from papka.text.edit import append_entry, emit
from papka.text.form import Form

_OF_SCAN = ("file", "sha256", "original_name")


def filling(desk: Desk, kind: EntryKind, *, staff: str, today: dt.date) -> Filling:
    """An empty entry of this kind; `staff` acts on the day `today`."""
    own = {"id"} if kind.form.letter else set()
    if takes_scan(kind):
        own.update(_OF_SCAN)
    return Filling(desk, kind.form, staff, today, frozenset(own))


def takes_scan(kind: EntryKind) -> bool:
    """Whether an entry of this kind can have a file in `attachments/`."""
    return all(kind.form.field(name) is not None for name in _OF_SCAN)


def attach(filled: Filling, scan: Scan) -> None:
    """The entry names this scan; its bytes are given to `added` as well."""
    filled.filled |= {
        "file": scan.name,
        "sha256": scan.sha256,
        "original_name": scan.original_name,
    }


def added(
    filled: Filling, kind: EntryKind, *, period: str | None = None, scan: Scan | None = None
) -> Step:
    """The files with the new entry in its place.

    `period` is asked for by results alone. Raises NotFound or Refused when there is none for it.
    """
    desk, record = filled.desk, filled.record
    key = _period(filled, record, period) if kind.by_period else ""
    path = student_file(desk.student, kind.record, key)
    asked = json.dumps([path, kind.listing.pointer, record, scan and scan.sha256], default=str)
    record = numbered(desk, kind.form, record)
    if kind.form.letter:
        record = {"id": desk.next_id(kind.form.letter), **record}
    before = desk.bytes_of(path)
    desk.value_of(path)
    after = {path: _with_entry(desk, kind, path, key, record)}
    befores = {path: before}
    if scan is not None:
        place = f"{desk.folder}/attachments/{scan.name}"
        befores[place] = desk.bytes_of(place)
        if befores[place] is None:
            after[place] = scan.data
    name = f"{desk.student}#{record['id']}" if "id" in record else desk.student
    return Step(befores, after, (name,), b"add " + asked.encode())


def _with_entry(desk: Desk, kind: EntryKind, path: str, key: str, record: dict[str, Any]) -> bytes:
    data = desk.bytes_of(path)
    if data is not None:
        return append_entry(data, kind.listing.pointer, record)
    above, _, name = kind.listing.pointer.rpartition("/")
    if above:
        raise NotFound(f"Файла {path} ещё нет", "Сначала заведите его в редакторе")
    whole = ({"period": key} if key else {}) | {name: [record]}
    return new_file(path, SCHEMA_OF[kind.record], whole)


def numbered(desk: Desk, form: Form, record: dict[str, Any]) -> dict[str, Any]:
    """The record with ids for the entries of its own lists that bear some (representatives)."""
    given: dict[str, Any] = {}
    for field in form.fields:
        value, inside = record.get(field.name), field.form
        if inside is None or value is None:
            continue
        if field.is_list and inside.letter:
            first = int(desk.next_id(inside.letter)[1:])
            value = [{"id": f"{inside.letter}{first + n}", **item} for n, item in enumerate(value)]
        elif not field.is_list:
            value = numbered(desk, inside, value)
        given[field.name] = value
    return record | given


def new_file(path: str, schema: str, value: dict[str, Any]) -> bytes:
    """A whole file; its first line tells the editor which schema judges it."""
    up = "../" * path.count("/")
    return f"# yaml-language-server: $schema={up}schema/{schema}.json\n{emit(value)}".encode()


def _period(filled: Filling, record: dict[str, Any], period: str | None) -> str:
    desk = filled.desk
    known = desk.archive.periods
    if period is not None:
        if period not in known:
            raise NotFound(
                f"Периода «{period}» нет",
                f"Периоды объявляет organization.yaml.{may_be(period, known)}",
            )
        return period
    earlier = record.get("resits") or record.get("replaces")
    for _, value in desk.documents() if earlier else ():
        if any(id_ == earlier for _, id_ in ids_in(value)) and value.get("period") in known:
            return str(value["period"])
    day = dt.date.fromisoformat(str(record.get("date", filled.today)))
    found = open_period(desk.archive, day)
    if found is None:
        going = [key for key in known if key not in desk.archive.approvals]
        raise Refused(
            f"Дата {day:%d.%m.%Y} не попадает ни в один открытый период",
            "Укажите, к какому периоду относится работа: --period ПЕРИОД. "
            f"Открыты: {', '.join(going) or 'ни одного'}",
        )
    return found
