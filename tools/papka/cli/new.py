"""papka new KIND: a personal file, programme, order, event or platform."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from papka.cli.field_options import FormCommand, complete, filling_of, show, tell_suggested, writing
from papka.cli.mirror import access
from papka.cli.options import KEYS, in_archive
from papka.core.errors import PapkaError
from papka.core.phrases import may_be
from papka.desk import new_records
from papka.desk import writing as desk_writing
from papka.desk.filling import Filling
from papka.desk.numbers import Reserved
from papka.desk.open_records import Desk
from papka.desk.writing import Written, write
from papka.repository import worktree
from papka.repository.signing import Actor, acting_staff, find_actor

_HELP = f"""Завести новое: {", ".join(new_records.KINDS)} — дело обучающегося, программу, приказ,
мероприятие, платформу.

Поля заданы схемами архива: papka new ВИД --help. Чего не хватает, спросит терминал; в сценарии
не хватающее названо в ошибке. Поле внутри поля пишут через точку, поля списка повторяют:
--items.text «…» --items.students 2026-0007#e1 --items.text «…»

Номер даётся следующий в своём году. Номер дела занимают на основном зеркале, если оно есть,
поэтому дело сохраняется сразу; без связи останется черновик.
"""
_HINTS = {
    "student": "внесите документы и зачисление: papka add {name} document; "
    "papka add {name} enrolment",
}


class _New(FormCommand):
    def begin(
        self, ctx: click.Context, words: Sequence[str], folder: Path, staff: str | None
    ) -> Filling | None:
        if not words or not folder.is_dir():
            return None
        if words[0] not in new_records.KINDS:
            hint = may_be(words[0], new_records.KINDS)
            raise click.UsageError(f"«{words[0]}» так не завести.{hint}", ctx)
        root = worktree.find_root(folder)
        today = datetime.now().astimezone().date()
        return new_records.filling(
            Desk(root), words[0], staff=acting_staff(root, staff), today=today
        )


@click.command("new", cls=_New, options_metavar=KEYS, help=_HELP)
@click.argument("kind", metavar="ВИД")
@writing
@in_archive
@click.pass_context
def command(  # noqa: PLR0913 - click passes each option by name
    ctx: click.Context,
    folder: Path,
    kind: str,
    staff: str | None,
    *,
    save: bool,
    dry_run: bool,
) -> int:
    root = worktree.find_root(folder)
    filling = filling_of(ctx)
    complete(filling)
    tell_suggested(filling)
    now = datetime.now().astimezone()
    primary = kind == "student" and not dry_run and new_records.has_primary(filling)
    actor = None
    if save or primary:
        actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK"))
    if primary and actor is not None:
        return _reserve(filling, actor, now)
    number = new_records.next_student(filling.desk, now.year) if kind == "student" else ""
    step = new_records.made(filling, kind, number)
    written = write(root, step, now=now, saving=actor, dry_run=dry_run)
    code = show(written, dry_run=dry_run, hint=_hint(kind, written.step.names[0]))
    desk_writing.answered(root, step.request)
    return code


def _reserve(filling: Filling, actor: Actor, now: datetime) -> int:
    """A personal file's number is taken on the primary, so it is saved and sent at once."""
    reserved, written = new_records.reserved(filling, actor, now=now, access=access())
    code = _told(reserved, written)
    desk_writing.answered(filling.desk.root, new_records.request("student", filling))
    return code


def _told(reserved: Reserved, written: Written | None) -> int:
    if written is not None:
        return show(written, dry_run=False, hint=_hint("student", written.step.names[0]))
    if reserved.draft is not None:
        click.echo(f"Номера пока нет: {reserved.reason}")
        click.echo(f"Дело отложено как черновик {reserved.draft}; номер оно получит при обмене.")
        click.echo("Что дальше: когда связь будет, papka sync")
        return 0
    click.echo("Номер не занят: обмен с основным зеркалом остановлен. " + reserved.reason)
    click.echo("Что дальше: papka sync")
    return PapkaError.exit_code


def _hint(kind: str, name: str) -> str:
    return _HINTS.get(kind, "").format(name=name)
