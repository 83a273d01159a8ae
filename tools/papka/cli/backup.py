"""papka backup: write a copy to a medium, read it back, enter it in the journal, print its act.

Without --to: tell which copies the year has.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from papka.cli.context import Context, in_archive
from papka.cli.options import KEYS, acting
from papka.cli.print_form import write_printed
from papka.cli.progress import watcher
from papka.cli.report import (
    count_commits,
    count_files,
    exit_code,
    show_findings,
    table,
    warning,
)
from papka.cli.russian_names import BilingualCommand
from papka.copies.backup_plan import (
    JOURNAL_NEEDS,
    BackupPlan,
    YearCopies,
    copies_of_year,
    megabytes,
    plan_backup,
)
from papka.copies.backup_run import (
    BackupMade,
    backup,
    drop_note,
    enter_safe_sheet,
    note_asked,
)
from papka.copies.program_wheels import find_wheels
from papka.core.errors import PapkaError
from papka.core.phrases import count_phrase, printable
from papka.desk.edition import require_current
from papka.desk.saving import require_head_commit
from papka.paper.print_saved import print_saved
from papka.proof.memory import memory
from papka.records.derived.in_force import MEDIA_NEEDED, end_of, group_by_medium
from papka.records.wording import NONE, day
from papka.repository.files import paper_folder

_SHOWN = 5


def _plan_lines(plan: BackupPlan, *, dry_run: bool, drop_older: bool) -> Iterator[str]:
    label = plan.label
    begin = "Было бы записано" if dry_run else "Копия"
    yield (
        f"{begin}: {count_commits(plan.commits)}, {count_files(plan.files)}, "
        f"последнее сохранение {plan.head[:12]}"
    )
    name = f"{printable(label.medium)} ({printable(label.kind)})"
    yield f"На носитель: {name}, {printable(str(plan.to))}" + (
        ", метка будет поставлена" if plan.is_new else ""
    )
    yield (
        f"Места нужно до {megabytes(plan.needed)}, свободно {megabytes(plan.volume.free)}; "
        f"журнал: {plan.journal}"
    )
    yield from _program_lines(plan)
    if plan.waiting is not None:
        how = (
            " и внесена в журнал: её перечитают ещё раз"
            if plan.stands
            else ", но в журнале её нет: её перечитают и впишут"
        )
        yield f"Копия {plan.waiting.name} уже записана{how}"
    yield from _older_lines(plan, drop_older=drop_older)
    if plan.twin:
        yield warning(
            f"это тот же диск, что и {printable(plan.twin)}: вторым носителем он не считается"
        )
    if plan.is_own_disk:
        yield warning("папка на том же диске, где сам архив: с диском пропадут оба")
    if plan.volume.encrypted is False:
        yield warning(
            "носитель не зашифрован: кто его найдёт или украдёт, прочтёт все личные дела и сканы. "
            "Как зашифровать — docs/copies.md, «Если носитель украдут»"
        )
    if plan.unsent:
        yield warning(
            f"сохранений, которых ещё нет на основном зеркале: {plan.unsent}. Если обмен их "
            "переподпишет, этот носитель дальше не примет копий. Сначала: papka sync"
        )
    if plan.unsaved:
        yield warning(
            f"не сохранено и потому не копируется: {count_files(plan.unsaved)} (papka save)"
        )


def _program_lines(plan: BackupPlan) -> Iterator[str]:
    """Tell what of the program itself goes to the medium, and what is not at hand."""
    if plan.program.runs_on:
        yield (
            f"Программа для носителя: {count_files(len(plan.program.files))}, "
            f"{megabytes(plan.program.size)} ({plan.program.runs_on})"
        )
    for why in plan.program.missing:
        yield f"Недостаёт для программы на носителе: {printable(why)}"


def _older_lines(plan: BackupPlan, *, drop_older: bool) -> Iterator[str]:
    """Tell which earlier copies lie there and what becomes of them."""
    if plan.older:
        names = ", ".join(each.name for each in plan.older[-_SHOWN:])
        fate = "их уберут, когда новая будет проверена" if drop_older else "они останутся"
        if plan.outdated and not drop_older:
            fate = (
                "те, что сделаны до акта об уничтожении, уберут, когда новая будет проверена: "
                + ", ".join(plan.outdated[-_SHOWN:])
            )
        yield f"Прежние копии на нём: {names}; {fate}"


def _done_lines(plan: BackupPlan, done: BackupMade, *, drop_older: bool) -> Iterator[str]:
    """Tell what was done and what comes next."""
    proof = done.proof
    yield (
        click.style("Копия годна", fg="green")
        + f": {printable(str(done.copy))} ({megabytes(proof.size)}). С носителя перечитано: "
        f"{count_files(proof.files)}, история развёрнута и проверена, "
        f"{count_phrase(proof.objects, 'объект', 'объекта', 'объектов')}"
    )
    if done.dropped:
        yield f"Убраны прежние копии: {', '.join(done.dropped)}"
    elif (drop_older or plan.outdated) and plan.older:
        yield "Прежние копии оставлены: убирают их, только когда в архиве нет замечаний"
    if proof.findings:
        yield warning("копия верна, но в самом архиве есть замечания (papka verify):")
    for finding in proof.findings[:_SHOWN]:
        yield f"  {finding.code.name}: {printable(finding.message)}"
    if done.saved.commit is None:
        yield (
            click.style("В журнал не внесена", fg="red")
            + ": исправьте замечания выше и повторите ту же команду, копию она найдёт"
        )
        return
    yield f"В журнал внесено: {plan.journal}, сохранение {done.saved.commit[:12]}"
    for act in done.purged:
        yield f"В акт об уничтожении № {act} внесено: с {plan.label.medium} уничтоженное убрано"
    for act in done.to_note:
        yield (
            f"По акту об уничтожении № {act} этот носитель чист. Пусть руководитель впишет это: "
            f"records/acts/{act}/purged.yaml (medium: {plan.label.medium}), и papka save"
        )
    yield (
        "Что дальше: подпишите акт, уберите носитель на место, отправьте сохранение в зеркала "
        "(papka sync). Копия считается, когда её восстановили: papka restore --drill"
    )


def _copy_lines(found: YearCopies) -> Iterator[str]:
    """Tell the year's copies and how many media hold it."""
    if found.copies:
        rows = [
            (
                printable(copy.medium),
                printable(copy.kind),
                day(copy.date),
                day(copy.verified) if copy.verified else "нет",
                day(copy.restored) if copy.restored else "нет",
                printable(copy.place or NONE),
            )
            for copy in found.copies
        ]
        columns = ("Носитель", "Вид", "Копия", "Перечитана", "Восстановлена", "Место")
        yield from table(columns, rows)
    else:
        yield f"В журнале за {found.year} год копий нет"
    if len(found.copies) > len(group_by_medium(found.copies)):
        yield f"Разных носителей в журнале: {len(group_by_medium(found.copies))}"
    held = len(found.holding)
    restored = sum(any(copy.restored for copy in group) for group in found.holding)
    end = day(end_of(found.archive, found.year))
    yield (
        f"{found.year} учебный год (по {end}) целиком держат: "
        f"{count_phrase(held, 'носитель', 'носителя', 'носителей')} из {MEDIA_NEEDED}, "
        f"восстанавливали {restored}"
        + (
            ""
            if held >= MEDIA_NEEDED
            else " — копия нужна после конца года и закрытия его периодов"
        )
    )
    yield "Сделать копию: papka backup --to ПАПКА-НА-НОСИТЕЛЕ"


@click.command(
    "backup",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Записать копию архива на носитель (диск, флеш-накопитель, папку), перечитать её с "
        "носителя, внести в журнал и напечатать акт (п. 6.3 Порядка). Без --to — какие копии есть. "
        "--safe-sheet — лист о ключах, пломбах и копиях: подписать и положить в сейф."
    ),
)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="ПАПКА",
    help="Папка на подключённом носителе, всегда одна и та же.",
)
@click.option(
    "--medium", metavar="НОМЕР", help="Номер с наклейки (Н-1); потом его помнит сам носитель."
)
@click.option("--kind", metavar="ВИД", help="Что это: флеш-накопитель, внешний диск…")
@click.option("--place", metavar="МЕСТО", help="Где носитель хранится: сейф, шкаф, другой адрес.")
@click.option(
    "--year", metavar="ГОД", help="Учебный год журнала; по умолчанию тот, которому нужна копия."
)
@click.option(
    "--drop-older",
    is_flag=True,
    help="Убрать с носителя прежние копии, когда новая проверена и записана в журнал.",
)
@click.option(
    "--program",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="ПАПКА",
    help="Где лежат пакеты программы (….whl) для носителя; по умолчанию их собирают из того, что "
    "установлено здесь.",
)
@click.option(
    "--safe-sheet",
    is_flag=True,
    help="Напечатать лист для сейфа и отметить это в журнале; пишут один, без --to.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что было бы сделано.")
@acting
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    here: Context,
    to: Path | None,
    medium: str | None,
    kind: str | None,
    place: str | None,
    year: str | None,
    program: Path | None,
    *,
    safe_sheet: bool,
    drop_older: bool,
    dry_run: bool,
) -> int:
    root, now = here.root, here.now
    if safe_sheet:
        if any((to, medium, kind, place, year, program, drop_older, dry_run)):
            raise click.UsageError("--safe-sheet пишут один: papka backup --safe-sheet")
        return _print_for_safe(here)
    if to is None:
        if any((medium, kind, place, program, drop_older, dry_run)):
            raise click.UsageError("Скажите, куда: papka backup --to ПАПКА-НА-НОСИТЕЛЕ")
        click.echo("\n".join(_copy_lines(copies_of_year(root, now=now, year=year))))
        return 0
    actor = None if dry_run else here.actor
    planned = plan_backup(
        root, to.resolve(), now=now, medium=medium, kind=kind, place=place, year=year,
        program=find_wheels(program),
    )  # fmt: skip
    click.echo("\n".join(_plan_lines(planned, dry_run=dry_run, drop_older=drop_older)))
    if actor is None:
        return 0
    note_asked(root, planned)
    done = backup(
        root, actor, planned, now=now, drop_older=drop_older, watch=watcher(), judged=memory()
    )
    show_findings(done.saved.findings, done.saved.source)
    click.echo("\n".join(_done_lines(planned, done, drop_older=drop_older)))
    if done.saved.commit is None:
        return exit_code(done.saved.findings)
    print_act(root, str(planned.year))
    drop_note(root, planned)
    return 1 if done.proof.findings else 0


def _print_for_safe(here: Context) -> int:
    """Print the sheet for the safe, then note in the journal from which commit; return the exit
    code."""
    root, actor, head = here.root, here.actor, require_head_commit(here.root)
    require_current(root, head, "Напечатать лист для сейфа", *JOURNAL_NEEDS)
    printed = print_saved(root, "safe-sheet", "", rev=head)
    for line in write_printed(printed, paper_folder(root)):
        click.echo(line)
    saved = enter_safe_sheet(root, actor, head, now=here.now)
    show_findings(saved.findings, saved.source)
    if saved.commit is None:
        click.echo("В журнал не внесено: исправьте замечания выше и повторите ту же команду")
        return exit_code(saved.findings)
    click.echo(f"В журнал внесено, сохранение {saved.commit[:12]}")
    click.echo(
        "Что дальше: допишите от руки, чего программа не знает, подпишите и положите в сейф, "
        "прежний лист подшейте; отправьте сохранение: papka sync"
    )
    return 0


def print_act(root: Path, year: str) -> None:
    """Print the act of a school year; when it cannot be printed, the copy is good all the same."""
    try:
        done = print_saved(root, "backup-act", year)
    except PapkaError as error:
        click.echo(f"Акт не напечатан: {error.message}. Потом: papka print backup-act {year}")
        return
    for line in write_printed(done, paper_folder(root)):
        click.echo(f"Акт. {line}")
