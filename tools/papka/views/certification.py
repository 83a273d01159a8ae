"""Certifying sheet (лист-заверитель): how many sheets are bound, in figures and in words (R-6.5).

Invariant: every count is that of the pages this very PDF has.
"""

from __future__ import annotations

from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.standing import Document
from papka.views.sheets import Sheets, last_number
from papka.views.signature import Signature, of_clerk, of_head
from papka.views.wording import NBSP, SHEETS, agreed, in_words, spelled


@dataclass(frozen=True, slots=True)
class Certification:
    """Empty words leave lines to write on; `binding` is the label over the knot; `lettered` and
    `skipped` are the numbers of such sheets."""

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
    archive: Archive, sheets: Sheets | None, total: int | None, documents: tuple[Document, ...]
) -> Certification:
    """`sheets` is None where nobody could count the printed ones, `total` also where a paper was
    not counted."""
    printed = spelled(sheets.printed, SHEETS) if sheets else ""
    inner = spelled(sheets.inventory, SHEETS) if sheets else ""
    lettered = ", ".join(name for document in documents for name in document.lettered)
    skipped = ", ".join(str(number) for document in documents for number in document.skipped)
    signature, binding = of_clerk(archive), of_head(archive)
    if sheets is None or total is None:
        return Certification(
            count="",
            words="",
            noun="листов",
            first=f"№{NBSP}1",
            last="",
            printed=printed,
            papers="",
            inventory=inner,
            lettered=lettered,
            skipped=skipped,
            signature=signature,
            binding=binding,
        )
    return Certification(
        count=str(total),
        words=in_words(total),
        noun=agreed(total, SHEETS),
        first=f"№{NBSP}1",
        last=f"№{NBSP}{last_number(sheets.printed, documents)}",
        printed=printed,
        papers=spelled(total - sheets.printed, SHEETS),
        inventory=inner,
        lettered=lettered,
        skipped=skipped,
        signature=signature,
        binding=binding,
    )
