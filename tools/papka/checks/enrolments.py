"""Rules about enrolments: the orders a personal file cites, hours and credits, individual parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from papka.core.cells import folded
from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import RECORDS, program_file
from papka.records.archive import Archive
from papka.records.derived.membership import transfers_of
from papka.records.derived.result_facts import enrolment_of, part_of
from papka.records.student import AnyEntry, Student

HOURS_SUM = Code(
    "HOURS_SUM",
    Severity.ERROR,
    says="В редакции {edition} указано часов: {hours}, а по частям выходит {sum}",
    hint="Исправьте hours редакции или частей",
    why="Объём программы — сумма объёмов её частей; его печатают в документах.",
)
CREDIT_HOURS = Code(
    "CREDIT_HOURS",
    Severity.ERROR,
    says="По части «{part}» зачтено часов: {credited}, а в ней всего {hours}",
    hint="Исправьте hours в зачёте",
    why="Зачесть можно не больше, чем отведено на часть программы (п. 2.2.9 Порядка).",
)
PART_NOT_STUDIED = Code(
    "PART_NOT_STUDIED",
    Severity.ERROR,
    says="Части «{part}» нет в индивидуальном плане зачисления {enrolment}",
    hint="Исправьте часть или добавьте её в individual_parts",
    why="По индивидуальному плану осваивают только названные в нём части (п. 2.2.1 Порядка).",
)
ORDER_KIND_MISMATCH = Code(
    "ORDER_KIND_MISMATCH",
    Severity.ERROR,
    says="Приказ {order} — «{kind}», а здесь нужен: {wanted}",
    hint="Укажите другой приказ или исправьте вид приказа",
    why="Зачисляют, отчисляют, поощряют и засчитывают приказами своего вида.",
)
ORDER_NOT_NAMING = Code(
    "ORDER_NOT_NAMING",
    Severity.WARNING,
    says="В приказе {order} нет {address}",
    hint="Добавьте {address} в students того пункта приказа, который об этом говорит",
    why="Приказ и запись называют друг друга: по приказу находят всех, кого он касается.",
)
GROUP_OTHER_PROGRAM = Code(
    "GROUP_OTHER_PROGRAM",
    Severity.ERROR,
    says="Группа {group} учится по программе «{program}», а зачисление — на «{wanted}»",
    hint="Укажите группу программы «{wanted}» или исправьте программу группы в "
    "records/organization.yaml",
    why="Ведомость группы собирают по её программе: обучающийся другой программы пропал бы из "
    "ведомостей.",
)
END_WITHOUT_ORDER = Code(
    "END_WITHOUT_ORDER",
    Severity.WARNING,
    says="Обучение {enrolment} закончено без приказа",
    hint="Заведите приказ об отчислении (papka new order) и укажите его в ended.order; всей группе "
    "— papka end --group ГРУППА",
    why="В организации отношения прекращает распорядительный акт (273-ФЗ, ст. 61); индивидуальный "
    "предприниматель может основать это на договоре (ст. 53).",
)

STUDY_FORM_UNKNOWN = Code(
    "STUDY_FORM_UNKNOWN",
    Severity.WARNING,
    says="Формы обучения «{form}» нет в списке организации: {known}",
    hint="Исправьте form или допишите форму в study_forms (records/organization.yaml)",
    why="Формы обучения определяет сама организация (273-ФЗ, ст. 17, ч. 4–5); их печатают в "
    "справках и сертификатах.",
)
DISTANCE_AS_FORM = Code(
    "DISTANCE_AS_FORM",
    Severity.WARNING,
    says="В форме обучения названы дистанционные технологии: «{form}»",
    hint="Оставьте в form саму форму, а рядом напишите distance: true",
    why="Дистанционные технологии применяют при любой форме обучения (273-ФЗ, ст. 16 и 17): на "
    "бумаге они названы отдельно.",
)

ENROLLING = ("зачисление", "перевод")
ENDING = ("отчисление", "перевод")
MOVING = ("перевод",)
CREDITING = ("зачёт",)
AWARDING = ("поощрение",)


class OrderUse(NamedTuple):
    """An order cited by an entry; `fields` lead to it; `kinds`: of which kind it must be."""

    order: str
    entry: AnyEntry
    fields: tuple[str, ...]
    kinds: tuple[str, ...]


def list_order_uses(student: Student) -> Iterator[OrderUse]:
    """List the orders that entries of this student cite."""
    for enrolment in student.enrolments:
        if enrolment.order is not None:
            yield OrderUse(enrolment.order, enrolment, ("order",), ENROLLING)
        if enrolment.ended is not None and enrolment.ended.order is not None:
            yield OrderUse(enrolment.ended.order, enrolment, ("ended", "order"), ENDING)
    for move in student.transfers:
        if move.order is not None:
            yield OrderUse(move.order, move, ("order",), MOVING)
    for credit in student.credits:
        if credit.order is not None:
            yield OrderUse(credit.order, credit, ("order",), CREDITING)
    for award in student.awards:
        yield OrderUse(award.order, award, ("order",), AWARDING)


def check_order_addresses(archive: Archive) -> Iterator[Finding]:
    """An order lists whom it is about: the entry that cites it, or the whole personal file."""
    listed = {
        key: frozenset(address for item in order.items for address in item.students)
        for key, order in archive.orders.items()
    }
    for student in archive.students.values():
        for use in list_order_uses(student):
            named = listed.get(use.order)
            if named is None or use.entry.id is None or student.id in named:
                continue
            address = f"{student.id}#{use.entry.id}"
            if address not in named:
                yield ORDER_NOT_NAMING.at(
                    student.where(use.entry, *use.fields), order=use.order, address=address
                )


def check_order_kinds(archive: Archive) -> Iterator[Finding]:
    """An order is of the kind it is cited for: enrolment, end, credit, award, approval."""
    for student in archive.students.values():
        for use in list_order_uses(student):
            order = archive.orders.get(use.order)
            if order is not None and order.kind not in use.kinds:
                yield ORDER_KIND_MISMATCH.at(
                    student.where(use.entry, *use.fields),
                    order=use.order,
                    kind=order.kind,
                    wanted=_join_kinds(use.kinds),
                )
    for code, program in archive.programs.items():
        at = partial(Location, program_file(code))
        for index, edition in enumerate(program.editions):
            where = at(f"/editions/{index}/order")
            yield from _judge_act_order(archive, edition.order, "утверждение программы", where)
    for key, regulation in archive.regulations.items():
        at = partial(Location, f"{RECORDS}/regulations/{key}/regulation.yaml")
        for index, act in enumerate(regulation.editions):
            where = at(f"/editions/{index}/order")
            yield from _judge_act_order(archive, act.order, "утверждение акта", where)


def _judge_act_order(
    archive: Archive, key: str | None, wanted: str, where: Location
) -> Iterator[Finding]:
    order = archive.orders.get(key) if key else None
    if order is not None and order.kind != wanted:
        yield ORDER_KIND_MISMATCH.at(
            where, order=key, kind=order.kind, wanted=_join_kinds((wanted,))
        )


def _join_kinds(kinds: tuple[str, ...]) -> str:
    return " или ".join(f"«{kind}»" for kind in kinds)


def check_groups(archive: Archive) -> Iterator[Finding]:
    """A group is of the programme that its members take (R-2.2.1)."""
    for student in archive.students.values():
        for enrolment in student.enrolments:
            named: list[tuple[AnyEntry, str | None]] = [(enrolment, enrolment.group)]
            if student.transfers:
                named += [(move, move.group) for move in transfers_of(student, enrolment)]
            for entry, name in named:
                group = archive.groups.get(name) if name else None
                if group is None or group.program == enrolment.program:
                    continue
                if {group.program, enrolment.program} <= archive.programs.keys():
                    yield GROUP_OTHER_PROGRAM.at(
                        student.where(entry, "group"),
                        group=name,
                        program=group.program,
                        wanted=enrolment.program,
                    )


def check_study_forms(archive: Archive) -> Iterator[Finding]:
    """A form of study is one of the school's own; distance technology is none."""
    known = archive.organization.study_forms if archive.organization else ()
    for student in archive.students.values():
        for study in student.enrolments:
            if study.form is None:
                continue
            if "дистанц" in folded(study.form):
                yield DISTANCE_AS_FORM.at(student.where(study, "form"), form=study.form)
            elif known and study.form not in known:
                yield STUDY_FORM_UNKNOWN.at(
                    student.where(study, "form"), form=study.form, known=", ".join(known)
                )


def check_end_orders(archive: Archive) -> Iterator[Finding]:
    """An organisation ends study by an order; a sole trader may rest it on the contract (273-ФЗ
    ст. 53, 61)."""
    school = archive.organization
    may_rest_on_contract = school is not None and school.is_sole_trader
    for student in archive.students.values():
        for enrolment in student.enrolments:
            ended = enrolment.ended
            if ended is None or ended.order is not None:
                continue
            if not (may_rest_on_contract and enrolment.contract):
                yield END_WITHOUT_ORDER.at(
                    student.where(enrolment, "ended"), enrolment=enrolment.id or "новое"
                )


def check_hours(archive: Archive) -> Iterator[Finding]:
    """An edition's hours are the sum of its parts."""
    for code, program in archive.programs.items():
        for index, edition in enumerate(program.editions):
            total = sum(part.hours for part in edition.parts)
            if total != edition.hours:
                yield HOURS_SUM.at(
                    Location(program_file(code), f"/editions/{index}/hours"),
                    edition=edition.edition,
                    hours=edition.hours,
                    sum=total,
                )


def check_credit_hours(archive: Archive) -> Iterator[Finding]:
    """All credits of an enrolment together give a part no more hours than it has (R-2.2.9)."""
    for student in archive.students.values():
        yield from _judge_credits(archive, student)


def _judge_credits(archive: Archive, student: Student) -> Iterator[Finding]:
    total: Counter[tuple[str, str]] = Counter()
    for credit in student.credits:
        for index, item in enumerate(credit.items):
            part = part_of(archive, enrolment_of(student, credit.enrolment), item.part)
            if part is None or item.hours is None:
                continue
            total[credit.enrolment, part.part] += item.hours
            if total[credit.enrolment, part.part] > part.hours:
                yield CREDIT_HOURS.at(
                    student.where(credit, "items", index, "hours"),
                    part=part.part,
                    credited=total[credit.enrolment, part.part],
                    hours=part.hours,
                )


def check_trajectories(archive: Archive) -> Iterator[Finding]:
    """On an individual trajectory only its own parts are assessed or credited (R-2.2.1, R-4.6)."""
    for student in archive.students.values():
        chosen = {
            entry.id: entry.individual_parts
            for entry in student.enrolments
            if entry.individual_parts
        }
        if chosen:
            yield from _judge_parts(archive, student, chosen)


def _judge_parts(
    archive: Archive, student: Student, chosen: dict[str | None, tuple[str, ...]]
) -> Iterator[Finding]:
    named: list[tuple[str, str | None, AnyEntry, tuple[str | int, ...]]] = [
        (result.enrolment, result.part, result, ("part",)) for _, result in student.results
    ]
    for credit in student.credits:
        for index, item in enumerate(credit.items):
            named.append((credit.enrolment, item.part, credit, ("items", index, "part")))
    for enrolment, part, entry, fields in named:
        if part is None or part in chosen.get(enrolment, (part,)):
            continue
        if part_of(archive, enrolment_of(student, enrolment), part) is not None:
            yield PART_NOT_STUDIED.at(student.where(entry, *fields), part=part, enrolment=enrolment)
