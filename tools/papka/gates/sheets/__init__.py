"""Spreadsheet files: bytes to cells and back. The only place that opens CSV, XLSX and ODS.

Reading: `open_export`. Writing: `write_xlsx`, `write_csv`. What is read is hostile until
`limits` and `scan` have seen it; nothing here touches the disk.
"""

from __future__ import annotations

from papka.gates.sheets.opening import open_export
from papka.gates.sheets.written_text import write_csv
from papka.gates.sheets.written_workbook import write_xlsx

__all__ = ["open_export", "write_csv", "write_xlsx"]
