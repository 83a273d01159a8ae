"""Units of retention in the last commit: their salts, and personal data outside of them.

Invariants: cards and salts are read once, in bulk. Absent on purpose: reading what is no text, and
the two files that are about the staff and the school.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from papka.core.errors import GitFailed
from papka.core.findings import Finding
from papka.core.history import LINK, SUBMODULE
from papka.core.store import TrackedFile
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.objects import Objects
from papka.integrity.chronicle import Step
from papka.integrity.personal import (
    OF_THE_SCHOOL,
    Persons,
    is_card,
    is_common,
    judge_messages,
    judge_places,
    judge_texts,
)
from papka.integrity.salts import is_register, judge_salts, salted_units

_SALT_FIELD = re.compile(rb"""(?m)^salt:[ ]+["']?([0-9a-f]{64})["']?[ ]*(?:#.*)?$""")


def judge_units(
    room: CleanRoom, files: Mapping[str, TrackedFile], steps: Collection[Step] = ()
) -> Iterator[Finding]:
    """`files`: what the last commit holds; `steps`: the history, whose words are looked at too."""
    objects = room.objects()
    plain = {path: f for path, f in files.items() if f.mode not in (LINK, SUBMODULE)}
    yield from judge_salts(files, steps, dict(_salts(objects, plain)))
    yield from judge_places(files)
    cards = [path for path in plain if is_card(path)]
    school = [path for path in OF_THE_SCHOOL if path in plain]
    persons, staff = (
        Persons.of(_text(data) for _, data in _read(objects, plain, paths))
        for paths in (cards, school)
    )
    persons = persons.without(staff)
    yield from judge_messages(steps, persons)
    common = [path for path in plain if is_common(path)]
    texts = ((path, _text(data)) for path, data in _read(objects, plain, common))
    yield from judge_texts(texts, persons)


def _salts(
    objects: Objects, files: Mapping[str, TrackedFile]
) -> Iterator[tuple[str, bytes | None]]:
    """Each salt that is there; of a register entry None when it has none."""
    due = [salt for salt in salted_units(files) if salt in files]
    yield from _read(objects, files, due)
    for path, data in _read(objects, files, [path for path in files if is_register(path)]):
        match = _SALT_FIELD.search(data)
        yield path, bytes.fromhex(match[1].decode()) if match else None


def _read(
    objects: Objects, files: Mapping[str, TrackedFile], paths: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    """Path and bytes; what is lost is passed over, for the store's check has told of it."""
    wanted = list(paths)
    try:
        for path, found in zip(wanted, objects.find_many(files[p].id for p in wanted), strict=True):
            if found is not None:
                yield path, found[1]
    except (GitFailed, ValueError):
        return


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
