"""Where a personal file cites orders, and of which kind each must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from papka.model.student import AnyEntry, Student

ENROLLING = ("зачисление", "перевод")
ENDING = ("отчисление", "перевод")
CREDITING = ("зачёт",)
AWARDING = ("поощрение",)


class OrderUse(NamedTuple):
    """`fields` lead from the entry to the field that names the order."""

    order: str
    entry: AnyEntry
    fields: tuple[str, ...]
    kinds: tuple[str, ...]


def uses(student: Student) -> Iterator[OrderUse]:
    """Every order an entry of this student cites."""
    for enrolment in student.enrolments:
        if enrolment.order is not None:
            yield OrderUse(enrolment.order, enrolment, ("order",), ENROLLING)
        if enrolment.ended is not None and enrolment.ended.order is not None:
            yield OrderUse(enrolment.ended.order, enrolment, ("ended", "order"), ENDING)
    for credit in student.credits:
        if credit.order is not None:
            yield OrderUse(credit.order, credit, ("order",), CREDITING)
    for award in student.awards:
        yield OrderUse(award.order, award, ("order",), AWARDING)
