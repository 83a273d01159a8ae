"""All of a personal file in one page, for a browser, which lays out without counting for us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from papka.views.personal_file.case import Case, Head
from papka.views.personal_file.certification import Certification
from papka.views.personal_file.contents import Contents
from papka.views.personal_file.copies import Side, sheets_of, sides
from papka.views.personal_file.cover import Cover
from papka.views.personal_file.frame import frame
from papka.views.personal_file.inventory import Inventory
from papka.views.personal_file.pieces import PROVENANCE_TITLE, Counted, pieces
from papka.views.personal_file.sheets import Placed
from papka.views.personal_file.volumes import Part, Volume


@dataclass(frozen=True, slots=True)
class Whole:
    head: Head
    cover: Cover
    inventory: Inventory
    contents: Contents
    sides: tuple[Side, ...]
    title: str
    provenance: Any
    is_numbered: bool
    certification: Certification


def whole(
    case: Case, contents: Contents, pages: Mapping[str, Sequence[str]], provenance: object
) -> Whole:
    """Without a single number of a sheet: they are written in by hand."""
    chapters = dict.fromkeys((chapter.anchor for chapter in contents.chapters()), None)
    scans = {key: sheets_of(len(names), duplex=False) for key, names in pages.items()}
    counted = Counted(chapters, scans, None if provenance is not None else 0)
    listed = tuple(Placed(piece, None) for piece in pieces(case, contents, counted))
    number = case.bound_volumes + 1
    parts = tuple(Part(each, 0, each.piece.sheets or 0) for each in listed)
    volume = Volume(number, number, parts)
    framed = frame(case, volume, listed, None)
    return Whole(
        framed.head,
        framed.cover,
        framed.inventory,
        contents,
        sides(listed, pages, duplex=False),
        PROVENANCE_TITLE,
        provenance,
        False,  # noqa: FBT003 - no sheet is
        framed.certification,
    )
