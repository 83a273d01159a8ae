"""Who made an entry what it is: the commits that touched it, read from the history of its file.

Invariant: an entry is known by its id, wherever in the file it stands; a commit that only moved
lines around it is not among them. Absent on purpose: judging signatures, which is `verify`'s.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from papka.gates.git.tracing import versions
from papka.text.document import read

Value = Any
"""A value read from YAML."""
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Touch:
    """A commit that made the entry what it was after it. `what` is a word, `fields` the keys
    that changed."""

    commit: str
    time: dt.datetime
    staff: str
    what: str
    fields: tuple[str, ...] = ()


def trace(root: Path, path: str, entry: str, rev: str = "HEAD") -> Iterator[Touch]:
    """The commits that touched an entry, the latest first."""
    found = [
        (version.commit, _find(version.data, path, entry)) for version in versions(root, path, rev)
    ]
    for (commit, after), (_, before) in zip(found, [*found[1:], (None, None)], strict=True):
        if after == before:
            continue
        time = dt.datetime.fromtimestamp(commit.committer.time, dt.UTC).astimezone(
            dt.datetime.strptime(commit.committer.offset, "%z").tzinfo
        )
        if before is None:
            what = "внесена"
        elif after is None:
            what = "убрана"
        else:
            what = "изменена"
        old, new = before or {}, after or {}
        keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        changed = tuple(keys) if what == "изменена" else ()
        yield Touch(commit.id, time, commit.author.name, what, changed)


def _find(data: bytes | None, path: str, entry: str) -> dict[str, Value] | None:
    if data is None:
        return None
    whole = read(data, path).value
    return next((value for _, value in entries_in(whole, ()) if value["id"] == entry), None)


def entries_in(value: Value, at: Steps) -> Iterator[tuple[Steps, dict[str, Value]]]:
    """Every mapping of a list that has an id, with the steps that lead to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from entries_in(inner, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                yield (*at, index), item
            yield from entries_in(item, (*at, index))
