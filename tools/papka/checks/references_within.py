"""A name that is declared inside another record: editions, parts and planned results of a
programme, awards of an act, texts of a consent, the people of a personal file
(R-2.2.3, R-2.2.5, R-3.1, R-4.1, R-4.8).

Where the record itself is not there, references tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from papka.checks.references import SELF
from papka.core.codes import consistency, records
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION, RECORDS, program_file
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.derived.scales import edition_of
from papka.model.export_layout import MarkColumn
from papka.model.program import Edition, Program
from papka.model.school import Platform, Regulation
from papka.model.standing import Award, Consent
from papka.model.student import Student

BRANCHES = (
    *("planned_results: parts", "columns: edition", "columns: part"),
    *("columns: part of the edition", "columns: part of the layout's programme"),
    *("enrolments: edition", "enrolments: individual_parts"),
    *("results: part", "results: shows", "credits: part"),
    *("awards: act", "awards: award", "awards: clause", "consents: purpose", "consents: edition"),
    *("registers: handed/to", "regulations: file"),
)
_Where = Callable[[], Location]


def check(archive: Archive) -> Iterator[Finding]:
    for code, program in archive.programs.items():
        yield from _planned(program_file(code), program)
    for key, platform in archive.platforms.items():
        yield from _columns(archive, f"{RECORDS}/platforms/{key}.yaml", platform)
    for key, regulation in archive.regulations.items():
        yield from _texts(archive, f"{RECORDS}/regulations/{key}", regulation)
    for key, entry in archive.registers.items():
        if entry.handed is not None:
            where = Location(f"{RECORDS}/registers/{key}.yaml", "/handed/to")
            yield from _receiver(archive, entry.student, entry.handed.to, where)
    for student in archive.students.values():
        studied = _studied(archive, student)
        yield from _editions(archive, student)
        yield from _results(student, studied)
        yield from _credits(student, studied)
        for award in student.awards:
            yield from _award(archive, student, award)
        for consent in student.consents:
            yield from _consent(archive, student, consent)


def _columns(archive: Archive, path: str, platform: Platform) -> Iterator[Finding]:
    for index, layout in enumerate(platform.exports):
        for place, column in enumerate(layout.columns):
            named = archive.programs.get(column.program or layout.program or "")
            if named is not None:
                yield from _column(named, column, path, f"/exports/{index}/columns/{place}")


def _texts(archive: Archive, folder: str, regulation: Regulation) -> Iterator[Finding]:
    for index, edition in enumerate(regulation.editions):
        if edition.file is not None and f"{folder}/{edition.file}" not in archive.act_texts:
            where = Location(f"{folder}/regulation.yaml", f"/editions/{index}/file")
            yield consistency.ACT_TEXT_MISSING.at(where, name=edition.file)


def _planned(path: str, program: Program) -> Iterator[Finding]:
    for number, edition in enumerate(program.editions):
        for index, planned in enumerate(edition.planned_results):
            for place, name in enumerate(planned.parts):
                pointer = f"/editions/{number}/planned_results/{index}/parts/{place}"
                where = partial(Location, path, pointer)
                yield from _part(program.code, edition, name, where)


def _column(program: Program, column: MarkColumn, path: str, at: str) -> Iterator[Finding]:
    """A part is one of the edition that the column names, or of any."""
    editions = [each for each in program.editions if column.edition in (None, each.edition)]
    if not editions:
        yield records.REF_UNKNOWN_EDITION.at(
            Location(path, f"{at}/edition"),
            program=program.code,
            edition=column.edition,
            may_be=may_be(column.edition, [each.edition for each in program.editions]),
        )
    elif all(each.part(column.part) is None for each in editions):
        known = {part.part for each in editions for part in each.parts}
        yield records.REF_UNKNOWN_PART.at(
            Location(path, f"{at}/part"),
            program=program.code,
            edition=editions[-1].edition,
            part=column.part,
            may_be=may_be(column.part, known),
        )


_Studied = dict[str | None, tuple[str, Edition]]
"""Id of an enrolment -> programme and edition."""


def _studied(archive: Archive, student: Student) -> _Studied:
    found: _Studied = {}
    for enrolment in student.enrolments:
        edition = edition_of(archive, enrolment)
        if edition is not None:
            found.setdefault(enrolment.id, (enrolment.program, edition))
    return found


def _editions(archive: Archive, student: Student) -> Iterator[Finding]:
    for enrolment in student.enrolments:
        edition = edition_of(archive, enrolment)
        program = archive.programs.get(enrolment.program)
        if edition is not None:
            for index, part in enumerate(enrolment.individual_parts):
                where = partial(student.where, enrolment, "individual_parts", index)
                yield from _part(enrolment.program, edition, part, where)
        elif program is not None:
            yield records.REF_UNKNOWN_EDITION.at(
                student.where(enrolment, "edition"),
                program=program.code,
                edition=enrolment.edition,
                may_be=may_be(enrolment.edition, [each.edition for each in program.editions]),
            )


def _results(student: Student, studied: _Studied) -> Iterator[Finding]:
    for results in student.periods.values():
        for result in results:
            known = studied.get(result.enrolment)
            if known is None:
                continue
            if result.part is not None:
                yield from _part(*known, result.part, partial(student.where, result, "part"))
            for index, shown in enumerate(result.shows):
                where = partial(student.where, result, "shows", index, "outcome")
                yield from _outcome(*known, shown.outcome, where)


def _credits(student: Student, studied: _Studied) -> Iterator[Finding]:
    for credit in student.credits:
        known = studied.get(credit.enrolment)
        if known is None:
            continue
        for index, item in enumerate(credit.items):
            if item.part is not None:
                where = partial(student.where, credit, "items", index, "part")
                yield from _part(*known, item.part, where)


def _part(program: str, edition: Edition, part: str, where: _Where) -> Iterator[Finding]:
    if edition.part(part) is None:
        yield records.REF_UNKNOWN_PART.at(
            where(),
            program=program,
            edition=edition.edition,
            part=part,
            may_be=may_be(part, [each.part for each in edition.parts]),
        )


def _outcome(program: str, edition: Edition, name: str, where: _Where) -> Iterator[Finding]:
    """A planned result, never an orientation (R-4.1)."""
    known = [planned.outcome for planned in edition.planned_results]
    if name not in known:
        yield consistency.REF_UNKNOWN_OUTCOME.at(
            where(),
            program=program,
            edition=edition.edition,
            name=name,
            may_be=may_be(name, known),
        )


def _award(archive: Archive, student: Student, award: Award) -> Iterator[Finding]:
    act = archive.regulations.get(award.act)
    editions = act.editions if act else ()
    kinds = [kind for edition in editions if edition.is_adopted for kind in edition.awards]
    if any(kind.award == award.award and kind.clause == award.clause for kind in kinds):
        return
    if archive.is_readable(f"{RECORDS}/regulations/{award.act}/regulation.yaml"):
        yield records.REF_UNKNOWN_AWARD.at(
            student.where(award, "award" if act else "act"),
            act=award.act,
            award=award.award,
            clause=award.clause,
            may_be=may_be(
                f"{award.award}, п. {award.clause}",
                [f"{kind.award}, п. {kind.clause}" for kind in kinds],
            ),
        )


def _consent(archive: Archive, student: Student, consent: Consent) -> Iterator[Finding]:
    purpose = archive.purposes.get(consent.purpose)
    editions = [each.edition for each in purpose.editions] if purpose else []
    if consent.edition not in editions and archive.is_readable(ORGANIZATION):
        yield records.REF_UNKNOWN_PURPOSE.at(
            student.where(consent, "edition" if purpose else "purpose"),
            name=consent.purpose,
            edition=consent.edition,
            may_be=(
                may_be(consent.edition, editions)
                if purpose
                else may_be(consent.purpose, archive.purposes)
            ),
        )


def _receiver(archive: Archive, address: str, to: str, where: Location) -> Iterator[Finding]:
    """The book outlives the personal file: of a folder or a card that is not there nothing is
    asked."""
    student = archive.students.get(address.partition("#")[0])
    if student is None or student.person is None:
        return
    known = [person.id for person in student.person.representatives if person.id]
    if to not in (SELF, *known):
        yield records.REF_UNKNOWN_ENTRY.at(where, name=to, field="to", may_be=may_be(to, known))
