"""How the columns of an export are called, from the rows that stood above its students.

Invariant: the titles are those of the file itself; of several rows above, the one with most words.
"""

from __future__ import annotations

from papka.model.archive import Archive
from papka.model.raw_rows import NotRows, raw_rows


def titles(archive: Archive, key: str, count: int) -> tuple[str, ...]:
    """One title a column, at least `count`; "" for a column nobody named."""
    taken, kept = archive.imports.get(key), archive.import_files.get(key)
    try:
        rows = raw_rows(kept.header.removeprefix(b"\xef\xbb\xbf"), taken) if kept and taken else []
    except NotRows:
        rows = []
    best = max(rows, key=lambda cells: sum(bool(cell.strip()) for cell in cells), default=[])
    named = [" ".join(cell.split()).removeprefix("\ufeff") for cell in best]
    return (*named, *[""] * (count - len(named)))
