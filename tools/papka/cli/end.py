"""papka end ID#ENTRY: leaving, revocation of a consent, return of the paper file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from papka.cli.filled import FormCommand, complete, filling_of, tell_suggested
from papka.cli.options import KEYS, in_archive
from papka.cli.written import show, writing
from papka.gates.worktree import find_root
from papka.tasks import end
from papka.tasks.actor import acting_staff, find_actor
from papka.tasks.desk import Desk
from papka.tasks.entries import Found, find_entry
from papka.tasks.filling import Filling
from papka.tasks.write import write

_FOUND = "papka.found"
_HELP = """Закончить то, что действовало до некоторого дня: зачисление, согласие (отзыв), выдачу
бумажного дела (возврат на полку). Сама запись остаётся.

Какие поля указать, зависит от записи: papka end НОМЕР#ЗАПИСЬ --help. Дата по умолчанию —
сегодня. Обучающийся, который вернулся, получает новое зачисление в том же деле:
papka add НОМЕР enrolment
"""


class _End(FormCommand):
    def begin(
        self, ctx: click.Context, words: Sequence[str], folder: Path, staff: str | None
    ) -> Filling | None:
        if not words or not folder.is_dir():
            return None
        root = find_root(folder)
        student, _, entry_id = words[0].partition("#")
        if not entry_id:
            raise click.UsageError(f"Нужен номер записи: {student}#e1", ctx)
        ctx.meta[_FOUND] = found = find_entry(Desk(root, student), entry_id)
        today = datetime.now().astimezone().date()
        return end.filling(found, staff=acting_staff(root, staff), today=today)


@click.command("end", cls=_End, options_metavar=KEYS, help=_HELP)
@click.argument("address", metavar="НОМЕР#ЗАПИСЬ")
@writing
@in_archive
@click.pass_context
def command(  # noqa: PLR0913 - click passes each option by name
    ctx: click.Context,
    folder: Path,
    address: str,  # noqa: ARG001 - was read before the options were made
    staff: str | None,
    *,
    save: bool,
    dry_run: bool,
) -> int:
    root = find_root(folder)
    found: Found = ctx.meta[_FOUND]
    filling = filling_of(ctx)
    complete(filling)
    tell_suggested(filling)
    step = end.ended(found, filling)
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK")) if save else None
    now = datetime.now().astimezone()
    hint = ""
    if found.kind == "enrolment":
        hint = f"если вернётся — новое зачисление: papka add {found.desk.student} enrolment"
    written = write(root, step, now=now, saving=actor, dry_run=dry_run)
    return show(written, dry_run=dry_run, hint=hint)
