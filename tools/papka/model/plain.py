"""Records as plain values for programs: dates as text, absent keys left out."""

from __future__ import annotations

from typing import Any

import msgspec

from papka.model.record import Record


def plain(record: Record) -> dict[str, Any]:
    """The mapping a record was read from, keys and order of the model."""
    found: dict[str, Any] = _present(msgspec.to_builtins(record))
    return found


def _present(value: Any) -> Any:  # noqa: ANN401 - any value of a record
    """Without what is absent or an empty list, at every depth."""
    if isinstance(value, dict):
        return {
            key: _present(item)
            for key, item in value.items()
            if item is not None and item not in ((), [])
        }
    return [_present(item) for item in value] if isinstance(value, (list, tuple)) else value
