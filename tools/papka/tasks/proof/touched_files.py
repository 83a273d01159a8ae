"""Which files of a commit a push can have made wrong about units and the words in them.

Invariants: a touched unit is looked into whole, with every file that holds the same salt; once a
file outside of all units changed, it is compared with the names on all cards, and once a card did,
its names with all such files. Absent on purpose: the salts of untouched register entries, which
`verify` reads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from papka.core.history import Change
from papka.core.layout import ORGANIZATION, STAFF, STUDENTS, unit
from papka.core.store import TrackedFile
from papka.integrity.personal import is_card, is_common

_SALT, _CARD = "/.salt", "/student.yaml"
_OF_THE_SCHOOL = (ORGANIZATION, STAFF)


def touched_files(
    files: Mapping[str, TrackedFile], changes: Collection[Change]
) -> dict[str, TrackedFile]:
    """Of `files`, what a commit holds, those to look into after these changes."""
    units = {change.path: unit(change.path) for change in changes}
    folders = tuple({f"{each}/" for each in units.values() if each is not None})
    salts = {c.new_id for c in changes if c.path.endswith(_SALT) and c.new_id}
    has_common = any(each is None for each in units.values())
    has_card = any(is_card(change.path) and change.new_id for change in changes)
    return {
        path: file
        for path, file in files.items()
        if path in units
        or path in _OF_THE_SCHOOL
        or path.startswith(folders)
        or (file.id in salts and path.endswith(_SALT))
        or (has_common and _is_of_a_person(path))
        or (has_card and is_common(path))
    }


def _is_of_a_person(path: str) -> bool:
    """A card, and the salt without which its unit would seem to have none."""
    return path.startswith(f"{STUDENTS}/") and path.endswith((_CARD, _SALT))
