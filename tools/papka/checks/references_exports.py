"""Layouts of platforms' exports name programmes and parts that are declared (R-6.2)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.checks.naming import unknown
from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS, program_file
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.export_layout import ExportLayout, MarkColumn
from papka.model.program import Program


def check(archive: Archive) -> Iterator[Finding]:
    for key, platform in archive.platforms.items():
        path = f"{RECORDS}/platforms/{key}.yaml"
        for index, layout in enumerate(platform.exports):
            yield from _layout(archive, layout, path, f"/exports/{index}")


def _layout(archive: Archive, layout: ExportLayout, path: str, at: str) -> Iterator[Finding]:
    if layout.program is not None:
        yield from _program(archive, layout.program, Location(path, f"{at}/program"))
    for index, column in enumerate(layout.columns):
        here = f"{at}/columns/{index}"
        if column.program is not None:
            yield from _program(archive, column.program, Location(path, f"{here}/program"))
        program = archive.programs.get(column.program or layout.program or "")
        if program is not None:
            yield from _part(program, column, path, here)


def _program(archive: Archive, code: str, where: Location) -> Iterator[Finding]:
    if archive.is_readable(program_file(code)):
        yield from unknown(codes.REF_UNKNOWN_PROGRAM, code, archive.programs, lambda: where)


def _part(program: Program, column: MarkColumn, path: str, at: str) -> Iterator[Finding]:
    """In the edition the column names, or in any."""
    editions = [each for each in program.editions if column.edition in (None, each.edition)]
    if not editions:
        yield codes.REF_UNKNOWN_EDITION.at(
            Location(path, f"{at}/edition"),
            program=program.code,
            edition=column.edition,
            may_be=may_be(column.edition, [each.edition for each in program.editions]),
        )
    elif all(each.part(column.part) is None for each in editions):
        known = {part.part for each in editions for part in each.parts}
        yield codes.REF_UNKNOWN_PART.at(
            Location(path, f"{at}/part"),
            program=program.code,
            edition=editions[-1].edition,
            part=column.part,
            may_be=may_be(column.part, known),
        )
