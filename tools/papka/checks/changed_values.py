"""What exactly was changed in a record that must stay: the field, what it was, what it is.

Rules of steps say that a saved thing was changed; a person has to put one line back. Nothing is
judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple

from papka.checks import unchanged_records
from papka.core.findings import Finding, Location
from papka.core.phrases import count_phrase
from papka.core.snapshot import Snapshot, bytes_of
from papka.records.strict_yaml import parse_tree, read
from papka.records.yaml_tree import Node, escaped, node_at, steps_of

Value = Any
"""A value read from YAML."""

OF_CHANGES = frozenset(
    {
        unchanged_records.APPROVAL_CHANGED,
        unchanged_records.CLOSED_PERIOD_CHANGED,
        unchanged_records.CONSENT_TEXT_CHANGED,
        unchanged_records.EVIDENCE_CHANGED,
        unchanged_records.ISSUED_CHANGED,
        unchanged_records.ORDER_CHANGED,
        unchanged_records.REGULATION_CHANGED,
        unchanged_records.SCALE_CHANGED,
        unchanged_records.USED_EDITION_CHANGED,
    }
)
"""Codes of records that must stay and did not."""
_NAMING = ("id", "edition", "scale", "purpose", "part", "outcome", "student", "name")
"""Fields that tell items of a list apart."""
_FILES_KEPT = 32
_ABSENT = object()
_CODE = re.compile(r"[a-z0-9][a-z0-9./-]{0,30}|[А-ЯЁ]-\d\d-\d+")


class Change(NamedTuple):
    """One value that differs: pointers to it before and now, `_ABSENT` where it is not there."""

    old: str
    new: str
    was: Value
    now: Value


def tell_changes(
    findings: Iterable[Finding], before: Snapshot, after: Snapshot
) -> Iterator[Finding]:
    """Say in findings of changed records what was and what is, at the line, with that of before."""
    compared = lru_cache(_FILES_KEPT)(partial(_compare_file, before, after))
    for finding in findings:
        is_told = finding.code in OF_CHANGES
        yield _with_change(finding, compared(finding.where.path)) if is_told else finding


def is_one_change(old: bytes | None, new: bytes | None, path: str) -> bool:
    """Tell whether one value or field, items of one list, or what was cut off is all there is."""
    if old is None or new is None:
        return False
    changes = list(_compare(read(old, path).value, read(new, path).value))
    if len(changes) < 2:
        return bool(changes)
    if all(one.now is _ABSENT for one in changes):
        return True
    lists = {_parent(one.old) for one in changes if _parent(one.old) == _parent(one.new)}
    whole = all(one.old.rpartition("/")[2].isdecimal() for one in changes)
    return len(lists) == 1 and whole and all(_ABSENT in (one.was, one.now) for one in changes)


def with_line_before(finding: Finding, before: Snapshot, after: Snapshot) -> Finding:
    """Say of what a single changed value spoilt what it was, and that it has to be so again."""
    told = _with_change(finding, _compare_file(before, after, finding.where.path))
    return replace(told, hint="Верните строку, какой она была сохранена") if told.instead else told


def at_line_before(finding: Finding, before: Snapshot, after: Snapshot) -> Finding:
    """Put what is told of a single changed value at it, with the line as it was."""
    told = _with_change(finding, _compare_file(before, after, finding.where.path))
    return replace(finding, where=told.where, instead=told.instead) if told.instead else finding


@dataclass
class _ChangedFile:
    """A file as it was, and all that differs now."""

    old: bytes
    changes: list[Change]

    @cached_property
    def tree(self) -> Node | None:
        """The file as it was, with the places of its values."""
        return parse_tree(self.old)


def _compare_file(before: Snapshot, after: Snapshot, path: str) -> _ChangedFile | None:
    """Return what differs in a file; None when it was not there, or is not now."""
    old, new = bytes_of(before, path), bytes_of(after, path)
    if old is None or new is None:
        return None
    return _ChangedFile(old, list(_compare(read(old, path).value, read(new, path).value)))


def _with_change(finding: Finding, changed: _ChangedFile | None) -> Finding:
    if changed is None or not changed.changes:
        return finding
    path, inside = finding.where.path, f"{finding.where.pointer}/"
    told = [each for each in changed.changes if f"{each.new}/".startswith(inside)]
    told = told or changed.changes
    first, field = told[0], "".join(steps_of(told[0].new)[-1:])
    if first.now is _ABSENT:
        said = "исчезла строка списка" if field.isdecimal() else f"исчезло поле {field}"
    elif first.was is _ABSENT:
        said = "добавлена строка списка" if field.isdecimal() else f"добавлено поле {field}"
    else:
        said = "изменена строка списка" if field.isdecimal() else f"изменено поле {field}"
        if finding.code is not unchanged_records.ISSUED_CHANGED:
            said += "".join(_tell_values(first))
    if more := len(told) - 1:
        said += f", и ещё {count_phrase(more, 'отличие', 'отличия', 'отличий')}"
    return replace(
        finding,
        where=Location(path, first.new if first.now is not _ABSENT else _parent(first.new)),
        message=f"{finding.message}: {said}",
        instead=_line_before(first, changed),
    )


def _tell_values(change: Change) -> Iterator[str]:
    """Tell numbers, days and codes: a message may stand in a log, where no names and texts go."""
    values = [str(value) for value in (change.was, change.now) if not isinstance(value, bool)]
    if len(values) == 2 and all(map(_CODE.fullmatch, values)):
        yield f": было {values[0]}, стало {values[1]}"


def _line_before(change: Change, changed: _ChangedFile) -> str:
    """Return the line as it was saved; "" when the value takes no line or more than one."""
    root = changed.tree if change.was is not _ABSENT else None
    node = node_at(root, change.old) if root is not None else None
    if node is None or node.kind != "scalar" or node.start.line != node.end.line:
        return ""
    return changed.old.decode().split("\n")[node.start.line - 1].rstrip("\r")


def _compare(was: Value, now: Value, old: str = "", new: str = "") -> Iterator[Change]:
    """Yield what differs, in the order of the file as it is; items of lists by what names them."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in [*now, *(key for key in was if key not in now)]:
            at = f"/{escaped(key)}"
            there, here = was.get(key, _ABSENT), now.get(key, _ABSENT)
            yield from _compare(there, here, old + at, new + at)
    elif isinstance(was, list) and isinstance(now, list):
        for there, here in _pairs(was, now):
            yield from _compare(
                was[there] if there is not None else _ABSENT,
                now[here] if here is not None else _ABSENT,
                f"{old}/{there if there is not None else here}",
                f"{new}/{here if here is not None else there}",
            )
    elif type(was) is not type(now) or was != now:
        yield Change(old, new, was, now)


def _pairs(was: list[Value], now: list[Value]) -> Iterator[tuple[int | None, int | None]]:
    """Pair the items of two lists, in the order of the second; an item of one alone has None."""
    first, second = _by_name(was), _by_name(now)
    if first is None or second is None:
        yield from _in_order(was, now)
        return
    gone = [at for name, at in first.items() if name not in second]
    come = [at for name, at in second.items() if name not in first]
    renamed = len(gone) == len(come) == 1 and _differ_by_name(was[gone[0]], now[come[0]])
    for name, at in second.items():
        yield (gone[0] if renamed and at == come[0] else first.get(name)), at
    yield from ((at, None) for at in gone if not renamed)


def _in_order(was: list[Value], now: list[Value]) -> Iterator[tuple[int | None, int | None]]:
    """Pair items that have no names: what is equal at both ends, then by place."""
    shorter = min(len(was), len(now))
    head = next((n for n in range(shorter) if was[n] != now[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if was[-1 - n] != now[-1 - n]), rest)
    more, less = len(was) - head - tail, len(now) - head - tail
    for n in range(max(more, less)):
        yield (head + n if n < more else None), (head + n if n < less else None)


def _differ_by_name(was: Value, now: Value) -> bool:
    """Tell whether two items are one but for the field that names it."""
    if not isinstance(was, dict) or not isinstance(now, dict) or was.keys() != now.keys():
        return False
    changed = [field for field in was if was[field] != now[field]]
    return len(changed) == 1 and changed[0] in _NAMING


def _by_name(items: list[Value]) -> dict[object, int] | None:
    """Return the place of each item by its name; None where names do not tell apart."""
    for field in _NAMING:
        names = [item.get(field) if isinstance(item, dict) else None for item in items]
        if all(isinstance(name, (str, int)) for name in names) and len({*names}) == len(names):
            return {name: index for index, name in enumerate(names)}
    return None


def _parent(pointer: str) -> str:
    return pointer.rpartition("/")[0]
