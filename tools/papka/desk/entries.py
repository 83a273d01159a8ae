"""Add, fix and end entries of a personal folder: which file changes, and how.

Each function returns the files as they shall be; `command_end` judges and writes them. Invariants:
the schema says which kinds there are and how an entry is corrected: where entries can bear
`replaces` and `reason`, a new one repeats all keys of the old, which stays readable for ever;
elsewhere the value is set in place, and the old one stays in the signed history. An id is never
changed, nothing is taken away; an entry that ends stays. A scan is recognised by its first bytes
and named by its digest.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from papka.core.errors import NotFound, Refused
from papka.core.kinds import SCHEMA_OF
from papka.core.phrases import as_one_word, count_phrase, hyphenated, suggest
from papka.core.places import student_file
from papka.desk.command_end import WriteStep
from papka.desk.filling import VOID, Filling, open_period
from papka.desk.open_records import Desk, EntryKind, FoundEntry, ids_in
from papka.records.derived.approvals import is_settled
from papka.records.editing import append_entry, set_value, write_file
from papka.records.fields import BadAnswer, Field, FieldForm, read_answer
from papka.repository.files import read_plain

LARGEST = 25 * 1024 * 1024
"""Bytes. History keeps every scan for ever; a page at 300 dpi is under 1 MB."""
_MAGIC = ((b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"))


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan from outside; `name` is its name in `attachments/`, `sha256` is hex."""

    name: str
    sha256: str
    data: bytes


def take_scan(file: Path) -> Scan:
    """Read a scan; raises NotFound, or Refused when it is no PDF, PNG or JPEG or too large."""
    try:
        size = file.stat().st_size
        if size > LARGEST:
            limit = count_phrase(LARGEST // 1024**2, "мегабайт", "мегабайта", "мегабайт")
            raise Refused(
                f"Файл {file.name} слишком большой: {size / 1024**2:.0f} МБ, можно {limit}",
                "Отсканируйте с разрешением 150-300 точек или разделите на части",
            )
        data = read_plain(file, most=LARGEST, follow=True)
    except OSError:
        raise NotFound(f"Файл не читается: {file}", "Проверьте путь к скану") from None
    ending = next((ending for magic, ending in _MAGIC if data.startswith(magic)), None)
    if ending is None:
        raise Refused(
            f"Файл {file.name} — не PDF, PNG или JPEG, каким бы ни было его имя",
            "Сохраните скан в PDF и повторите",
        )
    digest = hashlib.sha256(data).hexdigest()
    return Scan(f"{digest[:12]}.{ending}", digest, data)


_OF_SCAN = ("file", "sha256")


def fill_entry(desk: Desk, kind: EntryKind, *, staff: str, today: dt.date) -> Filling:
    """Begin an entry of this kind; `staff` acts on the day `today`."""
    own = {"id"} if kind.form.letter else set()
    if takes_scan(kind):
        own.update(_OF_SCAN)
    return Filling(desk, kind.form, staff, today, frozenset(own))


def takes_scan(kind: EntryKind) -> bool:
    """Return whether an entry of this kind can have a file in `attachments/`."""
    return all(kind.form.field(name) is not None for name in _OF_SCAN)


def attach(filled: Filling, scan: Scan) -> None:
    """Name this scan in the entry; its bytes are given to `add_entry` as well."""
    filled.filled |= {"file": scan.name, "sha256": scan.sha256}


def add_entry(
    filled: Filling, kind: EntryKind, *, period: str | None = None, scan: Scan | None = None
) -> WriteStep:
    """Return the files with the new entry in its place.

    Only results need a `period`. Raises NotFound or Refused when none fits.
    """
    desk, record = filled.desk, filled.record
    key = _choose_period(filled, record, period) if kind.by_period else ""
    path = student_file(desk.student, kind.record, key)
    asked = json.dumps([path, kind.listing.pointer, record, scan and scan.sha256], default=str)
    record = give_ids(desk, kind.form, record)
    if kind.form.letter:
        record = {"id": desk.next_id(kind.form.letter), **record}
    desk.value_of(path)  # refuses an unreadable file
    before = {path: desk.bytes_of(path)}
    after = {path: add_to_file(before[path], kind, path, key, record)}
    if scan is not None:
        place = f"{desk.folder}/attachments/{scan.name}"
        before[place] = desk.bytes_of(place)
        if before[place] is None:
            after[place] = scan.data
    name = f"{desk.student}#{record['id']}" if "id" in record else desk.student
    return WriteStep(before, after, (name,), b"add " + asked.encode())


def add_to_file(
    data: bytes | None, kind: EntryKind, path: str, key: str, record: dict[str, Any]
) -> bytes:
    """Return the file with the entry as its last; a file that is not there is made."""
    if data is not None:
        return append_entry(data, kind.listing.pointer, record)
    above, _, name = kind.listing.pointer.rpartition("/")
    if above:
        raise NotFound(f"Файла {path} ещё нет", "Сначала заведите его в редакторе")
    whole = ({"period": key} if key else {}) | {name: [record]}
    return render_file(path, SCHEMA_OF[kind.record], whole)


def give_ids(desk: Desk, form: FieldForm, record: dict[str, Any]) -> dict[str, Any]:
    """Return the record with ids for the entries of its own lists that bear some."""
    given: dict[str, Any] = {}
    for field in form.fields:
        value, inside = record.get(field.name), field.form
        if inside is None or value is None:
            continue
        if field.is_list and inside.letter:
            first = int(desk.next_id(inside.letter)[1:])
            value = [{"id": f"{inside.letter}{first + n}", **item} for n, item in enumerate(value)]
        elif not field.is_list:
            value = give_ids(desk, inside, value)
        given[field.name] = value
    return record | given


def render_file(path: str, schema: str, value: dict[str, Any]) -> bytes:
    """Render a whole file; its first line tells the editor which schema judges it."""
    up = "../" * path.count("/")
    return f"# yaml-language-server: $schema={up}schema/{schema}.json\n{write_file(value)}".encode()


def _choose_period(filled: Filling, record: dict[str, Any], period: str | None) -> str:
    desk = filled.desk
    known = desk.archive.periods
    if period is not None:
        if period not in known:
            raise NotFound(
                f"Периода «{period}» нет",
                f"Периоды объявляет organization.yaml.{suggest(period, known)}",
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


ENDS = ("ended", "revoked", "returned", "until")
"""Fields that say an entry was true until a day; `papka end` sets them."""

_OF_PROGRAM = frozenset({"id", "file", "sha256", "replaces"})
_NAMES = ("surname", "given", "patronymic")
_DECLINED = ("genitive", "dative")

FieldChange = tuple[tuple[str | int, ...], Any]
"""Path inside the entry, new value."""


def needs_correction_entry(form: FieldForm) -> bool:
    """Return whether entries of this form are corrected by new ones."""
    return form.field("replaces") is not None and form.field("reason") is not None


def parse_changes(found: FoundEntry, pairs: Iterable[str]) -> list[FieldChange]:
    """Parse `field=value` pairs.

    Dotted names reach inside, items of lists count from 1; a list of words is given whole, its
    field repeated. Raises NotFound for an unknown field, BadAnswer for a bad value, Refused for a
    field that is not set this way.
    """
    made: dict[tuple[str | int, ...], Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise Refused(f"«{pair}» — не поле=значение", "Например: mark=4")
        path, field = _resolve(found, name.strip().replace("-", "_"))
        _require_settable(found, path, name)
        if not text.strip():
            raise Refused(
                f"У поля «{name}» нет нового значения", "Убрать поле можно в редакторе; papka save"
            )
        try:
            value = read_answer(field, text, found.desk.schemas.accepts)
        except BadAnswer as bad:
            raise BadAnswer(f"{name.strip()}: {bad}") from None
        made[path] = [*made.get(path, []), value] if field.is_list else value
    return list(made.items())


def list_settable(found: FoundEntry) -> Iterator[tuple[str, Field]]:
    """Yield the fields that `parse_changes` takes for this entry, items counted from 1."""
    for path, field in _walk_fields(found.form, found.value):
        name = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
        with suppress(Refused):
            _require_settable(found, path, name)
            yield name, field


def fix_entry(
    found: FoundEntry, wanted: list[FieldChange], *, reason: str | None, until: dt.date | None
) -> WriteStep:
    """Return the changed file; `until` is the last day of a former name. Raises Refused."""
    _refuse_void(found)
    stands = all(_value_at(found.value, path) == value for path, value in wanted)
    if not wanted or (stands and needs_correction_entry(found.form)):
        raise Refused("Менять нечего: так уже и записано", "Назовите поле и значение: mark=4")
    if stands:
        return WriteStep({}, {}, (found.address,))
    data = found.desk.bytes_of(found.path) or b""
    in_place = sets_resit_date(wanted) and not _is_settled(found)
    if needs_correction_entry(found.form) and not in_place:
        return _correct(found, data, wanted, reason or "")
    after = data
    for path, value in wanted:
        after = set_value(after, found.pointer + "".join(f"/{part}" for part in path), value)
    if former := _former_name(found, wanted, until):
        within = found.pointer if found.entry_id else ""
        after = append_entry(after, f"{within}/former_names", former)
    return WriteStep({found.path: data}, {found.path: after}, (found.address,))


RESIT_REASON = "Назначен срок пересдачи"
"""Why an approved result is repeated with a day for the re-sit: it was not wrong."""


def sets_resit_date(wanted: Iterable[FieldChange]) -> bool:
    """Return whether nothing but the day of a re-sit is set: that corrects no result."""
    return {path for path, _ in wanted} == {("resit_by",)}


def _is_settled(found: FoundEntry) -> bool:
    period = str(found.desk.value_of(found.path).get("period"))
    return is_settled(found.desk.archive, found.desk.student, period, found.entry_id)


def _correct(found: FoundEntry, data: bytes, wanted: list[FieldChange], reason: str) -> WriteStep:
    """Append a correction, unless this very one was made before."""
    student, entry = found.desk.student, _with_changes(found.value, wanted)
    kept = {key: value for key, value in entry.items() if key not in ("id", "replaces", "reason")}
    new = {**kept, "replaces": found.entry_id, "reason": reason}
    later = _list_corrections(found)
    for each in later:
        if each == {"id": each.get("id"), **new}:
            return WriteStep({}, {}, (f"{student}#{each['id']}",))
    if later:
        last = later[-1]["id"]
        raise Refused(
            f"Запись {found.address} уже исправлена записью {last}",
            f"Исправляйте последнюю: papka fix {student}#{last} …",
        )
    entry_id = found.desk.next_id(found.form.letter)
    after = append_entry(data, found.list_pointer, {"id": entry_id, **new})
    return WriteStep({found.path: data}, {found.path: after}, (f"{student}#{entry_id}",))


def _list_corrections(found: FoundEntry) -> list[dict[str, Any]]:
    """Return the entries that replace this one."""
    return [
        value
        for _, whole in found.desk.documents()
        for value in (whole.get(found.list_pointer[1:], ()) if isinstance(whole, dict) else ())
        if isinstance(value, dict) and value.get("replaces") == found.entry_id
        if VOID not in value
    ]


def changes_name(found: FoundEntry, wanted: Iterable[FieldChange]) -> bool:
    """Return whether a change is of a name: of the student or of a representative."""
    return any(name in _NAMES for name in _read_names(found, wanted)[1])


def _read_names(
    found: FoundEntry, wanted: Iterable[FieldChange]
) -> tuple[dict[str, Any], dict[str, object]]:
    """Return the parts of the name that stand and those that are to be set; none of no person.

    A representative's stand in the entry itself.
    """
    if found.kind == "representative":
        return found.value, {str(path[0]): value for path, value in wanted if len(path) == 1}
    if found.entry_id:
        return {}, {}
    changed = {str(p[1]): value for p, value in wanted if p[0] == "name" and len(p) > 1}
    return found.value.get("name", {}), changed


def _former_name(
    found: FoundEntry, wanted: list[FieldChange], until: dt.date | None
) -> dict[str, Any]:
    old, changed = _read_names(found, wanted)
    stale = [name for name in _DECLINED if name in old and name not in changed]
    if stale and any(name in changed for name in _NAMES):
        raise Refused(
            f"В карточке записано прежнее имя в падеже: {', '.join(stale)}",
            f"Укажите и его: name.{stale[0]}=…",
        )
    if until is None:
        return {}
    before = {name: old[name] for name in _NAMES if name in changed and name in old}
    if not before:
        raise Refused("Ключ --until записывает прежнее имя, а имя не меняется", "Уберите --until")
    return {"until": until.isoformat(), **before}


def _resolve(found: FoundEntry, name: str) -> tuple[tuple[str | int, ...], Field]:
    """Return path and field of a dotted name; a short one means the only such field inside."""
    known = dict(_walk_fields(found.form, found.value))
    path: tuple[str | int, ...] = tuple(
        int(part) - 1 if part.isdecimal() else part for part in name.split(".")
    )
    if path in known:
        return path, known[path]
    titles = {other: _titles_of(found.form, other) for other in known}
    typed = tuple(part if isinstance(part, int) else as_one_word(part) for part in path)
    same = [other for other in known if titles[other] == typed] or [
        other for other in known if other[-1] == name or titles[other][-1:] == typed
    ]
    if len(same) == 1:
        return same[0], known[same[0]]
    words = [
        ".".join(str(part + 1) if isinstance(part, int) else part for part in other)
        for other in known
    ]
    raise NotFound(
        f"Поля «{name}» у записи {found.address} нет",
        f"Поля: papka {'new' if found.record else 'add НОМЕР'} {found.kind} --help."
        f"{suggest(name, words)}",
    )


def _titles_of(form: FieldForm, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return a path in the titles of its fields, as they are typed."""
    inside: FieldForm | None = form
    found: list[str | int] = []
    for part in path:
        field = inside.field(part) if isinstance(part, str) and inside is not None else None
        found.append(part if field is None else as_one_word(hyphenated(field.title)))
        inside = inside if field is None else field.form
    return tuple(found)


def _walk_fields(
    form: FieldForm, value: Mapping[str, Any], above: tuple[str | int, ...] = ()
) -> Iterable[tuple[tuple[str | int, ...], Field]]:
    for field in form.fields:
        path = (*above, field.name)
        inside = value.get(field.name)
        if field.form is None:
            yield path, field
        elif field.is_list:
            for number, item in enumerate(inside if isinstance(inside, list) else ()):
                if "id" not in item:
                    yield from _walk_fields(field.form, item, (*path, number))
        else:
            yield from _walk_fields(field.form, inside if isinstance(inside, dict) else {}, path)


def void_entry(found: FoundEntry, reason: str, *, today: dt.date) -> WriteStep:
    """Return the file with the entry marked as made by mistake; raises Refused."""
    if not found.entry_id or found.record:
        raise Refused(
            f"«{found.address}» — не запись личного дела, отметки «внесено ошибочно» у неё нет",
            "Запись называют с номером: papka fix 2026-0007#r12 --void --reason ПРИЧИНА",
        )
    if found.form.field(VOID) is None:
        raise Refused(
            "Схемы этого архива ещё не знают отметки «внесено ошибочно»",
            "Обновите архив: papka upgrade",
        )
    value = {"date": today.isoformat(), "reason": reason}
    stands = found.value.get(VOID)
    if stands == value:
        return WriteStep({}, {}, (found.address,))
    _refuse_void(found)
    data = found.desk.bytes_of(found.path) or b""
    after = set_value(data, f"{found.pointer}/{VOID}", value)
    return WriteStep({found.path: data}, {found.path: after}, (found.address,))


def _refuse_void(found: FoundEntry) -> None:
    """Raise Refused when the entry is marked as made by mistake already."""
    stands = found.value.get(VOID)
    if stands is not None:
        raise Refused(
            f"Запись {found.address} уже отмечена «внесено ошибочно»: {stands['reason']}",
            f"Внесите верную запись: papka add {found.desk.student} {found.kind}",
        )


def _require_settable(found: FoundEntry, path: tuple[str | int, ...], name: str) -> None:
    if VOID in path and found.entry_id:
        raise Refused(
            "Отметку «внесено ошибочно» ставят ключом --void",
            f"papka fix {found.address} --void --reason ПРИЧИНА",
        )
    if path[-1] in _OF_PROGRAM or (found.kind == "program" and path == ("code",)):
        raise Refused(f"Поле «{name}» ставит программа, его не меняют", "Измените другое поле")
    if needs_correction_entry(found.form) and path[-1] == "reason":
        raise Refused("Причину указывают ключом --reason", 'Например: --reason "Описка"')
    if found.entry_id and path[0] in ENDS and path[0] not in found.value:
        raise Refused(
            f"Поле «{name}» говорит, что запись закончилась", f"papka end {found.address} …"
        )


def _value_at(value: Any, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - a YAML value
    for part in path:
        if isinstance(part, int):
            value = value[part]
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _with_changes(value: Mapping[str, Any], wanted: list[FieldChange]) -> dict[str, Any]:
    copy: dict[str, Any] = deepcopy(dict(value))
    for path, new in wanted:
        box: Any = copy
        for part in path[:-1]:
            box = box[part] if isinstance(part, int) else box.setdefault(part, {})
        box[path[-1]] = new
    return copy


def fill_end(found: FoundEntry, *, staff: str, today: dt.date) -> Filling:
    """Begin the end of this entry; raises Refused when it cannot end."""
    field = _end_field(found)
    form = field.form or FieldForm(
        field.name,
        field.title,
        field.description,
        (replace(field, name="date"),),
        frozenset({"date"}),
    )
    return Filling(found.desk, form, staff, today)


def fill_end_of_study(desk: Desk, *, staff: str, today: dt.date) -> Filling:
    """Begin the end of many enrolments; each one's order is not answered for all beforehand."""
    field = desk.kinds()["enrolment"].form.field("ended")
    assert field is not None, "an enrolment can end"
    assert field.form is not None, "with a reason"
    return Filling(desk, field.form, staff, today, of_each=frozenset({"order"}))


def end_entry(found: FoundEntry, filled: Filling) -> WriteStep:
    """Return the file with the end written into the entry; raises Refused when it has another."""
    field = _end_field(found)
    record = filled.record
    value: Any = record if field.form is not None else record["date"]
    old = found.value.get(field.name)
    if old == value:
        return WriteStep({}, {}, (found.address,))
    _refuse_void(found)
    if field.name in found.value:
        day = old.get("date", "") if isinstance(old, dict) else old
        raise Refused(
            f"Запись {found.address} уже закончена: {day}",
            f"Ошиблись в дате? papka fix {found.address} "
            + (f"{field.name}.date=…" if field.form else f"{field.name}=…"),
        )
    data = found.desk.bytes_of(found.path) or b""
    after = set_value(data, f"{found.pointer}/{field.name}", value)
    return WriteStep({found.path: data}, {found.path: after}, (found.address,))


def _end_field(found: FoundEntry) -> Field:
    for name in ENDS:
        field = found.form.field(name)
        if field is not None and found.entry_id:
            return field
    raise Refused(
        f"У записи {found.address} нет окончания",
        "Заканчивают зачисления, согласия и выдачи дела; остальное исправляют: papka fix",
    )
