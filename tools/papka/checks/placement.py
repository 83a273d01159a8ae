"""A file says the same as its name; a folder has its card."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS, RESTRICTED, program_file
from papka.model.archive import Archive
from papka.model.student import Student


def check(archive: Archive) -> Iterator[Finding]:
    for code, program in archive.programs.items():
        yield from _same(program_file(code), "/code", program.code, code)
    for key, platform in archive.platforms.items():
        yield from _same(f"{RECORDS}/platforms/{key}.yaml", "/id", platform.id, key)
    for key, regulation in archive.regulations.items():
        path = f"{RECORDS}/regulations/{key}/regulation.yaml"
        yield from _same(path, "/id", regulation.id, key)
    for key, approval in archive.approvals.items():
        yield from _same(f"{RECORDS}/approvals/{key}.yaml", "/period", approval.period, key)
    for key, entry in archive.registers.items():
        series = key.rpartition("/")[2].rpartition("-")[0]
        yield from _same(f"{RECORDS}/registers/{key}.yaml", "/series", entry.series, series)
    for year, events in archive.event_years.items():
        path = f"{RECORDS}/events/{year}.yaml"
        for index, event in enumerate(events):
            yield from _same(path, f"/events/{index}/id", event.id.partition("/")[0], year)
    for student in archive.students.values():
        yield from _student(archive, student)


def _student(archive: Archive, student: Student) -> Iterator[Finding]:
    card = f"{student.folder}/student.yaml"
    if student.person is not None:
        yield from _same(card, "/id", student.person.id, student.id)
    elif archive.is_readable(card) and not _is_restricted(archive):
        yield codes.CARD_MISSING.at(Location(card))
    for period, stated in student.stated_periods.items():
        yield from _same(f"{student.folder}/results/{period}.yaml", "/period", stated, period)


def _is_restricted(archive: Archive) -> bool:
    """Its folders have no card: the name stands in the main archive (R-4.2)."""
    return archive.organization is not None and archive.organization.kind == RESTRICTED


def _same(path: str, pointer: str, inside: str, outside: str) -> Iterator[Finding]:
    if inside != outside:
        yield codes.PATH_MISMATCH.at(Location(path, pointer), inside=inside, outside=outside)
