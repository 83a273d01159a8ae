"""Whether git would notice that a file is not the one of the last commit.

Invariants: git is taken at its most careless (no look at inodes or the time of the inode's change),
as other programs of its kind are; what git would compare again by bytes is no concealment.
"""

from __future__ import annotations

from collections.abc import Mapping

from papka.core.store import Index, Stamp, TrackedFile

_SAME = "время и размер у него прежние"
EXCLUDED = "его велит не замечать .git/info/exclude или несохранённый .gitignore"


def concealed(
    tracked: Mapping[str, TrackedFile],
    stamps: Mapping[str, Stamp | None],
    index: Index,
) -> dict[str, str]:
    """Path -> by what it is hidden, of those of `stamps`, which differ; a stamp of None: no file.

    What was put in the index otherwise than committed shows in git status whatever lies there.
    """
    found = {}
    for path, stamp in stamps.items():
        entry = index.entries.get(path)
        if entry is None or entry.id != tracked[path].id:
            continue
        if entry.unwatched:
            found[path] = entry.unwatched
        elif stamp == entry.stamp and entry.stamp.time < index.written:
            found[path] = _SAME
    return found
