"""papka take FILE…: exports of a platform, filled-in sheets, another archive's package taken in."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from papka.cli.asking import agreed
from papka.cli.mirror import access
from papka.cli.options import DAY, KEYS, acting, as_text_or_json, in_archive
from papka.cli.report import exit_code, render
from papka.cli.taken import show
from papka.core.codes.takings import EXPORT_ROW_AMBIGUOUS
from papka.core.findings import Severity
from papka.core.suggestion import may_be
from papka.gates.plain_file import read_plain
from papka.gates.worktree import find_root
from papka.intake.answers import read_answers
from papka.intake.matching import NEW, SKIP, Open
from papka.tasks.actor import acting_staff, find_actor
from papka.tasks.take.exports import STAGES, Taken, look, take
from papka.tasks.take.plan import CARDS, Wish


@click.command(
    "take",
    options_metavar=KEYS,
    help=(
        "Принять выгрузки платформы или заполненные ведомости: исходные строки сохраняются байт в "
        "байт, отметки становятся записями, всё — одной подписанной записью истории. Если хоть "
        "что-то не так, не пишется ничего. Повторный приём ничего не меняет. Пакет личного дела из "
        "другого архива (ZIP) показывается как предложение зачесть: --enrolment, --fingerprint."
    ),
)
@click.argument(
    "files",
    metavar="ФАЙЛ...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--period", metavar="ПЕРИОД", default="", help="За какой период: 2026-2.")
@click.option(
    "--platform", metavar="ПЛАТФОРМА", default="", help="С какой платформы; у ведомости не нужен."
)
@click.option(
    "--export", metavar="ОПИСАНИЕ", default="",
    help="Которое из описаний выгрузки в records/platforms; обычно узнаётся само.",
)  # fmt: skip
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ФАЙЛ",
    help="Ответы, чьи это строки: «ключ строки: номер дела», «пропустить» или «новое дело».",
)
@click.option("--learn", is_flag=True, help="Вписать узнанные ключи платформы в карточки.")
@click.option("--date", "day", type=DAY, metavar="ДАТА",
              help="День результатов, у которых в выгрузке нет своего; по умолчанию сегодня, но не "
                   "позже конца периода.")  # fmt: skip
@click.option("--encoding", metavar="КОДИРОВКА", help="Кодировка, если она не узналась сама.")
@click.option("--delimiter", metavar="ЗНАК", help="Разделитель столбцов, если он не узнался сам.")
@click.option(
    "--accept-unmatched", "accepted", metavar="ПРИЧИНА", default="",
    help="Принять и с несопоставленными строками. Причина — без имён.",
)  # fmt: skip
@click.option("--enrolment", metavar="НОМЕР#e1", help="Пакет другого архива: для какого обучения.")
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ФАЙЛ",
    help="Пакет: список ключей той организации (allowed_signers).",
)
@click.option("--fingerprint", metavar="ОТПЕЧАТОК", help="Пакет: ключ, который она назвала.")
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что изменилось бы.")
@acting
@as_text_or_json
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    files: tuple[Path, ...],
    period: str,
    platform: str,
    export: str,
    answers: Path | None,
    day: datetime | None,
    encoding: str | None,
    delimiter: str | None,
    accepted: str,
    enrolment: str | None,
    trust: Path | None,
    fingerprint: str | None,
    staff: str | None,
    style: str,
    *,
    learn: bool,
    dry_run: bool,
) -> int:
    root = find_root(folder)
    if any(file.suffix.casefold() == ".zip" for file in files):
        if len(files) > 1:
            raise click.UsageError("Пакет другого архива принимают отдельно, по одному.")
        from papka.cli.take_package import take_package  # noqa: PLC0415 - only for packages

        return take_package(
            root, files[0],
            enrolment=enrolment, answers=answers, trust=trust, fingerprint=fingerprint,
            staff=staff, dry_run=dry_run,
        )  # fmt: skip
    if not period:
        raise click.UsageError("Назовите период: --period 2026-2.")
    now = datetime.now().astimezone()
    read = read_answers(read_plain(answers, follow=True), answers.name) if answers else None
    if read is not None and read.findings:
        click.echo(render(style, read.findings, {}, lambda _: None), nl=False)
        return exit_code(read.findings, "error")
    wish = Wish(
        files=tuple((file.name, read_plain(file, follow=True)) for file in files),
        period=period,
        platform=platform,
        staff=acting_staff(root, staff),
        today=now.date(),
        export=export,
        answers=read.given if read else {},
        learn=learn,
        encoding=encoding,
        delimiter=delimiter,
        accepted=accepted.strip(),
        date=day.date() if day else None,
    )
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK"))
    if style == "text" and sys.stdin.isatty():
        wish = _asked(root, wish)
    with _progress(style) as told:
        taken = take(root, actor, wish, now=now, dry_run=dry_run, access=access(), progress=told)
    return show(taken, style, dry_run=dry_run)


class _progress:  # noqa: N801 - used as a function
    """One bar over the stages of a take; nothing where nobody watches."""

    def __init__(self, style: str) -> None:
        self._shown = style == "text" and sys.stderr.isatty()

    def __enter__(self) -> Callable[[str], None]:
        if not self._shown:
            return lambda _: None
        self._bar = click.progressbar(
            length=len(STAGES), file=sys.stderr, item_show_func=lambda stage: stage or ""
        )
        self._bar.__enter__()
        return lambda stage: self._bar.update(1, stage)

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._bar.__exit__(None, None, None)


def _asked(root: Path, wish: Wish) -> Wish:
    """Asks about every row that only a person can settle, and about keys learnt."""
    found = look(root, wish)
    grave = {each.code.name for each in found.findings if each.severity >= Severity.ERROR}
    if grave - {EXPORT_ROW_AMBIGUOUS.name}:
        return wish  # what is wrong with the file comes first
    given = dict(wish.answers)
    for file in found.files:
        is_list = file.layout is not None and file.layout.target == CARDS
        for row in file.matched.ambiguous:
            if row.word not in given:
                given[row.word] = _ask(found, row, is_list=is_list)
    wish = replace(wish, answers=given)
    keys = sum(len(keys) for file in found.files for keys in file.matched.learnt.values())
    if keys and not wish.learn:
        learn = agreed(f"Узнано ключей платформы: {keys}. Вписать их в карточки?")
        wish = replace(wish, learn=learn)
    return wish


def _ask(found: Taken, row: Open, *, is_list: bool) -> str:
    people = found.plan.names
    choices = [*row.candidates, *([NEW] if is_list else []), SKIP]
    click.echo(f"\nСтрока {row.rows[0]}, «{row.word}»: {row.reason}. Чья она?")
    for number, choice in enumerate(choices, 1):
        click.echo(f"  {number}. {choice}{_named(people, choice)}")
    numbers = {str(number): choice for number, choice in enumerate(choices, 1)}

    def chosen(text: str) -> str:
        word = numbers.get(text.strip(), text.strip())
        if word not in choices:
            raise click.BadParameter(f"«{text}» здесь нет.{may_be(text, choices)}")
        return word

    answer: str = click.prompt("", prompt_suffix="> ", value_proc=chosen)
    return answer


def _named(people: Mapping[str, str], choice: str) -> str:
    return f" — {people[choice]}" if choice in people else ""
