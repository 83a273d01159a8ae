"""A name that a record gives is declared where it says: staff, orders, events, periods, numbers,
entries of the same personal file (R-2.2.3, R-4.5, R-4.8, R-6.2, R-6.4, R-7.1).

`REFERENCES` is the whole rule. Of a name whose file was itself rejected nothing is said: that
file's own fault is told, and it may well declare the name. Absent on purpose: names that are
declared inside another record, such as parts of an edition (references_within), and addresses of
students (references_students).

Orders and registers name students by addresses that exist: `2026-0007` or `2026-0007#e1`.

A name that is declared inside another record: editions, parts and planned results of a
programme, awards of an act, texts of a consent, the people of a personal file
(R-2.2.3, R-2.2.5, R-3.1, R-4.1, R-4.8).

Where the record itself is not there, references tells it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from papka.checks import state_codes
from papka.core.findings import Code, Finding, Location
from papka.core.phrases import may_be
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
    """`field` leads from the owner to the name as the record is written, `*` through a list;
    `besides` is a name that is not declared and stands for something else."""

    owner: str
    field: str
    target: str
    besides: str = ""

    @property
    def name(self) -> str:
        """The branch of the rule."""
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
    """What the path of a record says of it; where the record says another, placement tells it."""

    period: str


class Target(NamedTuple):
    """What is declared, and the file (or the folder) where a name of it would be."""

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
"""Entries of the same personal file, by the letter of their ids: where in the folder they stand."""
_ATTRIBUTES = {"import": "export"}
"""Words of the records that Python keeps for itself."""


class _Asked(NamedTuple):
    """A reference, with the way to it taken apart."""

    reference: Reference
    first: str
    rest: tuple[str, ...]


def _plan() -> Mapping[str, list[_Asked]]:
    found: defaultdict[str, list[_Asked]] = defaultdict(list)
    for each in REFERENCES:
        first, *rest = each.field.split("/")
        found[each.owner].append(_Asked(each, first, tuple(rest)))
    return found


_BY_OWNER = _plan()
_Where = Callable[..., Location]


class _Scope(NamedTuple):
    """What may be named: by target, the names declared; `folder` is the personal file asked."""

    archive: Archive
    known: Mapping[str, Collection[str]]
    folder: str = ""


def check_references(archive: Archive) -> Iterator[Finding]:
    known = {name: target.known(archive) for name, target in TARGETS.items()}
    scope = _Scope(archive, known)
    for owner, path, record in _of_the_school(archive):
        yield from _judge(scope, owner, [record], partial(_place, path))
    for student in archive.students.values():
        yield from _student(scope, student)


def _of_the_school(archive: Archive) -> Iterator[tuple[str, str, object]]:
    """Owner, path and record."""
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


def _student(school: _Scope, student: Student) -> Iterator[Finding]:
    person, results = student.person, list(chain.from_iterable(student.periods.values()))
    known = {
        **school.known,
        "e": _ids(student.enrolments),
        "d": _ids(student.documents),
        "r": _ids(results),
        "p": _ids(person.representatives if person else ()) | {SELF},
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


def _ids(entries: Iterable[AnyEntry]) -> set[str]:
    return {entry.id for entry in entries if entry.id is not None}


def _judge(scope: _Scope, owner: str, entries: Iterable[Any], where: _Where) -> Iterator[Finding]:
    """Every reference of these entries. Results are most of an archive: what stands in a field of
    its own is looked up here."""
    for entry in entries:
        for reference, first, rest in _BY_OWNER[owner]:
            value, known = getattr(entry, first), scope.known[reference.target]
            if rest:
                for way, name in _names(value, rest):
                    if name not in known:
                        place = partial(where, entry, first, *way)
                        yield from _told(scope, reference, name, place)
            elif value is not None and value not in known and value != reference.besides:
                yield from _told(scope, reference, value, partial(where, entry, first))


def _names(value: Any, way: tuple[str, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:  # noqa: ANN401 - any part of a record
    """The names below a value, each with the fields that lead to it."""
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
        for further, name in _names(below, rest):
            yield (key, *further), name


def _told(scope: _Scope, reference: Reference, name: str, where: _Where) -> Iterator[Finding]:
    target = TARGETS.get(reference.target)
    file = target.file(name) if target else scope.folder + INSIDE[reference.target]
    if any(path.startswith(file) for path in scope.archive.unreadable):
        return
    code = target.code if target else state_codes.REF_UNKNOWN_ENTRY
    words: dict[str, Any] = {
        "name": name,
        "field": reference.field.rpartition("/")[2],
        "may_be": may_be(name, scope.known[reference.target]),
    }
    yield code.at(where(), **{word: words[word] for word in code.fields})


def _place(path: str, _: object, *fields: str | int) -> Location:
    return Location(path, "".join(f"/{field}" for field in fields))


def check_references_students(archive: Archive) -> Iterator[Finding]:
    for key, order in archive.orders.items():
        path = order_file(key)
        for index, item in enumerate(order.items):
            for place, address in enumerate(item.students):
                where = partial(Location, path, f"/items/{index}/students/{place}")
                yield from _address(archive, address, where)
    for key, entry in archive.registers.items():
        where = partial(Location, f"{RECORDS}/registers/{key}.yaml", "/student")
        yield from _address(archive, entry.student, where)
    for student in archive.students.values():
        twin = student.person.duplicate_of if student.person else None
        if twin is not None:
            where = partial(student.where, student.person, "duplicate_of")
            yield from _address(archive, twin, where)


def _address(archive: Archive, address: str, where: Callable[[], Location]) -> Iterator[Finding]:
    student_id, _, entry_id = address.partition("#")
    student = archive.students.get(student_id)
    if student is None:
        if student_id in archive.folders:
            return  # there, but not read this time
        yield state_codes.REF_UNKNOWN_STUDENT.at(where(), name=address)
        return
    if not entry_id or _has(student, entry_id):
        return
    if not any(path.startswith(student.folder + "/") for path in archive.unreadable):
        yield state_codes.REF_UNKNOWN_STUDENT.at(where(), name=address)


def _has(student: Student, entry_id: str) -> bool:
    """Orders mostly name an enrolment, a credit or an award: these lists are asked first."""
    shelves = chain(student.enrolments, student.credits, student.awards, student.entries())
    return any(entry.id == entry_id for entry in shelves)


REFERENCES_WITHIN_BRANCHES = (
    *("planned_results: parts", "columns: edition", "columns: part"),
    *("columns: part of the edition", "columns: part of the layout's programme"),
    *("enrolments: edition", "enrolments: individual_parts"),
    *("results: part", "results: shows", "credits: part"),
    *("awards: act", "awards: award", "awards: clause", "consents: purpose", "consents: edition"),
    *("registers: handed/to", "regulations: file"),
)
_Locate = Callable[[], Location]


def check_references_within(archive: Archive) -> Iterator[Finding]:
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
            yield state_codes.ACT_TEXT_MISSING.at(where, name=edition.file)


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
        yield state_codes.REF_UNKNOWN_EDITION.at(
            Location(path, f"{at}/edition"),
            program=program.code,
            edition=column.edition,
            may_be=may_be(column.edition, [each.edition for each in program.editions]),
        )
    elif all(each.part(column.part) is None for each in editions):
        known = {part.part for each in editions for part in each.parts}
        yield state_codes.REF_UNKNOWN_PART.at(
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
            yield state_codes.REF_UNKNOWN_EDITION.at(
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


def _part(program: str, edition: Edition, part: str, where: _Locate) -> Iterator[Finding]:
    if edition.part(part) is None:
        yield state_codes.REF_UNKNOWN_PART.at(
            where(),
            program=program,
            edition=edition.edition,
            part=part,
            may_be=may_be(part, [each.part for each in edition.parts]),
        )


def _outcome(program: str, edition: Edition, name: str, where: _Locate) -> Iterator[Finding]:
    """A planned result, never an orientation (R-4.1)."""
    known = [planned.outcome for planned in edition.planned_results]
    if name not in known:
        yield state_codes.REF_UNKNOWN_OUTCOME.at(
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
        yield state_codes.REF_UNKNOWN_AWARD.at(
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
        yield state_codes.REF_UNKNOWN_PURPOSE.at(
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
        yield state_codes.REF_UNKNOWN_ENTRY.at(where, name=to, field="to", may_be=may_be(to, known))
