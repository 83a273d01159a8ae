"""End: an entry was true until a day; it stays. Which field says so, the schema knows."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from papka.core.errors import Refused
from papka.tasks.entries import Found
from papka.tasks.filling import Filling
from papka.tasks.fix import ENDS
from papka.tasks.write import Step
from papka.text.edit import set_value
from papka.text.form import Field, Form


def filling(found: Found, *, staff: str, today: dt.date) -> Filling:
    """What the end of this entry must say. Raises Refused when it has ended or cannot."""
    field = _field(found)
    form = field.form or Form(
        field.name,
        field.title,
        field.description,
        (replace(field, name="date"),),
        frozenset({"date"}),
    )
    return Filling(found.desk, form, staff, today)


def ended(found: Found, filled: Filling) -> Step:
    """The file with the end written into the entry."""
    field = _field(found)
    record = filled.record
    value: Any = record if field.form is not None else record["date"]
    if found.value.get(field.name) == value:
        return Step({}, {}, (found.address,))
    if field.name in found.value:
        raise Refused(
            f"Запись {found.address} уже закончена: {_day(found.value[field.name])}",
            f"Ошиблись в дате? papka fix {found.address} "
            + (f"{field.name}.date=…" if field.form else f"{field.name}=…"),
        )
    data = found.desk.snapshot.read(found.path)
    after = set_value(data, f"{found.pointer}/{field.name}", value)
    return Step({found.path: data}, {found.path: after}, (found.address,))


def _field(found: Found) -> Field:
    for name in ENDS:
        field = found.form.field(name)
        if field is not None and found.entry_id:
            return field
    raise Refused(
        f"У записи {found.address} нет окончания",
        "Заканчивают зачисления, согласия и выдачи дела; остальное исправляют: papka fix",
    )


def _day(value: Any) -> str:  # noqa: ANN401 - a YAML value
    return str(value.get("date", "") if isinstance(value, dict) else value)
