"""What every record shares: frozen, keyed by name, absent keys are None or empty."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A mapping of a YAML file. Absent means "not known or not so"; null never gets here."""


class Entry(Record, frozen=True, kw_only=True):
    """An entry of a student's list: `id` is a letter and a number, unique in the folder, never
    reused; None only until `papka save` gives it one."""

    id: str | None = None
