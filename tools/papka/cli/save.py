"""papka save: check the changes and save them as one signed commit."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from papka.cli.context import Context, in_archive
from papka.cli.options import KEYS, acting, require_yes
from papka.cli.report import (
    count_commits,
    count_files,
    exit_code,
    left_out_lines,
    shortened,
    show_findings,
    warning,
)
from papka.cli.russian_names import BilingualCommand
from papka.core.errors import NamesInHistory
from papka.core.phrases import enumerated, printable
from papka.desk.saving import Saved, save
from papka.desk.status_report import CHANGES
from papka.repository.handle import count_unconfirmed_all

_SHOWN = 20


@click.command(
    "save",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help="Проверить изменения, сохранить и подписать их.",
)
@click.option("-m", "--message", metavar="ТЕКСТ", help="Своё описание вместо составленного.")
@click.option(
    "--message-as-is",
    "as_is",
    is_flag=True,
    help="Записать описание как есть, хотя слово в нём похоже на имя из этих дел.",
)
@click.option("--push", is_flag=True, help="Сразу отправить в зеркала, как papka mirror push.")
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что было бы сохранено.")
@acting
@in_archive
def command(here: Context, message: str | None, *, as_is: bool, push: bool, dry_run: bool) -> int:
    if push and dry_run:
        raise click.UsageError("Ключи --push и --dry-run вместе не имеют смысла")
    root, actor, now = here.root, here.actor, here.now
    try:
        saved = save(root, actor, now=now, message=message, as_is=as_is, dry_run=dry_run)
    except NamesInHistory as error:
        if dry_run or not sys.stdin.isatty():
            raise
        click.echo(warning(error.message))
        require_yes("Всё равно записать эти слова в историю?")
        saved = save(root, actor, now=now, message=message, as_is=True)
    _show_saved(saved, dry_run=dry_run)
    code = exit_code(saved.findings)
    if push and code == 0:
        from papka.cli.mirror import push_to_mirrors

        code = push_to_mirrors(root)
    if saved.commit is not None or (push and not exit_code(saved.findings)):
        _show_waiting(root)
    return code


def _show_saved(saved: Saved, *, dry_run: bool) -> None:
    show_findings(saved.findings, saved.source)
    for path in saved.unlocked:
        click.echo(f"Снят замок, оставшийся от прерванной команды: {path}")
    for line in left_out_lines(saved.left_out):
        click.echo(line)
    if not saved.paths:
        click.echo("Сохранять нечего: с последнего сохранения ничего не изменилось.")
        return
    paths = [f"  {CHANGES[state]:<8} {printable(path)}" for path, state in saved.paths]
    click.echo("\n".join(shortened(paths, _SHOWN)))
    if saved.numbered:
        given = enumerated(saved.numbered, _SHOWN)
        click.echo(f"{'Были бы даны номера' if dry_run else 'Даны номера'}: {given}")
    files = count_files(len(saved.paths))
    if saved.commit is not None:
        click.echo(
            click.style("Сохранено", fg="green")
            + f": {files}, сохранение {saved.commit[:12]} — {saved.subject}"
        )
    elif dry_run and exit_code(saved.findings) == 0:
        click.echo(f"Было бы сохранено: {files} — {saved.subject}")
    else:
        click.echo(
            click.style("Не сохранено", fg="red")
            + ": исправьте замечания выше и повторите. Ваши файлы не тронуты."
        )


def _show_waiting(root: Path) -> None:
    """Print what no mirror has confirmed yet, as far as this copy knows."""
    found = count_unconfirmed_all(root)
    if not found:
        click.echo(
            "Что дальше: заведите зеркало, пока копия одна: papka mirror add ИМЯ АДРЕС --country RU"
        )
        return
    lacking = [(each.name, count) for each, count in found if count]
    if not lacking:
        click.echo("Всё скопировано во все зеркала")
        return
    counts = ", ".join(f"{name}: {count_commits(count)}" for name, count in lacking)
    click.echo(f"Ещё не скопировано: {counts}")
    click.echo("Что дальше: papka sync")
