"""`records/trust/allowed_signers`: who may sign, read strictly.

Invariants: one literal principal (a staff id) a line, explicit literal namespaces, one key, no key
twice, no other option, no comment after the key (comments carry names); a line that is not so
gives trust to nobody. Heads sign commits, seals and documents; staff sign commits.
Absent on purpose: dates. Order of commits judges, not claimed time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from papka.core.keys import BadKey, PublicKey

GIT, SEAL, DOCUMENT = "git", "papka-seal", "papka-document"
HEAD = (GIT, SEAL, DOCUMENT)
STAFF = (GIT,)
_LINE = re.compile(
    r"(?P<staff>[a-z][a-z0-9-]*)@papka\.invalid "
    r'namespaces="(?P<namespaces>[a-z,-]+)" (?P<key>\S+ \S+)'
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a staff id, what the key may sign, the key."""

    staff: str
    namespaces: tuple[str, ...]
    key: PublicKey

    @property
    def is_head(self) -> bool:
        return self.namespaces == HEAD

    @property
    def line(self) -> str:
        """As it stands in the file, without the end of line."""
        return (
            f'{self.staff}@papka.invalid namespaces="{",".join(self.namespaces)}" {self.key.line}'
        )


@dataclass(frozen=True, slots=True)
class TrustFile:
    """The file as read: its entries, and the lines not accepted as (line from 1, why)."""

    entries: tuple[Entry, ...] = ()
    faults: tuple[tuple[int, str], ...] = ()


Trust = Mapping[PublicKey, Entry]
"""Who is trusted at one point of history."""


def read_trust(data: bytes) -> TrustFile:
    """Reads the file; what is wrong with it is in `faults`."""
    entries: dict[PublicKey, Entry] = {}
    faults: list[tuple[int, str]] = []
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        try:
            entry = _entry(line)
        except BadKey as error:
            faults.append((number, str(error)))
            continue
        if entry.key in entries:
            faults.append((number, "этот ключ уже есть в списке"))
        else:
            entries[entry.key] = entry
    return TrustFile(tuple(entries.values()), tuple(faults))


def compose_trust(entries: Iterable[Entry]) -> bytes:
    """The bytes of the file."""
    return "".join(f"{entry.line}\n" for entry in entries).encode()


def _entry(line: str) -> Entry:
    match = _LINE.fullmatch(line)
    if match is None:
        raise BadKey("не по образцу")
    namespaces = tuple(match["namespaces"].split(","))
    if namespaces not in (HEAD, STAFF):
        raise BadKey(f"назначения могут быть только «{','.join(HEAD)}» или «{','.join(STAFF)}»")
    return Entry(match["staff"], namespaces, PublicKey.from_line(match["key"]))
