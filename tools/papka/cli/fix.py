"""papka fix ID[#ENTRY] FIELD=VALUE…: correct an entry or a card, a result with its reason.

papka end ID#ENTRY: end what was in force: an enrolment, a consent, a loan of the paper file.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime

import click

from papka.cli.context import Context, in_archive
from papka.cli.field_options import (
    FormCommand,
    complete,
    filling_of,
    show_written,
    write_step,
    writing,
)
from papka.cli.options import DAY, KEYS
from papka.desk import entries
from papka.desk.filling import Filling
from papka.desk.open_records import Desk, FoundEntry, find_entry
from papka.records.fields import BadAnswer

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
    here: Context,
    address: str,
    pairs: tuple[str, ...],
    reason: str | None,
    until: datetime | None,
    *,
    save: bool,
    dry_run: bool,
) -> int:
    student, _, entry_id = address.partition("#")
    found = find_entry(Desk(here.root, student), entry_id)
    try:
        wanted = entries.parse_changes(found, pairs)
    except BadAnswer as bad:
        raise click.UsageError(str(bad)) from None
    reason = _settle_reason(found, reason)
    step = entries.fix_entry(found, wanted, reason=reason, until=until.date() if until else None)
    written = write_step(here, step, save=save, dry_run=dry_run)
    code = show_written(written, dry_run=dry_run)
    if written.done and not until and any(path[0] == "name" for path, _ in wanted):
        click.echo("Прежнее имя не записано. Если имя сменилось, повторите с ключом --until.")
    return code


def _settle_reason(found: FoundEntry, reason: str | None) -> str | None:
    """Return the reason, asked for where it is due; raise UsageError where none is kept."""
    if not entries.needs_correction_entry(found.form):
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
    def begin(self, ctx: click.Context, words: Sequence[str], here: Context) -> Filling | None:
        root = here.root
        student, _, entry_id = words[0].partition("#")
        if not entry_id:
            raise click.UsageError(f"Нужен номер записи: {student}#e1", ctx)
        ctx.meta[_FOUND] = found = find_entry(Desk(root, student), entry_id)
        return entries.fill_end(found, staff=here.acting_staff, today=here.now.date())


@click.command("end", cls=_End, options_metavar=KEYS, help=_END_HELP)
@click.argument("address", metavar="НОМЕР#ЗАПИСЬ")
@writing
@in_archive
@click.pass_context
def end_command(
    ctx: click.Context,
    here: Context,
    address: str,  # noqa: ARG001 - was read before the options were made
    *,
    save: bool,
    dry_run: bool,
) -> int:
    found: FoundEntry = ctx.meta[_FOUND]
    filling = filling_of(ctx)
    complete(filling)
    written = write_step(here, entries.end_entry(found, filling), save=save, dry_run=dry_run)
    hint = ""
    if found.kind == "enrolment":
        hint = f"если вернётся — новое зачисление: papka add {found.desk.student} enrolment"
    return show_written(written, dry_run=dry_run, hint=hint)
