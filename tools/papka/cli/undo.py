"""papka undo: take the last save back, after showing what that changes."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from papka.cli.asking import require_yes
from papka.cli.options import KEYS, acting, in_archive
from papka.cli.report import exit_code, render
from papka.core.plural import counted
from papka.gates.worktree import find_root
from papka.tasks.actor import find_actor
from papka.tasks.undo import Plan, answered, plan_undo, undo, undone_before

_STATES = {"added": "вернётся", "changed": "станет прежним", "deleted": "уйдёт"}
_SHOWN = 20


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
def command(folder: Path, staff: str | None, *, dry_run: bool, yes: bool, anyones: bool) -> int:
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
        f"  {_STATES[each.state]:<15} {each.path}  +{each.plus} −{each.minus}"
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
