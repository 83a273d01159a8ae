"""A document as it left the school: what became of it later is no part of the paper."""

from __future__ import annotations

from msgspec.structs import replace as changed

from papka.model.acts import RegisterEntry


def as_issued(entry: RegisterEntry) -> RegisterEntry:
    """Neither handed over nor void yet."""
    return changed(entry, handed=None, void=None)
