"""`records/trust/revocations`: keys that sign no more, one a line, never removed.

`retired SHA256:… at <commit>`: its owner left; what was signed up to that commit stays good.
`compromised SHA256:… after <commit>` (or `after root`): others may hold it; what was signed up to
that commit stays good, after it nothing. Absent on purpose: dates; the order of commits judges.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(
    r"(?P<word>retired|compromised) (?P<key>SHA256:[A-Za-z0-9+/]{43}) (?P<join>at|after) "
    r"(?P<commit>root|[0-9a-f]{40})"
)
_JOINS = {"retired": "at", "compromised": "after"}
ROOT = "root"


@dataclass(frozen=True, slots=True, order=True)
class Revocation:
    """`commit` is the last one the key counts at; `root`: none but the first, which paper decides
    about."""

    key: str
    commit: str
    is_compromised: bool

    @property
    def line(self) -> str:
        """As it stands in the file, without the end of line."""
        word = "compromised" if self.is_compromised else "retired"
        return f"{word} {self.key} {_JOINS[word]} {self.commit}"


@dataclass(frozen=True, slots=True)
class Revocations:
    """`faults` are lines not understood (from 1): who wrote them meant to revoke something."""

    entries: tuple[Revocation, ...] = ()
    faults: tuple[int, ...] = ()

    def all_of(self, key: str) -> list[Revocation]:
        """All that is said of the key with this fingerprint, the worst first."""
        found = [entry for entry in self.entries if entry.key == key]
        return sorted(found, key=lambda entry: not entry.is_compromised)

    def of(self, key: str) -> Revocation | None:
        """The worst that is said of it."""
        return next(iter(self.all_of(key)), None)


def read_revocations(data: bytes) -> Revocations:
    lines = data.decode("utf-8", "replace").split("\n")
    read = [(number, _read(line)) for number, line in enumerate(lines, 1) if _is_said(line)]
    return Revocations(tuple(_good(read)), tuple(number for number, entry in read if entry is None))


def _is_said(line: str) -> bool:
    return bool(line) and not line.startswith("#")


def _good(read: list[tuple[int, Revocation | None]]) -> Iterator[Revocation]:
    for _, entry in read:
        if entry is not None:
            yield entry


def _read(line: str) -> Revocation | None:
    match = _LINE.fullmatch(line)
    if match is None or match["join"] != _JOINS[match["word"]]:
        return None
    return Revocation(match["key"], match["commit"], match["word"] == "compromised")
