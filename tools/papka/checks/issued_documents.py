"""What was issued stays: an entry of a register is never removed, never altered; it may only be
handed over and declared void, once (R-2.2.11, R-5.4.3)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS
from papka.model.acts import RegisterEntry
from papka.model.archive import Archive

_ADDED_LATER = ("handed", "void")


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    for key, old in before.registers.items():
        path = f"{RECORDS}/registers/{key}.yaml"
        new = after.registers.get(key)
        if new is None:
            if after.is_readable(path):
                yield codes.ISSUED_REMOVED.at(Location(path), number=old.number)
        else:
            fields = list(_altered(old, new))
            if fields:
                yield codes.ISSUED_CHANGED.at(
                    Location(path, f"/{fields[0]}"), number=old.number, fields=", ".join(fields)
                )


def _altered(old: RegisterEntry, new: RegisterEntry) -> Iterator[str]:
    for field in old.__struct_fields__:
        was, is_now = getattr(old, field), getattr(new, field)
        if was != is_now and not (field in _ADDED_LATER and was is None):
            yield field
