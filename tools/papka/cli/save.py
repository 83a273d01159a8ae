"""papka save: check, then one signed commit.

papka undo: take the last save back, after showing what that changes.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import click

from papka.cli.options import KEYS, acting, in_archive, require_yes
from papka.cli.report import exit_code, printable, render
from papka.copies.mirrors import uncopied
from papka.core.errors import NamesInHistory
from papka.core.phrases import counted
from papka.desk.saving import Saved, save
from papka.desk.undoing import Plan, answered, plan_undo, undo, undone_before
from papka.repository.signing import find_actor
from papka.repository.worktree import find_root

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


_UNDO_STATES = {"added": "вернётся", "changed": "станет прежним", "deleted": "уйдёт"}


@click.command(
    "undo",
    options_metavar=KEYS,
    help=(
        "Отменить последнее сохранение: показать, что вернётся, и сделать обратную подписанную "
        "запись. История остаётся целой. Отмену тоже можно отменить."
    ),
)
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что изменится.")
@click.option("--yes", is_flag=True, help="Не спрашивать подтверждения.")
@click.option("--any", "anyones", is_flag=True, help="Отменить и чужое сохранение.")
@acting
@in_archive
def undo_command(
    folder: Path, staff: str | None, *, dry_run: bool, yes: bool, anyones: bool
) -> int:
    root = find_root(folder)
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK"))
    now = datetime.now().astimezone()
    before = undone_before(root)
    if before is not None and not dry_run:
        _done(before.id, before.message.partition("\n")[0])
        answered(root)
        return 0
    plan = plan_undo(root, actor, now=now, anyones=anyones)
    click.echo("\n".join(_preview(plan, actor.staff)))
    if plan.is_refused:
        return _refused(plan)
    if dry_run:
        click.echo(f"Было бы отменено: {_subject(plan)}")
        return 0
    if not yes:
        require_yes("Отменить это сохранение?")
    done = undo(root, actor, plan, now=datetime.now().astimezone())
    if done.commit is None:
        click.echo(render("text", done.findings, {}, done.source), nl=False)
        return exit_code(done.findings, "error")
    _done(done.commit, done.subject)
    answered(root)
    return 0


def _done(commit: str, subject: str) -> None:
    click.echo(
        click.style("Отменено", fg="green") + f": запись {commit[:12]} — {subject}\n"
        "Что дальше: передумали — papka undo ещё раз; отправить в зеркала — papka sync"
    )


def _subject(plan: Plan) -> str:
    return plan.commit.message.partition("\n")[0]


def _preview(plan: Plan, staff: str) -> list[str]:
    commit = plan.commit
    moment = datetime.fromtimestamp(commit.committer.time).astimezone()
    foreign = f" (это не вы, вы — {staff})" if commit.author.name != staff else ""
    who = f"{commit.author.name}{foreign}"
    when = f"{commit.id[:12]}, {moment:%d.%m.%Y %H:%M}"
    lines = [f"Последнее сохранение: {when}, {who} — {_subject(plan)}"]
    lines += [
        f"  {_UNDO_STATES[each.state]:<15} {each.path}  +{each.plus} −{each.minus}"
        for each in plan.files[:_SHOWN]
    ]
    if len(plan.files) > _SHOWN:
        files = counted(len(plan.files) - _SHOWN, "файл", "файла", "файлов")
        lines.append(f"  … и ещё {files}")
    for title, entries in (("Станут прежними", plan.altered), ("Исчезнут", plan.gone)):
        if entries:
            more = f" и ещё {len(entries) - _SHOWN}" if len(entries) > _SHOWN else ""
            lines.append(f"{title}: {', '.join(entries[:_SHOWN])}{more}")
    return lines


def _refused(plan: Plan) -> int:
    click.echo(render("text", plan.judged.findings, {}, plan.judged.source), nl=False)
    click.echo(
        click.style("Отменить нельзя", fg="red")
        + ": что однажды записано, не исчезает. Ничего не изменено."
    )
    for act in plan.instead:
        click.echo(f"  вместо этого {act}")
    return 1
