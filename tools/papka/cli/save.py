"""papka save: check, then one signed commit."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import click

from papka.cli.asking import require_yes
from papka.cli.options import KEYS, acting, in_archive
from papka.cli.report import exit_code, render
from papka.cli.report.as_text import printable
from papka.core.errors import NamesInHistory
from papka.core.plural import counted
from papka.gates.worktree import find_root
from papka.tasks.actor import find_actor
from papka.tasks.mirror import uncopied
from papka.tasks.save import Saved, save

_STATES = {"added": "новый", "changed": "изменён", "deleted": "удалён"}
_SHOWN = 20


@click.command(
    "save",
    options_metavar=KEYS,
    help="Проверить изменения и сохранить их подписанной записью истории.",
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
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path, staff: str | None, message: str | None, *, as_is: bool, push: bool, dry_run: bool
) -> int:
    if push and dry_run:
        raise click.UsageError("Ключи --push и --dry-run вместе не имеют смысла")
    root = find_root(folder)
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK"))
    now = datetime.now().astimezone()
    try:
        saved = save(root, actor, now=now, message=message, as_is=as_is, dry_run=dry_run)
    except NamesInHistory as error:
        if dry_run or not sys.stdin.isatty():
            raise
        click.echo(f"{click.style('Внимание', fg='yellow')}: {error.message}")
        require_yes("Всё равно записать эти слова в историю?")
        saved = save(root, actor, now=now, message=message, as_is=True)
    _show(saved, dry_run=dry_run)
    code = exit_code(saved.findings, "error")
    if push and code == 0:
        code = _push(root)
    if saved.commit is not None or push:
        _show_waiting(root)
    return code


def _show(saved: Saved, *, dry_run: bool) -> None:
    click.echo(render("text", saved.findings, {}, saved.source), nl=False)
    for path in saved.unlocked:
        click.echo(f"Снят замок, оставшийся от прерванной команды: {path}")
    for path in saved.left_out:
        click.echo(f"Не из архива, не сохраняется: {printable(path)}")
    if not saved.paths:
        click.echo("Сохранять нечего: с последнего сохранения ничего не изменилось.")
        return
    for path, state in saved.paths[:_SHOWN]:
        click.echo(f"  {_STATES[state]:<8} {printable(path)}")
    if len(saved.paths) > _SHOWN:
        click.echo(f"  … и ещё {len(saved.paths) - _SHOWN}")
    if saved.numbered:
        given = ", ".join(saved.numbered[:_SHOWN])
        click.echo(f"{'Были бы даны номера' if dry_run else 'Даны номера'}: {given}")
    files = counted(len(saved.paths), "файл", "файла", "файлов")
    if saved.commit is not None:
        click.echo(
            click.style("Сохранено", fg="green")
            + f": {files}, запись {saved.commit[:12]} — {saved.subject}"
        )
    elif dry_run and exit_code(saved.findings, "error") == 0:
        click.echo(f"Было бы сохранено: {files} — {saved.subject}")
    else:
        click.echo(
            click.style("Не сохранено", fg="red")
            + ": исправьте замечания выше и повторите. Ваши файлы не тронуты."
        )


def _show_waiting(root: Path) -> None:
    """What no mirror has confirmed yet, as far as this copy knows."""
    found = uncopied(root)
    if not found:
        click.echo("Что дальше: заведите зеркало, пока копия одна: papka mirror add")
        return
    lacking = [(each.name, count) for each, count in found if count]
    if not lacking:
        click.echo("Всё скопировано во все зеркала")
        return
    told = ", ".join(
        f"{name}: {counted(count, 'запись', 'записи', 'записей')}" for name, count in lacking
    )
    click.echo(f"Ещё не скопировано: {told}")
    click.echo("Что дальше: papka sync")


def _push(root: Path) -> int:
    """Sends what is saved; a mirror's trouble undoes nothing."""
    from papka.cli.mirror import send  # noqa: PLC0415 - only when it is told to

    return send(root)
