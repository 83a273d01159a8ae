"""Names that every system creates, reads and compares alike: Latin letters, digits, `. _ -`.

Judged for every path any commit ever wrote: a checkout of the past must be safe too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.integrity.chronicle import Chronicle

_SAFE = re.compile(r"(?!-)[A-Za-z0-9._-]+(?:/(?!-)[A-Za-z0-9._-]+)*", re.ASCII)
_SERVED = re.compile(
    r"(?:^|/)(?:(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|/|$)|\.?git(?:~\d+)?(?:/|$))|\.(?:/|$)",
    re.IGNORECASE,
)
"""Names of devices in Windows and of git's own folder; a dot at the end, which Windows drops."""


def safe(chronicle: Chronicle) -> Iterator[Finding]:
    seen: set[str] = set()
    folders, names = set[str](), set[str]()
    for step in chronicle.steps:
        for change in step.changes:
            path = change.path
            if change.deleted or path in seen:
                continue
            seen.add(path)
            folder, _, name = path.rpartition("/")
            if name in names and folder in folders:
                continue  # each part was judged already: nearly every path ever written ends here
            if _SAFE.fullmatch(path) is not None and _SERVED.search(path) is None:
                folders.add(folder)
                names.add(name)
                continue
            where = Location(_shown(path), commit=step.commit.id)
            if unicodedata.is_normalized("NFC", path):
                yield codes.PATH_UNSAFE.at(where, detail=_unsafe(path))
            else:
                yield codes.PATH_NOT_NFC.at(where)


def _unsafe(path: str) -> str:
    odd = sorted({c for c in path if _SAFE.fullmatch(c) is None and c not in "/-"})
    if odd:
        return f"знаки {', '.join(f'U+{ord(c):04X}' for c in odd)}"
    if _SAFE.fullmatch(path) is None:
        return "начинается с дефиса"
    return "оно служебное: в Windows или в git"


def _shown(path: str) -> str:
    """The path without control characters: it goes to a terminal."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in path)
