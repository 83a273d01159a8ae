"""A file says the same as its name; a folder has its card."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS, RESTRICTED, import_file, program_file, results_file
from papka.model.archive import Archive
from papka.model.student import Student

BRANCHES = (
    *("program", "platform", "regulation", "approval", "import", "register", "event"),
    *("student", "results", "no card"),
)


def check(archive: Archive) -> Iterator[Finding]:
    for path, pointer, inside, outside in _said(archive):
        if inside != outside:
            where = Location(path, pointer)
            yield codes.PATH_MISMATCH.at(where, inside=inside, outside=outside)
    for student in archive.students.values():
        card = f"{student.folder}/student.yaml"
        if student.person is None and archive.is_readable(card) and not _is_restricted(archive):
            yield codes.CARD_MISSING.at(Location(card))


def _said(archive: Archive) -> Iterator[tuple[str, str, str, str]]:
    """Path, pointer, what the file says, what its name says."""
    for key, program in archive.programs.items():
        yield program_file(key), "/code", program.code, key
    for key, platform in archive.platforms.items():
        yield f"{RECORDS}/platforms/{key}.yaml", "/id", platform.id, key
    for key, regulation in archive.regulations.items():
        yield f"{RECORDS}/regulations/{key}/regulation.yaml", "/id", regulation.id, key
    for key, approval in archive.approvals.items():
        yield f"{RECORDS}/approvals/{key}.yaml", "/period", approval.period, key
    for key, taken in archive.imports.items():
        yield import_file(key, "manifest.yaml"), "/period", taken.period, key.partition("/")[0]
    for key, entry in archive.registers.items():
        series = key.rpartition("/")[2].rpartition("-")[0]
        yield f"{RECORDS}/registers/{key}.yaml", "/series", entry.series, series
    for year, events in archive.event_years.items():
        for index, event in enumerate(events):
            stated = event.id.partition("/")[0]
            yield f"{RECORDS}/events/{year}.yaml", f"/events/{index}/id", stated, year
    for student in archive.students.values():
        yield from _in_folder(student)


def _in_folder(student: Student) -> Iterator[tuple[str, str, str, str]]:
    if student.person is not None:
        yield f"{student.folder}/student.yaml", "/id", student.person.id, student.id
    for period, stated in student.stated_periods.items():
        yield results_file(student.id, period), "/period", stated, period


def _is_restricted(archive: Archive) -> bool:
    """Its folders have no card: the name stands in the main archive (R-4.2)."""
    return archive.organization is not None and archive.organization.kind == RESTRICTED
