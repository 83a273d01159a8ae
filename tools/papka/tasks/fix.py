"""Fix: a result is corrected by a new entry that replaces it; anything else is set in place.

Invariants: which of the two, the schema says: where entries can bear `replaces` and `reason`,
the old one stays readable for ever and the new one repeats all its keys. Elsewhere the old value
stays in the signed history. An id is never changed; nothing is taken away here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from papka.core.errors import NotFound, Refused
from papka.core.suggestion import may_be
from papka.tasks.entries import Found
from papka.tasks.write import Step
from papka.text.answers import BadAnswer, value_of
from papka.text.edit import append_entry, set_value
from papka.text.form import Field, Form

ENDS = ("ended", "revoked", "returned", "until")
"""Fields that say an entry was true until a day; `papka end` sets them."""

_OF_PROGRAM = frozenset({"id", "file", "sha256", "original_name", "replaces"})
_NAMES = ("surname", "given", "patronymic")
_DECLINED = ("genitive", "dative")

Change = tuple[tuple[str | int, ...], Any]
"""Path inside the entry, new value."""


def is_corrected(form: Form) -> bool:
    """Whether entries of this form are corrected by new ones."""
    return form.field("replaces") is not None and form.field("reason") is not None


def changes(found: Found, pairs: Iterable[str]) -> list[Change]:
    """`field=value` as changes; dotted names reach inside, items of lists count from 1; a list
    of words is given whole, its field repeated.

    Raises NotFound for an unknown field, BadAnswer for a bad value, Refused for what is not set
    so.
    """
    made: dict[tuple[str | int, ...], Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise Refused(f"«{pair}» — не поле=значение", "Например: mark=4")
        path, field = _resolve(found, name.strip().replace("-", "_"))
        _refuse(found, path, name)
        if not text.strip():
            raise Refused(
                f"У поля «{name}» нет нового значения", "Убрать поле можно в редакторе; papka save"
            )
        try:
            value = value_of(field, text, found.desk.schemas.accepts)
        except BadAnswer as bad:
            raise BadAnswer(f"{name.strip()}: {bad}") from None
        if field.is_list:
            made[path] = [*made.get(path, []), value]
        else:
            made[path] = value
    return list(made.items())


def fixed(found: Found, wanted: list[Change], *, reason: str | None, until: dt.date | None) -> Step:
    """The file with the changes; `until` is the last day of a former name. Raises Refused."""
    stands = all(_at(found.value, path) == value for path, value in wanted)
    if not wanted or (stands and is_corrected(found.form)):
        raise Refused("Менять нечего: так уже и записано", "Назовите поле и значение: mark=4")
    if stands:
        return Step({}, {}, (found.address,))
    data = found.desk.snapshot.read(found.path)
    if is_corrected(found.form):
        if (done := _corrected_so(found, wanted, reason or "")) is not None:
            return Step({}, {}, (f"{found.desk.student}#{done}",))
        entry_id = found.desk.next_id(found.form.letter)
        after = append_entry(
            data, found.list_pointer, _correction(found, wanted, entry_id, reason or "")
        )
        names = (f"{found.desk.student}#{entry_id}",)
    else:
        after = data
        for path, value in wanted:
            after = set_value(after, found.pointer + "".join(f"/{part}" for part in path), value)
        former = _former_name(found, wanted, until)
        if former:
            after = append_entry(after, "/former_names", former)
        names = (found.address,)
    return Step({found.path: data}, {found.path: after}, names)


def _correction(found: Found, wanted: list[Change], entry_id: str, reason: str) -> dict[str, Any]:
    if later := _later(found):
        last = later[-1]["id"]
        raise Refused(
            f"Запись {found.address} уже исправлена записью {last}",
            f"Исправляйте последнюю: papka fix {found.desk.student}#{last} …",
        )
    return {"id": entry_id, **_corrected(found, wanted, reason)}


def _later(found: Found) -> list[dict[str, Any]]:
    """Entries that replace this one."""
    return [
        value
        for _, whole in found.desk.documents()
        for value in (whole.get(found.list_pointer[1:], ()) if isinstance(whole, dict) else ())
        if isinstance(value, dict) and value.get("replaces") == found.entry_id
    ]


def _corrected_so(found: Found, wanted: list[Change], reason: str) -> str | None:
    """The id of the entry that is this very correction, made before."""
    asked = _corrected(found, wanted, reason)
    same = (each for each in _later(found) if each == {"id": each.get("id"), **asked})
    return next((str(each["id"]) for each in same), None)


def _corrected(found: Found, wanted: list[Change], reason: str) -> dict[str, Any]:
    entry = _with(found.value, wanted)
    kept = {key: value for key, value in entry.items() if key not in ("id", "replaces", "reason")}
    return {**kept, "replaces": found.entry_id, "reason": reason}


def _former_name(found: Found, wanted: list[Change], until: dt.date | None) -> dict[str, Any]:
    changed = {str(path[1]): value for path, value in wanted if path[0] == "name" and len(path) > 1}
    old = found.value.get("name", {}) if not found.entry_id else {}
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


def _resolve(found: Found, name: str) -> tuple[tuple[str | int, ...], Field]:
    """Path and field of a dotted name; a short one means the only field of that name inside."""
    known = dict(_reachable(found.form, found.value))
    path: tuple[str | int, ...] = tuple(
        int(part) - 1 if part.isdecimal() else part for part in name.split(".")
    )
    if path in known:
        return path, known[path]
    same = [other for other in known if other[-1] == name]
    if len(same) == 1:
        return same[0], known[same[0]]
    words = [".".join(_shown(part) for part in other) for other in known]
    raise NotFound(
        f"Поля «{name}» у записи {found.address} нет",
        f"Поля: papka add НОМЕР {found.kind} --help.{may_be(name, words)}",
    )


def _reachable(
    form: Form, value: Mapping[str, Any], above: tuple[str | int, ...] = ()
) -> Iterable[tuple[tuple[str | int, ...], Field]]:
    for field in form.fields:
        path = (*above, field.name)
        inside = value.get(field.name)
        if field.form is None:
            yield path, field
        elif field.is_list:
            for number, item in enumerate(inside if isinstance(inside, list) else ()):
                if "id" not in item:
                    yield from _reachable(field.form, item, (*path, number))
        else:
            yield from _reachable(field.form, inside if isinstance(inside, dict) else {}, path)


def _refuse(found: Found, path: tuple[str | int, ...], name: str) -> None:
    if path[-1] in _OF_PROGRAM:
        raise Refused(f"Поле «{name}» ставит программа, его не меняют", "Измените другое поле")
    if is_corrected(found.form) and path[-1] == "reason":
        raise Refused("Причину указывают ключом --reason", 'Например: --reason "Описка"')
    if found.entry_id and path[0] in ENDS and path[0] not in found.value:
        raise Refused(
            f"Поле «{name}» говорит, что запись закончилась", f"papka end {found.address} …"
        )


def _shown(part: str | int) -> str:
    return str(part + 1) if isinstance(part, int) else part


def _at(value: Any, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - a YAML value
    for part in path:
        if isinstance(part, int):
            value = value[part]
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _with(value: Mapping[str, Any], wanted: list[Change]) -> dict[str, Any]:
    copy: dict[str, Any] = deepcopy(dict(value))
    for path, new in wanted:
        box: Any = copy
        for part in path[:-1]:
            box = box[part] if isinstance(part, int) else box.setdefault(part, {})
        box[path[-1]] = new
    return copy
