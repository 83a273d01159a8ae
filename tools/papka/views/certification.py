"""Certifying sheet (лист-заверитель): how many sheets are bound, in figures and in words (R-6.5).

Invariant: every count is that of the pages this very PDF has.
"""

from __future__ import annotations

from dataclasses import dataclass

from papka.model.archive import Archive
from papka.views.sheets import Sheets
from papka.views.signature import Signature, of_clerk, of_head
from papka.views.wording import NBSP, SHEETS, agreed, in_words, spelled


@dataclass(frozen=True, slots=True)
class Certification:
    """Empty words leave lines to write on; `binding` is the label over the knot."""

    count: str
    words: str
    noun: str
    first: str
    last: str
    printed: str
    papers: str
    inventory: str
    signature: Signature
    binding: Signature


def certification(archive: Archive, sheets: Sheets | None, total: int | None) -> Certification:
    """`sheets` is None where nobody could count the printed ones, `total` also where a paper was
    not counted."""
    printed = spelled(sheets.printed, SHEETS) if sheets else ""
    inner = spelled(sheets.inventory, SHEETS) if sheets else ""
    signature, binding = of_clerk(archive), of_head(archive)
    if sheets is None or total is None:
        return Certification(
            "", "", "листов", f"№{NBSP}1", "", printed, "", inner, signature, binding
        )
    return Certification(
        count=str(total),
        words=in_words(total),
        noun=agreed(total, SHEETS),
        first=f"№{NBSP}1",
        last=f"№{NBSP}{total}",
        printed=printed,
        papers=spelled(total - sheets.printed, SHEETS),
        inventory=inner,
        signature=signature,
        binding=binding,
    )
