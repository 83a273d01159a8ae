"""papka bind: record that the printed sheets of a personal file were bound and signed."""

from __future__ import annotations

from datetime import datetime

import click

from papka.cli.context import Context, in_archive
from papka.cli.options import ADDRESS, DAY, KEYS, POINT, acting, require_past
from papka.cli.report import exit_code, show_findings
from papka.cli.russian_names import BilingualCommand
from papka.core.phrases import count_phrase
from papka.desk.binding import BindingRequest, bind


@click.command(
    "bind",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Записать, что напечатанные листы личного дела прошиты и подписаны: какие документы на "
        "каких листах, когда. Опись тома застывает: новое печатают следующим томом (print "
        "--new-sheets), а всё заново — только перешив (--rebind)."
    ),
)
@click.argument("student", metavar="НОМЕР", type=ADDRESS)
@click.option(
    "--date", "day", type=DAY, metavar="ДАТА", help="День, когда прошито; по умолчанию сегодня."
)
@click.option("--rev", metavar=POINT, help="Сохранение, которое называет обложка.")
@click.option("--duplex", is_flag=True, help="Напечатано на обеих сторонах листа.")
@click.option("--rebind", is_flag=True, help="Прошитое дело перешито заново, с тома 1.")
@click.option("--reason", metavar="ТЕКСТ", help="С --rebind: почему перешито.")
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что было бы записано.")
@acting
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    here: Context,
    student: str,
    day: datetime | None,
    rev: str | None,
    reason: str | None,
    *,
    duplex: bool,
    rebind: bool,
    dry_run: bool,
) -> int:
    if rebind != bool(reason):
        raise click.UsageError('Перешитое записывают с причиной: --rebind --reason "…"')
    now = here.now
    bound = day.date() if day else now.date()
    require_past(bound, now)
    request = BindingRequest(student, bound, rev, duplex=duplex, reason=reason)
    done = bind(here.root, here.actor, request, now=now, dry_run=dry_run)
    show_findings(done.saved.findings, done.saved.source)
    code = exit_code(done.saved.findings)
    if code == 0:
        said = "Было бы записано" if dry_run else click.style("Записано", fg="green")
        for volume in done.volumes:
            sheets = count_phrase(volume.sheets or 0, "лист", "листа", "листов")
            click.echo(f"{said}: дело {student}, том {volume.volume}, {sheets}")
    return code
