"""The number of an order that the program writes, and whom it names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from papka.desk.order_writing import OrderBook, OrderDraft, find_order, next_paper_number
from papka.records.acts import Order, OrderItem


def orders(*numbers: tuple[str, str]) -> Mapping[str, Order]:
    return {
        f"2026/{at:04d}": Order(
            number=number, date=dt.date(2026, 1, at), kind=kind,  # type: ignore[arg-type]  # of the schema's words
            heading="О", items=(OrderItem(text="Сделать"),), signed_by="s001",
        )
        for at, (number, kind) in enumerate(numbers, 1)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("known", "kind", "number"),
    [
        ((), "зачисление", "1"),
        ((("1-о", "утверждение программы"), ("2-к", "зачисление"), ("3-п", "поощрение")),
         "зачисление", "4-к"),
        ((("1-к", "зачисление"), ("1-п", "поощрение"), ("2-к", "отчисление")), "перевод", "3-к"),
        ((("1-к", "зачисление"), ("1-п", "поощрение"), ("2-к", "отчисление")), "поощрение", "2-п"),
        ((("7", "зачисление"),), "поощрение", "8"),
    ],
    ids=["first", "one row for all", "a row of comers and leavers", "a row of awards", "plain"],
)  # fmt: skip
def test_the_next_number_follows_the_schools_way_of_counting(
    known: tuple[tuple[str, str], ...], kind: str, number: str
) -> None:
    assert next_paper_number(orders(*known), kind, 2026) == number


def test_another_year_counts_from_one() -> None:
    assert next_paper_number(orders(("5-к", "зачисление")), "зачисление", 2027) == "1-к"


@pytest.mark.parametrize("said", ["2-к", "№ 2–К", " 2 - к ", "2026/0002"])
def test_an_order_is_found_by_its_number_on_paper(said: str) -> None:
    known = orders(("1-о", "утверждение программы"), ("2-к", "зачисление"))
    assert find_order(known, said, ("зачисление",)) == ["2026/0002"]
    assert find_order(known, "2-к", ("поощрение",)) == []


def test_two_orders_of_one_act_take_two_files_and_two_numbers() -> None:
    book = OrderBook(orders(("1-к", "зачисление")), {2026: 2})
    first = OrderDraft("зачисление", dt.date(2026, 9, 1), "s001")
    other = OrderDraft("перевод", dt.date(2026, 9, 2), "s001")
    assert (book.open(first), book.open(other)) == ("2026/0002", "2026/0003")
    assert (first.number, other.number) == ("2-к", "3-к")


def test_an_order_already_naming_somebody_is_left_as_it_is() -> None:
    book = OrderBook(orders(("1-к", "зачисление")), {2026: 2})
    book.name("2026/0001", "2026-0001#e1")
    assert book.paths() == ["records/orders/2026/0001.yaml"]
    named = {
        "2026/0001": Order(
            number="1-к", date=dt.date(2026, 1, 1), kind="зачисление", heading="О",
            items=(OrderItem(text="Зачислить", students=("2026-0001",)),), signed_by="s001",
        )
    }  # fmt: skip
    other = OrderBook(named, {2026: 2})
    other.name("2026/0001", "2026-0001#e1")
    assert other.paths() == []
