"""papka period status|close|seal: how a study period stands, its closing by the head, seals."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from papka.cli.asking import require_yes
from papka.cli.options import DAY, KEYS, acting, as_text_or_json, in_archive
from papka.cli.period_lines import all_lines, closing_lines, evidence_lines, one_lines, values
from papka.cli.report import exit_code, render
from papka.gates.worktree import find_root
from papka.tasks.actor import Actor, find_actor
from papka.tasks.period import close, period_states, plan_close
from papka.tasks.save import head_of
from papka.tasks.sealing.changed import changed_evidence
from papka.tasks.sealing.due import seal_period, sealed_for, was_cut
from papka.tasks.sealing.seal import make_seal
from papka.views.grouped import grouped


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
