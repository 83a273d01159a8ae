"""Words for completion in an editor: the names that records declare, with their titles.

`.papka/names.json` tells for each schema which names may stand in which field, as `x-refers-to` of
the archive's own schemas says. It is no part of the archive: it is made anew at each check and
save. The words dependencies and schemaSequence in a schema lead an editor there and mean nothing
to a validator; without the file, or where it is old, only the editor knows less. A name that is
nowhere declared yet leaves its field free.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from papka.checks.declared_names import list_declared, targets_of
from papka.core.errors import PapkaError
from papka.core.kinds import SCHEMA_OF
from papka.core.phrases import natural_key
from papka.core.places import IMPORTS, STUDENTS, place
from papka.core.snapshot import Overlay
from papka.records.archive import Archive, Readings, load
from papka.records.schema_outline import Way
from papka.records.schemas import SchemaSet, shipped
from papka.repository import dot_papka
from papka.repository.worktree import OpenedSnapshot

PATH = ".papka/names.json"
WRONG_NAMES = {
    "program": "Такой программы нет: программы лежат в records/programs/",
    "groups": "Такой группы нет: группы объявлены в records/organization.yaml",
    "part": "Такой части нет ни в одной программе",
    "staff": "Такого сотрудника нет: сотрудники перечислены в records/staff.yaml",
    "order": "Такого приказа нет: приказы лежат в records/orders/",
    "enrolments": "Такого зачисления нет: зачисления дела — в его enrolments.yaml",
    "periods": "Такого периода нет: периоды объявлены в records/organization.yaml",
    "platform": "Такой платформы нет: платформы описаны в records/platforms/",
    "source": "Такой платформы нет: платформы описаны в records/platforms/, ведомости — sheets",
    "regulation": "Такого положения нет: положения лежат в records/regulations/",
    "events": "Такого мероприятия нет: мероприятия перечислены в records/events/",
    "scales": "Такой шкалы нет: шкалы объявлены в records/organization.yaml",
    "series": "Такой серии нет: серии объявлены в records/organization.yaml",
}
"""Word of `x-refers-to`, or `part` -> what the editor says of any other name."""


def keep_names(
    root: Path, archive: Archive, *, whole: bool = True, ids: Iterable[str] = ()
) -> None:
    """Keep the names that an archive declares where the editor looks for them.

    `ids`: further ids of enrolments, of personal files that were not read. Not `whole`: of these
    only some were read, and ids known before stay. What could not
    be read leaves the names as they are; a folder that nobody may write to is left alone.
    """
    if any(not path.startswith(f"{STUDENTS}/") for path in archive.unreadable):
        return
    kept = read_names(root)
    known = () if whole or kept is None else _read_ids(kept)
    data = write_names(archive, (*known, *ids))
    if data != kept:
        with suppress(OSError, PapkaError):
            dot_papka.write(root, PATH, data, synced=False)


def read_names(root: Path) -> bytes | None:
    """Return the names that are kept now."""
    return dot_papka.read(root, PATH)


def refresh_names(
    root: Path, changed: Mapping[str, bytes | None], readings: Readings | None = None
) -> None:
    """Do as `keep_names` after a save of these files, reading no more than they need."""
    paths = {path for path in changed if _declares(path)}
    if not paths:
        return
    saved = {path: changed[path] for path in paths if path.startswith(f"{STUDENTS}/")}
    files = Overlay(OpenedSnapshot(root, (), alone=True), saved)

    def wanted(path: str) -> bool:
        return not path.startswith((f"{STUDENTS}/", IMPORTS)) or path in paths

    with suppress(PapkaError):
        archive = load(files, SchemaSet.load(files), wanted=wanted, readings=readings)
        keep_names(root, archive, whole=False)


_DECLARING = frozenset(
    ("organization", "staff", "program", "order", "events", "platform", "enrolments")
)


def _declares(path: str) -> bool:
    found = place(path)
    return found is not None and found.kind in _DECLARING


def _read_ids(data: bytes) -> tuple[str, ...]:
    try:
        known = json.loads(data)["$defs"]["enrolments"].get("enum", ())
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(map(str, known))


def write_names(archive: Archive, known: Iterable[str] = ()) -> bytes:
    """Return the schema with all names an archive declares; `known`: further ids of enrolments."""
    declared = dict(list_declared(archive))
    ids = sorted({*declared["enrolments"], *known}, key=natural_key)
    declared["enrolments"] = dict.fromkeys(ids, "")
    kinds = {word: _choose(declared[word], said) for word, said in WRONG_NAMES.items()}
    schemas = archive.schemas or shipped()
    files = {f"{name}.json": _lead_to(targets_of(kind, schemas))
             for kind, name in SCHEMA_OF.items()}  # fmt: skip
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {**kinds, **files},
    }
    return (json.dumps(schema, ensure_ascii=False, indent=1) + "\n").encode()


def _lead_to(targets: Mapping[Way, tuple[str, ...]]) -> dict[str, Any]:
    """Return a schema that asks each field of a record for the names it may give."""
    whole: dict[str, Any] = {}
    for way, words in targets.items():
        if not WRONG_NAMES.keys() >= set(words):
            continue
        at = whole
        for step in way:
            word = "items" if step == "*" else "properties"
            at = at.setdefault(word, {})
            if step != "*":
                # the archive's own schema offers the field, with its description
                at = at.setdefault(step, {"doNotSuggest": True})
        asked = [{"$ref": f"#/$defs/{word}"} for word in words]
        at["anyOf" if len(asked) > 1 else "allOf"] = asked
    return whole


def _choose(names: Mapping[str, str], said: str) -> dict[str, Any]:
    if not names:
        return {}
    return {
        "enum": list(names),
        "enumDescriptions": [title.replace("|", "; ") or name for name, title in names.items()],
        "errorMessage": said,
    }
