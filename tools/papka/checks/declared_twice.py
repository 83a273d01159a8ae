"""A name is declared once in its list: scales, periods, groups, staff, parts, events, exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION, RECORDS, STAFF, program_file
from papka.model.archive import Archive

FIELDS = {
    "scales": "scale",
    "periods": "period",
    "groups": "group",
    "purposes": "purpose",
    "series": "series",
    "staff": "id",
    "events": "id",
    "exports": "id",
    "editions": "edition",
    "parts": "part",
    "planned_results": "outcome",
}
"""List -> the field that tells its items apart; exports have editions besides."""
BRANCHES = tuple(FIELDS)
_OF_THE_SCHOOL = ("scales", "periods", "groups", "purposes", "series")


def check(archive: Archive) -> Iterator[Finding]:
    for path, pointer, kind, items in _lists(archive):
        first: dict[str, int] = {}
        for index, item in enumerate(items):
            name = str(getattr(item, FIELDS[kind]))
            if kind == "exports":
                name = f"{name}, редакция {item.edition}"
            if name in first:
                place, field = f"{pointer}/{kind}", FIELDS[kind]
                yield codes.DECLARED_TWICE.at(
                    Location(path, f"{place}/{index}/{field}"),
                    name=name,
                    related=[Location(path, f"{place}/{first[name]}/{field}")],
                )
            first.setdefault(name, index)


def _lists(archive: Archive) -> Iterator[tuple[str, str, str, Iterable[Any]]]:
    """Path, pointer of the owner, name of its list, items."""
    for kind in _OF_THE_SCHOOL if archive.organization else ():
        yield ORGANIZATION, "", kind, getattr(archive.organization, kind)
    yield STAFF, "", "staff", archive.staff_list
    for year, events in archive.event_years.items():
        yield f"{RECORDS}/events/{year}.yaml", "", "events", events
    for key, platform in archive.platforms.items():
        yield f"{RECORDS}/platforms/{key}.yaml", "", "exports", platform.exports
    for code, program in archive.programs.items():
        yield program_file(code), "", "editions", program.editions
        for index, edition in enumerate(program.editions):
            at = f"/editions/{index}"
            yield program_file(code), at, "parts", edition.parts
            yield program_file(code), at, "planned_results", edition.planned_results
