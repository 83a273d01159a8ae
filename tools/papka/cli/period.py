"""How a study period stands, in lines for the screen and in values for a program.

papka period status|close|seal: how a study period stands, its closing by the head, seals.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from papka.cli.options import DAY, KEYS, acting, as_text_or_json, in_archive, require_yes
from papka.cli.report import exit_code, place, render, table
from papka.core.findings import Finding
from papka.core.phrases import counted, grouped
from papka.desk.saving import head_of
from papka.desk.sealing import changed_evidence, make_seal, seal_period, sealed_for, was_cut
from papka.desk.study_period import (
    Closing,
    Lack,
    PeriodState,
    TakenImport,
    close,
    period_states,
    plan_close,
)
from papka.records.acts import ApprovalException
from papka.repository.signing import Actor, find_actor
from papka.repository.worktree import find_root

_SHOWN = 50
_NAMED = 20


def closing_lines(closing: Closing) -> list[str]:
    state = closing.state
    lines = _summary(state)
    if closing.closed < state.period.end:
        lines.append(
            click.style("Период ещё не окончен", fg="yellow")
            + f": он длится до {state.period.end:%d.%m.%Y}"
        )
    lines += [f"Принято без этого: {name} — {why}" for name, why in closing.accepted.items()]
    if closing.is_open:
        lines += [
            *_lacks(closing.open_lacks),
            *_untaken(closing.open_platforms),
            *_unmatched(closing.open_rows),
            click.style("Закрыть нельзя", fg="red")
            + ": по каждой части нужна отметка или «не аттестован», каждая платформа принята, у "
            + "каждой строки выгрузки есть хозяин.",
            "Что дальше: papka add НОМЕР result, papka take — или примите исключение:",
            f"  papka period close {state.period.period} {_example(closing)}",
        ]
    return lines


def evidence_lines(found: Sequence[Finding]) -> list[str]:
    """What the head is shown before a seal: papers kept before and changed since the last."""
    if not found:
        return []
    told = [f"  {place(each.where)}: {each.message}" for each in found[:_SHOWN]]
    more = [f"  … и ещё {len(found) - _SHOWN}"] if len(found) > _SHOWN else []
    head = click.style("Что изменилось в доказательствах с прошлой печати:", fg="yellow")
    return [head, *told, *more]


def _example(closing: Closing) -> str:
    lacks = [lack.name for lack in closing.open_lacks]
    name = [*lacks, *closing.open_platforms, *closing.open_rows][0]
    return f"--accept '{name}=причина'"


def _untaken(platforms: Sequence[str]) -> list[str]:
    return [f"Выгрузки нет: {name}" for name in platforms]


def _unmatched(rows: Sequence[str]) -> list[str]:
    if not rows:
        return []
    head = counted(len(rows), "строка", "строки", "строк")
    more = f" и ещё {len(rows) - _NAMED}" if len(rows) > _NAMED else ""
    return [f"Без хозяина: {head} — {', '.join(rows[:_NAMED])}{more}"]


def all_lines(states: Sequence[PeriodState]) -> list[str]:
    if not states:
        return ["Периодов нет: объявите их в records/organization.yaml"]
    rows = [
        (
            state.period.period,
            state.period.title,
            f"{state.period.start:%d.%m.%Y}–{state.period.end:%d.%m.%Y}",
            _state(state),
            str(state.entries),
            _marked(state),
            str(len(state.debts)),
        )
        for state in states
    ]
    columns = ("Период", "Название", "Дни", "Состояние", "Записей", "Отметки", "Задолженностей")
    return table(columns, rows)


def one_lines(state: PeriodState) -> list[str]:
    lines, period = _summary(state), state.period.period
    if state.approval:
        lines += [
            f"Принято без этого: {_about(each)} — {each.reason}"
            for each in state.approval.exceptions
        ]
    elif state.lacks or state.untaken or state.unmatched:
        lines += [
            *_lacks(state.lacks),
            *_untaken(state.untaken),
            *_unmatched(state.unmatched),
            f"Что дальше: внести отметки, принять выгрузки; papka period close {period}",
        ]
    else:
        lines.append(f"Можно закрывать: papka period close {state.period.period}")
    return lines


def _summary(state: PeriodState) -> list[str]:
    period = state.period
    lines = [
        click.style(f"{period.period} — {period.title}", bold=True),
        f"{period.start:%d.%m.%Y}–{period.end:%d.%m.%Y}, {_state(state)}",
        f"Записей: {state.entries}, дел: {state.people}; отметки по частям: {_marked(state)}",
    ]
    lines += [f"Выгрузка {each.key}: {_import(each)}" for each in state.imports]
    if state.debts:
        found = counted(len(state.debts), "задолженность", "задолженности", "задолженностей")
        left = len(state.debts) - _NAMED
        more = f" и ещё {left}" if left > 0 else ""
        lines.append(f"{found}: {', '.join(state.debts[:_NAMED])}{more}")
    else:
        lines.append("Задолженностей за период нет")
    return lines


def _import(each: TakenImport) -> str:
    said = each.manifest
    without = f", строк без хозяина: {each.unmatched}" if each.unmatched else ""
    return f"{said.platform}, «{said.export}», {said.taken:%d.%m.%Y}, {said.by}{without}"


def _about(each: ApprovalException) -> str:
    if each.export and each.row:
        return f"{each.export}/{each.row}"
    if each.student:
        return f"{each.student}/{each.part}" if each.part else each.student
    return each.kind


def _lacks(lacks: Sequence[Lack]) -> list[str]:
    if not lacks:
        return []
    rows = [(lack.name, lack.program) for lack in lacks[:_SHOWN]]
    head = counted(len(lacks), "часть", "части", "частей")
    lines = [
        f"Без отметки: {head}",
        *table(("Чьё зачисление и часть", "Программа"), rows, indent=2),
    ]
    return [*lines, f"  … и ещё {len(lacks) - _SHOWN}"] if len(lacks) > _SHOWN else lines


def _marked(state: PeriodState) -> str:
    return f"{state.due - len(state.lacks)} из {state.due}"


def _state(state: PeriodState) -> str:
    if state.approval is None:
        return "черновик, не утверждён"
    return f"закрыт {state.approval.closed:%d.%m.%Y}, {state.approval.signed_by}"


def values(state: PeriodState) -> dict[str, object]:
    approval = state.approval
    return {
        "period": state.period.period,
        "start": state.period.start.isoformat(),
        "end": state.period.end.isoformat(),
        "closed": approval.closed.isoformat() if approval else None,
        "signed_by": approval.signed_by if approval else None,
        "entries": state.entries,
        "people": state.people,
        "due": state.due,
        "lacks": [
            {"enrolment": lack.address, "part": lack.part, "program": lack.program}
            for lack in state.lacks
        ],
        "debts": list(state.debts),
        "imports": [
            {
                "import": each.key,
                "platform": each.manifest.platform,
                "export": each.manifest.export,
                "taken": each.manifest.taken.isoformat(),
                "by": each.manifest.by,
                "unmatched": each.unmatched,
            }
            for each in state.imports
        ],
        "untaken": list(state.untaken),
        "unmatched": list(state.unmatched),
    }


@click.group(
    "period",
    options_metavar=KEYS,
    subcommand_metavar="ДЕЙСТВИЕ",
    help="Учебный период: как он стоит, утверждение и закрытие.",
)
def command() -> None:
    """Acts about a period are subcommands."""


@command.command(
    "status",
    options_metavar=KEYS,
    help="Чего не хватает, чтобы закрыть период; без периода — все периоды одной таблицей.",
)
@click.argument("period", metavar="[ПЕРИОД]", required=False)
@as_text_or_json
@in_archive
def status(folder: Path, period: str | None, style: str) -> None:
    states = period_states(find_root(folder), period)
    if style == "json":
        rows = [values(state) for state in states]
        click.echo(json.dumps(rows[0] if period else rows, ensure_ascii=False, indent=2))
    elif period:
        click.echo("\n".join(one_lines(states[0])))
    else:
        click.echo("\n".join(all_lines(states)))


@command.command(
    "close",
    options_metavar=KEYS,
    help=(
        "Утвердить результаты периода и закрыть его одной записью, подписанной руководителем. "
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
    metavar="ЧТО=ПРИЧИНА",
    help=(
        "Закрыть без этого: отметки по части (НОМЕР#e1/ЧАСТЬ), хозяина строки выгрузки "
        "(2026-1/1/3, всех строк — 2026-1/1), выгрузки платформы (её код); можно несколько раз. "
        "Причина — без имён."
    ),
)
@click.option("--yes", is_flag=True, help="Не спрашивать подтверждения.")
@acting
@in_archive
def close_period(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    period: str,
    closed: datetime | None,
    accepted: tuple[str, ...],
    staff: str | None,
    *,
    yes: bool,
) -> int:
    root = find_root(folder)
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK"))
    now = datetime.now().astimezone()
    closing = plan_close(
        root,
        actor,
        period,
        closed=(closed or now).date(),
        today=now.date(),
        accept=_accepted(accepted),
    )
    state = closing.state
    if state.approval is not None:
        click.echo(
            f"Период {period} уже закрыт {state.approval.closed:%d.%m.%Y}, "
            f"подписал {state.approval.signed_by}."
        )
        if was_cut(root, head_of(root), period) or sealed_for(root) == period:
            _seal(root, actor, now, period)
        return 0
    changed = () if closing.is_open else changed_evidence(root, head_of(root))
    click.echo("\n".join((*closing_lines(closing), *evidence_lines(changed))))
    if closing.is_open:
        return 1
    if not yes:
        require_yes("Утвердить и закрыть?")
    saved = close(root, actor, closing, now=now)
    click.echo(render("text", saved.findings, {}, saved.source), nl=False)
    if saved.commit is None:
        click.echo(click.style("Период не закрыт", fg="red") + ": причины выше.")
        return exit_code(saved.findings, "error")
    click.echo(click.style("Период закрыт", fg="green") + f": {period}, запись {saved.commit[:12]}")
    _seal(root, actor, now, period)
    click.echo("И сообщите о задолженностях: papka status")
    return 0


@command.command(
    "seal",
    options_metavar=KEYS,
    help=(
        "Поставить печать на весь архив в конце учебного года. При закрытии периода она ставится "
        "сама; если закрытие прервали, её поставит эта же команда."
    ),
)
@click.argument("period", metavar="[ГОД]", required=False)
@acting
@in_archive
def seal(folder: Path, period: str | None, staff: str | None) -> None:
    root = find_root(folder)
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK"))
    now = datetime.now().astimezone()
    asked = period or sealed_for(root)
    wanted = seal_period(root, asked, today=now.date())
    for line in evidence_lines(changed_evidence(root, head_of(root))):
        click.echo(line)
    _seal(root, actor, now, wanted)


def _seal(root: Path, actor: Actor, now: datetime, period: str) -> None:
    made = make_seal(root, actor, now=now, period=period)
    name = f"{made.number:04}"
    click.echo(
        click.style("Печать стоит" if made.stood else "Печать поставлена", fg="green")
        + f": № {name} ({period}), запись {made.commit[:12]}\n"
        f"Свёртка печати: {' '.join(grouped(made.digest))}\n"
        "Что дальше: отправьте в зеркала (papka sync), потом напечатайте лист печати и подпишите "
        f"его от руки: papka print seal {name}"
    )


def _accepted(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in given:
        name, equals, reason = text.partition("=")
        if not equals or not reason.strip() or not name.strip():
            raise click.UsageError(
                f"Исключение пишут так: 2026-0007#e1/техника=причина, а не «{text}»"
            )
        found[name.strip()] = reason.strip()
    return found
