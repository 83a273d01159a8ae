"""docs/commands.md tells every command and every column of a table that is given out."""

from __future__ import annotations

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
