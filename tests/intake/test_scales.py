"""A value becomes a mark of the declared scale by the declared rule, or it is told why not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.core.findings import Location
from papka.intake.marks import MarkRule, Wrong, mark_of
from papka.records.school import Band, Conversion, Scale, WordMark

HUNDRED = Scale(scale="сто", title="Сто", lowest=0, highest=100, pass_mark=60)
FIVE = Scale(scale="пять", title="Пять", lowest=2, highest=5, pass_mark=3)
CREDIT = Scale(
    scale="зачёт", title="Зачёт", marks=("не зачтено", "зачтено"), passing_marks=("зачтено",)
)
BANDS = tuple(Band(at_least=at, mark=mark) for at, mark in ((90, 5), (75, 4), (60, 3), (0, 2)))

PASSED = WordMark(text="сдал", mark="зачтено")


def rule(scale: Scale, *, maximum: int | None = None, **how: object) -> MarkRule:
    conversion = Conversion(**how)  # type: ignore[arg-type] # the test's own keywords
    most = Decimal(maximum) if maximum else None
    return MarkRule(
        "Тест", conversion, scale, frozenset({"-"}), "запятая", is_text=True, maximum=most
    )


@pytest.mark.parametrize(
    ("text", "how", "mark"),
    [
        ("87", rule(HUNDRED, value="отметка"), 87),
        ("5,00", rule(FIVE, value="отметка"), 5),
        ("Зачтено", rule(CREDIT, value="отметка"), "зачтено"),
        ("не аттестован", rule(FIVE, value="отметка"), "не аттестован"),
        ("87,5 %", rule(HUNDRED, value="процент", rounding="вниз"), 87),
        ("87,5 %", rule(HUNDRED, value="процент", rounding="вверх"), 88),
        ("0,5", rule(HUNDRED, value="доля"), 50),
        ("1,0", rule(HUNDRED, value="доля"), 100),
        ("7", rule(HUNDRED, value="баллы", maximum=8, rounding="по правилам"), 88),
        ("6,75", rule(FIVE, value="баллы", maximum=9, bands=BANDS), 4),
        ("89,99", rule(FIVE, value="процент", bands=BANDS), 4),
        ("Сдал", rule(CREDIT, value="отметка", words=(PASSED,)), "зачтено"),
        ("-", rule(FIVE, value="отметка"), None),
        (" \u00a0", rule(FIVE, value="отметка"), None),
    ],
)
def test_a_value_becomes_its_mark(text: str, how: MarkRule, mark: object) -> None:
    assert how.flaw is None
    assert mark_of(text, how) == mark


@pytest.mark.parametrize(
    ("text", "how", "code"),
    [
        ("1", rule(FIVE, value="отметка"), "EXPORT_MARK_OFF_SCALE"),
        ("4,5", rule(FIVE, value="отметка"), "EXPORT_MARK_OFF_SCALE"),
        ("5", rule(CREDIT, value="отметка"), "EXPORT_MARK_OFF_SCALE"),
        ("1,01", rule(HUNDRED, value="доля"), "EXPORT_VALUE_OUT_OF_RANGE"),
        ("9", rule(HUNDRED, value="баллы", maximum=8), "EXPORT_VALUE_OUT_OF_RANGE"),
        ("50 %", rule(HUNDRED, value="доля"), "EXPORT_VALUE_UNREADABLE"),
        ("1 000", rule(HUNDRED, value="баллы", maximum=2000), "EXPORT_VALUE_UNREADABLE"),
        ("١٢", rule(HUNDRED, value="отметка"), "EXPORT_VALUE_UNREADABLE"),
        ("59", rule(FIVE, value="процент", bands=BANDS[:3]), "EXPORT_MARK_OFF_SCALE"),
    ],
)
def test_what_does_not_fit_is_told(text: str, how: MarkRule, code: str) -> None:
    found = mark_of(text, how)
    assert isinstance(found, Wrong)
    assert found.at(Location("file.csv")).code.name == code


@given(
    st.one_of(st.text(max_size=12), st.decimals(-10, 200, places=2).map(str)),
    st.sampled_from(["отметка", "процент", "доля", "баллы"]),
    st.sampled_from([HUNDRED, FIVE, CREDIT]),
)
def test_whatever_comes_out_stands_on_the_scale(text: str, value: str, scale: Scale) -> None:
    bands = BANDS if scale is FIVE and value != "отметка" else ()
    found = mark_of(text, rule(scale, maximum=20, value=value, bands=bands, rounding="вниз"))
    assert found is None or isinstance(found, Wrong) or scale.has(found)
