"""An order of the head: what is ordered, point by point, and of whom.

Students are named as they were called on the day of the order, in the case that the point asks for
(«Наградить: Ивушкину Розу», «Объявить благодарность: Ивушкиной Розе») where it is certain for
everyone under the point, else all of them in the nominative; one whose file is gone stays by its
number. Awards and expulsions have lines to sign that those named know of them.

An extract has the points about one person alone, under their own numbers, and the head certifies
it; who signed the order is told in words. Its address is the personal file and the order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from papka.core.cells import caseless
from papka.core.errors import NotFound
from papka.core.phrases import suggest
from papka.paper.form import (
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    letterhead,
    of_head,
    page,
)
from papka.records import wording
from papka.records.acts import Order, OrderItem
from papka.records.archive import Archive
from papka.records.derived.in_force import person_on
from papka.records.derived.leadership import signatory_on
from papka.records.name_cases import accusative, dative
from papka.records.search import is_minor, name_on
from papka.records.wording import NBSP, day, number

_ACCUSATIVE = frozenset(
    (
        "зачислить",
        "перевести",
        "отчислить",
        "восстановить",
        "наградить",
        "поощрить",
        "премировать",
        "исключить",
        "направить",
        "допустить",
        "освободить",
        "включить",
    )
)
_DATIVE = frozenset(
    (
        "объявить",
        "выразить",
        "вручить",
        "выдать",
        "присвоить",
        "предоставить",
        "разрешить",
        "зачесть",
        "отказать",
    )
)
_LISTED = re.compile(
    r"следующ|обучающ|учащ|\bучени[кц]|списк|список|участник|\bдет(и|ей|ям)\b", re.IGNORECASE
)
"""The point itself says whom: the list below it is no part of its sentence."""
_QUOTED = re.compile(r"«[^«»]*»")
"""A title within a point, which says nothing of whom it names: «Театр для детей»."""
_ACQUAINTED = frozenset({"поощрение", "отчисление"})


@dataclass(frozen=True, slots=True)
class OrderPoint:
    """`people` are numbered lines under it: «1.1. Абрикосова Аглая Тихоновна»."""

    number: str
    text: str
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OrderView:
    """`acquainted` are those who sign that they know the order; empty for other kinds.

    `has_minors`: one of them is under age that day; `remarks`: of an extract, who signed the order
    and that another cancelled it.
    """

    page: Page
    letterhead: Letterhead
    kind: str
    date: str
    number: str
    heading: str
    preamble: str
    points: tuple[OrderPoint, ...]
    basis: str
    signature: SignatureLine
    acquainted: tuple[str, ...]
    has_minors: bool
    remarks: tuple[str, ...] = ()


def view(state: State, address: str) -> OrderView:
    archive = state.archive
    order = archive.orders.get(address)
    if order is None:
        raise NotFound(
            f"Приказа {address} в архиве нет",
            f"Все приказы: папка records/orders.{suggest(address, archive.orders)}",
        )
    return OrderView(
        page=page(state, f"Приказ {number(order.number)} от{NBSP}{day(order.date)}"),
        letterhead=letterhead(archive, order.date),
        kind="ПРИКАЗ",
        date=day(order.date),
        number=number(order.number),
        heading=order.heading,
        preamble=order.preamble or "",
        points=_list_points(archive, order),
        basis=_end_sentence(order.basis or ""),
        signature=_sign(archive, order),
        acquainted=tuple(dict.fromkeys(_name_students(archive, order).values()))
        if order.kind in _ACQUAINTED
        else (),
        has_minors=any(
            is_minor(student.person, order.date)
            for item in order.items
            for address in item.students
            if (student := archive.students.get(address.partition("#")[0])) and student.person
        ),
    )


def view_extract(state: State, address: str) -> OrderView:
    """Word an extract. Raise NotFound for an order there is not, or not about the person."""
    archive = state.archive
    student, _, key = address.partition(":")
    whole = view(state, key)
    order = archive.orders[key]
    own = [n for n, item in enumerate(order.items) if student in _list_students(item)]
    if not own:
        raise NotFound(
            f"В приказе {key} о деле {student} не сказано ничего",
            f"Кого касается приказ: файл records/orders/{key}.yaml, строки students",
        )
    name = _name_students(archive, order)[student]
    points = []
    for n in own:
        place = _list_students(order.items[n]).index(student)
        point = whole.points[n]
        points.append(replace(point, people=(point.people[place],)))
    signed = ", ".join(filter(None, (whole.signature.post, whole.signature.name)))
    return replace(
        whole,
        page=page(state, f"Выписка из приказа {whole.number} от{NBSP}{whole.date}: {name}"),
        letterhead=letterhead(archive, order.date),
        kind="ВЫПИСКА ИЗ ПРИКАЗА",
        points=tuple(points),
        signature=of_head(archive, state.signed_on, "Выписка верна"),
        acquainted=(),
        remarks=(f"Подпись на приказе: {signed}.", *_list_cancelling(archive, key)),
    )


def _list_cancelling(archive: Archive, key: str) -> Iterator[str]:
    for other in archive.orders.values():
        if other.cancels == key:
            yield f"Приказ отменён приказом {number(other.number)} от{NBSP}{day(other.date)}."


def _list_students(item: OrderItem) -> list[str]:
    return [address.partition("#")[0] for address in item.students]


def _sign(archive: Archive, order: Order) -> SignatureLine:
    """Return the line of who signed: as the head or for the head, else by the post there."""
    member = archive.staff.get(order.signed_by)
    if member is None or signatory_on(archive, order.date, order.signed_by):
        return of_head(archive, order.date, staff_id=order.signed_by)
    return SignatureLine(member.post, wording.staff(archive, order.signed_by))


def _list_points(archive: Archive, order: Order) -> tuple[OrderPoint, ...]:
    points = []
    called = _name_students(archive, order)
    for position, item in enumerate(order.items, 1):
        students = _list_students(item)
        names = _decline_names(archive, order, item.text, students)
        people = tuple(
            (f"{position}.{place}.", names.get(student) or called[student])
            for place, student in enumerate(students, 1)
        )
        text = _strip_end(item.text) + ":" if people else _end_sentence(item.text)
        points.append(OrderPoint(f"{position}.", text, people))
    if order.cancels:
        other = archive.orders.get(order.cancels)
        what = (
            f"{number(other.number)} от{NBSP}{day(other.date)} «{other.heading}»"
            if other
            else order.cancels
        )
        points.append(OrderPoint(f"{len(points) + 1}.", f"Считать отменённым приказ {what}.", ()))
    return tuple(points)


def _decline_names(
    archive: Archive, order: Order, text: str, students: Sequence[str]
) -> dict[str, str]:
    """Return student -> name in the case that the verb of the point asks for; {} for none."""
    words = caseless(_strip_end(text)).split()
    verbs = [word for word in (words[:1] + words[-1:]) if word in _ACCUSATIVE | _DATIVE]
    decline = accusative if verbs[:1] and verbs[0] in _ACCUSATIVE else dative if verbs else None
    if decline is None or _LISTED.search(_QUOTED.sub("", text)):
        return {}
    names: dict[str, str] = {}
    for student in students:
        found = archive.students.get(student)
        person = found and found.person and person_on(found.person, order.date)
        name = decline(person.name, person.sex) if person else None
        if name is None:
            return {}
        names[student] = name
    return names if len(set(names.values())) == len(names) else {}


def _name_students(archive: Archive, order: Order) -> dict[str, str]:
    """Return names on the day of the order; namesakes get the numbers of their files too."""
    addresses = (address for item in order.items for address in item.students)
    names = {
        student: name_on(archive, student, order.date)
        for student in dict.fromkeys(address.partition("#")[0] for address in addresses)
    }
    times = Counter(names.values())
    return {
        student: f"{name} (личное дело {number(student)})" if times[name] > 1 else name
        for student, name in names.items()
    }


def _strip_end(text: str) -> str:
    return text.rstrip(" .:;")


def _end_sentence(text: str) -> str:
    """End a text with one full stop; one that ends in a sign of its own keeps it."""
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


FORM = PrintedForm(
    name="order",
    title="Приказ",
    target="приказ",
    view=view,
    targets=lambda archive: archive.orders,
)


def _list_extracts(archive: Archive) -> list[str]:
    return [
        f"{student}:{key}"
        for key, order in archive.orders.items()
        for student in dict.fromkeys(s for item in order.items for s in _list_students(item))
    ]


EXTRACT = PrintedForm(
    name="order-extract",
    title="Выписка из приказа",
    target="выписка",
    view=view_extract,
    targets=_list_extracts,
    layout="order",
)
