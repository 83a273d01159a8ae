"""The digest of a folder, as coreutils compute it over a fresh `git archive` of the folder:

    find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum

Invariant: names hold nothing that `sha256sum` would write in another way than it stands.
Absent on purpose: a work tree, where untracked files and other line ends would count.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


def folder_digest(files: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 in hex; paths are relative to the folder. Raises ValueError for an odd name."""
    lines = []
    for path, data in files:
        if _PLAIN.fullmatch(path) is None:
            raise ValueError(path)
        lines.append((f"./{path}".encode(), hashlib.sha256(data).hexdigest().encode()))
    total = hashlib.sha256()
    for name, digest in sorted(lines):
        total.update(digest + b"  " + name + b"\n")
    return total.hexdigest()
