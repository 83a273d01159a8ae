"""papka fix ID[#ENTRY] FIELD=VALUE…: a correction with its reason.

papka end ID#ENTRY: leaving, revocation of a consent, return of the paper file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from papka.cli.field_options import FormCommand, complete, filling_of, show, tell_suggested, writing
from papka.cli.options import DAY, KEYS, in_archive
from papka.desk import entries
from papka.desk.filling import Filling
from papka.desk.open_records import Desk, Found, find_entry
from papka.desk.writing import write
from papka.records.fields import BadAnswer
from papka.repository.signing import acting_staff, find_actor
from papka.repository.worktree import find_root

_HELP = """Исправить запись или карточку.

Результат исправляет новая запись с причиной: прежняя остаётся читаемой, но не считается. В
остальных записях и в карточке поле меняется на месте, прежнее значение хранит история; причину
там не записывают. Номера записей и сведения о файле скана не меняют.

Поле внутри поля пишут через точку (name.surname или просто surname), запись внутри списка — её
порядковым номером (items.1.mark). Список слов пишут целиком, повторяя поле. При смене имени, а не
описке, ключ --until называет последний день прежнего: оно уйдёт в former_names.

Примеры: papka fix 2026-0007#r12 mark=4 --reason "Описка, ведомость от 14.09.2026";
papka fix 2026-0007 surname=Лунная --until 2026-03-01
"""


@click.command("fix", options_metavar=KEYS, help=_HELP)
@click.argument("address", metavar="НОМЕР[#ЗАПИСЬ]")
@click.argument("pairs", metavar="ПОЛЕ=ЗНАЧЕНИЕ...", nargs=-1, required=True)
@click.option("--reason", metavar="ТЕКСТ", help="Почему прежний результат неверен.")
@click.option("--until", type=DAY, metavar="ДАТА", help="Последний день прежнего имени.")
@writing
@in_archive
def command(  # noqa: PLR0913 - click passes each option by name
    folder: Path,
    address: str,
    pairs: tuple[str, ...],
    reason: str | None,
    until: datetime | None,
    staff: str | None,
    *,
    save: bool,
    dry_run: bool,
) -> int:
    root = find_root(folder)
    student, _, entry_id = address.partition("#")
    found = find_entry(Desk(root, student), entry_id)
    try:
        wanted = entries.changes(found, pairs)
    except BadAnswer as bad:
        raise click.UsageError(str(bad)) from None
    reason = _reason(found, reason)
    step = entries.fixed(found, wanted, reason=reason, until=until.date() if until else None)
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK")) if save else None
    now = datetime.now().astimezone()
    written = write(root, step, now=now, saving=actor, dry_run=dry_run)
    code = show(written, dry_run=dry_run)
    if written.done and not until and any(path[0] == "name" for path, _ in wanted):
        click.echo("Прежнее имя не записано. Если имя сменилось, повторите с ключом --until.")
    return code


def _reason(found: Found, reason: str | None) -> str | None:
    if not entries.is_corrected(found.form):
        if reason:
            raise click.UsageError(
                "Причину записывают только у результатов; здесь прежнее значение хранит история. "
                "Уберите --reason"
            )
        return None
    if reason:
        return reason
    if not sys.stdin.isatty():
        raise click.UsageError("Не указано: --reason (почему прежний результат неверен)")
    question = "Почему прежний результат неверен и чем это подтверждается"
    answer: str = click.prompt(question, prompt_suffix="\n> ")
    return answer


_FOUND = "papka.found"
_END_HELP = """Закончить то, что действовало до некоторого дня: зачисление, согласие (отзыв), выдачу
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
        return entries.fill_end(found, staff=acting_staff(root, staff), today=today)


@click.command("end", cls=_End, options_metavar=KEYS, help=_END_HELP)
@click.argument("address", metavar="НОМЕР#ЗАПИСЬ")
@writing
@in_archive
@click.pass_context
def end_command(  # noqa: PLR0913 - click passes each option by name
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
    step = entries.ended(found, filling)
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK")) if save else None
    now = datetime.now().astimezone()
    hint = ""
    if found.kind == "enrolment":
        hint = f"если вернётся — новое зачисление: papka add {found.desk.student} enrolment"
    written = write(root, step, now=now, saving=actor, dry_run=dry_run)
    return show(written, dry_run=dry_run, hint=hint)
