"""A value becomes a mark of the declared scale by the declared rule, or it is told why not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.core.findings import Location
from papka.intake.mark_rules import MarkRule, Origin, Wrong, mark_of
from papka.records.school import Band, Conversion, Scale, WordMark

HUNDRED = Scale(scale="сто", title="Сто", lowest=0, highest=100, pass_mark=60)
FIVE = Scale(scale="пять", title="Пять", lowest=2, highest=5, pass_mark=3)
CREDIT = Scale(
    scale="зачёт", title="Зачёт", marks=("не зачтено", "зачтено"), passing_marks=("зачтено",)
)
BANDS = tuple(Band(at_least=at, mark=mark) for at, mark in ((90, 5), (75, 4), (60, 3), (0, 2)))

PASSED = WordMark(text="сдал", mark="зачтено")


def rule(
    scale: Scale, *, maximum: int | None = None, origin: Origin = "платформа", **how: object
) -> MarkRule:
    conversion = Conversion(**how)  # type: ignore[arg-type] # the test's own keywords
    most = Decimal(maximum) if maximum else None
    return MarkRule(
        "Тест", conversion, scale, frozenset({"нет данных"}), "запятая", most, origin,
        has_own_maxima=most is None,
    )  # fmt: skip


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
        ("—", rule(HUNDRED, value="процент"), None),
        ("Нет данных", rule(CREDIT, value="отметка"), None),
        ("4.0", rule(FIVE, value="отметка"), 4),
        ("\u00a04,0 ", rule(FIVE, value="отметка"), 4),
        ("ЗАЧТЕНО", rule(CREDIT, value="отметка"), "зачтено"),
        ("Зачёт", rule(CREDIT, value="отметка"), "зачтено"),
        ("зачет", rule(CREDIT, value="отметка"), "зачтено"),
        ("зач.", rule(CREDIT, value="отметка"), "зачтено"),
        ("+", rule(CREDIT, value="отметка"), "зачтено"),
        ("незачёт", rule(CREDIT, value="отметка"), "не зачтено"),
        ("Не зачет", rule(CREDIT, value="отметка"), "не зачтено"),
        ("н/а", rule(FIVE, value="отметка", origin="ведомость"), "не аттестован"),
        ("СДАЛ", rule(CREDIT, value="отметка", words=(PASSED,)), "зачтено"),
        ("18 / 20", rule(HUNDRED, value="баллы"), 90),
        ("18 из 20", rule(HUNDRED, value="баллы", maximum=20), 90),
        ("9,5/10", rule(FIVE, value="баллы", bands=BANDS), 5),
        ("3 / 4", rule(HUNDRED, value="процент"), 75),
        ("10,5", rule(FIVE, value="баллы", maximum=10, bands=BANDS, above_maximum="наибольшее"), 5),
        ("104,2", rule(HUNDRED, value="процент", above_maximum="наибольшее"), 100),
        ("21 / 20", rule(HUNDRED, value="баллы", above_maximum="наибольшее"), 100),
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
        ("18 / 0", rule(HUNDRED, value="баллы"), "EXPORT_VALUE_OUT_OF_RANGE"),
        ("18 / 25", rule(HUNDRED, value="баллы", maximum=20), "EXPORT_VALUE_OUT_OF_RANGE"),
        ("18", rule(HUNDRED, value="баллы"), "EXPORT_VALUE_OUT_OF_RANGE"),
        (
            "-1",
            rule(HUNDRED, value="процент", above_maximum="наибольшее"),
            "EXPORT_VALUE_OUT_OF_RANGE",
        ),
        ("1.234", rule(HUNDRED, value="баллы", maximum=2000), "EXPORT_VALUE_UNREADABLE"),
        ("5-", rule(FIVE, value="отметка"), "EXPORT_VALUE_UNREADABLE"),
        ("-", rule(CREDIT, value="отметка"), "EXPORT_MARK_OFF_SCALE"),
        ("н/а", rule(FIVE, value="отметка"), "EXPORT_VALUE_UNREADABLE"),
        ("5/5", rule(FIVE, value="отметка"), "EXPORT_VALUE_UNREADABLE"),
    ],
)
def test_what_does_not_fit_is_told(text: str, how: MarkRule, code: str) -> None:
    found = mark_of(text, how)
    assert isinstance(found, Wrong)
    assert found.at(Location("file.csv")).code.name == code


@pytest.mark.parametrize(
    ("text", "how", "message", "hint"),
    [
        (
            "отлично",
            rule(FIVE, value="отметка", origin="ведомость"),
            "Ячейка C7, «Тест»: «отлично» — это не число",
            (
                "Здесь бывает: 2–5, «не аттестован», пусто, если отметки нет. Исправьте в "
                "ведомости и примите её снова"
            ),
        ),
        (
            "-",
            rule(CREDIT, value="отметка", origin="ведомость"),
            "Ячейка C7, «Тест»: «-» — этого нет на шкале «Зачёт»",
            (
                "Здесь бывает: «не зачтено», «зачтено», «не аттестован», пусто, если отметки нет. "
                "Исправьте в ведомости и примите её снова"
            ),
        ),
        (
            "10,5",
            rule(FIVE, value="баллы", maximum=10, bands=BANDS),
            "Ячейка C7, «Тест»: «10,5» вне границ: больше 10",
            (
                "Здесь бывает: число от 0 до 10, пусто, если отметки нет. Если дополнительные "
                "баллы разрешены, раскладка говорит above_maximum: наибольшее. Исправьте на "
                "платформе и выгрузите снова либо опишите в раскладке: слово — в words, "
                "«отметки нет» — в empty"
            ),
        ),
        (
            "сдано" * 20,
            rule(HUNDRED, value="процент", words=(PASSED,)),
            "Ячейка C7, «Тест»: «" + ("сдано" * 20)[:40] + "…» — это не число",
            (
                "Здесь бывает: «сдал», число от 0 до 100, пусто, если отметки нет. Исправьте на "
                "платформе и выгрузите снова либо опишите в раскладке: слово — в words, «отметки "
                "нет» — в empty"
            ),
        ),
    ],
)
def test_the_cell_is_named_with_its_value_and_what_may_stand_there(
    text: str, how: MarkRule, message: str, hint: str
) -> None:
    found = mark_of(text, how)
    assert isinstance(found, Wrong)
    told = found.at(Location("file.csv", line=7, column=3))
    assert (told.message, told.hint) == (message, hint)


@given(
    st.one_of(st.text(max_size=12), st.decimals(-10, 200, places=2).map(str)),
    st.sampled_from(["отметка", "процент", "доля", "баллы"]),
    st.sampled_from([HUNDRED, FIVE, CREDIT]),
)
def test_whatever_comes_out_stands_on_the_scale(text: str, value: str, scale: Scale) -> None:
    bands = BANDS if scale is FIVE and value != "отметка" else ()
    found = mark_of(text, rule(scale, maximum=20, value=value, bands=bands, rounding="вниз"))
    assert found is None or isinstance(found, Wrong) or scale.has(found)
