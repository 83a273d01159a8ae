"""Why a save cannot be undone, and the right act instead: a thing once recorded is corrected,
ended or annulled, it never vanishes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from papka.core.layout import place
from papka.model.archive import Archive

_ENDED = {"e": "обучение", "c": "согласие", "l": "выдачу бумажного дела"}


def gone(before: Archive, after: Archive) -> Iterator[str]:
    """Addresses of entries that `after` has no more, though their folder is there."""
    for student_id, old in before.students.items():
        new = after.students.get(student_id)
        kept = {entry.id for entry in new.entries()} if new else set()
        for entry in old.entries():
            if entry.id is not None and entry.id not in kept:
                yield f"{student_id}#{entry.id}"


def altered(before: Archive, after: Archive) -> Iterator[str]:
    """Addresses of entries that read otherwise in `after`."""
    for student_id, old in before.students.items():
        new = after.students.get(student_id)
        found = {entry.id: entry for entry in new.entries()} if new else {}
        for entry in old.entries():
            if entry.id in found and found[entry.id] != entry:
                yield f"{student_id}#{entry.id}"


def advice(addresses: Iterable[str], removed: Iterable[str], changed: Iterable[str]) -> list[str]:
    """One line an act: `addresses` are entries that would vanish, `removed` and `changed` the
    paths that would."""
    taken = sorted(removed)
    found = [line for path in taken if (line := _of_removed(path))]
    folders = {at.student for path in taken if (at := place(path)) and at.kind == "student"}
    for address in addresses:
        student, _, entry = address.partition("#")
        if student in folders:
            continue
        if entry[:1] in _ENDED:
            found.append(f"закончить {_ENDED[entry[:1]]}: papka end {address}")
        found.append(f"исправить с указанием причины: papka fix {address} ПОЛЕ=ЗНАЧЕНИЕ")
    found += [line for path in sorted(changed) if (line := _of_changed(path))]
    return list(dict.fromkeys(found))


def _of_removed(path: str) -> str:
    at = place(path)
    if at is None:
        return ""
    if at.kind == "student":
        return (
            f"оставить дело {at.student}: заведено повторно — укажите duplicate_of в {path}; "
            "уничтожают дела только по акту"
        )
    if at.kind == "approval":
        return (
            f"исправлять в закрытом периоде {at.key} отдельные записи: "
            "papka fix НОМЕР#ЗАПИСЬ ПОЛЕ=ЗНАЧЕНИЕ"
        )
    if at.kind == "order":
        return f"отменить приказ {at.key} новым приказом: papka new order"
    if at.kind == "register":
        return f"аннулировать документ: отметка void в {path}, номер остаётся занятым"
    return ""


def _of_changed(path: str) -> str:
    at = place(path)
    if at is not None and at.kind == "program":
        return f"добавить новую редакцию программы в {path}"
    return ""
