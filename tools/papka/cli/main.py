"""The command tree, and the one place where trouble becomes an exit code.

A command's module is imported when it is called: `papka --help` loads click and the shared options
only. No traceback reaches the screen. Exit codes: docs/commands.md.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from papka import __version__
from papka.cli.options import in_folder, use_russian
from papka.cli.russian_names import DOOR, DOORS, BilingualGroup, both_names
from papka.core.phrases import as_one_word

SECTIONS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Каждый день",
        (
            ("open", "Показать архив в браузере: люди, дела, сроки, копии"),
            ("status", "Что не сохранено и не утверждено, задолженности, сроки"),
            ("new", "Завести дело, программу, приказ, мероприятие, платформу"),
            ("add", "Добавить запись в личное дело"),
            ("fix", "Исправить запись с указанием причины"),
            ("end", "Закончить: обучение, согласие, выдачу дела"),
            ("find", "Найти людей, программы, документы"),
            ("show", "Показать личное дело или одну запись"),
            ("edit", "Открыть запись в редакторе и проверить, когда он закроется"),
            ("check", "Проверить записи: что, где и как исправить"),
            ("save", "Проверить изменения, сохранить и подписать их"),
            ("undo", "Отменить последнее сохранение"),
            ("discard", "Сбросить несохранённые правки, показав их"),
            ("sync", "Обменяться с основным зеркалом: получить чужое, отправить своё"),
        ),
    ),
    (
        "Бумага",
        (
            ("issue", "Выдать документ: номер, запись в книге, PDF; дубликат, замена, отмена"),
            ("print", "Сделать печатную форму (PDF)"),
            ("bind", "Записать, что листы личного дела прошиты и подписаны"),
        ),
    ),
    (
        "Платформа",
        (
            ("take", "Принять выгрузки платформы и заполненные ведомости"),
            ("give", "Выдать: пустую ведомость, результаты, пакет выпускника, подлинник выгрузки"),
            ("period", "Учебный период: состояние, утверждение и закрытие"),
        ),
    ),
    (
        "Доказательство и копии",
        (
            ("verify", "Проверить хранилище, историю и подписи"),
            ("mirror", "Зеркала: добавить, отправить, сравнить"),
            ("trust", "Кто может подписывать: принять, вывести, признать, показать"),
            ("join", "Подключиться к архиву с нового компьютера или вторым человеком"),
            ("backup", "Копия на носитель: записать, перечитать, акт"),
            ("restore", "Восстановить архив с зеркала или носителя"),
            ("destroy", "Уничтожить по приказу дело, фотографию или скан; акт"),
            ("fleet", "Много архивов сразу: проверить, сроки, численность (район, сеть школ)"),
        ),
    ),
    (
        "Устройство",
        (
            ("init", "Создать архив школы"),
            ("upgrade", "Обновить правила и формы архива до редакции этой программы"),
            ("demo", "Построить пробный архив и показать всё в деле"),
            ("explain", "Объяснить код замечания"),
        ),
    ),
)
"""The sections of `papka --help`; a command is the function `command` of `papka.cli.<name>`."""

_PLACES = {
    "print": ("print_form", "command"),
    "end": ("fix", "end_command"),
    "discard": ("undo", "discard_command"),
    "upgrade": ("init", "upgrade_command"),
}
"""Module and function of the commands that stand elsewhere."""
_BUG, _INTERRUPTED, _USAGE = 70, 130, 2


class _Tree(BilingualGroup):
    is_root = True

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for _, commands in SECTIONS for name, _ in commands]

    def english(self, ctx: click.Context, typed: str) -> str:
        return "end" if as_one_word(typed) in DOORS else super().english(ctx, typed)

    def load_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        place, word = _PLACES.get(name, (name, "command"))
        command: click.Command = getattr(importlib.import_module(f"papka.cli.{place}"), word)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        typed = args[0] if args else ""
        known = self.list_commands(ctx)
        if typed and not typed.startswith("-") and self.english(ctx, typed) not in known:
            from papka.core.phrases import suggest  # only on this path

            hint = suggest(typed, [*known, *map(self.russian, known), *DOORS])
            raise click.UsageError(f"Команды «{typed}» нет.{hint}", ctx)
        ctx.meta[DOOR] = DOORS.get(as_one_word(typed), "")
        _refuse_needless_folder(self, ctx, args)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        for title, commands in SECTIONS:
            with formatter.section(title):
                formatter.write_dl([(self.both(name), text) for name, text in commands])


@click.group(
    cls=_Tree,
    options_metavar="[КЛЮЧИ]",
    subcommand_metavar="КОМАНДА [АРГУМЕНТЫ]...",
    help="Папка — архив личных дел обучающихся: простые файлы, подписанная история, бумага.",
    epilog="Справка о команде: papka КОМАНДА --help",
    context_settings={"token_normalize_func": as_one_word},
)
@click.version_option(
    __version__,
    *both_names("--version"),
    message="papka %(version)s",
    help="Показать версию и выйти.",
)
@in_folder
def tree(folder: Path) -> None:
    """Hold all commands; `folder` is the default of the command's own `-C`."""


def _refuse_needless_folder(tree: click.Group, ctx: click.Context, words: list[str]) -> None:
    """Raise UsageError when `-C` stands before a command that works in no archive."""
    found: click.Command = tree
    name = []
    for word in words:
        inner = found.get_command(ctx, word) if isinstance(found, click.Group) else None
        if inner is not None:
            name.append(word)
            found = inner
    takes = isinstance(found, click.Group) or any("-C" in param.opts for param in found.params)
    if not takes and ctx.params.get("folder") != Path():
        raise click.UsageError(f"Команда «{' '.join(name)}» работает без архива, -C не нужен.", ctx)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave the process with the documented exit code."""
    _use_utf8()
    sys.exit(run(arguments if arguments is not None else sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; the only place that catches everything.

    Files that it and the programs it starts create are readable by their owner alone: they may
    hold personal data.
    """
    from papka.core.installation import without_git_variables  # for the run alone

    use_russian()
    umask = os.umask(0o077)
    try:
        with without_git_variables():
            result: Any = tree.main(
                arguments, prog_name="papka", standalone_mode=False, color=_color()
            )
    except click.exceptions.Abort:
        click.echo("Прервано.", err=True)
        return _INTERRUPTED
    except click.ClickException as error:
        error.show()
        return _USAGE
    except BrokenPipeError:
        # The reader went away (`papka … | head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the one catch site: our bug must not spill a traceback
        if any(word.endswith("github") for word in arguments):
            _annotate(error)
        return _report_failure(error)
    finally:
        os.umask(umask)
    return result if isinstance(result, int) else 0


def _report_failure(error: Exception) -> int:
    from papka.core.errors import PapkaError, cannot_access

    if isinstance(error, OSError):
        error = cannot_access(error)
    if isinstance(error, PapkaError):
        failed = click.style("Не получилось: ", fg="red", bold=True)
        click.echo(failed + error.message, err=True, color=_color())
        if error.next_step:
            click.echo(f"Что делать: {error.next_step}", err=True)
        return error.exit_code
    from papka.cli.report import write_log

    path = write_log(error)
    click.echo(
        f"Ошибка в самой программе papka. Подробности записаны в {path}; "
        "пришлите этот файл разработчикам.",
        err=True,
    )
    return _BUG


def _annotate(error: Exception) -> None:
    """Tell a forge on its own page why the job could not be done."""
    from papka.cli.report import error_annotation
    from papka.core.errors import PapkaError

    if isinstance(error, PapkaError):
        click.echo(error_annotation(error.message, error.next_step), nl=False)


def _color() -> bool | None:
    """Return None to let click decide; NO_COLOR and TERM=dumb hold on a terminal too."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return False if plain else None


def _use_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
