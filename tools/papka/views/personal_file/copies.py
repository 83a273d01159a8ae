"""Copies printed from their scans: which page of which scan comes on which side of a sheet.

Invariant: every page of a scan is on paper, in order; printed on both sides, a document still
begins a sheet of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from papka.model.standing import Document
from papka.views.personal_file.inventory import COPY
from papka.views.personal_file.sheets import Placed


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a sheet; `image` is empty for a blank back, `sheet` for a back and where the
    number is not known."""

    sheet: str
    foot: str
    caption: str
    image: str
    alt: str
    is_first: bool


def is_printed(document: Document) -> bool:
    """Whether its sheets come from its scan and not from a copier."""
    return document.medium == COPY and document.file is not None


def sheets_of(pages: int, *, duplex: bool) -> int:
    return -(-pages // 2) if duplex else pages


def sides(
    placed: Sequence[Placed], images: Mapping[str, Sequence[str]], *, duplex: bool
) -> tuple[Side, ...]:
    """`images`: key of a piece -> registered ids of the pictures of its pages."""
    found: list[Side] = []
    for each in placed:
        names = images.get(each.piece.key, ())
        for at, name in enumerate(names):
            sheet = at // 2 if duplex else at
            label = each.labels[sheet] if each.labels and not (duplex and at % 2) else ""
            page = f"страница {at + 1} из {len(names)}" if len(names) > 1 else ""
            title = each.piece.title
            found.append(
                Side(
                    label,
                    f"лист {label}" if label else "",
                    ", ".join(filter(None, (title, page))),
                    name,
                    f"Скан: {', '.join(filter(None, (title, page)))}",
                    at == 0,
                )
            )
        if duplex and len(names) % 2:
            found.append(Side("", "", "", "", "", is_first=False))
    return tuple(found)


def key_of(at: int) -> str:
    """How a document of the inventory is known while it is printed."""
    return f"document-{at}"
