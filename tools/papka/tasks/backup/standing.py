"""How the copies of a school year stand, by the journal as it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.core.snapshot import Part
from papka.gates.git.commit_tree import CommitTree
from papka.model.archive import Archive
from papka.model.derived.copies import holding, year_for
from papka.model.on_demand import OnDemand
from papka.model.safekeeping import Copy
from papka.tasks.backup.planning import school_year_of
from papka.tasks.save import head_of
from papka.text.schemas import SchemaSet


@dataclass(frozen=True, slots=True)
class Standing:
    """`copies`: lines of the year's journal; `holding`: copies of the whole year, by medium."""

    archive: Archive
    year: int
    copies: tuple[Copy, ...]
    holding: tuple[tuple[Copy, ...], ...]


def standing(root: Path, *, now: datetime, year: str | None = None) -> Standing:
    """Of the year asked for, else of the one that needs a copy; raises NotFound, NotAnArchive."""
    tree = CommitTree(root, head_of(root))
    archive = OnDemand(tree, SchemaSet.load(Part(tree, "schema"))).archive(set())
    chosen = school_year_of(archive, year) if year else year_for(archive, now.date())
    media = archive.media.get(str(chosen))
    return Standing(archive, chosen, media.copies if media else (), holding(archive, chosen))
