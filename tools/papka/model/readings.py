"""What one job has read already, so that the same bytes are not read and judged twice."""

from __future__ import annotations

from typing import Any

from papka.core.layout import Place, place
from papka.text.schemas import SchemaSet


class Readings:
    """What accepted files were read as, so that one job reads the same bytes once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, SchemaSet, Any]] = {}
        self._places: dict[str, Place | None] = {}

    def place(self, path: str) -> Place | None:
        """Where it belongs, worked out once: one job asks of each path several times."""
        if path not in self._places:
            self._places[path] = place(path)
        return self._places[path]

    def find(self, path: str, data: bytes, schemas: SchemaSet) -> Any:  # noqa: ANN401 - any record
        """The record, or None when these bytes were not read by these schemas."""
        known = self._known.get(path)
        if known is None or known[1] is not schemas or known[0] != data:
            return None
        return known[2]

    def keep(self, path: str, data: bytes, schemas: SchemaSet, value: Any) -> None:  # noqa: ANN401 - any record
        self._known[path] = (data, schemas, value)
