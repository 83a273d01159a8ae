"""What a take would write, gathered file by file, and put into bytes once at the end.

Invariants: a file of the archive is composed once, however many exports add to it; each new result
knows the cell it came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from papka.core.findings import Location
from papka.core.layout import results_file, student_folder
from papka.intake.newcomers import card_with_keys, enrolments_file
from papka.intake.proposal import Shelf
from papka.intake.written import results_files
from papka.tasks.take.reading import Desk


@dataclass(slots=True)
class Pending:
    """`files` are whole already; by student: `shelves` of results, new `studies`, keys `learnt`."""

    period: str
    files: dict[str, bytes] = field(default_factory=dict)
    shelves: dict[str, Shelf] = field(default_factory=dict)
    studies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    learnt: dict[str, dict[str, None]] = field(default_factory=dict)

    def changes(self, desk: Desk, platform: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """Path -> bytes to write, and what lies there now; `platform` is whose keys were learnt."""
        cards = {id_: f"{student_folder(id_)}/student.yaml" for id_ in self.learnt}
        studies = {id_: f"{student_folder(id_)}/enrolments.yaml" for id_ in self.studies}
        results = [results_file(id_, self.period) for id_, own in self.shelves.items() if own.added]
        lying = desk.lying([*self.files, *results, *cards.values(), *studies.values()])
        changes = dict(self.files)
        changes |= results_files(self.shelves.values(), self.period, lying)
        for id_, path in studies.items():
            changes[path] = enrolments_file(lying.get(path), self.studies[id_])
        for id_, path in cards.items():
            changes[path] = card_with_keys(lying[path], platform, self.learnt[id_])
        return changes, lying

    def origins(self) -> Iterator[tuple[tuple[str, str], Location]]:
        """File and pointer of every new result, and its cell."""
        for student, own in self.shelves.items():
            path = results_file(student, self.period)
            for place, added in enumerate(own.added, len(own.results)):
                yield (path, f"/results/{place}"), added.cell
