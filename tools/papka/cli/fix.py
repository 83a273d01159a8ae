"""papka fix ID[#ENTRY] FIELD=VALUE…: correct an entry or a card, a result with its reason.

papka fix ID#ENTRY --void --reason: mark an entry that was made by mistake.

papka end ID#ENTRY: end what was in force: an enrolment, a consent, a loan of the paper file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import click

from papka.cli.context import Context, in_archive
from papka.cli.field_options import (
    FormCommand,
    filling_of,
    show_written,
    write_step,
    writing,
)
from papka.cli.many import Many, act_on_many, many_options
from papka.cli.options import ADDRESS, DAY, KEYS, ask_yes
from papka.cli.questions import complete, finish
from papka.cli.russian_names import DOOR, BilingualCommand, split_option
from papka.core.places import is_student_id, read_address
from papka.desk import entries
from papka.desk.filling import Filling
from papka.desk.open_records import Desk, FoundEntry, find_entry, find_record
from papka.desk.second_card import ReEntry, plan_re_entry, re_enter
from papka.records.derived.approvals import settled_periods
from papka.records.fields import BadAnswer

_HELP = """Исправить запись, карточку, приказ (2026/0018), мероприятие (2026/02), программу (код).

Результат исправляет новая запись с причиной: прежняя остаётся читаемой, но не считается. В
остальном поле меняется на месте, прежнее значение хранит история; причину там не записывают. Срок
пересдачи назначают без причины: отметка была верна. Номера записей и сведения о файле скана не
меняют.

Поле внутри поля пишут через точку (name.surname или просто surname), запись внутри списка — её
порядковым номером (items.1.mark). Список слов пишут целиком, повторяя поле. При смене имени, а не
описке, ключ --until называет последний день прежнего: оно уйдёт в former_names.

Запись, которой не должно было быть (не тот человек, внесена дважды), отмечают --void с причиной:
она нигде больше не считается и не печатается, но остаётся в деле.

Примеры: papka fix 2026-0007#r12 mark=4 --reason "Описка, ведомость от 14.09.2026";
papka fix 2026-0007 surname=Лунная --until 2026-03-01;
papka fix 2026/0018 heading="О зачислении"; papka fix 2026-0007#r5 resit_by=30.09.2026;
papka fix 2026-0007#r12 --void --reason "Отметка другого ученика"
"""


class _Fix(BilingualCommand):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        left = super().parse_args(ctx, args)
        given = ctx.params
        if not ctx.resilient_parsing and given["void"] == bool(given["pairs"]):
            raise click.UsageError(
                "С ключом --void полей не пишут: запись отмечают целиком"
                if given["void"]
                else "Скажите, что исправить: ПОЛЕ=ЗНАЧЕНИЕ; запись внесена ошибочно — --void",
                ctx,
            )
        return left


@click.command("fix", cls=_Fix, options_metavar=KEYS, help=_HELP)
@click.argument("address", metavar="НОМЕР[#ЗАПИСЬ]|ПРИКАЗ|ПРОГРАММА", type=ADDRESS)
@click.argument("pairs", metavar="[ПОЛЕ=ЗНАЧЕНИЕ...]", nargs=-1)
@click.option("--reason", metavar="ТЕКСТ", help="Почему прежнее неверно.")
@click.option("--until", type=DAY, metavar="ДАТА", help="Последний день прежнего имени.")
@click.option(
    "--move",
    is_flag=True,
    help="С duplicate_of: внести записи этого дела в то, которое ведётся, не спрашивая.",
)
@click.option("--void", is_flag=True, help="Отметить: запись внесена ошибочно.")
@writing
@in_archive
def command(  # noqa: PLR0913 - click passes each option by name
    here: Context,
    address: str,
    pairs: tuple[str, ...],
    reason: str | None,
    until: datetime | None,
    *,
    move: bool,
    void: bool,
    save: bool,
    dry_run: bool,
) -> int:
    if void and until:
        raise click.UsageError("С ключом --void ключа --until не пишут: запись отмечают целиком")
    student, _, entry_id = address.partition("#")
    record = None if is_student_id(student) else find_record(Desk(here.root), address)
    found = record or find_entry(Desk(here.root, student), entry_id)
    if void:
        reason = reason or _ask_reason(_WHY_VOID)
        step = entries.void_entry(found, reason, today=here.now.date())
        return show_written(write_step(here, step, save=save, dry_run=dry_run), dry_run=dry_run)
    try:
        wanted = entries.parse_changes(found, pairs)
    except BadAnswer as bad:
        raise click.UsageError(str(bad)) from None
    if _TWICE in dict(wanted) and not found.entry_id:
        return _give_up(here, found, wanted, move=move, save=save, dry_run=dry_run)
    if move:
        raise click.UsageError("Ключ --move — для дела, заведённого повторно: duplicate_of=НОМЕР")
    if not entries.sets_resit_date(wanted):
        reason = _settle_reason(found, reason)
    reason = reason or entries.RESIT_REASON
    step = entries.fix_entry(found, wanted, reason=reason, until=until.date() if until else None)
    written = write_step(here, step, save=save, dry_run=dry_run)
    code = show_written(written, dry_run=dry_run)
    if written.done and not until and entries.changes_name(found, wanted):
        click.echo("Прежнее имя не записано. Если имя сменилось, повторите с ключом --until.")
    if written.done and found.kind == "enrolment" and ("group",) in {path for path, _ in wanted}:
        click.echo(
            "Группа исправлена за всё время обучения. Если это перевод, верните прежнюю "
            f"(papka undo) и внесите его с днём: papka add {found.desk.student} transfer"
        )
    return code


_TWICE = ("duplicate_of",)


def _give_up(  # noqa: PLR0913 - one parameter an option
    here: Context,
    card: FoundEntry,
    wanted: list[entries.FieldChange],
    *,
    move: bool,
    save: bool,
    dry_run: bool,
) -> int:
    """Mark a card made twice, and enter what stands in its file anew in the one that is kept."""
    if len(wanted) > 1:
        raise click.UsageError("Дело, заведённое повторно, отмечают отдельно от других исправлений")
    student, kept = card.desk.student, str(wanted[0][1])
    desk = Desk(here.root, student, among=[kept] if is_student_id(kept) else [])
    step = entries.fix_entry(card, wanted, reason=None, until=None)
    # What the head approved is not moved: that is told to who asked for it.
    if move or not settled_periods(desk.archive, desk.person):
        plan = plan_re_entry(desk, kept, today=here.now.date())
        if plan.after:
            click.echo("\n".join(_re_entry_lines(plan)))
            if move or (sys.stdin.isatty() and ask_yes("Внести их в то дело?", default=True)):
                step = re_enter(desk, plan)
            else:
                click.echo(f"Внести их позже: papka fix {student} duplicate_of={kept} --move")
    return show_written(write_step(here, step, save=save, dry_run=dry_run), dry_run=dry_run)


def _re_entry_lines(plan: ReEntry) -> Iterator[str]:
    yield f"Записи дела {plan.given_up} можно внести в {plan.kept}; здесь они станут ошибочными:"
    yield from (f"  {old} → {plan.kept}#{new}" for old, new in plan.entered)
    yield from (f"  {old} — там уже есть: {plan.kept}#{same}" for old, same in plan.known)
    if plan.uprooted:
        cells = ", ".join(plan.uprooted)
        yield f"  без ячейки выгрузки, она остаётся в деле {plan.given_up}: {cells}"


def _settle_reason(found: FoundEntry, reason: str | None) -> str | None:
    """Return the reason, asked for where it is due; raise UsageError where none is kept."""
    if not entries.needs_correction_entry(found.form):
        if reason:
            raise click.UsageError(
                "Причину записывают только у результатов; здесь прежнее значение хранит история. "
                "Уберите --reason"
            )
        return None
    return reason or _ask_reason(_WHY_WRONG)


_WHY_WRONG = "почему прежний результат неверен"
_WHY_VOID = "почему записи не должно быть"


def _ask_reason(why: str) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError(f"Не указано: --reason ({why})")
    question = f"{why.capitalize()} и чем это подтверждается"
    answer: str = click.prompt(question, prompt_suffix="\n> ")
    return answer


_FOUND = "papka.found"
_END_HELP = """Закончить то, что действовало до некоторого дня: зачисление, согласие (отзыв), выдачу
бумажного дела (возврат на полку). Сама запись остаётся.

Какие поля указать, зависит от записи: papka end НОМЕР#ЗАПИСЬ --help. Дата по умолчанию —
сегодня. Обучение всей группы или списка людей заканчивают сразу с приказом, который называет всех:
papka end --group Г-26-1 --date 25.12.2026 --reason "завершение". Обучающийся, который вернулся,
получает новое зачисление в том же деле:
papka add НОМЕР enrolment
"""


class _End(FormCommand):
    def may_begin(self, words: Sequence[str], args: Sequence[str]) -> bool:
        return bool(words) or any(split_option(arg, ("--group", "--list")) for arg in args)

    def besides(self, ctx: click.Context) -> list[click.Parameter]:
        return [] if _FOUND in ctx.meta else many_options()

    def begin(self, ctx: click.Context, words: Sequence[str], here: Context) -> Filling | None:
        root = here.root
        if not words:
            return entries.fill_end_of_study(
                Desk(root), staff=here.acting_staff, today=here.now.date()
            )
        student, _, entry_id = read_address(words[0]).partition("#")
        if not entry_id:
            raise click.UsageError(f"Нужен номер записи: {student}#e1", ctx)
        ctx.meta[_FOUND] = found = find_entry(Desk(root, student), entry_id)
        wanted = ctx.meta.get(DOOR)
        if wanted and found.kind != wanted:
            title = Desk(root, student).kinds()[wanted].form.title
            raise click.UsageError(
                f"Запись {found.address} — «{found.form.title}», а здесь нужна запись «{title}». "
                f"Любую запись прекращает papka end {found.address}",
                ctx,
            )
        return entries.fill_end(found, staff=here.acting_staff, today=here.now.date())


@click.command("end", cls=_End, options_metavar=KEYS, help=_END_HELP)
@click.argument("address", metavar="НОМЕР#ЗАПИСЬ", type=ADDRESS, required=False)
@writing
@in_archive
@click.pass_context
def end_command(
    ctx: click.Context,
    /,
    here: Context,
    address: str | None,
    *,
    save: bool,
    dry_run: bool,
    **many: Any,  # noqa: ANN401 - the options of many
) -> int:
    if address is None and not many:
        raise click.UsageError(
            "Скажите, что закончилось: papka end НОМЕР#ЗАПИСЬ; всей группы — "
            "papka end --group ГРУППА."
        )
    filling = filling_of(ctx)
    if address is None:
        return act_on_many(
            here, filling, Many(**many), lambda act: act.end(filling),
            said="papka end", dry_run=dry_run,
        )  # fmt: skip
    found: FoundEntry = ctx.meta[_FOUND]
    complete(filling)
    written = write_step(here, entries.end_entry(found, filling), save=save, dry_run=dry_run)
    hint = ""
    if found.kind == "enrolment":
        hint = f"если вернётся — новое зачисление: papka add {found.desk.student} enrolment"
    code = show_written(written, dry_run=dry_run, hint=hint)
    return finish(filling, code, dry_run=dry_run)
