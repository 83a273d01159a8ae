"""A QR code as one path of SVG: the only module that knows segno.

Invariants: level M, modules of 0.4 mm, a quiet zone of four; always version 13, so that the place
kept for it on paper is the same for every document, 30.8 mm; same text, same path.
"""

from __future__ import annotations

from dataclasses import dataclass

import segno

MODULE = 0.4
"""Millimetres."""
QUIET = 4
VERSION = 13
SIDE = 4 * VERSION + 17 + 2 * QUIET
"""Modules, the quiet zone included."""
MILLIMETRES = 30.8


@dataclass(frozen=True, slots=True)
class QrCode:
    """`path` is for <svg viewBox="0 0 77 77" width="30.8mm" height="30.8mm"><path d="…"/></svg>."""

    path: str
    side: int = SIDE
    millimetres: float = MILLIMETRES


def qr_code(text: str) -> QrCode:
    """`text` is of base45's signs and at most 483 of them."""
    made = segno.make_qr(text, error="m", version=VERSION, mode="alphanumeric", boost_error=False)
    runs = []
    for y, row in enumerate(made.matrix, QUIET):
        x = 0
        while x < len(row):
            length = 1
            while x + length < len(row) and row[x + length] == row[x]:
                length += 1
            if row[x]:
                runs.append(f"M{x + QUIET} {y}h{length}v1h-{length}z")
            x += length
    return QrCode("".join(runs))
