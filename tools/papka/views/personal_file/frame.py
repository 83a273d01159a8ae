"""What is bound around the numbered sheets of a volume and says how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from papka.views.personal_file.case import Case, Head
from papka.views.personal_file.certification import Certification, certification
from papka.views.personal_file.cover import Cover, cover
from papka.views.personal_file.inventory import Inventory, inventory
from papka.views.personal_file.sheets import Placed
from papka.views.personal_file.volumes import Volume


@dataclass(frozen=True, slots=True)
class Frame:
    head: Head
    cover: Cover
    inventory: Inventory
    certification: Certification


def frame(case: Case, volume: Volume, pieces: Sequence[Placed], sheets: int | None) -> Frame:
    """`pieces` are those of all volumes; `sheets` the inventory's own, None when nobody counts."""
    title = f"{case.title}, {volume.title}" if volume.title else case.title
    numbers = {each.piece.key: number for number, each in enumerate(pieces, 1)}
    labels = volume.labels if sheets else None
    return Frame(
        case.head(title),
        cover(case, volume.title, len(labels) if labels else None),
        inventory(case.archive, volume, numbers, sheets),
        certification(case.archive, volume, sheets, str(case.first_sheet)),
    )
