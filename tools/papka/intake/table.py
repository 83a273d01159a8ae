"""What intake works on: an export as tables of text cells, as `gates/sheets` reads it.

Invariant: the values stand in `core`, because a gate makes them and may import only `core`.
"""

from __future__ import annotations

from papka.core.table import Export, FileLayout, Row, Table

__all__ = ["Export", "FileLayout", "Row", "Table"]
