"""Choices of a column: short ones stand in the cell's own rule, long ones on a hidden sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from papka.gates.sheets.wording import letters

if TYPE_CHECKING:
    from xlsxwriter.workbook import (  # type: ignore[import-untyped]  # the library has no types
        Workbook,
    )

NAME = "Варианты"
"""The hidden sheet."""
_LONGEST_RULE = 255


class Choices:
    """Of one workbook: collected while its sheets are made, written after them."""

    def __init__(self) -> None:
        self._columns: list[tuple[str, ...]] = []

    def rule(self, choices: tuple[str, ...]) -> dict[str, object]:
        """What XlsxWriter's data_validation takes."""
        # the rule is comma-separated text, which Excel trims
        own = ",".join(choices)
        plain = not any("," in choice or choice.strip() != choice for choice in choices)
        source: object = list(choices)
        if len(own) > _LONGEST_RULE or not plain or own.startswith("="):
            if choices not in self._columns:
                self._columns.append(choices)
            column = letters(self._columns.index(choices) + 1)
            source = f"='{NAME}'!${column}$1:${column}${len(choices)}"
        return {
            "validate": "list",
            "source": source,
            "error_title": "Такого варианта нет",
            "error_message": "Выберите значение из списка",
        }

    def write(self, book: Workbook) -> None:
        if not self._columns:
            return
        page = book.add_worksheet(NAME)
        for column, choices in enumerate(self._columns):
            for row, choice in enumerate(choices):
                page.write_string(row, column, choice)
        page.very_hidden()
