"""An order is of the kind it is cited for: enrolment, end, credit, award, approval."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from papka.checks.order_uses import uses
from papka.core.codes import consistency as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS, program_file
from papka.model.archive import Archive


def check(archive: Archive) -> Iterator[Finding]:
    for student in archive.students.values():
        for use in uses(student):
            order = archive.orders.get(use.order)
            if order is not None and order.kind not in use.kinds:
                yield codes.ORDER_KIND_MISMATCH.at(
                    student.where(use.entry, *use.fields),
                    order=use.order,
                    kind=order.kind,
                    wanted=_or(use.kinds),
                )
    for code, program in archive.programs.items():
        at = partial(Location, program_file(code))
        for index, edition in enumerate(program.editions):
            where = at(f"/editions/{index}/order")
            yield from _act(archive, edition.order, "утверждение программы", where)
    for key, regulation in archive.regulations.items():
        at = partial(Location, f"{RECORDS}/regulations/{key}/regulation.yaml")
        for index, act in enumerate(regulation.editions):
            where = at(f"/editions/{index}/order")
            yield from _act(archive, act.order, "утверждение акта", where)


def _act(archive: Archive, key: str | None, wanted: str, where: Location) -> Iterator[Finding]:
    order = archive.orders.get(key) if key else None
    if order is not None and order.kind != wanted:
        yield codes.ORDER_KIND_MISMATCH.at(where, order=key, kind=order.kind, wanted=_or((wanted,)))


def _or(kinds: tuple[str, ...]) -> str:
    return " или ".join(f"«{kind}»" for kind in kinds)
