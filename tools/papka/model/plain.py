"""Records as plain values for programs: dates as text, absent keys left out."""

from __future__ import annotations

from typing import Any

import msgspec

from papka.model.record import Record


def plain(record: Record) -> dict[str, Any]:
    """The mapping a record was read from, keys and order of the model."""
    found: dict[str, Any] = msgspec.to_builtins(record)
    return {key: value for key, value in found.items() if value is not None and value != []}
