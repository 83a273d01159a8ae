"""papka explain CODE: explain a finding from the catalogue of all codes.

A code stands beside its rule; CATALOGUE gathers them. A name is never reused.
"""

from __future__ import annotations

from types import MappingProxyType

import click

from papka.checks import rules
from papka.cli.options import KEYS
from papka.cli.russian_names import BilingualCommand
from papka.core.errors import NotFound
from papka.core.findings import Code, Severity
from papka.core.phrases import suggest
from papka.desk import deadlines, open_purges, statutory_deadlines
from papka.intake import intake_codes, people_codes, tables
from papka.paper import document_codes
from papka.proof import anchors, chronicle, verify_codes
from papka.records import mend_codes, reading_codes

CATALOGUE = MappingProxyType(
    {
        code.name: code
        for module in (
            *(reading_codes, mend_codes, *rules.SUBJECTS, verify_codes, chronicle, anchors),
            *(document_codes, tables, intake_codes, people_codes, deadlines),
            *(statutory_deadlines, open_purges),
        )
        for code in vars(module).values()
        if isinstance(code, Code)
    }
)


_SEVERITY = {
    Severity.INFO: "сведение: код возврата не меняет",
    Severity.WARNING: "предупреждение: сохранять можно, но разобраться нужно",
    Severity.ERROR: "ошибка: сохранить нельзя, пока не исправлено",
    Severity.FATAL: "нарушение: доверять архиву нельзя, пока не выяснена причина",
}


@click.command(
    "explain",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help="Объяснить код замечания; без кода — перечислить все.",
)
@click.argument("code", required=False, metavar="[КОД]")
def command(code: str | None) -> None:
    if code is None:
        for name, entry in sorted(CATALOGUE.items()):
            click.echo(f"{name:<28} {entry.severity.name.lower():<8} {_plain(entry.says)}")
        return
    found = CATALOGUE.get(code.upper())
    if found is None:
        raise NotFound(
            f"Кода «{code}» нет.{suggest(code.upper(), CATALOGUE)}", "Все коды: papka explain"
        )
    click.echo(click.style(found.name, bold=True) + f" — {_SEVERITY[found.severity]}")
    click.echo(f"\nЧто видно:   {_plain(found.says)}")
    click.echo(f"Почему:      {found.why}")
    click.echo(f"Что делать:  {_plain(found.hint)}")


def _plain(template: str) -> str:
    """Return a template of a message with its fields in angle brackets."""
    return template.replace("{may_be}", "").translate({ord("{"): "<", ord("}"): ">"})
