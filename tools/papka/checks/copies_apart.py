"""Two copies on one medium are not two copies on two media (R-6.3).

Absent on purpose: a single copy. The second is due on a day, and a check reads no calendar.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS
from papka.model.archive import Archive
from papka.model.derived.copies import by_medium
from papka.model.safekeeping import Media


def check(archive: Archive) -> Iterator[Finding]:
    for year, media in archive.media.items():
        path = f"{RECORDS}/media/{year}.yaml"
        groups = by_medium(media.copies)
        for group in groups:
            names = list(dict.fromkeys(copy.medium for copy in group))
            if len(names) > 1:
                where = Location(path, f"/copies/{_last(media, names[-1])}/device")
                yield codes.COPIES_NOT_APART.at(where, media=", ".join(names))
            elif len(groups) == 1 and len(group) > 1:
                where = Location(path, f"/copies/{_last(media, names[0])}/medium")
                yield codes.COPIES_ON_ONE_MEDIUM.at(where, count=len(group), medium=names[0])


def _last(media: Media, name: str) -> int:
    return max(at for at, copy in enumerate(media.copies) if copy.medium == name)
