"""Write the order that an act on many people rests on: its number, its points, whom it names.

Invariants: the file's number is the next of its year; the number on paper follows the school's own
way of counting (one row for all orders, or one a letter) unless a person names it; a point names
addresses only, never a person (R-1.3); an order that is there already only gets more addresses.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from papka.core.cells import folded
from papka.core.places import order_file
from papka.desk.entries import render_file
from papka.records.acts import Order
from papka.records.editing import append_entry, set_value

_NUMBER = re.compile(r"(?P<digits>[0-9]+)(?P<tail>.*)", re.DOTALL)
HEADINGS: Mapping[str, str] = {
    "зачисление": "О зачислении обучающихся",
    "перевод": "О переводе обучающихся в другую группу",
    "отчисление": "Об отчислении обучающихся",
    "поощрение": "О поощрении обучающихся",
}
_MOVEMENTS = ("зачисление", "перевод", "отчисление")
"""Kinds that schools count in one row: who comes, moves and leaves."""
_CONTRACTS = "Договоры об образовании"
_END_WORDS: Mapping[str, str] = {
    "завершение": "в связи с завершением обучения",
    "отчисление": "досрочно",
    "перевод": "в связи с переводом",
}


def compose_enrolment(start: dt.date, program: str, group: str | None) -> str:
    """Return the text of a point that enrols; `program` is its title."""
    place = f", группа {group}" if group else ""
    return f"Зачислить с {start:%d.%m.%Y} на программу «{program}»{place}"


def compose_transfer(day: dt.date, group: str) -> str:
    """Return the text of a point that moves people to a group."""
    return f"Перевести с {day:%d.%m.%Y} в группу {group}"


def compose_end(day: dt.date, reason: str, program: str) -> str:
    """Return the text of a point that ends study; `program` is its title."""
    return f"Отчислить {day:%d.%m.%Y} {_END_WORDS.get(reason, reason)}, программа «{program}»"


@dataclass(slots=True)
class OrderDraft:
    """An order to be written; `points`: text of a point -> addresses, in this order.

    `number` is what shall stand on paper, "" for the next one; `by_contract`: every one of them has
    a contract, which is the basis then.
    """

    kind: str
    date: dt.date
    signed_by: str
    number: str = ""
    by_contract: bool = False
    points: dict[str, list[str]] = field(default_factory=dict)

    def add(self, text: str, address: str) -> None:
        """Name one more person under the point with this text."""
        self.points.setdefault(text, []).append(address)


def same_number(one: str, other: str) -> bool:
    """Tell whether two texts are one number on paper: «№ 18 – К» is «18-к»."""
    return _fold_number(one) == _fold_number(other)


def _fold_number(text: str) -> str:
    return re.sub(r"[\s№]+", "", folded(text))


def find_order(orders: Mapping[str, Order], said: str, kinds: Iterable[str]) -> list[str]:
    """Return the orders that these words name: a file («2026/0018») or a number on paper."""
    if said in orders:
        return [said]
    wanted = frozenset(kinds)
    return [
        key
        for key, order in orders.items()
        if order.kind in wanted and same_number(order.number, said)
    ]


def next_paper_number(orders: Mapping[str, Order], kind: str, year: int) -> str:
    """Return the next number on paper as this school counts."""
    own = [(key, order) for key, order in sorted(orders.items())]
    alike = _MOVEMENTS if kind in _MOVEMENTS else (kind,)
    tails = [_split(order.number)[1] for _, order in own if order.kind in alike]
    tail = tails[-1] if tails else ""
    counted = [_split(order.number) for key, order in own if key.startswith(f"{year}/")]
    digits = [number for number, _ in counted]
    if len(set(digits)) != len(digits):  # letters have rows of their own
        digits = [number for number, other in counted if other == tail]
    return f"{max(digits, default=0) + 1}{tail}"


def _split(number: str) -> tuple[int, str]:
    found = _NUMBER.fullmatch(number.strip())
    return (int(found["digits"]), found["tail"]) if found else (0, "")


def order_record(draft: OrderDraft, number: str) -> dict[str, Any]:
    """Return the order as its file holds it."""
    record: dict[str, Any] = {
        "number": number,
        "date": draft.date.isoformat(),
        "kind": draft.kind,
        "heading": HEADINGS.get(draft.kind, "О личном составе обучающихся"),
        "basis": _CONTRACTS if draft.by_contract and draft.kind == "зачисление" else None,
        "items": [
            {"text": text, "students": list(dict.fromkeys(named))}
            for text, named in draft.points.items()
        ],
        "signed_by": draft.signed_by,
    }
    return {key: value for key, value in record.items() if value is not None}


@dataclass(slots=True)
class OrderBook:
    """The orders of one act: drafts with the file each will have.

    `first`: year -> the first free number of a file; `orders` are those there are.
    """

    orders: Mapping[str, Order]
    first: Mapping[int, int]
    drafts: dict[str, OrderDraft] = field(default_factory=dict)
    grown: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    def open(self, draft: OrderDraft) -> str:
        """Take a file number for the draft; returns the order's key, `2026/0018`."""
        year = draft.date.year
        taken = sum(1 for key in self.drafts if key.startswith(f"{year}/"))
        key = f"{year}/{self.first.get(year, 1) + taken:04d}"
        known = dict(self.orders)
        known |= {other: _as_order(each) for other, each in self.drafts.items()}
        draft.number = draft.number or next_paper_number(known, draft.kind, year)
        self.drafts[key] = draft
        return key

    def name(self, key: str, address: str) -> None:
        """Have an order that is there name this address too, under its last point with people."""
        order = self.orders[key]
        student = address.partition("#")[0]
        named = {other for item in order.items for other in item.students}
        if address in named or student in named:
            return
        points = [at for at, item in enumerate(order.items) if item.students]
        at = points[-1] if points else len(order.items) - 1
        self.grown.setdefault(key, {}).setdefault(at, []).append(address)

    def files(self, lying: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return path -> bytes of new orders and of those that name more people."""
        made = {
            order_file(key): render_file(
                order_file(key), "order", order_record(draft, draft.number)
            )
            for key, draft in self.drafts.items()
        }
        for key, points in self.grown.items():
            data = lying[order_file(key)]
            for at, addresses in points.items():
                data = _name_more(data, at, self.orders[key].items[at].students, addresses)
            made[order_file(key)] = data
        return made

    def paths(self) -> list[str]:
        """Return the files of orders that are there and change."""
        return [order_file(key) for key in self.grown]


def _name_more(data: bytes, at: int, there: Sequence[str], more: Sequence[str]) -> bytes:
    fresh = list(dict.fromkeys(more))
    if not there:
        return set_value(data, f"/items/{at}/students", fresh)
    for address in fresh:
        data = append_entry(data, f"/items/{at}/students", address)
    return data


def _as_order(draft: OrderDraft) -> Order:
    return Order(
        number=draft.number,
        date=draft.date,
        kind=draft.kind,  # type: ignore[arg-type]  # one of the schema's words
        heading="",
        items=(),
        signed_by=draft.signed_by,
    )
