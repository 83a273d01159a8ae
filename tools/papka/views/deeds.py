"""What commits did to the records of a personal file, in few words: «внесено: r1–r12».

Invariant: an entry counts by its id; lines moved about it are no change. Absent on purpose: old
and new values, which `papka show --why` tells.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from papka.core.layout import place
from papka.text.entries import Steps, Value, entries_in

Title = Callable[[str, Steps], str]
"""The Russian title of a field: kind of record, steps to it; "" where there is none."""

ADDED, CHANGED, REMOVED = "внесено", "изменено", "убрано"
_ID = re.compile(r"(?P<list>[a-z]|\d{4}/)(?P<number>\d+)")


@dataclass(frozen=True, slots=True)
class Deed:
    """What one commit did to one file; `before` and `after` are the record as read, None where
    there was no file or it is no YAML. `key` is the fingerprint of the key that signed."""

    commit: str
    time: dt.datetime
    staff: str
    key: str
    path: str
    is_new: bool = False
    is_gone: bool = False
    before: Value = None
    after: Value = None


def told(deeds: Sequence[Deed], title: Title, names: Callable[[str], str]) -> str:
    """All these deeds in one phrase; `names` says how a file that has no entries is called."""
    found: dict[str, list[str]] = {ADDED: [], CHANGED: [], REMOVED: []}
    for deed in deeds:
        for what, name in _parts(deed, title, names):
            if name not in found[what]:
                found[what].append(name)
    found[CHANGED] = [n for n in found[CHANGED] if n.partition(" (")[0] not in found[ADDED]]
    phrases = [f"{what}: {', '.join(_compressed(items))}" for what, items in found.items() if items]
    scans = {deed.path for deed in deeds if _kind(deed) == "attachment"}
    phrases += [f"сканов: {len(scans)}"] if scans else []
    return "; ".join(phrases)


def _parts(deed: Deed, title: Title, names: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    kind = _kind(deed)
    if kind == "attachment":
        return  # counted, not named: the name is a digest
    if deed.before is None and deed.after is None:
        yield ADDED if deed.is_new else REMOVED if deed.is_gone else CHANGED, names(deed.path)
        return
    old, new = _entries(deed.before), _entries(deed.after)
    if not (old or new) or kind == "student":
        yield from _whole(deed, kind, title, names)
    for id_, (steps, value) in new.items():
        if id_ not in old:
            yield ADDED, id_
        elif old[id_][1] != value:
            yield CHANGED, f"{id_} ({', '.join(_fields(old[id_][1], value, kind, steps, title))})"
    yield from ((REMOVED, id_) for id_ in old if id_ not in new)


def _kind(deed: Deed) -> str:
    at = place(deed.path)
    return at.kind if at else ""


def _whole(
    deed: Deed, kind: str, title: Title, names: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """A record that is not a list of entries."""
    if deed.is_new or deed.is_gone:
        yield ADDED if deed.is_new else REMOVED, names(deed.path)
        return
    old, new = _without_entries(deed.before), _without_entries(deed.after)
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield CHANGED, names(deed.path)
        return
    for field in _fields(old, new, kind, (), title):
        yield CHANGED, field if kind == "student" else f"{names(deed.path)} ({field})"


def _fields(
    old: dict[str, Value], new: dict[str, Value], kind: str, steps: Steps, title: Title
) -> list[str]:
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [(title(kind, (*steps, key)) or key).lower() for key in keys]


def _entries(value: Value) -> dict[str, tuple[Steps, dict[str, Value]]]:
    return {entry["id"]: (steps, entry) for steps, entry in entries_in(value)}


def _without_entries(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _without_entries(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [i for i in value if not (isinstance(i, dict) and isinstance(i.get("id"), str))]
    return value


def _compressed(items: list[str]) -> Iterator[str]:
    """«r1–r3, r7» of r1, r2, r3, r7; anything else as it is, in its place."""
    run: list[str] = []
    for item in (*items, ""):
        if run and not _follows(run[-1], item):
            yield from run if len(run) < 3 else (f"{run[0]}–{run[-1]}",)
            run = []
        if item:
            run.append(item)


def _follows(one: str, other: str) -> bool:
    first, second = _ID.fullmatch(one), _ID.fullmatch(other)
    if first is None or second is None or first["list"] != second["list"]:
        return False
    return int(second["number"]) == int(first["number"]) + 1
