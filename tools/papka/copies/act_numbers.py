"""Put unsent acts of approval after acts about the same period that somebody else sent first.

Only values in and values out. What another act already approved leaves the list, so nothing is
approved twice; an act that is left with nothing is not needed; the others get the next numbers. The
rest of a list keeps its pins, or gets new ones where ids moved on, as long as each entry says what
the head approved. An act made before the closing that comes after it is a later one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, NamedTuple

from papka.core.places import (
    act_key,
    period_of_act,
    place,
    record_file,
    results_file,
    student_folder,
)
from papka.core.snapshot import Snapshot, bytes_of
from papka.records.approved_entries import (
    ApprovedLine,
    BadList,
    act_file,
    pin,
    read_list,
    write_act,
    write_list,
)
from papka.records.archive import load_part
from papka.records.derived.approvals import entries_of
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import read
from papka.records.student import Result

Changes = Mapping[str, bytes | None]


class WhereItWas(NamedTuple):
    """The records as an unsent save left them, `moved` the same with new ids, and `now` those that
    it comes to in its new place."""

    own: Snapshot
    moved: Snapshot
    now: Snapshot


class UnsentActs:
    """The acts of unsent saves; `numbers` tells key -> new key, "" for one that was not needed.

    `renamed`: personal file -> old id of an entry -> new id.
    """

    def __init__(
        self,
        base: Snapshot,
        theirs: Snapshot,
        renamed: Mapping[str, Mapping[str, str]],
        schemas: Callable[[], SchemaSet],
    ) -> None:
        self._base = base
        self._theirs = theirs
        self._renamed = renamed
        self._schemas = schemas
        placed = map(place, theirs.paths())
        self._taken = {at.key for at in placed if at is not None and at.kind == "approval"}
        self._others: defaultdict[str, list[str]] = defaultdict(list)
        for key in sorted(self._taken):
            if bytes_of(base, act_file(key)) is None:
                self._others[period_of_act(key)].append(key)
        self.numbers: dict[str, str] = {}

    def rewrite(self, step: Changes, records: WhereItWas) -> dict[str, bytes | None]:
        """Return a save's files with its acts as they are after theirs."""
        found = dict(step)
        for path, data in step.items():
            at = place(path)
            if at is None or at.kind != "approval" or data is None:
                continue
            listed_at = record_file("approval-entries", at.key) or ""
            listed = step.get(listed_at)
            if bytes_of(self._base, path) is None:
                files = self._place(at.key, data, listed, records)
                if files is not None:
                    del found[path]
                    found.pop(listed_at, None)
                    found |= files
        return found

    def reworded(self, message: str) -> str:
        """Return a save's message with the new numbers of its acts."""
        numbers = {old: new for old, new in self.numbers.items() if new}
        if not numbers:
            return message
        pattern = "|".join(map(re.escape, numbers))
        return re.sub(rf"\b(?:{pattern})\b(?!-)", lambda found: numbers[found[0]], message)

    def _place(
        self, key: str, data: bytes, listed: bytes | None, records: WhereItWas
    ) -> dict[str, bytes] | None:
        """Return the files of an act in its new place; None where it stays as it is."""
        period = period_of_act(key)
        value = read(data, act_file(key)).value
        try:
            lines = list(read_list(listed)) if listed else []
        except BadList:
            return None  # the rules report it
        theirs = bytes_of(self._theirs, act_file(key))
        if not isinstance(value, dict) or theirs == data or (theirs and key == period):
            return None
        approved = self._find_approved(period)
        kept = [self._keep(line, period, approved, records) for line in lines]
        left = [line for line in kept if line is not None]
        if lines and not left and key != period:
            self.numbers[key] = ""
            return {}
        new = key if key == period else self._next_free(period)
        self._taken.add(new)
        act = self._at_its_day(value, period)
        if (new, left, act) == (key, lines, value):
            return None
        if new != key:
            self.numbers[key] = new
        return write_act(new, act, write_list(left) if left else b"")

    def _next_free(self, period: str) -> str:
        keys = (act_key(period, number) for number in count(1))
        return next(key for key in keys if key not in self._taken)

    def _find_approved(self, period: str) -> dict[str, set[str]]:
        """Return personal file -> entries that acts of the others approve."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for key in self._others[period]:
            listed = bytes_of(self._theirs, record_file("approval-entries", key) or "")
            try:
                for line in read_list(listed) if listed else ():
                    found[line.student].update(line.ids)
            except BadList:
                continue  # the rules report it
        return found

    def _keep(
        self,
        line: ApprovedLine,
        period: str,
        approved: Mapping[str, set[str]],
        records: WhereItWas,
    ) -> ApprovedLine | None:
        """Return what is left of a line; None when nothing is."""
        ids = self._renamed.get(line.student, {})
        held = approved.get(line.student, set())
        left = tuple(new for old in line.ids if (new := ids.get(old, old)) not in held)
        if left == line.ids or not left:
            return line if left else None
        salt, was = self._read(records.own, line.student, period)
        if pin(salt, [was[id_] for id_ in line.ids if id_ in was]) != line.pin:
            return ApprovedLine(line.student, left, line.pin)  # the rules report it
        _, said = self._read(records.moved, line.student, period)
        _, now = self._read(records.now, line.student, period)
        same = [now[id_] for id_ in left if id_ in now and now[id_] == said.get(id_)]
        named = tuple(each.id for each in same if each.id)
        return ApprovedLine(line.student, named, pin(salt, same)) if same else None

    def _read(
        self, source: Snapshot, student: str, period: str
    ) -> tuple[bytes | None, dict[str, Result]]:
        paths = (results_file(student, period), f"{student_folder(student)}/.salt")
        files = [(path, data) for path in paths if (data := bytes_of(source, path)) is not None]
        found = load_part(files, self._schemas()).students.get(student)
        return (found.salt, entries_of(found, period)) if found else (None, {})

    def _at_its_day(self, value: dict[str, Any], period: str) -> dict[str, Any]:
        """Return an act that says when it was made: after a closing that the others sent."""
        closing = bytes_of(self._theirs, act_file(period))
        if "approved" not in value or closing is None:
            return value
        said = read(closing, act_file(period)).value
        closed = str(said.get("closed", "")) if isinstance(said, dict) else ""
        rest = {name: each for name, each in value.items() if name not in ("period", "approved")}
        return {"period": period, "closed": max(str(value["approved"]), closed), **rest}
