"""papka new KIND: begin a personal file, programme, order, event or platform."""

from __future__ import annotations

from collections.abc import Sequence

import click

from papka.cli.context import Context, in_archive, mirror_access
from papka.cli.field_options import FormCommand, filling_of, show_written, writing
from papka.cli.options import KEYS, agree
from papka.cli.progress import watcher
from papka.cli.questions import complete, finish
from papka.cli.russian_names import name_in_english
from papka.core.errors import PapkaError
from papka.core.phrases import suggest
from papka.desk import command_end as desk_writing
from papka.desk import new_records
from papka.desk.command_end import Written, write
from papka.desk.filling import Filling
from papka.desk.numbers import Reserved
from papka.desk.open_records import Desk

_KINDS = "; ".join(f"{kind}, {word}" for kind, word in new_records.KINDS.items())
_HELP = f"""Завести новое. Виды: {_KINDS}.

Поля заданы схемами архива: papka new ВИД --help. Чего не хватает, спросит терминал; в сценарии
не хватающее названо в ошибке. Поле внутри поля пишут через точку, поля списка повторяют:
--items.text «…» --items.students 2026-0007#e1 --items.text «…»

Номер даётся следующий в своём году. Номер дела занимают на основном зеркале, если оно есть,
поэтому дело сохраняется сразу; без связи останется черновик.
"""


class _New(FormCommand):
    def begin(self, ctx: click.Context, words: Sequence[str], here: Context) -> Filling | None:
        kind = name_in_english(words[0], new_records.KINDS)
        if kind not in new_records.KINDS:
            hint = suggest(words[0], [*new_records.KINDS, *new_records.KINDS.values()])
            raise click.UsageError(f"«{words[0]}» так не завести.{hint}", ctx)
        return new_records.begin_record(
            Desk(here.root), kind, staff=here.acting_staff, today=here.now.date()
        )


@click.command("new", cls=_New, options_metavar=KEYS, help=_HELP)
@click.argument(
    "kind",
    metavar="ВИД",
    shell_complete=lambda _ctx, _param, typed: [
        word for names in new_records.KINDS.items() for word in names if word.startswith(typed)
    ],
)
@writing
@in_archive
@click.pass_context
def command(ctx: click.Context, here: Context, kind: str, *, save: bool, dry_run: bool) -> int:
    filling, kind = filling_of(ctx), name_in_english(kind, new_records.KINDS)
    complete(filling)
    if kind == "student":
        _tell_alike(filling, here.now.year)
    if kind == "student" and not dry_run and new_records.has_primary(filling):
        # the number is taken on the primary mirror, so the file is saved and sent at once
        reserved, written = new_records.save_student(
            filling, here.actor, now=here.now, access=mirror_access(watcher())
        )
        code = _show_reserved(reserved, written)
        desk_writing.answered(filling.desk.root, new_records.request("student", filling))
        return finish(filling, code, dry_run=dry_run)
    actor = here.actor if save else None  # settles first what a killed command left
    number = new_records.next_student(filling.desk, here.now.year) if kind == "student" else ""
    step = new_records.build_record(filling, kind, number)
    written = write(here.root, step, now=here.now, saving=actor, dry_run=dry_run)
    code = show_written(written, dry_run=dry_run, hint=_hint(kind, written.step.names[0]))
    desk_writing.answered(here.root, step.request)
    return finish(filling, code, dry_run=dry_run)


def _tell_alike(filling: Filling, year: int) -> None:
    """Tell of files that seem to be of the same person, before there is one more.

    Ends the command when a person at a terminal does not want it.
    """
    alike = new_records.find_alike(filling)
    if not alike:
        return
    number = new_records.next_student(filling.desk, year)
    click.echo(
        f"Похоже, дело этого человека уже есть: {', '.join(alike)} (новое было бы {number}). "
        f"Имя и дата рождения те же или почти те же. Посмотреть: papka show {alike[0]}"
    )
    agree("Это другой человек, завести новое дело?", yes=False)


def _show_reserved(reserved: Reserved, written: Written | None) -> int:
    if written is not None:
        return show_written(written, dry_run=False, hint=_hint("student", written.step.names[0]))
    if reserved.draft is not None:
        click.echo(f"Номера пока нет: {reserved.reason}")
        click.echo(f"Дело отложено как черновик {reserved.draft}; номер оно получит при обмене.")
        click.echo("Что дальше: когда связь будет, papka sync")
        return 0
    click.echo("Номер не занят: обмен с основным зеркалом остановлен. " + reserved.reason)
    click.echo("Что дальше: papka sync")
    return PapkaError.exit_code


def _hint(kind: str, name: str) -> str:
    if kind != "student":
        return ""
    return f"внесите документы и зачисление: papka add {name} document; papka add {name} enrolment"
