"""Rules about names that one record gives of another: each is declared where it should be.

`check_references` judges the names that are declared once in the archive or in a personal file, as
the schemas say by `x-refers-to` (R-2.2.3, R-4.5, R-4.8, R-6.2, R-6.4, R-7.1); a school's own schema
may say so of its own fields. `check_references_within` judges names declared inside another record:
editions, parts and planned results of a programme, awards of an act, texts of a consent, people of
a personal file (R-2.2.3, R-2.2.5, R-3.1, R-4.1, R-4.8). A name whose file was itself rejected is
not reported: that file's own fault is, and it may well declare the name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from papka.core.findings import Code, Finding, Location, Severity
from papka.core.kinds import KIND_OF, KINDS, LIST_KINDS, PERSONAL, SCHEMA_OF
from papka.core.phrases import suggest
from papka.core.places import (
    ORGANIZATION,
    RECORDS,
    SHEETS,
    STAFF,
    import_file,
    order_file,
    period_of_act,
    place,
    program_file,
    record_file,
    record_folder,
    results_file,
)
from papka.records.acts import Approval
from papka.records.archive import Archive, known_ways
from papka.records.derived.result_facts import edition_of
from papka.records.schema_outline import Way
from papka.records.schemas import shipped
from papka.records.school import Edition, MarkColumn, Platform, Program, Regulation
from papka.records.strict_yaml import Value
from papka.records.student import Award, Consent, Student, iterate_names, keys_of
from papka.records.tombstones import Tombstone

REF_UNKNOWN_PROGRAM = Code(
    "REF_UNKNOWN_PROGRAM",
    Severity.ERROR,
    says="Программы «{name}» нет",
    hint="Программы лежат в records/programs/.{may_be}",
    why="Зачисление называет код программы — имя файла в records/programs/ без «.yaml».",
)
REF_UNKNOWN_EDITION = Code(
    "REF_UNKNOWN_EDITION",
    Severity.ERROR,
    says="У программы «{program}» нет редакции {edition}",
    hint="Укажите редакцию, действовавшую в день зачисления.{may_be}",
    why="Программа меняется редакциями; обучающийся учится по той, что закреплена за ним в день "
    "зачисления.",
)
REF_UNKNOWN_PART = Code(
    "REF_UNKNOWN_PART",
    Severity.ERROR,
    says="В программе «{program}», редакция {edition}, нет части «{part}»",
    hint="Части перечислены в файле программы.{may_be}",
    why="Результат и зачёт называют часть программы той редакции, по которой учится человек.",
)
REF_UNKNOWN_SCALE = Code(
    "REF_UNKNOWN_SCALE",
    Severity.ERROR,
    says="Шкалы «{name}» нет",
    hint="Шкалы объявлены в records/organization.yaml.{may_be}",
    why="Шкала объявляется один раз, с проходной отметкой (п. 2.2.3 Порядка).",
)
REF_UNKNOWN_STAFF = Code(
    "REF_UNKNOWN_STAFF",
    Severity.ERROR,
    says="Сотрудника «{name}» нет",
    hint="Сотрудники перечислены в records/staff.yaml.{may_be}",
    why="Записи называют сотрудника его номером (s003); имя стоит только в records/staff.yaml.",
)
REF_UNKNOWN_ORDER = Code(
    "REF_UNKNOWN_ORDER",
    Severity.ERROR,
    says="Приказа {name} нет",
    hint="Приказ называют годом и порядковым номером файла: records/orders/2026/0001.yaml — "
    "это 2026/0001.{may_be}",
    why="Зачисление, отчисление, зачёт, поощрение и редакция программы ссылаются на приказ.",
)
REF_UNKNOWN_EVENT = Code(
    "REF_UNKNOWN_EVENT",
    Severity.ERROR,
    says="Мероприятия {name} нет",
    hint="Мероприятия перечислены в records/events/<год>.yaml.{may_be}",
    why="Результаты и поощрения называют мероприятие, в ходе которого получены (п. 4.5 Порядка).",
)
REF_UNKNOWN_PERIOD = Code(
    "REF_UNKNOWN_PERIOD",
    Severity.ERROR,
    says="Учебного периода «{name}» нет",
    hint="Периоды объявлены в records/organization.yaml.{may_be}",
    why="Периоды объявляет школа; файл результатов назван именем периода.",
)
REF_UNKNOWN_GROUP = Code(
    "REF_UNKNOWN_GROUP",
    Severity.ERROR,
    says="Группы «{name}» нет",
    hint="Группы объявлены в records/organization.yaml.{may_be}",
    why="Группа объявляется один раз, чтобы опечатка не создала новую.",
)
REF_UNKNOWN_PLATFORM = Code(
    "REF_UNKNOWN_PLATFORM",
    Severity.ERROR,
    says="Образовательной платформы «{name}» нет",
    hint="Платформы описаны в records/platforms/.{may_be}",
    why="Платформа — источник результатов с основанием использования (п. 1.4.4 Порядка).",
)
REF_UNKNOWN_PURPOSE = Code(
    "REF_UNKNOWN_PURPOSE",
    Severity.ERROR,
    says="Цели обработки «{name}», редакция {edition}, нет",
    hint="Цели и тексты согласий объявлены в records/organization.yaml.{may_be}",
    why="Одно согласие — одна цель; текст согласия хранится редакциями (п. 3.1 Порядка).",
)
REF_UNKNOWN_AWARD = Code(
    "REF_UNKNOWN_AWARD",
    Severity.ERROR,
    says="В акте «{act}» нет поощрения «{award}» по пункту {clause}",
    hint="Виды поощрений перечислены в принятых редакциях акта в records/regulations/; проект "
    "(protocol: не подтверждено) не в счёт: впишите протокол и день.{may_be}",
    why="Поощрение ссылается на пункт локального акта и на приказ (пп. 2.2.10, 4.8 Порядка).",
)
REF_UNKNOWN_ENTRY = Code(
    "REF_UNKNOWN_ENTRY",
    Severity.ERROR,
    says="Записи «{name}» в этом деле нет или она другого рода",
    hint="Поле {field} называет номер записи этого же дела.{may_be}",
    why="Ссылки внутри дела: e — зачисление, r — результат, d — документ, p — представитель.",
)
VOID_REFERENCED = Code(
    "VOID_REFERENCED",
    Severity.ERROR,
    says="Запись «{name}» отмечена «внесено ошибочно», а на неё ссылаются (поле {field})",
    hint="Отметьте и эту запись (papka fix НОМЕР#ЗАПИСЬ --void --reason ПРИЧИНА) или укажите в "
    "поле {field} другую",
    why="Ошибочная запись нигде не считается: результат по ошибочному зачислению или пересдача "
    "ошибочного результата повисли бы в воздухе.",
)
REF_UNKNOWN_STUDENT = Code(
    "REF_UNKNOWN_STUDENT",
    Severity.ERROR,
    says="Записи {name} в архиве нет",
    hint="Проверьте номер дела и номер записи в нём, например 2026-0007#e1",
    why="Приказ и реестр называют человека номером дела и записи, а не именем.",
)
REF_UNKNOWN_RECORD = Code(
    "REF_UNKNOWN_RECORD",
    Severity.ERROR,
    says="Записи «{name}» среди записей вида «{kind}» нет",
    hint="Поле {field} называет такую запись по имени её файла или папки.{may_be}",
    why="Схема архива говорит словом x-refers-to, что стоит в поле: имя другой записи.",
)
REF_UNKNOWN_SERIES = Code(
    "REF_UNKNOWN_SERIES",
    Severity.ERROR,
    says="Серии документов «{name}» нет",
    hint="Серии объявлены в records/organization.yaml.{may_be}",
    why="Каждый вид выдаваемых документов нумеруется своей серией без пропусков (п. 5.4.3).",
)
REF_UNKNOWN_IMPORT = Code(
    "REF_UNKNOWN_IMPORT",
    Severity.ERROR,
    says="Выгрузки {name} нет",
    hint="Выгрузки лежат в records/imports/<период>/<номер>/.{may_be}",
    why="Результат, взятый с платформы, ссылается на сохранённую выгрузку (п. 6.2 Порядка).",
)
REF_UNKNOWN_OUTCOME = Code(
    "REF_UNKNOWN_OUTCOME",
    Severity.ERROR,
    says="В программе «{program}», редакция {edition}, нет планируемого результата «{name}»",
    hint="Планируемые результаты перечислены в planned_results программы.{may_be}",
    why="Оценивают только планируемые результаты; целевые ориентиры не оцениваются и не "
    "сравниваются (п. 4.1 Порядка), поэтому сослаться на них нельзя.",
)
REF_UNKNOWN_NUMBER = Code(
    "REF_UNKNOWN_NUMBER",
    Severity.ERROR,
    says="Документа с номером «{name}» в реестрах нет",
    hint="Выданные документы лежат в records/registers/.{may_be}",
    why="Взамен испорченного или утраченного выдают документ с новым номером; книга показывает, "
    "с каким (п. 2.2.11 Порядка).",
)
ACT_TEXT_MISSING = Code(
    "ACT_TEXT_MISSING",
    Severity.ERROR,
    says="Файла {name} с текстом редакции рядом нет",
    hint="Положите файл рядом с regulation.yaml или уберите поле file",
    why="Редакции Порядка и актов хранят вместе с текстом: по нему через годы видно, какие "
    "правила действовали (п. 7.1 Порядка).",
)

SELF = "обучающийся"
_REGISTERS = record_folder("register")


class Target(NamedTuple):
    """A kind of thing that may be named: the code of a finding, the names declared, the file or
    folder where a name would be declared, and what an act of destruction took away under it."""

    code: Code
    known: Callable[[Archive], Collection[str]]
    file: Callable[[str], str]
    destroyed: Callable[[Archive, str], Tombstone | None] = lambda _, __: None


TARGETS: Mapping[str, Target] = {
    "staff": Target(REF_UNKNOWN_STAFF, lambda a: a.staff, lambda _: STAFF),
    "order": Target(REF_UNKNOWN_ORDER, lambda a: a.orders, order_file,
                    lambda a, name: a.destroyed.of_order(name)),
    "program": Target(REF_UNKNOWN_PROGRAM, lambda a: a.programs, program_file),
    "scales": Target(REF_UNKNOWN_SCALE, lambda a: a.scales, lambda _: ORGANIZATION),
    "groups": Target(REF_UNKNOWN_GROUP, lambda a: a.groups, lambda _: ORGANIZATION),
    "periods": Target(REF_UNKNOWN_PERIOD, lambda a: a.periods, lambda _: ORGANIZATION),
    "series": Target(REF_UNKNOWN_SERIES, lambda a: a.series, lambda _: ORGANIZATION),
    "events": Target(REF_UNKNOWN_EVENT, lambda a: a.events,
                     lambda name: f"{RECORDS}/events/{name.partition('/')[0]}.yaml"),
    "platform": Target(REF_UNKNOWN_PLATFORM, lambda a: a.platforms,
                       lambda name: f"{RECORDS}/platforms/{name}.yaml"),
    "source": Target(REF_UNKNOWN_PLATFORM, lambda a: {*a.platforms, SHEETS},
                     lambda name: f"{RECORDS}/platforms/{name}.yaml"),
    "import": Target(REF_UNKNOWN_IMPORT, lambda a: a.imports,
                     lambda name: import_file(name, "manifest.yaml")),
    "number": Target(REF_UNKNOWN_NUMBER,
                     lambda a: {entry.number for entry in a.registers.values()},
                     lambda _: _REGISTERS,
                     lambda a, name: a.destroyed.of_number(name, a.series)),
}  # fmt: skip
REFERENCES_BRANCHES = ("approval file: period", "import file: period", "results file: period")
"""Names that a path gives; those in the fields of records are declared by the schemas."""
_Where = Callable[..., Location]
_Known = Mapping[str, Collection[str]]
"""Target -> the names declared."""


class _Named(NamedTuple):
    """A field that names others: its way from the record, and what its schema lets it name."""

    first: str
    rest: Way
    target: str
    others: tuple[str, ...]


class _Ways:
    """The references of one kind of record, by the type that holds them."""

    def __init__(self, references: Mapping[Way, tuple[str, ...]], below: Way = ()) -> None:
        """`below`: the way, in a file of the kind, to the records that will be judged."""
        depth = len(below)
        self._named = [
            _Named(way[depth], way[depth + 1 :], targets[0], targets[1:])
            for way, targets in references.items()
            if way[:depth] == below and len(way) > depth
        ]
        self._of_type: dict[type, list[tuple[str, str, _Named]]] = {}

    def of(self, type_: type) -> list[tuple[str, str, _Named]]:
        """Return the attribute to begin at, the target and the reference, for records of a type."""
        found = self._of_type.get(type_)
        if found is None:
            known = keys_of(type_)
            found = self._of_type[type_] = [
                (each.first if known is None else known[each.first], each.target, each)
                for each in self._named
                if known is None or each.first in known
            ]
        return found


class _Scope(NamedTuple):
    """The names that may be used; `folder`: the personal file judged, "" for the school's records;
    `own`: the lists of a personal file that some field refers to; `voided`: ids of its entries
    made by mistake."""

    archive: Archive
    known: _Known
    own: Collection[str]
    folder: str = ""
    voided: Collection[str] = ()


class _Addresses(Collection[str]):
    """The addresses of personal files and of their entries: `2026-0007`, `2026-0007#e1`."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def __contains__(self, address: object) -> bool:
        student_id, _, entry_id = str(address).partition("#")
        student = self._archive.students.get(student_id)
        if student is None:
            is_there = student_id in self._archive.folders  # but not read this time
            return is_there or self._archive.destroyed.of_student(student_id) is not None
        if not entry_id:
            return True
        # Orders mostly name an enrolment, a credit or an award: these lists are asked first.
        entries = chain(student.enrolments, student.credits, student.awards, student.entries())
        return any(entry.id == entry_id for entry in entries) or any(
            path.startswith(student.folder + "/") for path in self._archive.unreadable
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._archive.students)

    def __len__(self) -> int:
        return len(self._archive.students)


def check_references(archive: Archive) -> Iterator[Finding]:
    """A name in a field with `x-refers-to` is declared where the schema says such names are."""
    schemas = archive.schemas or shipped()
    references = {kind: schemas.references(name) for kind, name in SCHEMA_OF.items()}
    wanted = {name for each in references.values() for named in each.values() for name in named}
    known: dict[str, Collection[str]] = {"student": _Addresses(archive)}
    for name in wanted - known.keys():
        if name in TARGETS:
            known[name] = TARGETS[name].known(archive)
        elif name in KIND_OF and not KIND_OF[name].is_personal:
            known[name] = list_keys(archive, name)
    scope = _Scope(archive, known, wanted - known.keys())
    whole = {kind: _Ways(each) for kind, each in references.items()}
    entries = {kind: _Ways(each, (kind, "*")) for kind, each in references.items()}
    yield from _judge_periods(scope)
    for kind, path, record in _list_school_records(archive):
        yield from _judge(scope, whole[kind], [record], partial(_place, path))
    yield from _judge_added(scope, references, archive.added)
    for student in archive.students.values():
        inside = scope._replace(
            known={**known, **_list_own(scope, student)},
            folder=f"{student.folder}/",
            voided={entry.id for gone in student.voided.values() for _, entry in gone if entry.id},
        )
        if student.person is not None:
            yield from _judge(inside, whole["student"], [student.person], student.where)
        for each in LIST_KINDS:
            listed = getattr(student, each.name)
            yield from _judge(inside, entries[each.name], listed, student.where)
        for results in student.periods.values():
            yield from _judge(inside, entries["results"], results, student.where)
        yield from _judge_added(inside, references, student.added.records)


def list_keys(archive: Archive, kind: str) -> Collection[str]:
    """List the keys of the records of a kind; those without a type are added records."""
    if shelf := KIND_OF[kind].shelf:
        return frozenset(getattr(archive, shelf))
    found = (place(path) for path, of, _ in archive.added if of == kind)
    return {at.key for at in found if at is not None}


def _list_school_records(archive: Archive) -> Iterator[tuple[str, str, object]]:
    """List the records outside personal files: kind, path, record."""
    if archive.organization is not None:
        yield "organization", ORGANIZATION, archive.organization
    yield "staff", STAFF, {"staff": archive.staff_list}
    for year, events in archive.event_years.items():
        yield "events", f"{record_folder('events')}/{year}.yaml", {"events": events}
    for kind in KINDS:
        for key, record in getattr(archive, kind.shelf).items() if kind.shelf else ():
            yield kind.name, record_file(kind.name, key) or "", record


def _judge_periods(scope: _Scope) -> Iterator[Finding]:
    """Judge the periods that paths name; a record that says another is reported by
    `safekeeping.check_placement`."""
    archive = scope.archive
    named = [(f"{RECORDS}/approvals/{key}.yaml", period_of_act(key)) for key in archive.approvals]
    named += [(import_file(key, "manifest.yaml"), key.partition("/")[0]) for key in archive.imports]
    named += [
        (results_file(student.id, period), period)
        for student in archive.students.values()
        for period in student.periods
    ]
    for path, period in named:
        if period not in archive.periods:
            where = partial(Location, path, "/period")
            yield from _report_unknown(scope, "periods", "period", period, where)


def _list_own(scope: _Scope, student: Student) -> _Known:
    """List the ids of a personal file by the lists that fields refer to."""
    found: dict[str, set[str]] = {name: set() for name in scope.own}
    for _, pointer, entries in student.lists():
        name = pointer.rpartition("/")[2]
        if name in found:
            found[name].update(each.id for each in entries if each.id and each.void is None)
    if "representatives" in found:
        found["representatives"].add(SELF)
    return found


def _judge_added(
    scope: _Scope,
    references: Mapping[str, Mapping[Way, tuple[str, ...]]],
    records: Iterable[tuple[str, str, Value]],
) -> Iterator[Finding]:
    """Judge what the schemas know of a record beyond its type."""
    for path, kind, value in records:
        known = known_ways(kind)
        more = {way: said for way, said in references[kind].items() if way not in known}
        yield from _judge(scope, _Ways(more), [value], partial(_place, path))


def _judge(scope: _Scope, ways: _Ways, records: Iterable[Any], where: _Where) -> Iterator[Finding]:
    """Judge the references of these records. Results are most of an archive, so a name that is the
    whole field is looked up at once."""
    known = scope.known
    for record in records:
        is_plain = record.__class__ is dict
        for attribute, target, named in ways.of(record.__class__):
            value = record.get(attribute) if is_plain else getattr(record, attribute)
            if value is None or target not in known:
                continue  # nothing, or a name in the personal file that this record is about
            if named.rest:
                for way, name in iterate_names(value, named.rest):
                    if not _is_known(scope, named, name):
                        place_of = partial(where, record, named.first, *way)
                        field = next((k for k in reversed(way) if isinstance(k, str)), named.first)
                        yield from _report_unknown(scope, named.target, field, name, place_of)
            elif value not in known[target] and not _is_known(scope, named, value):
                place_of = partial(where, record, named.first)
                yield from _report_unknown(scope, named.target, named.first, value, place_of)


def _is_known(scope: _Scope, named: _Named, name: str) -> bool:
    return any(
        name in scope.known.get(target, ())
        or (target in TARGETS and TARGETS[target].destroyed(scope.archive, name))
        for target in (named.target, *named.others)
    )


def _report_unknown(
    scope: _Scope, target: str, field: str, name: str, where: _Where
) -> Iterator[Finding]:
    if target == "student":
        yield REF_UNKNOWN_STUDENT.at(where(), name=name)
        return
    code, file = _describe_target(scope, target, name)
    if target in scope.own and name in scope.voided:
        code = VOID_REFERENCED
    if any(path.startswith(file) for path in scope.archive.unreadable):
        return
    kind = KIND_OF[target].title if target in KIND_OF else ""
    words: dict[str, Any] = {
        "name": name,
        "field": field,
        "kind": kind,
        "may_be": suggest(name, scope.known[target]),
    }
    yield code.at(where(), **{word: words[word] for word in code.fields})


def _describe_target(scope: _Scope, target: str, name: str) -> tuple[Code, str]:
    """Return the code for an unknown name, and the file or folder where it would be declared."""
    if target in TARGETS:
        return TARGETS[target].code, TARGETS[target].file(name)
    if target in scope.own:
        holder = next((k.path for k in KINDS if any(at.endswith(target) for at in k.ids)), "")
        file = holder.removeprefix(PERSONAL).partition("*")[0]
        return REF_UNKNOWN_ENTRY, scope.folder + file
    return REF_UNKNOWN_RECORD, record_folder(target)


def _place(path: str, _: object, *fields: str | int) -> Location:
    return Location(path, "".join(f"/{field}" for field in fields))


REFERENCES_WITHIN_BRANCHES = (
    *("planned_results: parts", "columns: edition", "columns: part"),
    *("columns: part of the edition", "columns: part of the layout's programme"),
    *("enrolments: edition", "enrolments: individual_parts"),
    *("results: part", "results: shows", "credits: part"),
    *("awards: act", "awards: award", "awards: clause", "consents: purpose", "consents: edition"),
    *("registers: handed/to", "regulations: file", "exceptions: part"),
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
    for key, approval in archive.approvals.items():
        yield from _judge_exceptions(archive, f"{RECORDS}/approvals/{key}.yaml", approval)
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
        for at, column in enumerate(layout.columns):
            named = archive.programs.get(column.program or layout.program or "")
            if named is not None:
                yield from _judge_column(named, column, path, f"/exports/{index}/columns/{at}")


def _judge_texts(archive: Archive, folder: str, regulation: Regulation) -> Iterator[Finding]:
    for index, edition in enumerate(regulation.editions):
        if edition.file is not None and f"{folder}/{edition.file}" not in archive.act_texts:
            where = Location(f"{folder}/regulation.yaml", f"/editions/{index}/file")
            yield ACT_TEXT_MISSING.at(where, name=edition.file)


def _judge_planned(path: str, program: Program) -> Iterator[Finding]:
    for number, edition in enumerate(program.editions):
        for index, planned in enumerate(edition.planned_results):
            for number_of, name in enumerate(planned.parts):
                pointer = f"/editions/{number}/planned_results/{index}/parts/{number_of}"
                where = partial(Location, path, pointer)
                yield from _judge_part(program.code, edition, name, where)


def _judge_column(program: Program, column: MarkColumn, path: str, at: str) -> Iterator[Finding]:
    """Judge that a column's part belongs to the edition that the column names, or to any."""
    editions = [each for each in program.editions if column.edition in (None, each.edition)]
    if not editions:
        yield REF_UNKNOWN_EDITION.at(
            Location(path, f"{at}/edition"),
            program=program.code,
            edition=column.edition,
            may_be=suggest(column.edition, [each.edition for each in program.editions]),
        )
    elif all(each.part(column.part) is None for each in editions):
        known = {part.part for each in editions for part in each.parts}
        yield REF_UNKNOWN_PART.at(
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
            yield REF_UNKNOWN_EDITION.at(
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


def _judge_exceptions(archive: Archive, path: str, approval: Approval) -> Iterator[Finding]:
    """Judge that a part without a mark is one that the enrolment's edition has. An act outlives
    personal files: of a student that is not there nothing is said."""
    for index, each in enumerate(approval.exceptions):
        number, _, entry = (each.student or "").partition("#")
        student = archive.students.get(number)
        known = _list_studied(archive, student).get(entry) if student else None
        if known is not None and each.part is not None:
            where = partial(Location, path, f"/exceptions/{index}/part")
            yield from _judge_part(*known, each.part, where)


def _judge_part(program: str, edition: Edition, part: str, where: _Where) -> Iterator[Finding]:
    if edition.part(part) is None:
        yield REF_UNKNOWN_PART.at(
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
        yield REF_UNKNOWN_OUTCOME.at(
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
        yield REF_UNKNOWN_AWARD.at(
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
        yield REF_UNKNOWN_PURPOSE.at(
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
        yield REF_UNKNOWN_ENTRY.at(where, name=to, field="to", may_be=suggest(to, known))
