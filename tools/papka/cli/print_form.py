"""papka print FORM ID: a printed form."""

from __future__ import annotations

from pathlib import Path

import click

from papka.cli.options import KEYS, in_archive
from papka.core.plural import counted
from papka.gates import worktree
from papka.tasks.print_saved import print_saved


@click.group(
    "print",
    options_metavar=KEYS,
    subcommand_metavar="ДЕЙСТВИЕ",
    help="Сделать печатную форму из сохранённых записей.",
)
def command() -> None:
    """Forms are subcommands: each names what it prints."""


@command.command(
    "personal-file",
    options_metavar=KEYS,
    help="Личное дело обучающегося целиком: PDF/A с записями внутри.",
)
@click.argument("student", metavar="НОМЕР")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="ПУТЬ",
    help="Файл или папка; по умолчанию print/ в архиве.",
)
@click.option("--html", is_flag=True, help="Страница для печати из браузера, если нет Pango.")
@in_archive
def personal_file(folder: Path, student: str, out: Path | None, *, html: bool) -> None:
    root = worktree.find_root(folder)
    done = print_saved(root, student, html=html)
    target = out or root / "print"
    if target.suffix != f".{done.printed.kind}":
        target = target / done.printed.name
    target.parent.mkdir(parents=True, exist_ok=True)
    worktree.write(target.parent, target.name, done.printed.data)
    sheets = counted(done.printed.pages, "лист", "листа", "листов")
    size = f" ({sheets})" if done.printed.pages else ""
    click.echo(f"{click.style('Готово', fg='green')}: {target}{size}")
    for path in done.unsaved:
        click.echo(f"Не сохранено и потому не напечатано: {path}")
    click.echo("Что дальше: напечатайте, прошейте, дайте подписать руководителю (п. 6.5 Порядка)")
