"""papka period status|close|seal: tell how a study period stands, close it, seal the archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from papka.cli.context import Context, in_archive
from papka.cli.options import ADDRESS, DAY, KEYS, acting, as_text_or_json, require_yes, yes_option
from papka.cli.report import (
    as_json,
    exit_code,
    first_rows,
    place,
    shortened,
    show_findings,
    table,
)
from papka.cli.russian_names import BilingualGroup
from papka.core.findings import Finding
from papka.core.phrases import count_phrase, grouped
from papka.desk.act_writing import ShownEntry
from papka.desk.approving import MissingOf, PlannedAct, WhatToApprove, approve, plan_act
from papka.desk.saving import require_head_commit
from papka.desk.sealing import (
    changed_evidence,
    is_unsealed_closing,
    make_seal,
    period_sealed_by_head,
    seal_period,
)
from papka.desk.study_period import (
    Closing,
    Lack,
    PeriodState,
    close,
    period_states,
    plan_close,
    tabulate_missing,
    tabulate_periods,
    word_next_of_period,
    word_period,
)
from papka.repository.signing import SigningActor

_SHOWN = 50
_NAMED = 20


def _closing_lines(closing: Closing) -> list[str]:
    state = closing.state
    lines = _summary_lines(state)
    if closing.closed < state.period.end:
        lines.append(
            click.style("Период ещё не окончен", fg="yellow")
            + f": он длится до {state.period.end:%d.%m.%Y}"
        )
    lines += [f"Принято без этого: {name} — {why}" for name, why in closing.accepted.items()]
    if closing.late:
        head = click.style("Изменено или исправлено после утверждения", bold=True)
        lines += [f"{head}: утвердит этот акт", *_entry_table(closing.late)]
    if closing.is_open:
        lacks = [lack.name for lack in closing.open_lacks]
        example = [*lacks, *closing.open_platforms, *closing.open_rows][0]
        lines += [
            *_missing_lines(closing.open_lacks, closing.open_platforms, closing.open_rows),
            click.style("Закрыть нельзя", fg="red")
            + ": по каждой части нужна отметка или «не аттестован», каждая платформа принята, у "
            + "каждой строки выгрузки есть хозяин.",
            "Что дальше: papka add НОМЕР result, papka take — или примите исключение:",
            f"  papka period close {state.period.period} --accept '{example}=причина'",
        ]
    return lines


def _evidence_lines(found: Sequence[Finding]) -> list[str]:
    """Tell the head before a seal which evidence has changed since the last one."""
    if not found:
        return []
    head = click.style("Что изменилось в доказательствах с прошлой пломбы:", fg="yellow")
    return [head, *shortened([f"  {place(each.where)}: {each.message}" for each in found], _SHOWN)]


def _missing_lines(
    lacks: Sequence[Lack], platforms: Sequence[str], rows: Sequence[str]
) -> list[str]:
    """Tell which parts have no mark, which exports are not taken, which rows are nobody's."""
    found = tabulate_missing(lacks, platforms, rows)
    if found is None:
        return []
    lines = [found.title] if found.title else []
    lines += first_rows(found.columns, found.rows, _SHOWN, indent=2) if found.rows else []
    return [*lines, *found.notes]


def _all_lines(states: Sequence[PeriodState]) -> list[str]:
    if not states:
        return ["Периодов нет: объявите их в records/organization.yaml"]
    found = tabulate_periods(states)
    return table(found.columns, found.rows)


def _one_lines(state: PeriodState) -> list[str]:
    lines = _summary_lines(state)
    if state.approval is None:
        lines += _missing_lines(state.lacks, state.untaken, state.unmatched)
    return [*lines, *word_next_of_period(state)]


def _summary_lines(state: PeriodState) -> list[str]:
    period = state.period
    title = click.style(f"{period.period} — {period.title}", bold=True)
    return [title, *word_period(state)]


def _as_values(state: PeriodState) -> dict[str, object]:
    approval = state.approval
    return {
        "period": state.period.period,
        "start": state.period.start.isoformat(),
        "end": state.period.end.isoformat(),
        "closed": approval.date.isoformat() if approval else None,
        "signed_by": approval.signed_by if approval else None,
        "entries": state.entries,
        "people": state.people,
        "due": state.due,
        "lacks": [
            {"enrolment": lack.address, "part": lack.part, "program": lack.program}
            for lack in state.lacks
        ],
        "debts": list(state.debts),
        "late": list(state.late),
        "acts": list(state.acts),
        "approved": state.approved,
        "imports": [
            {
                "import": each.key,
                "platform": each.manifest.platform,
                "export": each.manifest.export,
                "taken": each.manifest.taken.isoformat(),
                "by": each.manifest.by,
                "unmatched": len(each.waiting),
            }
            for each in state.imports
        ],
        "untaken": list(state.untaken),
        "unmatched": list(state.unmatched),
    }


@click.group(
    "period",
    cls=BilingualGroup,
    options_metavar=KEYS,
    subcommand_metavar="ДЕЙСТВИЕ",
    help="Учебный период: как он стоит, утверждение и закрытие.",
)
def command() -> None:
    """Hold a subcommand for each thing done with a period."""


@command.command(
    "status",
    options_metavar=KEYS,
    help="Чего не хватает, чтобы закрыть период; без периода — все периоды одной таблицей.",
)
@click.argument("period", metavar="[ПЕРИОД]", required=False)
@as_text_or_json
@in_archive
def status(here: Context, period: str | None) -> None:
    states = period_states(here.root, period)
    if here.style == "json":
        rows = [_as_values(state) for state in states]
        click.echo(as_json(rows[0] if period else rows))
    else:
        click.echo("\n".join(_one_lines(states[0]) if period else _all_lines(states)))


@command.command(
    "close",
    options_metavar=KEYS,
    help=(
        "Утвердить результаты периода и закрыть его одним сохранением, подписанным руководителем. "
        "Дальше записи периода только исправляют (papka fix) и пересдают."
    ),
)
@click.argument("period", metavar="ПЕРИОД")
@click.option(
    "--date",
    "closed",
    type=DAY,
    metavar="ДАТА",
    help="День закрытия (год-месяц-день); по умолчанию сегодня.",
)
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    type=ADDRESS,
    metavar="ЧТО=ПРИЧИНА",
    help=(
        "Закрыть без этого: отметки по части (НОМЕР#e1/ЧАСТЬ), хозяина строки выгрузки "
        "(2026-1/1/3, всех строк — 2026-1/1), выгрузки платформы (её код); можно несколько раз. "
        "Причина — без имён."
    ),
)
@yes_option
@acting
@in_archive
def close_period(
    here: Context, period: str, closed: datetime | None, accepted: tuple[str, ...], *, yes: bool
) -> int:
    root, actor, now = here.root, here.actor, here.now
    closing = plan_close(
        root,
        actor,
        period,
        closed=(closed or now).date(),
        today=now.date(),
        accept=_read_exceptions(accepted),
    )
    state = closing.state
    if state.approval is not None:
        click.echo(
            f"Период {period} уже закрыт {state.approval.date:%d.%m.%Y}, "
            f"подписал {state.approval.signed_by}."
        )
        if (
            is_unsealed_closing(root, require_head_commit(root), period)
            or period_sealed_by_head(root) == period
        ):
            _seal(root, actor, now, period)
        return 0
    changed = () if closing.is_open else changed_evidence(root, require_head_commit(root))
    click.echo("\n".join((*_closing_lines(closing), *_evidence_lines(changed))))
    if closing.is_open:
        return 1
    if not yes:
        require_yes("Утвердить и закрыть?")
    saved = close(root, actor, closing, now=now)
    show_findings(saved.findings, saved.source)
    if saved.commit is None:
        click.echo(click.style("Период не закрыт", fg="red") + ": причины выше.")
        return exit_code(saved.findings)
    click.echo(
        click.style("Период закрыт", fg="green") + f": {period}, сохранение {saved.commit[:12]}"
    )
    _seal(root, actor, now, period)
    click.echo(
        f"Акт со списком утверждённого: papka print approval-act {period}\n"
        "И сообщите о задолженностях: papka status"
    )
    return 0


@command.command(
    "approve",
    options_metavar=KEYS,
    help=(
        "Утвердить часть записей периода. До закрытия — названных людей, программы, группы или "
        "отдельные; период остаётся открытым. После закрытия — внесённое позже: без уточнений "
        "всё. Каждая запись показана: что было, что стало, кто внёс."
    ),
)
@click.argument("period", metavar="ПЕРИОД")
@click.argument("entries", nargs=-1, metavar="[ЗАПИСЬ]...", type=ADDRESS)
@click.option(
    "--student",
    "students",
    multiple=True,
    type=ADDRESS,
    metavar="НОМЕР",
    help="Чьи записи: номер дела; можно несколько раз.",
)
@click.option("--group", metavar="ГРУППА", default="", help="Записи тех, кто учится в этой группе.")
@click.option(
    "--program",
    metavar="ПРОГРАММА",
    default="",
    help="Записи по этой программе: код или название.",
)
@yes_option
@acting
@in_archive
def approve_entries(  # noqa: PLR0913 - one parameter an option
    here: Context,
    period: str,
    entries: tuple[str, ...],
    students: tuple[str, ...],
    group: str,
    program: str,
    *,
    yes: bool,
) -> int:
    root, actor, now = here.root, here.actor, here.now
    if entries and (students or group or program):
        raise click.UsageError("Назовите или записи, или людей, группу, программу: не вместе")
    wanted = WhatToApprove(entries, students, program, group)
    planned = plan_act(root, actor, period, wanted, today=now.date())
    missing = _missing_of_people(planned.missing)
    if not planned.entries:
        of_whom = " у названных" if wanted else ""
        click.echo(
            "\n".join((f"В периоде {period}{of_whom} утверждения ничего не ждёт.", *missing))
        )
        return 0
    click.echo("\n".join((*_act_lines(planned), *missing)))
    if not yes:
        require_yes("Утвердить эти записи?")
    saved = approve(root, actor, planned, now=now)
    show_findings(saved.findings, saved.source)
    if saved.commit is None:
        click.echo(click.style("Записи не утверждены", fg="red") + ": причины выше.")
        return exit_code(saved.findings)
    click.echo(
        click.style("Записи утверждены", fg="green")
        + f": {'акт' if planned.is_early else 'дополнительный акт'} {planned.key}, сохранение "
        f"{saved.commit[:12]}\n"
        f"Что дальше: напечатайте и подпишите акт: papka print approval-act {planned.key}"
    )
    return 0


def _act_lines(planned: PlannedAct) -> list[str]:
    """Show every entry of an act before the closing or after it."""
    count = count_phrase(len(planned.entries), "запись", "записи", "записей")
    which = f"Внесено после закрытия периода {planned.period}"
    if planned.is_early:
        which = f"К утверждению до закрытия периода {planned.period}"
    left = [f"Останутся ждать утверждения: {planned.left}"] if planned.left else []
    return [f"{click.style(which, bold=True)}: {count}", *_entry_table(planned.entries), *left]


def _missing_of_people(missing: Sequence[MissingOf]) -> list[str]:
    """Tell person by person what such an act does not approve, because it is not there."""
    lines = []
    for each in missing:
        words = [
            *(["утверждать нечего"] if each.has_none else []),
            *([f"без отметки — {', '.join(each.unmarked)}"] if each.unmarked else []),
            *([f"задолженность — {', '.join(each.owed)}"] if each.owed else []),
        ]
        lines.append(f"  {each.student} {each.name}: {'; '.join(words)}")
    head = click.style("Не хватает, и этот акт этого не принимает:", fg="yellow")
    return [head, *lines] if lines else []


def _entry_table(entries: Sequence[ShownEntry]) -> list[str]:
    """Show entries with old and new value and who entered them."""
    rows = [
        (
            each.words.address,
            each.name,
            each.words.part,
            each.words.old,
            each.words.new,
            f"{each.by}, {each.entered:%d.%m.%Y}",
            each.words.why,
        )
        for each in entries
    ]
    columns = ("Запись", "Кто", "Часть", "Было", "Стало", "Кто внёс", "Почему")
    return table(columns, rows)


@command.command(
    "seal",
    options_metavar=KEYS,
    help=(
        "Поставить пломбу на весь архив в конце учебного года. При закрытии периода она ставится "
        "сама; если закрытие прервали, её поставит эта же команда."
    ),
)
@click.argument("period", metavar="[ГОД]", required=False)
@acting
@in_archive
def seal(here: Context, period: str | None) -> None:
    root, actor, now = here.root, here.actor, here.now
    wanted = seal_period(root, period or period_sealed_by_head(root), today=now.date())
    for line in _evidence_lines(changed_evidence(root, require_head_commit(root))):
        click.echo(line)
    _seal(root, actor, now, wanted)


def _seal(root: Path, actor: SigningActor, now: datetime, period: str) -> None:
    made = make_seal(root, actor, now=now, period=period)
    name = f"{made.number:04}"
    click.echo(
        click.style("Пломба стоит" if made.stood else "Пломба поставлена", fg="green")
        + f": № {name} ({period}), сохранение {made.commit[:12]}\n"
        f"Контрольная сумма пломбы: {' '.join(grouped(made.digest))}\n"
        "Что дальше: отправьте в зеркала (papka sync), потом напечатайте лист пломбы и подпишите "
        f"его от руки: papka print seal {name}"
    )


def _read_exceptions(given: Sequence[str]) -> dict[str, str]:
    """Read `--accept WHAT=REASON`, as often as given."""
    found = {}
    for text in given:
        name, equals, reason = text.partition("=")
        if not equals or not reason.strip() or not name.strip():
            raise click.UsageError(
                f"Исключение пишут так: 2026-0007#e1/техника=причина, а не «{text}»"
            )
        found[name.strip()] = reason.strip()
    return found
