"""A personal file made twice: what stands in the one given up is entered anew in the one kept.

`fix NUMBER duplicate_of=KEPT` marks the card. The entries are offered for re-entry: each gets a new
id in the kept file, names there what it named here, and is marked here as made by mistake, so that
nothing counts twice and both files stay readable. Invariants: one step for both files; what the
kept file says already is not entered again; results of a closed period are not moved, nor is
anything while there are such. A result from a platform leaves its cell behind, for the row belongs
to the file given up. The card's own lists (loans, holds) stay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from papka.core.errors import NotFound, Refused
from papka.core.kinds import LETTERS
from papka.core.places import is_student_id, place, student_file
from papka.desk.command_end import WriteStep
from papka.desk.entries import add_to_file
from papka.desk.filling import VOID
from papka.desk.open_records import Desk, EntryKind
from papka.records.derived.approvals import settled_periods
from papka.records.editing import set_value
from papka.records.schema_outline import Way

_LEFT = frozenset({"student"})
"""Kinds of record whose lists stay where they are, but for the representatives."""
_PERSON = "/representatives"
_STUDY = ("program", "edition", "start")


@dataclass(frozen=True, slots=True)
class _OldEntry:
    """An entry of the file given up; `key`: the period of its file, if it has one."""

    path: str
    pointer: str
    kind: EntryKind
    key: str
    value: Mapping[str, Any]


@dataclass(slots=True)
class ReEntry:
    """What entering the entries of `given_up` in `kept` would do: (old id, new id), (old id, id of
    what the kept file says already), and ids of results that lose their cell of a platform."""

    given_up: str
    kept: str
    entered: list[tuple[str, str]] = field(default_factory=list)
    known: list[tuple[str, str]] = field(default_factory=list)
    uprooted: list[str] = field(default_factory=list)
    before: dict[str, bytes | None] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)


def plan_re_entry(desk: Desk, kept: str, *, today: dt.date) -> ReEntry:
    """Plan to enter in `kept` what stands in the open file; `desk` has both open.

    Raises NotFound when there is no such file, Refused when it was given up too, or results of a
    closed period are in the way.
    """
    there = _open_kept(desk, kept)
    found = list(_list_entries(desk))
    closed = settled_periods(desk.archive, desk.person)
    if closed:
        raise Refused(
            f"В деле {desk.student} есть результаты утверждённого периода {closed[0]}: их не "
            "переносят",
            f"Дело так и останется с пометкой duplicate_of, его результаты считаются там. Только "
            f"отметить: papka fix {desk.student} duplicate_of={kept}",
        )
    plan = ReEntry(desk.student, kept)
    ids = _choose_ids(there, found, plan, desk)
    for each in found:
        old = str(each.value["id"])
        if each.kind.record not in _LEFT:
            reason = f"Дело заведено повторно, ведётся {kept}: там запись {ids[old]}"
            mark = {"date": today.isoformat(), "reason": reason}
            _set(plan, desk, each.path, f"{each.pointer}/{VOID}", mark)
        if (old, ids[old]) in plan.entered:
            _enter(plan, desk, there, each, ids)
    return plan


def re_enter(desk: Desk, plan: ReEntry) -> WriteStep:
    """Return the files of both: the card marked, the entries there, and here marked as mistaken."""
    card = f"{desk.folder}/student.yaml"
    _set(plan, desk, card, "/duplicate_of", plan.kept)
    names = [plan.given_up, *(f"{plan.kept}#{new}" for _, new in plan.entered)]
    return WriteStep(plan.before, plan.after, tuple(names))


def _open_kept(desk: Desk, kept: str) -> Desk:
    person = desk.archive.students.get(kept) if is_student_id(kept) else None
    if person is None or person.person is None or kept == desk.student:
        raise NotFound(f"Дела {kept} нет", "Назовите дело, которое ведётся: papka find")
    if person.person.duplicate_of:
        raise Refused(
            f"Дело {kept} само заведено повторно",
            f"Ведётся {person.person.duplicate_of}: назовите его",
        )
    return desk.at(kept)


def _list_entries(desk: Desk) -> Iterator[_OldEntry]:
    """Yield the entries that count, representatives first: others name them."""
    kinds = {(each.record, each.listing.pointer): each for each in desk.kinds().values()}
    documents = sorted(desk.documents(), key=lambda each: not each[0].endswith("/student.yaml"))
    for path, whole in documents:
        at = place(path)
        for (record, pointer), kind in kinds.items():
            if at is None or record != at.kind or (record in _LEFT and pointer != _PERSON):
                continue
            for number, value in enumerate(whole.get(pointer[1:]) or ()):
                if VOID not in value and "id" in value:
                    key = at.key if kind.by_period else ""
                    yield _OldEntry(path, f"{pointer}/{number}", kind, key, value)


def _choose_ids(there: Desk, found: list[_OldEntry], plan: ReEntry, desk: Desk) -> dict[str, str]:
    """Return old id -> id in the kept file, of an entry that it has already or that it gets."""
    ids: dict[str, str] = {}
    taken: dict[str, int] = {}
    standing = list(_list_entries(there))
    for each in found:
        old = str(each.value["id"])
        same = _find_same(desk, each, standing, ids)
        if same is not None:
            ids[old] = same
            plan.known.append((old, same))
            continue
        letter = LETTERS[each.kind.listing.pointer]
        number = taken.get(letter) or int(there.next_id(letter)[1:])
        taken[letter] = number + 1
        ids[old] = f"{letter}{number}"
        plan.entered.append((old, ids[old]))
    return ids


def _find_same(
    desk: Desk, entry: _OldEntry, standing: list[_OldEntry], ids: Mapping[str, str]
) -> str | None:
    """Return the id of the kept file's entry that says the same; of studies the same programme,
    edition and first day."""
    wanted = _content(_rename(desk, entry, ids))
    for other in standing:
        if (other.kind, other.key) != (entry.kind, entry.key):
            continue
        if entry.kind.record == "enrolments":
            is_same = all(other.value.get(key) == entry.value.get(key) for key in _STUDY)
        else:
            is_same = _content(other.value) == wanted
        if is_same:
            return str(other.value["id"])
    return None


def _content(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in ("id", "source")}


def _rename(desk: Desk, entry: _OldEntry, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the entry with what it names of its own file renamed, without its platform's cell."""
    ways = desk.schemas.references(entry.kind.record)
    own = {pointer.rpartition("/")[2] for pointer in LETTERS}
    top: Way = (entry.kind.listing.pointer[1:], "*")
    renamed = {way for way, targets in ways.items() if own.intersection(targets)}

    def walk(value: Any, way: Way) -> Any:  # noqa: ANN401 - a YAML value
        if isinstance(value, dict):
            return {key: walk(item, (*way, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item, (*way, "*")) for item in value]
        return ids.get(value, value) if way in renamed and isinstance(value, str) else value

    made: dict[str, Any] = walk(dict(entry.value), top)
    made.pop("source", None)
    return made


def _enter(
    plan: ReEntry, desk: Desk, there: Desk, entry: _OldEntry, ids: Mapping[str, str]
) -> None:
    record = _rename(desk, entry, ids)
    record["id"] = ids[str(entry.value["id"])]
    if "source" in entry.value:
        plan.uprooted.append(str(entry.value["id"]))
    path = student_file(there.student, entry.kind.record, entry.key)
    _change(plan, there, path, lambda data: add_to_file(data, entry.kind, path, entry.key, record))
    name = entry.value.get("file")
    if isinstance(name, str):
        scan = desk.bytes_of(f"{desk.folder}/attachments/{name}")
        if scan is not None:
            _change(plan, there, f"{there.folder}/attachments/{name}", lambda _: scan)


def _change(plan: ReEntry, desk: Desk, path: str, make: Callable[[bytes | None], bytes]) -> None:
    """Change a file of the plan; `make` is given its bytes, None when it is not there."""
    if path not in plan.before:
        plan.before[path] = desk.bytes_of(path)
    plan.after[path] = make(plan.after.get(path, plan.before[path]))


def _set(plan: ReEntry, desk: Desk, path: str, pointer: str, value: object) -> None:
    _change(plan, desk, path, lambda data: set_value(data or b"", pointer, value))
