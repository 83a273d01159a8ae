"""The manifest of an import as it is written: what was taken, when, by whom, and how it was read.

Absent on purpose: the name and size of the file, anything about one row (R-6.4): those stand in
`original/order.txt`, which goes with the first student who must.
"""

from __future__ import annotations

import codecs
import datetime as dt

from papka.core.table import Export
from papka.model.raw_rows import DELIMITERS
from papka.text.emit import emit

_SCHEMA = "# yaml-language-server: $schema=../../../../schema/import.json\n"
_PLAIN_NAMES = {"utf-8-sig": "utf-8", "cp1251": "windows-1251"}
_WORDS = {sign: word for word, sign in DELIMITERS.items()}


def encoding_of(export: Export) -> str:
    """The encoding of a part, which has no byte order mark: `utf-16-le`, never `utf-16`."""
    name = codecs.lookup(export.encoding or "utf-8").name
    if name == "utf-16":
        return "utf-16-be" if export.data.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    return _PLAIN_NAMES.get(name, name)


def manifest(  # noqa: PLR0913 - all that is said of an import
    export: Export,
    *,
    platform: str,
    layout: str,
    edition: int,
    period: str,
    taken: dt.date,
    by: str,
) -> bytes:
    """The file. `layout` and `edition` name the description in the platform's record by which the
    export was read, `taken` is the day of the export, `by` who takes it in (a staff id)."""
    said: dict[str, object] = {
        "platform": platform,
        "export": layout,
        "edition": edition,
        "period": period,
        "taken": taken,
        "by": by,
        "layout": export.layout,
    }
    if export.layout == "csv":
        said |= {
            "encoding": encoding_of(export),
            "delimiter": _WORDS.get(export.delimiter, export.delimiter),
        }
    return (_SCHEMA + emit(said)).encode()
