"""papka backup: a proved copy on a medium, its line in the journal, its act on paper."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from papka.cli.backup_lines import copies_lines, done_lines, plan_lines
from papka.cli.options import KEYS, acting, in_archive
from papka.cli.print_form import write_printed
from papka.cli.report import exit_code, render
from papka.core.errors import PapkaError
from papka.gates.private import paper_folder
from papka.gates.worktree import find_root
from papka.tasks.actor import find_actor
from papka.tasks.backup.backup import answered, asked, backup
from papka.tasks.backup.planning import plan
from papka.tasks.backup.standing import standing
from papka.tasks.printing.print_saved import print_saved

_ACT = "backup-act"


@click.command(
    "backup",
    options_metavar=KEYS,
    help=(
        "Записать копию архива на носитель (диск, флеш-накопитель, папку), перечитать её с "
        "носителя, внести в журнал и напечатать акт (п. 6.3 Порядка). Без --to — какие копии есть."
    ),
)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="ПАПКА",
    help="Папка на подключённом носителе, всегда одна и та же.",
)
@click.option(
    "--medium", metavar="НОМЕР", help="Номер с наклейки (Н-1); потом его помнит сам носитель."
)
@click.option("--kind", metavar="ВИД", help="Что это: флеш-накопитель, внешний диск…")
@click.option("--place", metavar="МЕСТО", help="Где носитель хранится: сейф, шкаф, другой адрес.")
@click.option(
    "--year", metavar="ГОД", help="Учебный год журнала; по умолчанию тот, которому нужна копия."
)
@click.option(
    "--drop-older",
    is_flag=True,
    help="Убрать с носителя прежние копии, когда новая проверена и записана в журнал.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что было бы сделано.")
@acting
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    to: Path | None,
    medium: str | None,
    kind: str | None,
    place: str | None,
    year: str | None,
    staff: str | None,
    *,
    drop_older: bool,
    dry_run: bool,
) -> int:
    root = find_root(folder)
    now = datetime.now().astimezone()
    if to is None:
        if any((medium, kind, place, drop_older, dry_run)):
            raise click.UsageError("Скажите, куда: papka backup --to ПАПКА-НА-НОСИТЕЛЕ")
        click.echo("\n".join(copies_lines(standing(root, now=now, year=year))))
        return 0
    actor = None if dry_run else find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK"))
    planned = plan(
        root, to.resolve(), now=now, medium=medium, kind=kind, place=place, year=year
    )  # fmt: skip
    click.echo("\n".join(plan_lines(planned, dry_run=actor is None, drop_older=drop_older)))
    if actor is None:
        return 0
    asked(root, planned)
    done = backup(root, actor, planned, now=now, drop_older=drop_older)
    click.echo(render("text", done.saved.findings, {}, done.saved.source), nl=False)
    click.echo("\n".join(done_lines(planned, done, drop_older=drop_older)))
    if done.saved.commit is None:
        return exit_code(done.saved.findings, "error")
    print_act(root, str(planned.year))
    answered(root, planned)
    return 1 if done.proof.findings else 0


def print_act(root: Path, year: str) -> None:
    """The act of a school year; a printer's trouble is no trouble of the copy."""
    try:
        done = print_saved(root, _ACT, year)
    except PapkaError as error:
        click.echo(f"Акт не напечатан: {error.message}. Потом: papka print {_ACT} {year}")
        return
    for line in write_printed(done.pressed, paper_folder(root)):
        click.echo(f"Акт. {line}")
