"""Acts of approval about one period stand in the order in which they were made."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from papka.checks.approval_acts import check_acts_in_order, check_approved_entries
from papka.records.acts import Approval
from tests.support.approvals import ACT, EARLY, with_acts
from tests.support.derived import SCHOOL, day, result, student

LISTED, NOT_CLOSING = "a" * 64, "дня закрытия (closed) в нём нет"
E, L = changed(EARLY, entries=LISTED), changed(ACT, entries=LISTED)
LATE_DAY = changed(E, approved=day("2026-06-16"))
"""The closing is of 15.06.2026."""


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        pytest.param({"2026-1-1": E, "2026-1-2": E}, {}, id="before the closing"),
        pytest.param({"2026-1-1": E, "2026-1": ACT, "2026-1-2": L}, {}, id="before and after"),
        pytest.param({"2026-1": E}, {"2026-1": NOT_CLOSING}, id="closes without a day"),
        pytest.param({"2026-1-1": EARLY}, {"2026-1-1": "списка записей"}, id="no list"),
        pytest.param({"2026-1-2": E}, {"2026-1-2": "акта перед ним нет"}, id="a gap"),
        pytest.param({"2026-1-1": L}, {"2026-1-1": "акта перед ним нет"}, id="after no closing"),
        pytest.param(
            {"2026-1": ACT, "2026-1-1": L, "2026-1-2": E},
            {"2026-1-2": "составлен до закрытия, а стоит после"},
            id="before the closing, numbered after it",
        ),
        pytest.param(
            {"2026-1": ACT, "2026-1-1": LATE_DAY},
            {"2026-1-1": "а период закрыт раньше, 15.06.2026"},
            id="before the closing, dated after it",
        ),
    ],
)
def test_each_act_stands_where_it_was_made(acts: dict[str, Approval], said: dict[str, str]) -> None:
    found = list(check_acts_in_order(replace(SCHOOL, approvals=acts)))
    told = {each.where.path.split("/")[-1].removesuffix(".yaml"): each.message for each in found}
    assert told.keys() == said.keys()
    assert all(words in told[key] for key, words in said.items()), told


def test_of_an_act_in_an_unreadable_file_nothing_is_said() -> None:
    school = replace(
        SCHOOL, approvals={"2026-1-2": E}, unreadable=frozenset({"records/approvals/2026-1-1.yaml"})
    )
    assert not list(check_acts_in_order(school))


def test_an_approved_entry_of_an_open_period_is_not_another_one_nor_approved_twice() -> None:
    first = result("r1", "2026-05-28", 2)
    for acts, who, said in (
        ({"2026-1-1": [first]}, student(changed(first, mark=5)), "запись изменили"),
        ({"2026-1-1": [first], "2026-1-2": [first]}, student(first), "уже утвердил акт 2026-1-1"),
        ({"2026-1-1": [first]}, student(first), ""),
    ):
        school = with_acts(acts, early=acts)
        told = list(check_approved_entries(replace(school, students={who.id: who})))
        assert [said in each.message for each in told] == ([True] if said else [])
