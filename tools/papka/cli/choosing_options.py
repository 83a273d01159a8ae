"""Options that choose people by group, programme, age or what they lack: one syntax everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from papka.records.choosing import PeopleFilter, read_ages

_OPTIONS = (
    click.option("--group", metavar="ГРУППА", default="", help="Кто учится в этой группе."),
    click.option("--program", metavar="ПРОГРАММА", default="",
                 help="Кто учится по этой программе: код или название."),
    click.option("--age", "ages", metavar="ЛЕТ", default="", help="Каких лет: 7-9, 12, 14+."),
    click.option("--without", metavar="ЧЕГО", multiple=True,
                 help="У кого нет: договор, согласие, фото или согласия на цель (фото-на-сайте)."),
    click.option("--debts", "has_debts", is_flag=True, help="У кого есть задолженности."),
    click.option("--leaving", "is_leaving", is_flag=True,
                 help="Чьё обучение кончается в этом месяце."),
    click.option("--graduated", metavar="КОГДА", default="",
                 help="Кто окончил программу: в периоде (2026-2), в году (2026) или все."),
)  # fmt: skip


def choosing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options, and what they ask for as the argument `wanted`."""

    @wraps(command)
    def run(*args: Any, ages: str, **values: Any) -> Any:  # noqa: ANN401 - click's callback
        names = ("group", "program", "without", "has_debts", "is_leaving", "graduated")
        said = {name: values.pop(name) for name in names}
        span = read_ages(ages) if ages else None
        if ages and span is None:
            raise click.UsageError(f"«{ages}» — не возраст. Пишут так: --age 7-9, --age 14+.")
        return command(*args, wanted=PeopleFilter(ages=span, **said), **values)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run
