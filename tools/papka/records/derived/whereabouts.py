"""Where copies and mirrors are by the journals, and when the sheet for the safe told it last.

A sheet of paper beside the spare key tells whoever opens the safe in thirty years what the archive
is proven by and where it lies. The journal of media has a line for each time it was printed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.records.acts import Inspection, Media, MediumCopy
from papka.records.archive import Archive
from papka.records.derived.in_force import group_by_medium

SHEET = "лист для сейфа"
"""What the journal calls it, where other lines name a mirror or a medium."""
_YEARS = 2
"""Media and mirrors are told by the journals of so many last years: others are out of use."""


def list_media(archive: Archive) -> tuple[MediumCopy, ...]:
    """Return the latest copy on every medium of the last years, by label."""
    groups = group_by_medium(copy for each in _last_journals(archive) for copy in each.copies)
    latest = (max(group, key=lambda copy: copy.date) for group in groups)
    return tuple(sorted(latest, key=lambda copy: copy.medium))


def list_stores(archive: Archive) -> tuple[Inspection, ...]:
    """Return the latest report about every mirror that journals of the last years name."""
    media = {copy.medium for journal in archive.media.values() for copy in journal.copies}
    latest: dict[str, Inspection] = {}
    for journal in _last_journals(archive):
        for each in sorted(journal.inspections, key=lambda line: line.date):
            if each.store not in media and each.store != SHEET:
                latest[each.store] = each
    return tuple(latest[store] for store in sorted(latest))


def last_sheet(archive: Archive, on: dt.date) -> Inspection | None:
    """Return the line about the sheet printed last by a day; None before the first."""
    lines = (
        line
        for journal in archive.media.values()
        for line in journal.inspections
        if line.store == SHEET and line.date <= on
    )
    return max(lines, key=lambda line: line.date, default=None)


def _last_journals(archive: Archive) -> Iterator[Media]:
    for year in sorted(archive.media)[-_YEARS:]:
        yield archive.media[year]
