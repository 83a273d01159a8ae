"""papka save: check the changes and save them as one signed commit.

papka undo: show what taking back the last save changes, then save the reverse.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from papka.cli.context import Context, in_archive, read_clock
from papka.cli.options import KEYS, acting, require_yes, yes_option
from papka.cli.report import (
    count_commits,
    count_files,
    enumerated,
    exit_code,
    left_out_lines,
    shortened,
    show_findings,
    warning,
)
from papka.copies.mirrors import count_unconfirmed_all
from papka.core.errors import NamesInHistory
from papka.core.phrases import printable
from papka.desk.saving import Saved, save
from papka.desk.undoing import UndoPlan, drop_note, find_unreported_undo, plan_undo, undo

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
        from papka.cli.mirror import push_to_mirrors  # noqa: PLC0415 - only when it is told to

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
    paths = [f"  {_STATES[state]:<8} {printable(path)}" for path, state in saved.paths]
    click.echo("\n".join(shortened(paths, _SHOWN)))
    if saved.numbered:
        given = enumerated(saved.numbered, _SHOWN)
        click.echo(f"{'Были бы даны номера' if dry_run else 'Даны номера'}: {given}")
    files = count_files(len(saved.paths))
    if saved.commit is not None:
        click.echo(
            click.style("Сохранено", fg="green")
            + f": {files}, запись {saved.commit[:12]} — {saved.subject}"
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
        click.echo("Что дальше: заведите зеркало, пока копия одна: papka mirror add")
        return
    lacking = [(each.name, count) for each, count in found if count]
    if not lacking:
        click.echo("Всё скопировано во все зеркала")
        return
    counts = ", ".join(f"{name}: {count_commits(count)}" for name, count in lacking)
    click.echo(f"Ещё не скопировано: {counts}")
    click.echo("Что дальше: papka sync")


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
@yes_option
@click.option("--any", "anyones", is_flag=True, help="Отменить и чужое сохранение.")
@acting
@in_archive
def undo_command(here: Context, *, dry_run: bool, yes: bool, anyones: bool) -> int:
    root, actor = here.root, here.actor
    before = find_unreported_undo(root)
    if before is not None and not dry_run:
        _show_undone(before.id, before.message.partition("\n")[0])
        drop_note(root)
        return 0
    plan = plan_undo(root, actor, now=here.now, anyones=anyones)
    click.echo("\n".join(_preview_lines(plan, actor.staff)))
    if plan.is_refused:
        return _show_refusal(plan)
    if dry_run:
        click.echo(f"Было бы отменено: {_subject(plan)}")
        return 0
    if not yes:
        require_yes("Отменить это сохранение?")
    done = undo(root, actor, plan, now=read_clock())  # the question may have taken its time
    if done.commit is None:
        show_findings(done.findings, done.source)
        return exit_code(done.findings)
    _show_undone(done.commit, done.subject)
    drop_note(root)
    return 0


def _show_undone(commit: str, subject: str) -> None:
    click.echo(
        click.style("Отменено", fg="green") + f": запись {commit[:12]} — {subject}\n"
        "Что дальше: передумали — papka undo ещё раз; отправить в зеркала — papka sync"
    )


def _subject(plan: UndoPlan) -> str:
    return plan.commit.message.partition("\n")[0]


def _preview_lines(plan: UndoPlan, staff: str) -> list[str]:
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
        files = count_files(len(plan.files) - _SHOWN)
        lines.append(f"  … и ещё {files}")
    for title, entries in (("Станут прежними", plan.altered), ("Исчезнут", plan.gone)):
        if entries:
            lines.append(f"{title}: {enumerated(entries, _SHOWN)}")
    return lines


def _show_refusal(plan: UndoPlan) -> int:
    show_findings(plan.judged.findings, plan.judged.source)
    click.echo(
        click.style("Отменить нельзя", fg="red")
        + ": что однажды записано, не исчезает. Ничего не изменено."
    )
    for act in plan.instead:
        click.echo(f"  вместо этого {act}")
    return 1
