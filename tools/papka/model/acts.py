"""orders/, events/, approvals/, registers/: acts of the school that records refer to."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from papka.model.record import Record


class OrderItem(Record, frozen=True, kw_only=True):
    """A numbered point of an order; `students` are addresses like `2026-0007#e1`."""

    text: str
    students: tuple[str, ...] = ()


class Order(Record, frozen=True, kw_only=True):
    """`number` is what stands on paper; the file name is the sequence."""

    number: str
    date: dt.date
    kind: Literal[
        "зачисление",
        "поощрение",
        "отчисление",
        "перевод",
        "зачёт",
        "утверждение программы",
        "утверждение акта",
        "уничтожение",
        "иное",
    ]
    heading: str
    items: tuple[OrderItem, ...]
    signed_by: str
    basis: str | None = None
    preamble: str | None = None


class Event(Record, frozen=True, kw_only=True):
    """What origins and awards point to (R-4.5)."""

    id: str
    kind: Literal["внеурочный план", "мероприятие", "независимая оценка"]
    title: str
    date: dt.date
    level: (
        Literal[
            "организация",
            "муниципальный",
            "региональный",
            "межрегиональный",
            "всероссийский",
            "международный",
        ]
        | None
    ) = None
    organizer: str | None = None


class Events(Record, frozen=True, kw_only=True):
    events: tuple[Event, ...]


class Approval(Record, frozen=True, kw_only=True):
    """The head's act that approves and closes a period (R-5.6)."""

    period: str
    closed: dt.date
    signed_by: str


class Handed(Record, frozen=True, kw_only=True):
    date: dt.date
    to: str


class Void(Record, frozen=True, kw_only=True):
    reason: str
    replaced_by: str | None = None


class RegisterEntry(Record, frozen=True, kw_only=True):
    """One issued document; it outlives the personal file and so holds what was printed
    (R-5.4.3)."""

    number: str
    series: str
    form: str
    date: dt.date
    student: str
    holder: str
    salt: str
    birth_date: dt.date | None = None
    order: str | None = None
    facts: dict[str, str | int | float] = msgspec.field(default_factory=dict)
    handed: Handed | None = None
    void: Void | None = None
