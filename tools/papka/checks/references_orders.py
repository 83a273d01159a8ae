"""Orders that decisions of the school rest on exist: cancelling, voiding, keeping, holding
(R-6.4, R-2.2.11). What a student's own entries cite is asked by references_acts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from papka.checks.naming import unknown
from papka.core.codes import records as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION, RECORDS, order_file
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    for named in (_school(archive), _people(archive)):
        for order, where in named:
            if order is None or order in archive.orders:
                continue
            if archive.is_readable(order_file(order)):
                place = partial(Location, where.path, where.pointer)
                yield from unknown(codes.REF_UNKNOWN_ORDER, order, archive.orders, place)


def _school(archive: Archive) -> Iterator[tuple[str | None, Location]]:
    for key, order in archive.orders.items():
        yield order.cancels, Location(order_file(key), "/cancels")
    for key, entry in archive.registers.items():
        void = entry.void.order if entry.void else None
        yield void, Location(f"{RECORDS}/registers/{key}.yaml", "/void/order")
    for index, rule in enumerate(archive.organization.retention if archive.organization else ()):
        yield rule.confirmed, Location(ORGANIZATION, f"/retention/{index}/confirmed")


def _people(archive: Archive) -> Iterator[tuple[str | None, Location]]:
    for student in archive.students.values():
        person = student.person
        if person is None:
            continue
        if person.need_ended is not None:
            yield person.need_ended.order, student.where(person, "need_ended", "order")
        for hold in person.holds:
            yield hold.order, student.where(hold, "order")
