"""Who is hardly two people: one slip of typing apart, and no more."""

from __future__ import annotations

import datetime as dt

import pytest

from papka.records.people_alike import AlikePeople, appearance_of, are_alike
from papka.records.student import Name

ANNA = ("Морошкина", "Анна", "Ильинична", "2012-04-05")
Card = tuple[str | None, str, str | None, str]


def seen(card: Card) -> tuple[Name, dt.date]:
    surname, given, patronymic, born = card
    name = Name(given=given, surname=surname, patronymic=patronymic)
    return name, dt.date.fromisoformat(born)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (ANNA, ANNA, True),
        (("Берёзкина", "Алёна", None, "2012-04-05"), ("Березкина", "Алена", None, "2012-04-05"),
         True),
        (ANNA, ("АННА", "морошкина", "Ильинична", "2012-04-05"), True),
        (ANNA, ("Морошкина", "Анна", None, "2012-04-05"), True),
        (ANNA, ("Морошкина", "Анна", "Петровна", "2012-04-05"), False),
        (ANNA, ("Моршкина", "Анна", "Ильинична", "2012-04-05"), True),
        (ANNA, ("Морошкинна", "Анна", "Ильинична", "2012-04-05"), True),
        (ANNA, ("Мороикина", "Анна", "Ильинична", "2012-04-05"), True),
        (ANNA, ("Морокшина", "Анна", "Ильинична", "2012-04-05"), True),
        (ANNA, ("Мооокина", "Анна", "Ильинична", "2012-04-05"), False),
        (ANNA, ("Моршкина", "Ана", "Ильинична", "2012-04-05"), False),
        (ANNA, ("Морошкина", "Инна", "Ильинична", "2012-04-05"), False),
        (ANNA, ("Морошкина", "Ана", "Ильинична", "2012-04-05"), True),
        (ANNA, ("Морошкина", "Анна", "Ильинична", "2012-04-06"), True),
        (ANNA, ("Морошкина", "Анна", "Ильинична", "2012-05-04"), True),
        (ANNA, ("Морошкина", "Анна", "Ильинична", "2013-05-04"), False),
        (ANNA, ("Морошкина", "Анна", "Ильинична", "2012-04-16"), False),
        (("Ли", "Ю", None, "2012-04-05"), ("Ни", "Ю", None, "2012-04-05"), False),
        (("Ли", "Ю", None, "2012-04-05"), ("Ли", "Ю", None, "2012-04-06"), False),
        (("Ли", "Ю", None, "2012-04-05"), ("Ли", "Ю", None, "2012-04-05"), True),
        ((None, "Заря", None, "2012-04-05"), (None, "Заря", None, "2012-04-05"), True),
        (("Рябов-Сосна", "Пётр", None, "2012-04-05"), ("Рябов Сосна", "Петр", None, "2012-04-05"),
         True),
    ],
)  # fmt: skip
def test_a_slip_of_typing_makes_nobody_two_people(one: Card, other: Card, *, alike: bool) -> None:
    looks = appearance_of(*seen(one)), appearance_of(*seen(other))
    assert are_alike(*looks) is alike
    assert are_alike(*reversed(looks)) is alike
    known = AlikePeople()
    known.add("2026-0002", looks[0])
    known.add("2026-0001", looks[0])
    assert known.find(looks[1]) == (["2026-0001", "2026-0002"] if alike else [])
