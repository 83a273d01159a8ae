"""An import says who took it in and for which period, and stands in that period's folder."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from papka.checks.naming import unknown
from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION, STAFF, import_file
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    for key, taken in archive.imports.items():
        at = partial(Location, import_file(key, "manifest.yaml"))
        folder = key.partition("/")[0]
        if taken.period != folder:
            yield codes.PATH_MISMATCH.at(at("/period"), inside=taken.period, outside=folder)
        elif archive.is_readable(ORGANIZATION):
            yield from unknown(
                codes.REF_UNKNOWN_PERIOD, taken.period, archive.periods, partial(at, "/period")
            )
        if archive.is_readable(STAFF):
            yield from unknown(codes.REF_UNKNOWN_STAFF, taken.by, archive.staff, partial(at, "/by"))
