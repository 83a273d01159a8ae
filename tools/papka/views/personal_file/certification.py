"""Certifying sheet (лист-заверитель): how many sheets are bound, in figures and in words (R-6.5).

Invariant: every count is that of the pages this very PDF has.
"""

from __future__ import annotations

from dataclasses import dataclass

from papka.model.archive import Archive
from papka.views.personal_file.volumes import Volume
from papka.views.signature import Signature, of_clerk, of_head
from papka.views.wording import NBSP, SHEETS, agreed, in_words, number, spelled


@dataclass(frozen=True, slots=True)
class Certification:
    """Empty words leave lines to write on; `binding` is the label over the knot; `lettered` and
    `skipped` are the numbers of such sheets and how many they are; `notes` are peculiarities with
    their sheets."""

    count: str
    words: str
    noun: str
    first: str
    last: str
    printed: str
    papers: str
    inventory: str
    lettered: str
    skipped: str
    signature: Signature
    binding: Signature


def certification(
    archive: Archive, volume: Volume, inventory: int | None, first: str
) -> Certification:
    """`inventory` is the number of its own sheets, None where nobody could count; `first` the
    number the volume begins with."""
    labels = volume.labels if inventory else None
    lettered = [label for label in labels or () if not label.isdecimal()]
    skipped = [str(n) for part in volume.parts for n in part.skipped]
    if inventory is None or volume.labels is None:
        lettered = [label for part in volume.parts for label in part.piece.lettered]
    signature, binding = of_clerk(archive), of_head(archive)
    shared = {
        "printed": spelled(volume.printed, SHEETS) if inventory else "",
        "inventory": spelled(inventory, SHEETS) if inventory else "",
        "lettered": _listed(lettered),
        "skipped": _listed(skipped),
    }
    if labels is None:
        return Certification(
            count="", words="", noun="листов", first=number(first), last="", papers="",
            signature=signature, binding=binding, **shared,
        )  # fmt: skip
    total = len(labels)
    numbered = [label for label in labels if label.isdecimal()]
    return Certification(
        count=str(total),
        words=in_words(total),
        noun=agreed(total, SHEETS),
        first=number(numbered[0] if numbered else first),
        last=number(max(numbered, key=int)) if numbered else "",
        papers=spelled(total - volume.printed, SHEETS),
        signature=signature,
        binding=binding,
        **shared,
    )


def _listed(numbers: list[str]) -> str:
    """«2: 12а, 12б»; «нет» leaves nothing to be written in afterwards."""
    return f"{len(numbers)}{NBSP}({', '.join(numbers)})" if numbers else "нет"
