"""A name that a record gives is declared where it says: staff, orders, events, periods, numbers,
entries of the same personal file (R-2.2.3, R-4.5, R-4.8, R-6.2, R-6.4, R-7.1).

`REFERENCES` is the whole rule. Of a name whose file was itself rejected nothing is said: that
file's own fault is told, and it may well declare the name. Absent on purpose: names that are
declared inside another record, such as parts of an edition (references_within), and addresses of
students (references_students).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from papka.core.codes import consistency, records
from papka.core.findings import Code, Finding, Location
from papka.core.layout import (
    ORGANIZATION,
    RECORDS,
    SHEETS,
    STAFF,
    import_file,
    order_file,
    program_file,
    results_file,
)
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.student import AnyEntry, Student

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
BRANCHES = tuple(reference.name for reference in REFERENCES)


class _File(NamedTuple):
    """What the path of a record says of it; where the record says another, placement tells it."""

    period: str


class Target(NamedTuple):
    """What is declared, and the file (or the folder) where a name of it would be."""

    code: Code
    known: Callable[[Archive], Collection[str]]
    file: Callable[[str], str]


TARGETS: Mapping[str, Target] = {
    "staff": Target(records.REF_UNKNOWN_STAFF, lambda a: a.staff, lambda _: STAFF),
    "order": Target(records.REF_UNKNOWN_ORDER, lambda a: a.orders, order_file),
    "program": Target(records.REF_UNKNOWN_PROGRAM, lambda a: a.programs, program_file),
    "scale": Target(records.REF_UNKNOWN_SCALE, lambda a: a.scales, lambda _: ORGANIZATION),
    "group": Target(records.REF_UNKNOWN_GROUP, lambda a: a.groups, lambda _: ORGANIZATION),
    "period": Target(records.REF_UNKNOWN_PERIOD, lambda a: a.periods, lambda _: ORGANIZATION),
    "series": Target(consistency.REF_UNKNOWN_SERIES, lambda a: a.series, lambda _: ORGANIZATION),
    "event": Target(records.REF_UNKNOWN_EVENT, lambda a: a.events,
                    lambda name: f"{RECORDS}/events/{name.partition('/')[0]}.yaml"),
    "platform": Target(records.REF_UNKNOWN_PLATFORM, lambda a: a.platforms,
                       lambda name: f"{RECORDS}/platforms/{name}.yaml"),
    "import": Target(consistency.REF_UNKNOWN_IMPORT, lambda a: a.imports,
                     lambda name: import_file(name, "manifest.yaml")),
    "number": Target(consistency.REF_UNKNOWN_NUMBER,
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


def check(archive: Archive) -> Iterator[Finding]:
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
    code = target.code if target else records.REF_UNKNOWN_ENTRY
    words: dict[str, Any] = {
        "name": name,
        "field": reference.field.rpartition("/")[2],
        "may_be": may_be(name, scope.known[reference.target]),
    }
    yield code.at(where(), **{word: words[word] for word in code.fields})


def _place(path: str, _: object, *fields: str | int) -> Location:
    return Location(path, "".join(f"/{field}" for field in fields))
