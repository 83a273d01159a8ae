"""Programmes, editions, parts, scales that records name are declared (R-2.2.3)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION, program_file
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.derived.scales import edition_of
from papka.model.program import Edition
from papka.model.student import AnyEntry, Student
from papka.model.study import Enrolment


def check(archive: Archive) -> Iterator[Finding]:
    for code, program in archive.programs.items():
        path = program_file(code)
        if program.continues is not None:
            yield from _program(archive, program.continues, Location(path, "/continues"))
        for number, edition in enumerate(program.editions):
            yield from _scales(archive, path, number, edition)
    for index, group in enumerate(archive.organization.groups if archive.organization else ()):
        where = Location(ORGANIZATION, f"/groups/{index}/program")
        yield from _program(archive, group.program, where)
    for student in archive.students.values():
        yield from _student(archive, student)


def _scales(archive: Archive, path: str, number: int, edition: Edition) -> Iterator[Finding]:
    known = {part.part for part in edition.parts}
    for index, part in enumerate(edition.parts):
        unknown = part.scale is not None and part.scale not in archive.scales
        if unknown and archive.is_readable(ORGANIZATION):
            yield codes.REF_UNKNOWN_SCALE.at(
                Location(path, f"/editions/{number}/parts/{index}/scale"),
                name=part.scale,
                may_be=may_be(part.scale, archive.scales),
            )
    for index, planned in enumerate(edition.planned_results):
        for place, name in enumerate(planned.parts):
            if name not in known:
                yield codes.REF_UNKNOWN_PART.at(
                    Location(path, f"/editions/{number}/planned_results/{index}/parts/{place}"),
                    program=path.rpartition("/")[2].removesuffix(".yaml"),
                    edition=edition.edition,
                    part=name,
                    may_be=may_be(name, known),
                )


def _program(archive: Archive, code: str, where: Location) -> Iterator[Finding]:
    if code not in archive.programs and archive.is_readable(program_file(code)):
        yield codes.REF_UNKNOWN_PROGRAM.at(where, name=code, may_be=may_be(code, archive.programs))


def _student(archive: Archive, student: Student) -> Iterator[Finding]:
    studied: dict[str | None, tuple[str, Edition]] = {}
    for enrolment in student.enrolments:
        edition = edition_of(archive, enrolment)
        if edition is None:
            yield from _enrolment(archive, student, enrolment)
            continue
        studied.setdefault(enrolment.id, (enrolment.program, edition))
        for index, part in enumerate(enrolment.individual_parts):
            yield from _part(
                studied[enrolment.id], part, student, enrolment, "individual_parts", index
            )
    for results in student.periods.values():
        for result in results:
            known = studied.get(result.enrolment)
            if known is not None and result.part is not None:
                yield from _part(known, result.part, student, result, "part")
    for credit in student.credits:
        known = studied.get(credit.enrolment)
        for index, item in enumerate(credit.items if known else ()):
            if known is not None and item.part is not None:
                yield from _part(known, item.part, student, credit, "items", index, "part")


def _enrolment(archive: Archive, student: Student, enrolment: Enrolment) -> Iterator[Finding]:
    """The programme or its edition is not there."""
    program = archive.programs.get(enrolment.program)
    if program is None:
        yield from _program(archive, enrolment.program, student.where(enrolment, "program"))
        return
    yield codes.REF_UNKNOWN_EDITION.at(
        student.where(enrolment, "edition"),
        program=program.code,
        edition=enrolment.edition,
        may_be=may_be(enrolment.edition, [item.edition for item in program.editions]),
    )


def _part(
    studied: tuple[str, Edition],
    part: str,
    student: Student,
    entry: AnyEntry,
    *fields: str | int,
) -> Iterator[Finding]:
    program, edition = studied
    if edition.part(part) is None:
        yield codes.REF_UNKNOWN_PART.at(
            student.where(entry, *fields),
            program=program,
            edition=edition.edition,
            part=part,
            may_be=may_be(part, [item.part for item in edition.parts]),
        )
