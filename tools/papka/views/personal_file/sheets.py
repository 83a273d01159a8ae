"""Numbers of sheets: which piece of the file bears which.

Invariants: sheets are paper, not pages or files; cover, inventory, certifying sheet and label carry
no number of the case (the inventory numbers its own sheets); pieces follow in the inventory's
order. A paper whose sheets nobody has counted leaves everything after it to be filled in by hand.
A lettered sheet («5а») is a sheet without a number of its own; a skipped number is on no sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the inventory. `key` finds what is printed for it; `sheets` is None where nobody
    has counted them and 0 where there is no paper; a paper that is not printed is bound in by
    hand."""

    key: str
    title: str
    sheets: int | None
    is_printed: bool = False
    index: str = ""
    date: str = ""
    note: str = ""
    lettered: tuple[str, ...] = ()
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece and what its sheets bear, in order, None where that cannot be known; `missing` are
    the numbers that were passed over between them."""

    piece: Piece
    labels: tuple[str, ...] | None = field(default=())
    missing: tuple[int, ...] = ()


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
            numbered, missing = _numbered(piece, piece.sheets, following)
            following += len(numbered) + len(missing)
            labels = (*map(str, numbered), *piece.lettered[: piece.sheets])
            found.append(Placed(piece, labels, missing))
    return tuple(found)


def _numbered(piece: Piece, sheets: int, first: int) -> tuple[list[int], tuple[int, ...]]:
    """Numbers on its sheets, and those passed over: a number is missing only before another."""
    numbers: list[int] = []
    missing: list[int] = []
    following = first
    while len(numbers) < sheets - len(piece.lettered):
        (missing if following in piece.skipped else numbers).append(following)
        following += 1
    return numbers, tuple(missing)


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
