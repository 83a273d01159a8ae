"""papka period status|close: how a study period stands, and its closing by the head."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from papka.cli.options import KEYS, acting, as_text_or_json, in_archive
from papka.cli.report import exit_code, render
from papka.cli.table import table
from papka.core.plural import counted
from papka.gates.worktree import find_root
from papka.tasks.actor import find_actor
from papka.tasks.period import Closing, Lack, PeriodState, close, period_states, plan_close

_SHOWN = 50
_NAMED = 20


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
        rows = [_values(state) for state in states]
        click.echo(json.dumps(rows[0] if period else rows, ensure_ascii=False, indent=2))
    elif period:
        click.echo("\n".join(_one(states[0])))
    else:
        click.echo("\n".join(_all(states)))


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
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="ДАТА",
    help="День закрытия (год-месяц-день); по умолчанию сегодня.",
)
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    metavar="НОМЕР#e1/ЧАСТЬ=ПРИЧИНА",
    help="Закрыть без отметки по этой части; можно несколько раз. Причина — без имён.",
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
        return 0
    click.echo("\n".join(_closing(closing)))
    if closing.open_lacks:
        return 1
    if not yes:
        click.confirm("Утвердить и закрыть?", abort=True)
    saved = close(root, actor, closing, now=now)
    click.echo(render("text", saved.findings, {}, saved.source), nl=False)
    if saved.commit is None:
        click.echo(click.style("Период не закрыт", fg="red") + ": причины выше.")
        return exit_code(saved.findings, "error")
    click.echo(
        click.style("Период закрыт", fg="green") + f": {period}, запись {saved.commit[:12]}\n"
        "Что дальше: отправьте в зеркала (papka sync) и сообщите о задолженностях"
    )
    return 0


def _accepted(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in given:
        name, equals, reason = text.partition("=")
        if not equals or not reason.strip() or "/" not in name:
            raise click.UsageError(
                f"Исключение пишут так: 2026-0007#e1/техника=причина, а не «{text}»"
            )
        found[name.strip()] = reason.strip()
    return found


def _closing(closing: Closing) -> list[str]:
    state = closing.state
    lines = _summary(state)
    if closing.closed < state.period.end:
        lines.append(
            click.style("Период ещё не окончен", fg="yellow")
            + f": он длится до {state.period.end:%d.%m.%Y}"
        )
    lines += [f"Принято без отметки: {name} — {why}" for name, why in closing.accepted.items()]
    if closing.open_lacks:
        lines += [
            *_lacks(closing.open_lacks),
            click.style("Закрыть нельзя", fg="red")
            + ": по каждой части нужна отметка или «не аттестован».",
            "Что дальше: внесите отметку — papka add НОМЕР result; или примите исключение:",
            f"  papka period close {state.period.period} {_example(closing)}",
        ]
    return lines


def _example(closing: Closing) -> str:
    return f"--accept '{closing.open_lacks[0].name}=причина'"


def _all(states: Sequence[PeriodState]) -> list[str]:
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


def _one(state: PeriodState) -> list[str]:
    lines = _summary(state)
    if state.approval:
        lines += [
            f"Принято без отметки: {each.student or each.export or ''}"
            f"{f'/{each.part}' if each.part else ''} — {each.reason}"
            for each in state.approval.exceptions
        ]
    elif state.lacks:
        lines += [
            *_lacks(state.lacks),
            f"Что дальше: внести отметки; papka period close {state.period.period}",
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
    if state.debts:
        found = counted(len(state.debts), "задолженность", "задолженности", "задолженностей")
        left = len(state.debts) - _NAMED
        more = f" и ещё {left}" if left > 0 else ""
        lines.append(f"{found}: {', '.join(state.debts[:_NAMED])}{more}")
    else:
        lines.append("Задолженностей за период нет")
    return lines


def _lacks(lacks: Sequence[Lack]) -> list[str]:
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


def _values(state: PeriodState) -> dict[str, object]:
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
    }
