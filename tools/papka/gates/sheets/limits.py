"""How much is too much, and how findings of one kind are kept from becoming thousands."""

from __future__ import annotations

from collections.abc import Sequence

from papka.core.codes import exports
from papka.core.findings import Finding, Location

MEBI = 1024**2
FILE = 256 * MEBI
"""Bytes of an export as it comes."""
CELLS = 8_000_000
"""Cells of all its tables, empty ones between others counted."""
ROWS, COLUMNS = 1_048_576, 16_384
"""Of a sheet: what spreadsheets themselves hold."""
MEMBERS = 2_000
UNPACKED = 512 * MEBI
RATIO = 200
"""Unpacked to packed bytes of a workbook's member, once it is larger than RATIO_FROM."""
RATIO_FROM = 8 * MEBI
DISTINCT_KEPT = 200_000
"""Different texts remembered at once to keep equal cells as one."""
SHOWN = 20


def too_large(path: str, what: str, found: int, most: int) -> Finding:
    return exports.EXPORT_TOO_LARGE.at(
        Location(path), what=what, found=_spaced(found), most=_spaced(most)
    )


def shortened(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The first SHOWN of each code, and how many more there are."""
    shown: list[Finding] = []
    count: dict[str, int] = {}
    last: dict[str, Finding] = {}
    for each in findings:
        name = each.code.name
        count[name] = count.get(name, 0) + 1
        last[name] = each
        if count[name] <= SHOWN:
            shown.append(each)
    shown += [
        exports.EXPORT_MORE.at(last[name].where, count=_spaced(many - SHOWN), code=name)
        for name, many in count.items()
        if many > SHOWN
    ]
    return tuple(shown)


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")
