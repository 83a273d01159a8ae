"""What exactly was changed in a record that must stay: the field, what it was, what it is.

Rules of steps say that a saved thing was changed; a person has to put one line back. Nothing is
judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from papka.checks import unchanged_records
from papka.core.findings import Finding, Location
from papka.core.phrases import count_phrase
from papka.core.snapshot import Snapshot, bytes_of
from papka.records.strict_yaml import parse_tree, read
from papka.records.yaml_tree import escaped, node_at, steps_of

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
    for finding in findings:
        yield _with_change(finding, before, after) if finding.code in OF_CHANGES else finding


def is_one_value(old: bytes | None, new: bytes | None, path: str) -> bool:
    """Tell whether a single value, no list and no set of fields, is all that was changed."""
    if old is None or new is None:
        return False
    changes = list(_compare(read(old, path).value, read(new, path).value))
    return len(changes) == 1 and not isinstance(changes[0].was, (dict, list))


def _with_change(finding: Finding, before: Snapshot, after: Snapshot) -> Finding:
    path = finding.where.path
    old, new = bytes_of(before, path), bytes_of(after, path)
    if old is None or new is None:
        return finding
    changes = list(_compare(read(old, path).value, read(new, path).value))
    inside = f"{finding.where.pointer}/"
    told = [each for each in changes if f"{each.new}/".startswith(inside)] or changes
    if not told:
        return finding
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
        instead=_line_before(first, old),
    )


def _tell_values(change: Change) -> Iterator[str]:
    """Tell numbers, days and codes: a message may stand in a log, where no names and texts go."""
    values = [str(value) for value in (change.was, change.now) if not isinstance(value, bool)]
    if len(values) == 2 and all(map(_CODE.fullmatch, values)):
        yield f": было {values[0]}, стало {values[1]}"


def _line_before(change: Change, old: bytes) -> str:
    """Return the line as it was saved; "" when the value takes no line or more than one."""
    root = parse_tree(old) if change.was is not _ABSENT else None
    node = node_at(root, change.old) if root is not None else None
    if node is None or node.kind != "scalar" or node.start.line != node.end.line:
        return ""
    return old.decode().split("\n")[node.start.line - 1].rstrip("\r")


def _compare(was: Value, now: Value, old: str = "", new: str = "") -> Iterator[Change]:
    """Yield what differs, in the order of the file as it is; items of lists by what names them."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in [*now, *(key for key in was if key not in now)]:
            at = f"/{escaped(key)}"
            there, here = was.get(key, _ABSENT), now.get(key, _ABSENT)
            yield from _compare(there, here, old + at, new + at)
    elif isinstance(was, list) and isinstance(now, list):
        first, second = _by_name(was), _by_name(now)
        for name in [*second, *(name for name in first if name not in second)]:
            there, here = first.get(name), second.get(name)
            yield from _compare(
                was[there] if there is not None else _ABSENT,
                now[here] if here is not None else _ABSENT,
                f"{old}/{there if there is not None else here}",
                f"{new}/{here if here is not None else there}",
            )
    elif type(was) is not type(now) or was != now:
        yield Change(old, new, was, now)


def _by_name(items: list[Value]) -> dict[object, int]:
    """Return the place of each item by its name; by its place where names do not tell apart."""
    for field in _NAMING:
        names = [item.get(field) if isinstance(item, dict) else None for item in items]
        if all(isinstance(name, (str, int)) for name in names) and len({*names}) == len(names):
            return {name: index for index, name in enumerate(names)}
    return {index: index for index in range(len(items))}


def _parent(pointer: str) -> str:
    return pointer.rpartition("/")[0]
