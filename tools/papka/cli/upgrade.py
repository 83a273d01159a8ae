"""papka upgrade: the program's schemas and forms brought to an archive made by an earlier one."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from papka.cli.asking import agreed, require_yes
from papka.cli.options import KEYS, acting, in_archive
from papka.cli.report import exit_code, render
from papka.cli.report.as_text import printable
from papka.core.plural import counted
from papka.gates.worktree import find_root
from papka.tasks.actor import find_actor
from papka.tasks.edition import Difference
from papka.tasks.upgrade import Plan, plan_upgrade, upgrade

_DONE = (("новый", "Новое"), ("обновить", "Заменить новой редакцией"), ("убрать", "Убрать"))
_SHOWN = 60


@click.command(
    "upgrade",
    options_metavar=KEYS,
    help=(
        "Обновить правила и формы архива до редакции этой программы: одной записью, подписанной "
        "руководителем. Что школа меняла сама, остаётся, пока руководитель не решит."
    ),
)
@click.option(
    "--take",
    "taken",
    multiple=True,
    metavar="ФАЙЛ",
    help="Изменённый в школе файл заменить новой редакцией; можно несколько раз.",
)
@click.option(
    "--keep",
    "kept",
    multiple=True,
    metavar="ФАЙЛ",
    help="Изменённый в школе файл оставить и больше о нём не спрашивать; можно несколько раз.",
)
@click.option("--yes", is_flag=True, help="Не спрашивать; нерешённое остаётся нерешённым.")
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что изменилось бы.")
@acting
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    taken: tuple[str, ...],
    kept: tuple[str, ...],
    staff: str | None,
    *,
    yes: bool,
    dry_run: bool,
) -> int:
    root = find_root(folder)
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK"))
    now = datetime.now().astimezone()
    plan = plan_upgrade(root, actor, today=now.date())
    if not plan.found.is_behind and not (taken or kept):
        click.echo("Архив уже в редакции этой программы.")
        return 0
    click.echo("\n".join(_plan_lines(plan)))
    if not yes and not dry_run:
        taken, kept = _decided(plan, taken, kept)
        require_yes("Обновить архив?")
    saved = upgrade(root, actor, plan, take=taken, keep=kept, now=now, dry_run=dry_run)
    click.echo(render("text", saved.findings, {}, saved.source), nl=False)
    waiting = [each.path for each in plan.asked if each.path not in {*taken, *kept}]
    if waiting:
        files = counted(len(waiting), "файл", "файла", "файлов")
        click.echo(
            f"\nНе решено: {files}. Пока оставлено как есть. Решить: papka upgrade --take "
            f"{printable(waiting[0])} или --keep {printable(waiting[0])}"
        )
    if not saved.paths and exit_code(saved.findings, "error") == 0:
        click.echo("Больше менять нечего.")
        return 0
    if saved.commit is None:
        if dry_run and exit_code(saved.findings, "error") == 0:
            click.echo("Было бы обновлено одной записью. Ничего не изменено.")
            return 0
        click.echo(click.style("Архив не обновлён", fg="red") + ": причины выше, файлы не тронуты.")
        return exit_code(saved.findings, "error")
    click.echo(
        click.style("Архив обновлён", fg="green") + f": запись {saved.commit[:12]}\n"
        "Что дальше: отправьте остальным: papka sync"
    )
    return 0


def _plan_lines(plan: Plan) -> Iterator[str]:
    for state, title in _DONE:
        found = plan.of(state)
        if found:
            yield f"{title}: {len(found)}"
            yield from (f"  {each.path}" for each in found)
    if plan.declarations:
        yield "Записи:"
        yield from (f"  {what}" for what in plan.declarations)
    if plan.asked:
        yield click.style(f"Изменено в школе: {len(plan.asked)}", fg="yellow")
        for each in plan.asked:
            yield f"\n{each.path}: строки с «-» — ваши, с «+» — новой редакции"
            yield from _compared(each)


def _compared(each: Difference) -> Iterator[str]:
    if each.ours is None:
        yield "  в архиве этот файл убран, в новой редакции он изменён"
        return
    ours, theirs = (
        (data or b"").decode("utf-8", "replace").splitlines() for data in (each.ours, each.theirs)
    )
    lines = list(difflib.unified_diff(ours, theirs, "в архиве", "в программе", lineterm="", n=1))
    yield from (f"  {printable(line)}" for line in lines[2 : 2 + _SHOWN])
    if len(lines) > _SHOWN + 2:
        yield f"  … и ещё {counted(len(lines) - 2 - _SHOWN, 'строка', 'строки', 'строк')}"


def _decided(
    plan: Plan, taken: tuple[str, ...], kept: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The head's answers for every changed file that no option names."""
    for each in plan.asked:
        if each.path in {*taken, *kept}:
            continue
        if agreed(f"{each.path}: взять новую редакцию вместо вашей?"):
            taken += (each.path,)
        else:
            kept += (each.path,)
    return taken, kept
