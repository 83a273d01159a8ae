"""The wording of a pair of dates in the wrong order, for every rule about time."""

from __future__ import annotations

import datetime as dt

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location


def late(
    where: Location, earlier: dt.date, earlier_name: str, later: dt.date, later_name: str
) -> Finding:
    """`later` should not come before `earlier`; `where` is the later one's place."""
    return codes.DATE_ORDER.at(
        where,
        later_name=later_name,
        later=f"{later:%d.%m.%Y}",
        earlier_name=earlier_name,
        earlier=f"{earlier:%d.%m.%Y}",
    )
