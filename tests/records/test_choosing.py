"""Those who study are chosen by group, programme, age and what they lack, all at once."""

from __future__ import annotations

import datetime as dt

import pytest

from papka.core.errors import NotFound
from papka.records.archive import Archive
from papka.records.choosing import PeopleFilter, choose_people, read_ages
from tests.support.archives import good, loaded

FOLDER = "records/students/2026/2026-0001"
DAY = dt.date(2026, 6, 1)


def archive(*changes: tuple[str, str, str]) -> Archive:
    """The good archive with a text of one file of its student changed."""
    files = dict(good())
    for name, old, new in changes:
        path = f"{FOLDER}/{name}"
        text = files[path].decode()
        assert old in text
        files[path] = text.replace(old, new).encode()
    return loaded(files)


@pytest.mark.parametrize(
    ("wanted", "on", "is_chosen"),
    [
        (PeopleFilter(group="г-26-1"), DAY, True),
        (PeopleFilter(group="Г–26–1"), DAY, True),
        (PeopleFilter(program="guitar"), DAY, True),
        (PeopleFilter(program="ГИТАРА С НУЛЯ"), DAY, True),
        (PeopleFilter(program="guitar"), dt.date(2026, 1, 14), False),
        (PeopleFilter(program="guitar"), dt.date(2026, 1, 15), True),
        (PeopleFilter(group="Г-26-1", ages=(15, 15)), dt.date(2026, 5, 14), True),
        (PeopleFilter(group="Г-26-1", ages=(15, 15)), dt.date(2026, 5, 13), False),
        (PeopleFilter(ages=(14, 15)), DAY, True),
        (PeopleFilter(ages=(16, 200)), DAY, False),
        (PeopleFilter(without=("договор",)), DAY, False),
        (PeopleFilter(without=("фото",)), DAY, True),
        (PeopleFilter(without=("фото-на-сайте",)), DAY, False),
        (PeopleFilter(without=("фото-на-сайте",)), dt.date(2030, 1, 1), True),
        (PeopleFilter(without=("Размещение фотографии на сайте",)), DAY, False),
        (PeopleFilter(without=("согласие", "договор")), DAY, False),
        (PeopleFilter(is_leaving=True), DAY, False),
    ],
)
def test_who_fits_is_chosen(wanted: PeopleFilter, on: dt.date, *, is_chosen: bool) -> None:
    assert bool(choose_people(archive(), wanted, on)) is is_chosen


def test_what_a_person_lacks_is_told() -> None:
    without = archive(("enrolments.yaml", "    contract: d1\n", ""))
    (found,) = choose_people(without, PeopleFilter(without=("Договор",)), DAY)
    assert (found.student.id, [each.id for each in found.studies]) == ("2026-0001", ["e1"])
    assert found.about == ("нет: договор",)


def test_who_leaves_in_the_month_is_told_with_the_day() -> None:
    wanted = PeopleFilter(is_leaving=True)
    planned = archive(("enrolments.yaml", "    order:", "    planned_end: 2026-06-30\n    order:"))
    (found,) = choose_people(planned, wanted, DAY)
    assert found.about == ("по плану до 30.06.2026",)
    assert choose_people(planned, wanted, dt.date(2026, 7, 1)) == []
    ended = "    ended:\n      date: 2026-06-10\n      reason: отчисление\n    order:"
    (found,) = choose_people(archive(("enrolments.yaml", "    order:", ended)), wanted, DAY)
    assert found.about == ("отчисление 10.06.2026",)


@pytest.mark.parametrize(
    ("when", "reason", "is_chosen"),
    [
        ("2026-1", "завершение", True),
        ("2026", "завершение", True),
        ("все", "завершение", True),
        ("Все", "завершение", True),
        ("2025", "завершение", False),
        ("2026-1", "отчисление", False),
    ],
)
def test_graduates_are_chosen_by_when(when: str, reason: str, *, is_chosen: bool) -> None:
    ended = archive(
        ("enrolments.yaml", "    contract: d1\n",
         f"    contract: d1\n    ended:\n      date: 2026-05-28\n      reason: {reason}\n"),
    )  # fmt: skip
    for on in (dt.date(2026, 5, 1), DAY, dt.date(2027, 6, 1)):
        wanted = PeopleFilter(group="Г-26-1", graduated=when)
        assert [each.about for each in choose_people(ended, wanted, on)] == (
            [("завершение 28.05.2026",)] if is_chosen else []
        )


def test_debts_are_those_of_the_day() -> None:
    wanted = PeopleFilter(has_debts=True)
    (found,) = choose_people(archive(), wanted, dt.date(2026, 6, 15))
    assert found.about == ("техника: открыта",)
    assert choose_people(archive(), wanted, dt.date(2026, 5, 27)) == []
    assert choose_people(archive(), wanted, dt.date(2026, 9, 14)) == []


@pytest.mark.parametrize(
    "wanted",
    [
        PeopleFilter(group="Г-26-9"),
        PeopleFilter(program="флейта"),
        PeopleFilter(without=("паспорт",)),
    ],
)
def test_what_nobody_declared_is_told(wanted: PeopleFilter) -> None:
    with pytest.raises(NotFound):
        choose_people(archive(), wanted, DAY)


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("7-9", (7, 9)),
        ("7–9 лет", (7, 9)),
        ("12", (12, 12)),
        ("12 лет", (12, 12)),
        ("14+", (14, 200)),
        *((text, None) for text in ("", "9-7", "дети", "7-", "-7")),
    ],
)
def test_ages_as_people_write_them(text: str, ages: tuple[int, int] | None) -> None:
    assert read_ages(text) == ages


def test_an_empty_choice_asks_nothing() -> None:
    assert not PeopleFilter()
    assert PeopleFilter(has_debts=True)
