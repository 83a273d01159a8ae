"""How a study period stands, in lines for the screen and in values for a program."""

from __future__ import annotations

from collections.abc import Sequence

import click

from papka.cli.report.as_text import place
from papka.cli.table import table
from papka.core.findings import Finding
from papka.core.plural import counted
from papka.model.acts import ApprovalException
from papka.tasks.period import Closing, Lack, PeriodState
from papka.tasks.period_imports import TakenImport

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
