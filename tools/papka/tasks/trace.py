"""Who made an entry what it is: the commits that touched it, read from the history of its file.

Invariants: an entry is known by its id, wherever in the file it stands; a commit that only moved
lines around it is not among them. Absent on purpose: judging signatures, which is `verify`'s.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from papka.gates.git.tracing import versions
from papka.tasks.signed import signing_key
from papka.text.document import read
from papka.text.entries import Value, entries_in


@dataclass(frozen=True, slots=True)
class Touch:
    """A commit that made the entry what it was after it. `what` is a word, `fields` the keys
    that changed; `key` is the fingerprint of the key that signed, "" when none is to be read."""

    commit: str
    time: dt.datetime
    staff: str
    what: str
    fields: tuple[str, ...] = ()
    key: str = ""
    before: Value = None
    after: Value = None


def trace(root: Path, path: str, entry: str | None, rev: str = "HEAD") -> Iterator[Touch]:
    """The commits that touched an entry, or with None the whole record, the latest first."""
    found = [
        (version.commit, _find(version.data, path, entry)) for version in versions(root, path, rev)
    ]
    for (commit, after), (_, before) in zip(found, [*found[1:], (None, None)], strict=True):
        if after == before:
            continue
        if before is None:
            what = "внесена"
        elif after is None:
            what = "убрана"
        else:
            what = "изменена"
        old, new = before or {}, after or {}
        keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        changed = tuple(keys) if what == "изменена" else ()
        staff, key = commit.author.name, signing_key(commit)
        yield Touch(commit.id, commit.committer.moment, staff, what, changed, key, before, after)


def _find(data: bytes | None, path: str, entry: str | None) -> dict[str, Value] | None:
    if data is None:
        return None
    whole = read(data, path).value
    if entry is None:
        return whole if isinstance(whole, dict) else None
    return next((value for _, value in entries_in(whole) if value["id"] == entry), None)
