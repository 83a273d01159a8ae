"""docs/commands.md tells every command and every column of a table that is given out."""

from __future__ import annotations

import re
from collections import Counter

from papka.intake.giving import COLUMNS
from tests.support.archives import PROJECT

TOLD = (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")


def test_every_column_of_results_is_told_as_the_program_tells_it() -> None:
    for column in COLUMNS:
        assert f"| `{column.key}` | {column.title} | {column.says} |" in TOLD


def test_every_printed_form_is_told() -> None:
    from papka.paper.forms import every_form

    forms = (PROJECT / "docs" / "forms.md").read_text(encoding="utf-8")
    for name in ("personal-file", *(form.name for form in every_form())):
        assert f"| `{name}` |" in forms


def test_no_command_is_told_twice_and_no_row_is_broken() -> None:
    """What two changes of the page leave side by side, each once right."""
    odd = []
    for table in re.findall(r"(?m)(?:^\|.*\n)+", TOLD):
        rows = [re.split(r"(?<!\\)\|", row)[1:-1] for row in table.splitlines()]
        told = Counter(row[0].strip() for row in rows)
        odd += [first for first, times in told.items() if times > 1]
        odd += [row[0] for row in rows if len(row) != len(rows[0])]
    starts = Counter(line.split("`")[0] for line in TOLD.splitlines() if line.startswith("Формы:"))
    assert odd == []
    assert starts["Формы: "] == 1
