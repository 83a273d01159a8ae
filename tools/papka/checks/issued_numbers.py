"""An issued number is its series' prefix, year and sequence, as the file is named (R-5.4.3)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    for key, entry in archive.registers.items():
        _, year, name = key.split("/")
        series, _, sequence = name.rpartition("-")
        declared = archive.series.get(series)
        if declared is None or series != entry.series:
            continue  # said by other rules
        expected = f"{declared.prefix}-{year}-{sequence}"
        if entry.number != expected:
            yield codes.NUMBER_MISMATCH.at(
                Location(f"{RECORDS}/registers/{key}.yaml", "/number"),
                number=entry.number,
                expected=expected,
            )
