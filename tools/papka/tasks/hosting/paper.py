"""What the server knows from paper: written into the store's own settings by `host`.

Invariants: read anew at every push, so that running `host` again is enough; nothing else is
remembered by the server. Absent on purpose: trust from any other place than paper.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from papka.core.errors import Refused
from papka.gates.git.repository import read_setting, write_settings
from papka.integrity.anchors import Anchors, read_anchors

_ANCHORS, _ACTS = "papka.anchors", "papka.refounding"


@dataclass(frozen=True, slots=True)
class Paper:
    """`anchors`: whose archive may come into an empty store; `acts`: digests of acts by which an
    archive without its keys may go on."""

    anchors: Anchors = field(default_factory=Anchors)
    acts: frozenset[str] = frozenset()


def read_paper(anchors: Collection[str], acts: Collection[str]) -> Paper:
    """As typed; raises Refused."""
    found = read_anchors(acts)
    if found.keys or found.roots:
        raise Refused(
            "Свёртка акта — 8 групп по 8 знаков, а дано другое",
            "Ключ или номер записи с бумаги дают так: --anchor …",
        )
    return Paper(read_anchors(anchors), found.seals)


def keep_paper(place: Path, paper: Paper) -> None:
    """Written down; what was given before and is not given now stays."""
    known, given = paper_of(place), paper.anchors
    settings = {}
    if given:
        settings[_ANCHORS] = " ".join(sorted(given.keys | given.seals | given.roots))
    if paper.acts - known.acts:
        settings[_ACTS] = " ".join(sorted(paper.acts | known.acts))
    if settings:
        write_settings(place, settings)


def paper_of(place: Path) -> Paper:
    """What was written down; raises Refused when somebody made it unreadable."""
    return read_paper(*((read_setting(place, name) or "").split() for name in (_ANCHORS, _ACTS)))
