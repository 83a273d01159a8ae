"""What a commit may bring at all: files where an archive keeps such, none larger than it keeps.

Asked of every commit before it enters, for what the next one takes away stays in the history.
Absent on purpose: what stands in the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from papka.core.codes import repository as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ARCHIVE_FILES, ARCHIVE_FOLDERS, RECORDS, place
from papka.integrity.chronicle import Step

_MB = 1024 * 1024
_LARGEST = {"attachment": 25 * _MB, "order-scan": 25 * _MB}
_LARGEST_TEXT, _LARGEST_OTHER = _MB, 100 * _MB
_TEXTS = (".yaml", ".md", ".txt", ".salt")


def largest(path: str) -> int:
    """How many bytes a file of this name may have."""
    found = place(path)
    if found is not None and found.kind in _LARGEST:
        return _LARGEST[found.kind]
    return _LARGEST_TEXT if path.endswith(_TEXTS) else _LARGEST_OTHER


def belongs(path: str) -> bool:
    """Whether an archive keeps anything there."""
    if path.startswith(f"{RECORDS}/"):
        return place(path) is not None
    return path.partition("/")[0] in ARCHIVE_FOLDERS or path in ARCHIVE_FILES


def judge_admission(steps: Iterable[Step], sizes: Mapping[str, int]) -> Iterator[Finding]:
    """`sizes`: blob id -> bytes, of all that the steps brought."""
    for step in steps:
        for change in step.changes:
            if change.deleted:
                continue
            where = Location(change.path, commit=step.commit.id)
            if change.added and not belongs(change.path):
                yield codes.PATH_FOREIGN.at(where)
            if sizes.get(change.new_id, 0) > largest(change.path):
                limit = f"{largest(change.path) // _MB} МБ"
                yield codes.FILE_TOO_BIG.at(where, limit=limit)
