"""Rules about names that one record gives of another: each is declared where it should be.

REFERENCES is the whole rule for names declared once in the archive or in a personal file (R-2.2.3,
R-4.5, R-4.8, R-6.2, R-6.4, R-7.1). `check_references_within` judges names declared inside another
record: editions, parts and planned results of a programme, awards of an act, texts of a consent,
people of a personal file (R-2.2.3, R-2.2.5, R-3.1, R-4.1, R-4.8). A name whose file was itself
rejected is not reported: that file's own fault is, and it may well declare the name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from papka.checks import state_codes
from papka.core.findings import Code, Finding, Location
from papka.core.phrases import suggest
from papka.core.places import (
    ORGANIZATION,
    RECORDS,
    SHEETS,
    STAFF,
    import_file,
    order_file,
    program_file,
    results_file,
)
from papka.records.archive import Archive
from papka.records.derived.mastery import edition_of
from papka.records.school import Edition, MarkColumn, Platform, Program, Regulation
from papka.records.student import AnyEntry, Award, Consent, Student

SELF = "обучающийся"
_REGISTERS = f"{RECORDS}/registers/"


class Reference(NamedTuple):
    """A field that names another record. `field` leads to it from the owner as the record is
    written, `*` through a list; `besides`: a name that is not declared and means something else."""

    owner: str
    field: str
    target: str
    besides: str = ""

    @property
    def name(self) -> str:
        """The name of this branch of the rule."""
        return f"{self.owner}: {self.field}"


REFERENCES: tuple[Reference, ...] = (
    Reference("organization", "head", "staff"),
    Reference("organization", "groups/*/teacher", "staff"),
    Reference("organization", "groups/*/program", "program"),
    Reference("organization", "retention/*/confirmed", "order"),
    Reference("program", "continues", "program"),
    Reference("program", "editions/*/order", "order"),
    Reference("program", "editions/*/parts/*/scale", "scale"),
    Reference("platform", "exports/*/program", "program"),
    Reference("platform", "exports/*/columns/*/program", "program"),
    Reference("regulation", "editions/*/order", "order"),
    Reference("order", "signed_by", "staff"),
    Reference("order", "cancels", "order"),
    Reference("register", "series", "series"),
    Reference("register", "order", "order"),
    Reference("register", "duplicate_of", "number"),
    Reference("register", "void/order", "order"),
    Reference("register", "void/replaced_by", "number"),
    Reference("approval file", "period", "period"),
    Reference("approval", "signed_by", "staff"),
    Reference("import file", "period", "period"),
    Reference("import", "platform", "platform", SHEETS),
    Reference("import", "by", "staff"),
    Reference("media", "copies/*/made_by", "staff"),
    Reference("media", "copies/*/verified_by", "staff"),
    Reference("media", "inspections/*/made_by", "staff"),
    Reference("person", "photo", "d"),
    Reference("person", "former_names/*/document", "d"),
    Reference("person", "accounts/*/platform", "platform"),
    Reference("person", "paper/volumes/*/signed_by", "staff"),
    Reference("person", "holds/*/order", "order"),
    Reference("person", "need_ended/order", "order"),
    Reference("results file", "period", "period"),
    Reference("enrolment", "group", "group"),
    Reference("enrolment", "program", "program"),
    Reference("enrolment", "contract", "d"),
    Reference("enrolment", "order", "order"),
    Reference("enrolment", "ended/order", "order"),
    Reference("enrolment", "continues", "e"),
    Reference("result", "enrolment", "e"),
    Reference("result", "event", "event"),
    Reference("result", "assessed_by", "staff"),
    Reference("result", "resits", "r"),
    Reference("result", "replaces", "r"),
    Reference("result", "source/import", "import"),
    Reference("credit", "enrolment", "e"),
    Reference("credit", "document", "d"),
    Reference("credit", "order", "order"),
    Reference("award", "document", "d"),
    Reference("award", "order", "order"),
    Reference("award", "event", "event"),
    Reference("consent", "signed_by", "p"),
    Reference("consent", "document", "d"),
    Reference("consent", "revoked/document", "d"),
    Reference("document", "certified/signed_by", "staff"),
    Reference("document", "replaces", "d"),
    Reference("notice", "told", "p"),
    Reference("notice", "document", "d"),
    Reference("notice", "period", "period"),
)
REFERENCES_BRANCHES = tuple(reference.name for reference in REFERENCES)


class _File(NamedTuple):
    """A record as its path names it; `check_placement` reports a record that says otherwise."""

    period: str


class Target(NamedTuple):
    """A kind of thing that may be named: the code of a finding, the names declared, and the file or
    folder where a name would be declared."""

    code: Code
    known: Callable[[Archive], Collection[str]]
    file: Callable[[str], str]


TARGETS: Mapping[str, Target] = {
    "staff": Target(state_codes.REF_UNKNOWN_STAFF, lambda a: a.staff, lambda _: STAFF),
    "order": Target(state_codes.REF_UNKNOWN_ORDER, lambda a: a.orders, order_file),
    "program": Target(state_codes.REF_UNKNOWN_PROGRAM, lambda a: a.programs, program_file),
    "scale": Target(state_codes.REF_UNKNOWN_SCALE, lambda a: a.scales, lambda _: ORGANIZATION),
    "group": Target(state_codes.REF_UNKNOWN_GROUP, lambda a: a.groups, lambda _: ORGANIZATION),
    "period": Target(state_codes.REF_UNKNOWN_PERIOD, lambda a: a.periods, lambda _: ORGANIZATION),
    "series": Target(state_codes.REF_UNKNOWN_SERIES, lambda a: a.series, lambda _: ORGANIZATION),
    "event": Target(state_codes.REF_UNKNOWN_EVENT, lambda a: a.events,
                    lambda name: f"{RECORDS}/events/{name.partition('/')[0]}.yaml"),
    "platform": Target(state_codes.REF_UNKNOWN_PLATFORM, lambda a: a.platforms,
                       lambda name: f"{RECORDS}/platforms/{name}.yaml"),
    "import": Target(state_codes.REF_UNKNOWN_IMPORT, lambda a: a.imports,
                     lambda name: import_file(name, "manifest.yaml")),
    "number": Target(state_codes.REF_UNKNOWN_NUMBER,
                     lambda a: {entry.number for entry in a.registers.values()},
                     lambda _: _REGISTERS),
}  # fmt: skip
INSIDE: Mapping[str, str] = {
    "e": "enrolments.yaml",
    "d": "documents.yaml",
    "r": "results/",
    "p": "student.yaml",
}
"""Entries of the same personal file: letter of their ids -> file or folder."""
_ATTRIBUTES = {"import": "export"}
"""Words of the records that Python keeps for itself."""


_BY_OWNER = {
    owner: [
        (each, first, tuple(rest))
        for each in REFERENCES
        for first, *rest in [each.field.split("/")]
        if each.owner == owner
    ]
    for owner in {each.owner for each in REFERENCES}
}
"""Owner -> its references, each with the first field and the rest of the way."""
_Where = Callable[..., Location]


class _Scope(NamedTuple):
    """The names that may be used. `known`: target -> names declared; `folder`: the personal file
    judged, "" for records of the school."""

    archive: Archive
    known: Mapping[str, Collection[str]]
    folder: str = ""


def check_references(archive: Archive) -> Iterator[Finding]:
    """Every name in a field of REFERENCES is declared."""
    known = {name: target.known(archive) for name, target in TARGETS.items()}
    scope = _Scope(archive, known)
    for owner, path, record in _list_school_records(archive):
        yield from _judge(scope, owner, [record], partial(_place, path))
    for student in archive.students.values():
        yield from _judge_student(scope, student)


def _list_school_records(archive: Archive) -> Iterator[tuple[str, str, object]]:
    """List the records outside personal files: owner, path, record."""
    if archive.organization is not None:
        yield "organization", ORGANIZATION, archive.organization
    for code, program in archive.programs.items():
        yield "program", program_file(code), program
    for key, platform in archive.platforms.items():
        yield "platform", f"{RECORDS}/platforms/{key}.yaml", platform
    for key, regulation in archive.regulations.items():
        yield "regulation", f"{RECORDS}/regulations/{key}/regulation.yaml", regulation
    for key, order in archive.orders.items():
        yield "order", order_file(key), order
    for key, entry in archive.registers.items():
        yield "register", f"{_REGISTERS}{key}.yaml", entry
    for key, approval in archive.approvals.items():
        path = f"{RECORDS}/approvals/{key}.yaml"
        yield "approval", path, approval
        yield "approval file", path, _File(key)
    for key, taken in archive.imports.items():
        path = import_file(key, "manifest.yaml")
        yield "import", path, taken
        yield "import file", path, _File(key.partition("/")[0])
    for year, media in archive.media.items():
        yield "media", f"{RECORDS}/media/{year}.yaml", media


def _judge_student(school: _Scope, student: Student) -> Iterator[Finding]:
    person, results = student.person, [result for _, result in student.results]
    known = {
        **school.known,
        "e": _list_ids(student.enrolments),
        "d": _list_ids(student.documents),
        "r": _list_ids(results),
        "p": _list_ids(person.representatives if person else ()) | {SELF},
    }
    scope = _Scope(school.archive, known, f"{student.folder}/")
    for period in student.periods:
        where = partial(_place, results_file(student.id, period))
        yield from _judge(scope, "results file", [_File(period)], where)
    for owner, entries in (
        ("person", [person] if person else []),
        ("enrolment", student.enrolments),
        ("result", results),
        ("credit", student.credits),
        ("award", student.awards),
        ("consent", student.consents),
        ("document", student.documents),
        ("notice", student.notices),
    ):
        yield from _judge(scope, owner, entries, student.where)


def _list_ids(entries: Iterable[AnyEntry]) -> set[str]:
    return {entry.id for entry in entries if entry.id is not None}


def _judge(scope: _Scope, owner: str, entries: Iterable[Any], where: _Where) -> Iterator[Finding]:
    """Judge the references of these entries. Results are most of an archive, so a name that is the
    whole field is looked up at once."""
    for entry in entries:
        for reference, first, rest in _BY_OWNER[owner]:
            value, known = getattr(entry, first), scope.known[reference.target]
            if rest:
                for way, name in _list_names(value, rest):
                    if name not in known:
                        place = partial(where, entry, first, *way)
                        yield from _report_unknown(scope, reference, name, place)
            elif value is not None and value not in known and value != reference.besides:
                yield from _report_unknown(scope, reference, value, partial(where, entry, first))


def _list_names(value: Any, way: tuple[str, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:  # noqa: ANN401 - any part of a record
    """List the names below a value, each with the fields that lead to it."""
    if value is None:
        return
    if not way:
        yield (), value
        return
    first, rest = way[0], way[1:]
    inner: Iterable[tuple[str | int, Any]] = (
        enumerate(value)
        if first == "*"
        else [(first, getattr(value, _ATTRIBUTES.get(first, first)))]
    )
    for key, below in inner:
        for further, name in _list_names(below, rest):
            yield (key, *further), name


def _report_unknown(
    scope: _Scope, reference: Reference, name: str, where: _Where
) -> Iterator[Finding]:
    target = TARGETS.get(reference.target)
    file = target.file(name) if target else scope.folder + INSIDE[reference.target]
    if any(path.startswith(file) for path in scope.archive.unreadable):
        return
    code = target.code if target else state_codes.REF_UNKNOWN_ENTRY
    words: dict[str, Any] = {
        "name": name,
        "field": reference.field.rpartition("/")[2],
        "may_be": suggest(name, scope.known[reference.target]),
    }
    yield code.at(where(), **{word: words[word] for word in code.fields})


def _place(path: str, _: object, *fields: str | int) -> Location:
    return Location(path, "".join(f"/{field}" for field in fields))


def check_references_students(archive: Archive) -> Iterator[Finding]:
    """Orders, registers and cards name students by addresses: `2026-0007` or `2026-0007#e1`."""
    for key, order in archive.orders.items():
        path = order_file(key)
        for index, item in enumerate(order.items):
            for place, address in enumerate(item.students):
                where = partial(Location, path, f"/items/{index}/students/{place}")
                yield from _judge_address(archive, address, where)
    for key, entry in archive.registers.items():
        where = partial(Location, f"{RECORDS}/registers/{key}.yaml", "/student")
        yield from _judge_address(archive, entry.student, where)
    for student in archive.students.values():
        twin = student.person.duplicate_of if student.person else None
        if twin is not None:
            where = partial(student.where, student.person, "duplicate_of")
            yield from _judge_address(archive, twin, where)


def _judge_address(
    archive: Archive, address: str, where: Callable[[], Location]
) -> Iterator[Finding]:
    student_id, _, entry_id = address.partition("#")
    student = archive.students.get(student_id)
    if student is None:
        is_known = student_id in archive.folders  # there, but not read this time
    elif entry_id:
        # Orders mostly name an enrolment, a credit or an award: these lists are asked first.
        entries = chain(student.enrolments, student.credits, student.awards, student.entries())
        is_known = any(entry.id == entry_id for entry in entries) or any(
            path.startswith(student.folder + "/") for path in archive.unreadable
        )
    else:
        is_known = True
    if not is_known:
        yield state_codes.REF_UNKNOWN_STUDENT.at(where(), name=address)


REFERENCES_WITHIN_BRANCHES = (
    *("planned_results: parts", "columns: edition", "columns: part"),
    *("columns: part of the edition", "columns: part of the layout's programme"),
    *("enrolments: edition", "enrolments: individual_parts"),
    *("results: part", "results: shows", "credits: part"),
    *("awards: act", "awards: award", "awards: clause", "consents: purpose", "consents: edition"),
    *("registers: handed/to", "regulations: file"),
)


def check_references_within(archive: Archive) -> Iterator[Finding]:
    """A name declared inside another record is declared there.

    Where that record itself is not there, `check_references` reports it.
    """
    for code, program in archive.programs.items():
        yield from _judge_planned(program_file(code), program)
    for key, platform in archive.platforms.items():
        yield from _judge_columns(archive, f"{RECORDS}/platforms/{key}.yaml", platform)
    for key, regulation in archive.regulations.items():
        yield from _judge_texts(archive, f"{RECORDS}/regulations/{key}", regulation)
    for key, entry in archive.registers.items():
        if entry.handed is not None:
            where = Location(f"{RECORDS}/registers/{key}.yaml", "/handed/to")
            yield from _judge_receiver(archive, entry.student, entry.handed.to, where)
    for student in archive.students.values():
        studied = _list_studied(archive, student)
        yield from _judge_editions(archive, student)
        yield from _judge_results(student, studied)
        yield from _judge_credits(student, studied)
        for award in student.awards:
            yield from _judge_award(archive, student, award)
        for consent in student.consents:
            yield from _judge_consent(archive, student, consent)


def _judge_columns(archive: Archive, path: str, platform: Platform) -> Iterator[Finding]:
    for index, layout in enumerate(platform.exports):
        for place, column in enumerate(layout.columns):
            named = archive.programs.get(column.program or layout.program or "")
            if named is not None:
                yield from _judge_column(named, column, path, f"/exports/{index}/columns/{place}")


def _judge_texts(archive: Archive, folder: str, regulation: Regulation) -> Iterator[Finding]:
    for index, edition in enumerate(regulation.editions):
        if edition.file is not None and f"{folder}/{edition.file}" not in archive.act_texts:
            where = Location(f"{folder}/regulation.yaml", f"/editions/{index}/file")
            yield state_codes.ACT_TEXT_MISSING.at(where, name=edition.file)


def _judge_planned(path: str, program: Program) -> Iterator[Finding]:
    for number, edition in enumerate(program.editions):
        for index, planned in enumerate(edition.planned_results):
            for place, name in enumerate(planned.parts):
                pointer = f"/editions/{number}/planned_results/{index}/parts/{place}"
                where = partial(Location, path, pointer)
                yield from _judge_part(program.code, edition, name, where)


def _judge_column(program: Program, column: MarkColumn, path: str, at: str) -> Iterator[Finding]:
    """Judge that a column's part belongs to the edition that the column names, or to any."""
    editions = [each for each in program.editions if column.edition in (None, each.edition)]
    if not editions:
        yield state_codes.REF_UNKNOWN_EDITION.at(
            Location(path, f"{at}/edition"),
            program=program.code,
            edition=column.edition,
            may_be=suggest(column.edition, [each.edition for each in program.editions]),
        )
    elif all(each.part(column.part) is None for each in editions):
        known = {part.part for each in editions for part in each.parts}
        yield state_codes.REF_UNKNOWN_PART.at(
            Location(path, f"{at}/part"),
            program=program.code,
            edition=editions[-1].edition,
            part=column.part,
            may_be=suggest(column.part, known),
        )


_Studied = dict[str | None, tuple[str, Edition]]
"""Id of an enrolment -> programme and edition."""


def _list_studied(archive: Archive, student: Student) -> _Studied:
    found: _Studied = {}
    for enrolment in student.enrolments:
        edition = edition_of(archive, enrolment)
        if edition is not None:
            found.setdefault(enrolment.id, (enrolment.program, edition))
    return found


def _judge_editions(archive: Archive, student: Student) -> Iterator[Finding]:
    for enrolment in student.enrolments:
        edition = edition_of(archive, enrolment)
        program = archive.programs.get(enrolment.program)
        if edition is not None:
            for index, part in enumerate(enrolment.individual_parts):
                where = partial(student.where, enrolment, "individual_parts", index)
                yield from _judge_part(enrolment.program, edition, part, where)
        elif program is not None:
            yield state_codes.REF_UNKNOWN_EDITION.at(
                student.where(enrolment, "edition"),
                program=program.code,
                edition=enrolment.edition,
                may_be=suggest(enrolment.edition, [each.edition for each in program.editions]),
            )


def _judge_results(student: Student, studied: _Studied) -> Iterator[Finding]:
    for _, result in student.results:
        known = studied.get(result.enrolment)
        if known is None:
            continue
        if result.part is not None:
            yield from _judge_part(*known, result.part, partial(student.where, result, "part"))
        for index, shown in enumerate(result.shows):
            where = partial(student.where, result, "shows", index, "outcome")
            yield from _judge_outcome(*known, shown.outcome, where)


def _judge_credits(student: Student, studied: _Studied) -> Iterator[Finding]:
    for credit in student.credits:
        known = studied.get(credit.enrolment)
        if known is None:
            continue
        for index, item in enumerate(credit.items):
            if item.part is not None:
                where = partial(student.where, credit, "items", index, "part")
                yield from _judge_part(*known, item.part, where)


def _judge_part(program: str, edition: Edition, part: str, where: _Where) -> Iterator[Finding]:
    if edition.part(part) is None:
        yield state_codes.REF_UNKNOWN_PART.at(
            where(),
            program=program,
            edition=edition.edition,
            part=part,
            may_be=suggest(part, [each.part for each in edition.parts]),
        )


def _judge_outcome(program: str, edition: Edition, name: str, where: _Where) -> Iterator[Finding]:
    """Judge that a result shows planned results, never an orientation (R-4.1)."""
    known = [planned.outcome for planned in edition.planned_results]
    if name not in known:
        yield state_codes.REF_UNKNOWN_OUTCOME.at(
            where(),
            program=program,
            edition=edition.edition,
            name=name,
            may_be=suggest(name, known),
        )


def _judge_award(archive: Archive, student: Student, award: Award) -> Iterator[Finding]:
    act = archive.regulations.get(award.act)
    editions = act.editions if act else ()
    kinds = [kind for edition in editions if edition.is_adopted for kind in edition.awards]
    if any(kind.award == award.award and kind.clause == award.clause for kind in kinds):
        return
    if archive.is_readable(f"{RECORDS}/regulations/{award.act}/regulation.yaml"):
        yield state_codes.REF_UNKNOWN_AWARD.at(
            student.where(award, "award" if act else "act"),
            act=award.act,
            award=award.award,
            clause=award.clause,
            may_be=suggest(
                f"{award.award}, п. {award.clause}",
                [f"{kind.award}, п. {kind.clause}" for kind in kinds],
            ),
        )


def _judge_consent(archive: Archive, student: Student, consent: Consent) -> Iterator[Finding]:
    purpose = archive.purposes.get(consent.purpose)
    editions = [each.edition for each in purpose.editions] if purpose else []
    if consent.edition not in editions and archive.is_readable(ORGANIZATION):
        yield state_codes.REF_UNKNOWN_PURPOSE.at(
            student.where(consent, "edition" if purpose else "purpose"),
            name=consent.purpose,
            edition=consent.edition,
            may_be=(
                suggest(consent.edition, editions)
                if purpose
                else suggest(consent.purpose, archive.purposes)
            ),
        )


def _judge_receiver(archive: Archive, address: str, to: str, where: Location) -> Iterator[Finding]:
    """Judge that a student or a representative received a document. The register outlives the
    personal file: without a folder or a card nothing is judged."""
    student = archive.students.get(address.partition("#")[0])
    if student is None or student.person is None:
        return
    known = [person.id for person in student.person.representatives if person.id]
    if to not in (SELF, *known):
        yield state_codes.REF_UNKNOWN_ENTRY.at(
            where, name=to, field="to", may_be=suggest(to, known)
        )
