"""Options that several commands share, questions of yes or no, and click's own words in Russian.

Click's sentences are translated in `locale/ru/LC_MESSAGES/messages.po`, papka's own stand where
they are said. After editing the catalogue run
`pybabel compile -D messages -d tools/papka/cli/locale`; a test demands every sentence of the
installed click. `papka --help` imports this module: it stays light.
"""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import click

from papka.cli.russian_names import both_names
from papka.core.cells import folded
from papka.core.errors import Refused
from papka.core.phrases import HOW_TO_WRITE_A_DAY, NoSuchDay, read_day
from papka.core.places import read_address


def use_russian() -> None:
    """Make click speak Russian in this process; call once, before it prints anything.

    The file is read at the first sentence, not here. LANGUAGE is gettext's only switch that
    outranks a C locale; programs that papka starts get an environment of their own.
    """
    os.environ["LANGUAGE"] = "ru"
    # no pathlib: its import would cost a tenth of the whole start of `papka --help`
    gettext.bindtextdomain("messages", __file__.removesuffix("options.py") + "locale")
    gettext.textdomain("messages")


Command = Callable[..., Any]

KEYS = "[КЛЮЧИ]"
"""What click calls [OPTIONS] in a usage line; that word is not in its catalogue."""
POINT = "СОХРАНЕНИЕ"
"""A point in history (`repository/points.resolve`): a commit, branch, HEAD~1, number of a seal."""
FORMATS = ("text", "json", "github", "sarif")


def program_name() -> str:
    """Return how a person here begins a command; tools/start.py tells it in PAPKA_CALLED."""
    return os.environ.get("PAPKA_CALLED") or "papka"


class _Day(click.ParamType[datetime]):
    """A day as records write it or as paper does; the error is in Russian."""

    name = "day"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            found = read_day(str(value))
        except NoSuchDay as error:
            self.fail(str(error), param, ctx)
        if found is None:
            self.fail(HOW_TO_WRITE_A_DAY, param, ctx)
        return datetime.combine(found, time())


class _FolderType(click.Path):
    """A folder that exists; click names the type before the catalogue is bound."""

    def __init__(self) -> None:
        super().__init__(exists=True, file_okay=False, path_type=Path)
        self.name = "папка"


class _Address(click.ParamType[str]):
    """A personal file, its entry or a person of staff; a Russian keyboard is forgiven."""

    name = "address"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,  # noqa: ARG002 - as above
        ctx: click.Context | None,  # noqa: ARG002 - as above
    ) -> str:
        return read_address(str(value))


ADDRESS = _Address()
"""The type of every argument and option that is an id."""
DAY = _Day()
"""The type of every option that is a day."""


def folder_named(ctx: click.Context) -> Path:
    """Return the folder that `-C` names: after the command, else before it, else the current."""
    named = ctx.params.get("folder") or ctx.find_root().params.get("folder")
    return named if isinstance(named, Path) else Path()


in_folder = click.option(
    *both_names("-C"),
    "folder",
    type=_FolderType(),
    default=lambda: folder_named(click.get_current_context()),
    metavar="ПАПКА",
    help="Работать с архивом в этой папке.",
)
"""`-C DIR`: any folder inside the archive; by default as given before the command."""
acting = click.option(
    "--as",
    "staff",
    type=ADDRESS,
    metavar="СОТРУДНИК",
    help="Номер сотрудника (s002), чьим ключом подписать.",
)
"""`--as STAFF`: whose key signs; by default the person this copy belongs to."""
as_text_or_json = click.option(
    "--format",
    "style",
    type=click.Choice(FORMATS[:2]),
    default="text",
    show_default=True,
    help="Вид отчёта: для человека или для программы.",
)
"""`--format` of a command that shows a table or a report, but no findings."""
on_option = click.option(
    "--on",
    type=DAY,
    metavar="ДАТА",
    help="Что действовало в этот день (год-месяц-день), по датам в записях.",
)
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="ПУТЬ",
    help="Файл или папка; по умолчанию print/ в архиве.",
)
refounding_option = click.option(
    "--refounding",
    multiple=True,
    metavar="СУММА",
    help="Контрольная сумма с бумажного акта о замене обоих утраченных ключей.",
)
no_memory_option = click.option(
    "--no-memory",
    is_flag=True,
    help="Не сравнивать с тем, что этот компьютер проверял раньше, и не запоминать.",
)
yes_option = click.option("--yes", is_flag=True, help="Не спрашивать подтверждения.")


def as_report(command: Command) -> Command:
    """`--format` and `--fail-on` of a command that prints findings."""
    command = click.option(
        "--fail-on",
        type=click.Choice(("info", "warning", "error", "fatal")),
        default="error",
        show_default=True,
        help="С какой строгости замечаний код возврата 1.",
    )(command)
    return click.option(
        "--format",
        "style",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="Вид отчёта.",
    )(command)


_WORDS = {"да": True, "д": True, "y": True, "yes": True}
_WORDS |= {"нет": False, "н": False, "n": False, "no": False}


def ask_yes(question: str, *, default: bool = False) -> bool:
    """Return whether the person says yes; an empty answer is the default, which is shown."""
    answer: bool = click.prompt(
        f"{question} да/нет", default="да" if default else "нет", value_proc=_answer
    )
    return answer


def require_past(day: date, now: datetime) -> None:
    """Raise Refused for a day that is still to come."""
    if day > now.date():
        raise Refused(f"День {day:%d.%m.%Y} ещё не наступил", "Назовите сегодняшний или прошедший")


def require_yes(question: str) -> None:
    """End the command unless the person says yes."""
    if not ask_yes(question):
        raise click.Abort


def agree(question: str, *, yes: bool) -> None:
    """Ask a person at a terminal before what cannot be undone; a script has said it by the command.

    `yes`: it was said beforehand. Ends the command without a yes.
    """
    if not yes and sys.stdin.isatty():
        require_yes(question)


def _answer(text: str) -> bool:
    found = _WORDS.get(folded(text))
    if found is None:
        raise click.BadParameter(f"«{text.strip()}» — не ответ: напишите «да» или «нет»")
    return found
