"""Orders, events and award acts that records name exist (R-4.5, R-4.8)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from papka.checks.naming import unknown
from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS, order_file, program_file
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.standing import Award
from papka.model.student import AnyEntry, Student


def check(archive: Archive) -> Iterator[Finding]:
    for code, program in archive.programs.items():
        for index, edition in enumerate(program.editions):
            place = Location(program_file(code), f"/editions/{index}/order")
            yield from _order(archive, edition.order, place)
    for key, entry in archive.registers.items():
        yield from _order(
            archive, entry.order, Location(f"{RECORDS}/registers/{key}.yaml", "/order")
        )
    for student in archive.students.values():
        yield from _student(archive, student)


def _student(archive: Archive, student: Student) -> Iterator[Finding]:
    named: list[tuple[str | None, AnyEntry, tuple[str, ...]]] = []
    for enrolment in student.enrolments:
        named.append((enrolment.order, enrolment, ("order",)))
        if enrolment.ended is not None:
            named.append((enrolment.ended.order, enrolment, ("ended", "order")))
    named += [(credit.order, credit, ("order",)) for credit in student.credits]
    named += [(award.order, award, ("order",)) for award in student.awards]
    for order, entry, fields in named:
        if order is not None and order not in archive.orders:
            yield from _order(archive, order, student.where(entry, *fields))
    for _, result in student.results:
        if result.event is not None:
            yield from _event(archive, result.event, student, result)
    for award in student.awards:
        if award.event is not None:
            yield from _event(archive, award.event, student, award)
        yield from _award(archive, student, award)


def _award(archive: Archive, student: Student, award: Award) -> Iterator[Finding]:
    act = archive.regulations.get(award.act)
    editions = act.editions if act else ()
    kinds = [kind for edition in editions if edition.is_adopted for kind in edition.awards]
    if any(kind.award == award.award and kind.clause == award.clause for kind in kinds):
        return
    if archive.is_readable(f"{RECORDS}/regulations/{award.act}/regulation.yaml"):
        yield codes.REF_UNKNOWN_AWARD.at(
            student.where(award, "award" if act else "act"),
            act=award.act,
            award=award.award,
            clause=award.clause,
            may_be=may_be(
                f"{award.award}, п. {award.clause}",
                [f"{kind.award}, п. {kind.clause}" for kind in kinds],
            ),
        )


def _order(archive: Archive, order: str | None, where: Location) -> Iterator[Finding]:
    if order is not None and archive.is_readable(order_file(order)):
        yield from unknown(codes.REF_UNKNOWN_ORDER, order, archive.orders, lambda: where)


def _event(archive: Archive, event: str, student: Student, entry: AnyEntry) -> Iterator[Finding]:
    if archive.is_readable(f"{RECORDS}/events/{event.partition('/')[0]}.yaml"):
        where = partial(student.where, entry, "event")
        yield from unknown(codes.REF_UNKNOWN_EVENT, event, archive.events, where)
