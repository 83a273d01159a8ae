"""papka give WHAT: what the archive hands out — sheets, results, packages, raw originals."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from papka.cli.options import KEYS, acting, in_archive
from papka.core.phrases import counted
from papka.repository import worktree
from papka.repository.git_values import MAIN
from papka.repository.signing import find_actor
from papka.repository.worktree import find_root

_RESULTS = """Результаты таблицей для других программ: строка на результат.

\b
papka give results                        все
papka give results 2026-1 Г-26-1          период и группа
papka give results guitar --format xlsx   программа

Без --names вместо имён номера дел и нет текстов, которые писали люди. Что в какой колонке — лист
«Колонки» в XLSX, columns в JSON, docs/commands.md. CSV — UTF-8, точка с запятой: открывается в Excel.
"""  # noqa: E501 - a paragraph of help is wrapped by click
_PACKAGE = """Пакет выпускника: личное дело в PDF и YAML, сканы, свои строки выгрузок, выданные документы;
контрольные суммы и подпись руководителя (--as s001). Проверяется без papka: см. README.md в нём.
Другой архив читает его командой papka take.
"""  # noqa: E501 - as above


def _out(command: Any) -> Any:  # noqa: ANN401 - a click callback
    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        metavar="ПУТЬ",
        help="Файл или папка; по умолчанию print/ в архиве.",
    )(command)


@click.group(
    "give",
    options_metavar=KEYS,
    subcommand_metavar="ЧТО",
    help="Выдать из архива: пустую ведомость, результаты, пакет выпускника, подлинник выгрузки.",
)
def command() -> None:
    """What is given is a subcommand."""


@command.command(
    "sheet",
    options_metavar=KEYS,
    short_help="Пустая ведомость группы для педагога",
    help="Пустая ведомость группы (XLSX) для педагога; заполненную берёт papka take.",
)
@click.argument("group", metavar="ГРУППА")
@click.option("--period", metavar="ПЕРИОД", help="Период; по умолчанию открытый сегодня.")
@_out
@in_archive
def sheet(folder: Path, group: str, period: str | None, out: Path | None) -> None:
    from papka.intake.giving import sheet as make  # noqa: PLC0415 - workbooks are slow to import

    root = find_root(folder)
    made = make(root, group, today=datetime.now().astimezone().date(), period=period)
    _write(root, out, made.name, made.data)
    people = counted(made.rows, "строка", "строки", "строк")
    click.echo(f"Период {made.period}: {people}, частей программы: {made.parts}")
    click.echo(f"Что дальше: заполненную — papka take ФАЙЛ --period {made.period}")


@command.command("results", options_metavar=KEYS, short_help="Результаты таблицей", help=_RESULTS)
@click.argument("wanted", metavar="[ПЕРИОД|ГРУППА|ПРОГРАММА|ДЕЛО]...", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(("csv", "xlsx", "json")),
    default="csv",
    show_default=True,
    help="Вид файла.",
)
@click.option("--names", is_flag=True, help="С именами и словами людей: персональные данные.")
@_out
@in_archive
def results(
    folder: Path, wanted: tuple[str, ...], form: str, out: Path | None, *, names: bool
) -> None:
    from papka.intake.giving import results as make  # noqa: PLC0415 - as above

    root = find_root(folder)
    made = make(root, wanted, form, names=names)  # type: ignore[arg-type]  # one of the choices
    _write(root, out, made.name, made.data)
    count = counted(made.count, "результат", "результата", "результатов")
    about = "с именами: это персональные данные" if names else "без имён"
    click.echo(f"{count}, {about}; состояние записи истории {made.commit[:12]}")


@command.command(
    "package", options_metavar=KEYS, short_help="Подписанный пакет выпускника", help=_PACKAGE
)
@click.argument("student", metavar="НОМЕР")
@_out
@acting
@in_archive
def package(folder: Path, student: str, out: Path | None, staff: str | None) -> None:
    from papka.intake.package_giving import package as make  # noqa: PLC0415 - prints

    root = find_root(folder)
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK"))
    made = make(root, student, actor)
    _write(root, out, made.name, made.data)
    for path in made.unsaved:
        click.echo(f"Не сохранено и потому не вошло: {path}")
    click.echo(
        f"{counted(len(made.files), 'файл', 'файла', 'файлов')}, подписано ключом {made.key}"
    )
    click.echo("Что дальше: передайте пакет под подпись и назовите отпечаток ключа")


@command.command(
    "original",
    options_metavar=KEYS,
    short_help="Подлинник выгрузки байт в байт",
    help="Подлинник выгрузки байт в байт, собранный из частей: papka give original 2026-1/1",
)
@click.argument("taken", metavar="ВЫГРУЗКА")
@click.option("--remaining", is_flag=True, help="Что осталось, если часть строк уничтожена.")
@_out
@in_archive
def original(folder: Path, taken: str, out: Path | None, *, remaining: bool) -> None:
    from papka.intake.export_parts import original as make  # noqa: PLC0415 - as above
    from papka.repository.commit_snapshots import CommitTree  # noqa: PLC0415 - as above

    root = find_root(folder)
    made = make(CommitTree(root, MAIN), taken, remaining=remaining)
    _write(root, out, _file_name(made.name, taken), made.data)
    if made.missing:
        count = counted(len(made.missing), "части", "частей", "частей")
        click.echo(f"Это не подлинник: {count} уже нет, остальное как было.")


def _file_name(name: str, taken: str) -> str:
    """The name the file came with, unless no folder could hold it."""
    plain = "".join(sign for sign in name if sign.isprintable() and sign not in '<>:"/\\|?*')
    return plain.strip(" .") or f"{taken.replace('/', '-')}.bin"


def _write(root: Path, out: Path | None, name: str, data: bytes) -> None:
    """To a file with the same ending, else into a folder."""
    place = worktree.place_for(root, out)
    target = place if place.suffix == Path(name).suffix else place / name
    worktree.write(target.parent, target.name, data)
    click.echo(f"{click.style('Готово', fg='green')}: {target} ({len(data)} байт)")
