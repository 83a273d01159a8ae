"""papka fix ID[#ENTRY] FIELD=VALUE…: a correction with its reason."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import click

from papka.cli.options import DAY, KEYS, in_archive
from papka.cli.written import show, writing
from papka.gates.worktree import find_root
from papka.tasks import fix
from papka.tasks.actor import find_actor
from papka.tasks.desk import Desk
from papka.tasks.entries import Found, find_entry
from papka.tasks.write import write
from papka.text.answers import BadAnswer

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
        wanted = fix.changes(found, pairs)
    except BadAnswer as bad:
        raise click.UsageError(str(bad)) from None
    reason = _reason(found, reason)
    step = fix.fixed(found, wanted, reason=reason, until=until.date() if until else None)
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK")) if save else None
    now = datetime.now().astimezone()
    written = write(root, step, now=now, saving=actor, dry_run=dry_run)
    code = show(written, dry_run=dry_run)
    if written.done and not until and any(path[0] == "name" for path, _ in wanted):
        click.echo("Прежнее имя не записано. Если имя сменилось, повторите с ключом --until.")
    return code


def _reason(found: Found, reason: str | None) -> str | None:
    if not fix.is_corrected(found.form):
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
