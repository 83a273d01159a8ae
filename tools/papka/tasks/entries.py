"""Where an entry of a personal folder stands, by its id, and which form it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from papka.core.errors import NotFound
from papka.core.layout import SCHEMA_OF, place
from papka.core.suggestion import may_be
from papka.tasks.desk import Desk, ids_in
from papka.text.form import Form


@dataclass(frozen=True, slots=True)
class Found:
    """An entry, or with an empty `entry_id` the card. `kind` is its word in the commands."""

    desk: Desk
    entry_id: str
    path: str
    pointer: str
    value: dict[str, Any]
    kind: str
    form: Form

    @property
    def address(self) -> str:
        return f"{self.desk.student}#{self.entry_id}" if self.entry_id else self.desk.student

    @property
    def list_pointer(self) -> str:
        return self.pointer.rpartition("/")[0]


def find_entry(desk: Desk, entry_id: str) -> Found:
    """The entry with this id; "" finds the card. Raises NotFound."""
    if not entry_id:
        path = f"{desk.folder}/student.yaml"
        value = desk.value_of(path)
        if not isinstance(value, dict):
            raise NotFound(f"Карточки {path} нет", "Проверьте дело: papka check")
        return Found(desk, "", path, "", value, "student", desk.schemas.forms.of("student"))
    known = []
    for path, whole in desk.documents():
        for pointer, id_ in ids_in(whole):
            known.append(id_)
            if id_ == entry_id:
                return _found(desk, path, pointer, whole, entry_id)
    raise NotFound(
        f"Записи {entry_id} в деле {desk.student} нет",
        f"Что есть: papka show {desk.student}.{may_be(entry_id, known)}",
    )


def _found(desk: Desk, path: str, pointer: str, whole: Any, entry_id: str) -> Found:  # noqa: ANN401
    above = pointer.rpartition("/")[0]
    stands = place(path)
    record = stands.kind if stands is not None else ""
    value = whole
    for part in pointer.split("/")[1:]:
        value = value[int(part) if isinstance(value, list) else part]
    for kind, entry in desk.kinds().items():
        if entry.record == record and entry.listing.pointer == above:
            return Found(desk, entry_id, path, pointer, value, kind, entry.form)
    raise NotFound(
        f"Записи {entry_id} нет в схеме {SCHEMA_OF.get(record, record)}",
        "Измените её в редакторе и проверьте: papka check",
    )
