"""Entry ids that two people gave at once: the unsent ones move to the next free numbers.

Invariants: only ids that were never sent change; every reference to them inside the unsent files
follows, those of a register's entry too; one letter's numbers keep their order. A reference is
known by its key (REFERENCES, kept complete by a test against the schemas) and, elsewhere, as an
address `2026-0007#r14`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from papka.core.layout import place
from papka.text.document import read
from papka.text.edit import replace_scalar

REFERENCES: Mapping[str, str] = {
    "id": "acdeghklnprs",
    "enrolment": "e",
    "continues": "e",
    "contract": "d",
    "document": "d",
    "photo": "d",
    "signed_by": "p",
    "told": "p",
    "to": "p",
    "resits": "r",
    "replaces": "dr",
}
"""Key -> letters of the entries of the same folder that it names."""

Renamed = Mapping[str, str]


def free_ids(taken: Iterable[str], ours: Iterable[str], clashing: Iterable[str]) -> dict[str, str]:
    """A new id for each clashing one: after all that either side has."""
    last: defaultdict[str, int] = defaultdict(int)
    for id_ in (*taken, *ours):
        last[id_[0]] = max(last[id_[0]], int(id_[1:]))
    found: dict[str, str] = {}
    for id_ in sorted(clashing, key=lambda id_: (id_[0], int(id_[1:]))):
        last[id_[0]] += 1
        found[id_] = f"{id_[0]}{last[id_[0]]}"
    return found


def renumbered(path: str, data: bytes, renamed: Mapping[str, Renamed]) -> bytes:
    """A file of the unsent work with new ids; `renamed`: student -> old id -> new id."""
    if not path.endswith(".yaml"):
        return data
    for student, ids in renamed.items():
        # Highest first: the address of r1 must not be found in what r12 has become.
        for old in sorted(ids, key=lambda id_: int(id_[1:]), reverse=True):
            address = rf"{student}#{old}(?!\d)".encode()
            data = re.sub(address, f"{student}#{ids[old]}".encode(), data)
    own = renamed.get(_whose(path, data))
    if own:
        for pointer, new in list(_references(read(data, path).value, "", own)):
            data = replace_scalar(data, pointer, new)
    return data


def _whose(path: str, data: bytes) -> str:
    """The student whose entries a file names by their ids alone: an issued document says to which
    representative it was handed."""
    found = place(path)
    if found is None or found.kind != "register":
        return found.student if found is not None else ""
    value = read(data, path).value
    return str(value.get("student", "")).partition("#")[0] if isinstance(value, dict) else ""


def _references(value: Any, pointer: str, ids: Renamed) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Where a renamed id stands, and what it becomes."""
    items = value.items() if isinstance(value, dict) else enumerate(value or ())
    for key, item in items:
        below = f"{pointer}/{key}"
        if isinstance(item, (dict, list)):
            yield from _references(item, below, ids)
        elif isinstance(item, str) and item in ids and item[0] in REFERENCES.get(str(key), ""):
            yield below, ids[item]
