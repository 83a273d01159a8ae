"""Columns of a table: aligned, several lines a cell, wrapped until the screen holds them."""

from __future__ import annotations

import click
import pytest

from papka.cli.report import table


def plain(lines: list[str]) -> list[str]:
    return [click.unstyle(line) for line in lines]


def test_columns_are_as_wide_as_their_widest_cell_and_nothing_trails() -> None:
    lines = table(("Дело", "Имя"), [("1", "Аглая"), ("2026-0001", ""), ("", "Ия\nПрежде: Ив")])
    assert lines[0] == click.style("Дело       Имя", bold=True)
    assert plain(lines) == [
        "Дело       Имя", "1          Аглая", "2026-0001", "           Ия",
        "           Прежде: Ив",
    ]  # fmt: skip
    assert plain(table(("Дело", "Имя"), [("1", "Ия")], indent=4)) == [
        "    Дело  Имя",
        "    1     Ия",
    ]
    assert table(("Дело",), []) == []


WORDS = "Впервые выступала без подсказки"


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (0, ["к  что", f"1  {WORDS}"]),
        (34, ["к  что", f"1  {WORDS}"]),
        (33, ["к  что", "1  Впервые выступала без", "   подсказки"]),
        (3, ["к  что", "1  Впервые", "   выступала", "   без", "   подсказки"]),
    ],
)
def test_the_widest_column_gives_way(width: int, lines: list[str]) -> None:
    assert plain(table(("к", "что"), [("1", WORDS)], width=width)) == lines


def test_an_indent_takes_room_too_and_empty_lines_stay() -> None:
    assert plain(table(("к", "что"), [("1", WORDS)], indent=2, width=35)) == [
        "  к  что",
        "  1  Впервые выступала без",
        "     подсказки",
    ]
    assert plain(table(("к",), [("а\n\nб",), (" " * 30,)], width=20)) == ["к", "а", "", "б", ""]


def test_of_two_wide_columns_both_give_way() -> None:
    rows = [("а" * 10 + " " + "б" * 10, "в" * 10 + " " + "г" * 10)]
    assert plain(table(("раз", "два"), rows, width=30)) == [
        "раз             два",
        "аааааааааа      вввввввввв",
        "бббббббббб      гггггггггг",
    ]
