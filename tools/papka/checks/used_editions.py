"""An edition by which anyone was studying is never changed; a new one is added (R-2.2.5)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.core.layout import program_file
from papka.model.archive import Archive


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    changed = {
        (code, edition.edition)
        for code, program in before.programs.items()
        if after.is_readable(program_file(code))
        for edition in program.editions
        if code not in after.programs or after.programs[code].edition(edition.edition) != edition
    }
    for student in before.students.values():
        for enrolment in student.enrolments:
            key = (enrolment.program, enrolment.edition)
            if key in changed:
                changed.remove(key)
                yield codes.USED_EDITION_CHANGED.at(
                    Location(program_file(key[0]), _pointer(after, *key)),
                    program=key[0],
                    edition=key[1],
                    student=student.id,
                )


def _pointer(after: Archive, code: str, number: int) -> str:
    program = after.programs.get(code)
    for index, edition in enumerate(program.editions if program else ()):
        if edition.edition == number:
            return f"/editions/{index}"
    return "/editions"
