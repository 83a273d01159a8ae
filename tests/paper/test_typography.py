"""Where a line of running text may break."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.paper.form import LONGEST, tie_words

TIE = "\u00a0"


@pytest.mark.parametrize(
    "text",
    [
        "обучается в~5~классе и~посещает кружок",
        "приказ №~12 от~15~января~2026~г.",
        "согласно п.~6.5 Порядка",
        "ст.~60 ч.~15 Федерального закона",
        "г.~Ручьёвск, ул.~Ясная, д.~5, кв.~12",
        "Руководитель А.~П.~Смирнова",
        "Смирнова А.~П., педагог",
        "в~январе 2026~г. и~по~март",
        "на~36~часов, из~них 4~часа практики",
        "«О~порядке хранения»",
        "программа~— не~менее 72~часов",
        "В~2026~году издан №~3",
        "оценка 4, затем 5",
        "без~изменений",
        "№ и~12, (№~5) (п.~3)",
        "пп.~1 и~2 разд.~4 прил.~7, л.~9, каб.~12, корп.~3, оф.~4, §~8",
        "5~кг муки, 5, 12 и~7. шага",
        "Сейф в~кабинете~1; Шкаф~2, полка~3, папка~7, тома~1",
        "15. января и~1~мая~2026~г.",
        "декабря~2025~г., май 2026, июня~2026, сентября~12026",
        "12~раз, 12 Раз, 3 №~4",
        "А.~Смирнова, а. Смирнова, А. смирнова, АА. Смирнова",
        "(А.~«Север» и~Z.~Alpha",
        "г.~«Север» и~пос.~Лесной, ул. садовая",
        "стоит 5~руб., 20~% и~30~экз.",
        "слово слово, слово  слово",
    ],
)
def test_what_belongs_together_is_not_broken(text: str) -> None:
    assert tie_words(text.replace("~", " ")) == text.replace("~", TIE)


def test_a_run_is_tied_up_to_its_longest_and_a_line_begins_anew() -> None:
    for length in (LONGEST - 2, LONGEST - 1):
        text = f"в {'а' * length} и б"
        tied = TIE if length + 2 <= LONGEST else " "
        assert tie_words(text) == f"в{tied}{'а' * length} и{TIE}б"
    assert tie_words(f"слово{TIE}в доме") == f"слово{TIE}в{TIE}доме"
    assert tie_words("конец\nв доме и\nдом") == f"конец\nв{TIE}доме и\nдом"


words = st.lists(
    st.one_of(
        st.sampled_from(["в", "и", "№", "12", "г.", "п.", "А.", "Смирнова", "января", "—", ""]),
        st.text("абвгАБВ.,№«»0123\u00a0\n", max_size=12),
    ),
    max_size=30,
)


@given(words)
def test_only_spaces_change_and_a_second_pass_changes_nothing(parts: list[str]) -> None:
    text = " ".join(parts)
    once = tie_words(text)
    assert once.replace(TIE, " ") == text.replace(TIE, " ")
    assert tie_words(once) == once


@given(st.lists(st.sampled_from(["и", "в", "на", "5", "А."]), max_size=200))
def test_a_line_can_always_break(parts: list[str]) -> None:
    pieces = tie_words(" ".join(parts)).split(" ")
    assert all(len(piece) <= LONGEST for piece in pieces)
