"""A name is declared once in its list: scales, periods, groups, staff, parts, events, exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION, RECORDS, STAFF, program_file
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    school = archive.organization
    if school is not None:
        for key, field, names in (
            ("scales", "scale", [item.scale for item in school.scales]),
            ("periods", "period", [item.period for item in school.periods]),
            ("groups", "group", [item.group for item in school.groups]),
            ("purposes", "purpose", [item.purpose for item in school.purposes]),
            ("series", "series", [item.series for item in school.series]),
        ):
            yield from _twins(ORGANIZATION, f"/{key}", field, names)
    yield from _twins(STAFF, "/staff", "id", [member.id for member in archive.staff_list])
    for year, events in archive.event_years.items():
        ids = [event.id for event in events]
        yield from _twins(f"{RECORDS}/events/{year}.yaml", "/events", "id", ids)
    for key, platform in archive.platforms.items():
        layouts = [f"{each.id}, редакция {each.edition}" for each in platform.exports]
        yield from _twins(f"{RECORDS}/platforms/{key}.yaml", "/exports", "id", layouts)
    for code, program in archive.programs.items():
        path = program_file(code)
        numbers = [edition.edition for edition in program.editions]
        yield from _twins(path, "/editions", "edition", numbers)
        for index, edition in enumerate(program.editions):
            at = f"/editions/{index}"
            parts = [part.part for part in edition.parts]
            yield from _twins(path, f"{at}/parts", "part", parts)
            outcomes = [planned.outcome for planned in edition.planned_results]
            yield from _twins(path, f"{at}/planned_results", "outcome", outcomes)


def _twins(path: str, pointer: str, field: str, names: Iterable[object]) -> Iterator[Finding]:
    first: dict[object, int] = {}
    for index, name in enumerate(names):
        if name in first:
            yield codes.DECLARED_TWICE.at(
                Location(path, f"{pointer}/{index}/{field}"),
                name=name,
                related=[Location(path, f"{pointer}/{first[name]}/{field}")],
            )
        first.setdefault(name, index)
