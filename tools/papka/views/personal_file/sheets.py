"""Numbers of sheets: which piece of the file bears which.

Invariants: sheets are paper, not pages or files; cover, inventory, certifying sheet and label carry
no number of the case (the inventory numbers its own sheets); pieces follow in the inventory's
order. A paper whose sheets nobody has counted leaves everything after it to be filled in by hand.
A lettered sheet («5а») is a sheet without a number of its own; a skipped number is on no sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Origin = Literal["глава", "скан", "бумага", "файл"]
"""A chapter with words, a document printed from its scan, a paper bound in by hand, only a file."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the inventory. `key` finds what is printed for it; `sheets` is None where nobody
    has counted them and 0 where there is no paper."""

    origin: Origin
    key: str
    title: str
    sheets: int | None
    index: str = ""
    date: str = ""
    note: str = ""
    lettered: tuple[str, ...] = ()
    skipped: tuple[int, ...] = ()

    @property
    def is_printed(self) -> bool:
        return self.origin in ("глава", "скан")


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece and what its sheets bear, in order; None where that cannot be known."""

    piece: Piece
    labels: tuple[str, ...] | None = field(default=())


def placed(pieces: Iterable[Piece], first: int = 1) -> tuple[Placed, ...]:
    """Numbers from `first` on."""
    following: int | None = first
    found = []
    for piece in pieces:
        if piece.sheets == 0:
            found.append(Placed(piece))
        elif piece.sheets is None or following is None:
            found.append(Placed(piece, None))
            following = None
        else:
            labels, following = _labels(piece, piece.sheets, following)
            found.append(Placed(piece, labels))
    return tuple(found)


def _labels(piece: Piece, sheets: int, following: int) -> tuple[tuple[str, ...], int]:
    labels: list[str] = []
    while len(labels) < sheets - len(piece.lettered):
        if following not in piece.skipped:
            labels.append(str(following))
        following += 1
    return (*labels, *piece.lettered[: sheets - len(labels)]), following


def spans(labels: Sequence[str]) -> str:
    """«4–30, 32–36, 12а»."""
    runs: list[list[str]] = []
    for label in labels:
        if runs and _follows(runs[-1][-1], label):
            runs[-1] = [runs[-1][0], label]
        else:
            runs.append([label])
    return ", ".join("–".join(run) for run in runs)


def _follows(before: str, label: str) -> bool:
    return before.isdecimal() and label.isdecimal() and int(label) == int(before) + 1
