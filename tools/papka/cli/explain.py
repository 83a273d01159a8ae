"""papka explain CODE: the catalogue entry of a finding."""

from __future__ import annotations

import click

from papka.cli.options import KEYS
from papka.core.codes import CATALOGUE
from papka.core.errors import NotFound
from papka.core.findings import Severity
from papka.core.suggestion import may_be

_SEVERITY = {
    Severity.INFO: "сведение: код возврата не меняет",
    Severity.WARNING: "предупреждение: сохранять можно, но разобраться нужно",
    Severity.ERROR: "ошибка: сохранить нельзя, пока не исправлено",
    Severity.FATAL: "нарушение: доверять архиву нельзя, пока не выяснена причина",
}


@click.command(
    "explain", options_metavar=KEYS, help="Объяснить код замечания; без кода — перечислить все."
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
            f"Кода «{code}» нет.{may_be(code.upper(), CATALOGUE)}",
            "Все коды: papka explain",
        )
    click.echo(click.style(found.name, bold=True) + f" — {_SEVERITY[found.severity]}")
    click.echo(f"\nЧто видно:   {_plain(found.says)}")
    click.echo(f"Почему:      {found.why}")
    click.echo(f"Что делать:  {_plain(found.hint)}")


def _plain(template: str) -> str:
    """A template with its fields shown as dots."""
    return template.replace("{may_be}", "").translate({ord("{"): "<", ord("}"): ">"})
