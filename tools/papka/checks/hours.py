"""An edition's hours are the sum of its parts."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding, Location
from papka.core.layout import program_file
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    for code, program in archive.programs.items():
        for index, edition in enumerate(program.editions):
            total = sum(part.hours for part in edition.parts)
            if total != edition.hours:
                yield codes.HOURS_SUM.at(
                    Location(program_file(code), f"/editions/{index}/hours"),
                    edition=edition.edition,
                    hours=edition.hours,
                    sum=total,
                )
