"""`papka show С-2026-0001`: an issued document as the register holds it.

Invariant: of the archive only the registers and what names their people are read.
"""

from __future__ import annotations

from pathlib import Path

from papka.core.findings import Location
from papka.core.layout import ORGANIZATION, STAFF, place, record_folder
from papka.core.snapshot import DictSnapshot, Snapshot
from papka.gates.folders import files_below
from papka.gates.git import reading
from papka.gates.git.narrow import NarrowSnapshot
from papka.gates.worktree import WorktreeSnapshot
from papka.model.reading import load
from papka.tasks.labelled import labelled
from papka.tasks.show_entry import EntryShown
from papka.tasks.why import Why, steps_of
from papka.text.document import read
from papka.text.schemas import SchemaSet

_KIND = "register"
_BOOKS = record_folder(_KIND)
_SHARED = (ORGANIZATION, STAFF)


def show_document(
    root: Path, number: str, *, rev: str | None = None, why: bool = False
) -> EntryShown | None:
    """The register's entry of this number; None when there is none."""
    commit = reading.read_commit(root, rev) if rev else None
    source: Snapshot
    if commit is None:
        source = WorktreeSnapshot(root)
        paths = [*files_below(root, _BOOKS), *files_below(root, "schema"), *_SHARED]
    else:
        source = NarrowSnapshot(root, commit.id, ())
        paths = [p for p in source.paths() if p.startswith((_BOOKS, "schema/")) or p in _SHARED]
    data = dict(source.read_many(paths))
    files = DictSnapshot(
        {p: d for p, d in data.items() if not p.startswith(_BOOKS) or number.encode() in d}
    )
    schemas = SchemaSet.load(files)
    archive = load(files, schemas)
    key = next((key for key, each in archive.registers.items() if each.number == number), None)
    if key is None:
        return None
    path = f"{_BOOKS}/{key}.yaml"
    value = read(files.read(path), path).value
    at = place(path)
    kind = at.kind if at else ""
    steps = steps_of(root, archive, schemas, path, None, kind, (), rev or "HEAD") if why else ()
    return EntryShown(
        number,
        schemas.title(kind, ()) or "Выданный документ",
        Location(path, "", 1, 1, commit.id if commit else ""),
        tuple(labelled(schemas, kind, (), {k: v for k, v in value.items() if k != "salt"})),
        (),
        value,
        commit.id if commit else None,
        Why(tuple(steps)) if why else None,
    )
