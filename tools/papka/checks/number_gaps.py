"""Numbers of a series run without gaps in their year (R-5.4.3).

A rejected file still fills its number; orders may skip (a draft that was never signed).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS, place
from papka.model.archive import Archive

_FOLDER = f"{RECORDS}/registers/"


def check(archive: Archive) -> Iterator[Finding]:
    keys = list(archive.registers)
    for path in archive.unreadable:
        found = place(path)
        if found is not None and found.kind == "register":
            keys.append(found.key)
    taken: defaultdict[tuple[str, str, str], dict[int, str]] = defaultdict(dict)
    for key in keys:
        book, year, name = key.split("/")
        series, _, sequence = name.rpartition("-")
        if sequence.isascii() and sequence.isdigit():
            taken[book, year, series][int(sequence)] = key
    for (_, year, series), numbers in taken.items():
        before = 0
        for number in sorted(numbers):
            if number > before + 1:
                missing = f"{before + 1:04d}"
                if number > before + 2:
                    missing += f"–{number - 1:04d}"
                yield codes.NUMBER_GAP.at(
                    Location(f"{_FOLDER}{numbers[number]}.yaml", "/number"),
                    series=series,
                    year=year,
                    missing=missing,
                )
            before = number
