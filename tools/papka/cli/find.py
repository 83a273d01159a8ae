"""papka find [WORDS]: find people, programmes and documents."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from papka.cli.choosing_options import choosing
from papka.cli.context import Context, in_archive
from papka.cli.options import DAY, KEYS, as_text_or_json
from papka.cli.report import as_json, count_files, table
from papka.cli.russian_names import BilingualCommand
from papka.desk.finding import FoundListings, find, find_chosen
from papka.records.choosing import PeopleFilter
from papka.repository.worktree import place_for, write

_WRITERS = (".xlsx", ".csv")


@click.command(
    "find",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Найти людей, программы и документы по словам: номер, имя (и прежнее), программа, группа, "
        "номер документа. Без слов — все люди. Слово можно не дописывать, ё и е — одно. По "
        "условиям — те, кто учится сейчас: papka find --group Г-26-1 --debts"
    ),
)
@click.argument("words", nargs=-1, metavar="[СЛОВА]...")
@choosing
@click.option("--on", type=DAY, metavar="ДАТА", help="Условия на этот день; по умолчанию сегодня.")
@click.option(
    "--out", metavar="ФАЙЛ", type=click.Path(path_type=Path),
    help="Таблицей в файл: список.xlsx или список.csv. В нём персональные данные.",
)  # fmt: skip
@as_text_or_json
@in_archive
def command(
    here: Context, words: tuple[str, ...], wanted: PeopleFilter, on: datetime | None,
    out: Path | None,
) -> None:  # fmt: skip
    if out is not None and out.suffix.casefold() not in _WRITERS:
        raise click.UsageError("Имя файла таблицы кончается на .xlsx или .csv.")
    day = (on or here.now).date()
    found = find_chosen(here.root, words, wanted, day) if wanted else find(here.root, words)
    if out is not None:
        _write_table(here.root, out, found)
    elif here.style == "json":
        click.echo(as_json(_as_values(found)))
    else:
        click.echo("\n".join(_as_text(found)))


def _write_table(root: Path, out: Path, found: FoundListings) -> None:
    """Write every listing as a sheet of its own; a text file holds the first."""
    from papka.intake.sheet_writing import write_csv, write_xlsx  # only for files
    from papka.intake.tables import Sheet

    sheets = [
        Sheet(
            listing.title[:31],
            (
                tuple(heading for _, heading in listing.columns),
                *(line.cells for line in listing.lines),
            ),
        )
        for listing in found.listings
    ]
    if not sheets:
        click.echo("\n".join(_as_text(found)))
        return
    target = place_for(root, out)
    data = write_csv(sheets[0]) if out.suffix.casefold() == ".csv" else write_xlsx(sheets)
    write(target.parent, target.name, data)
    count = sum(len(listing.lines) for listing in found.listings)
    click.echo(f"{click.style('Готово', fg='green')}: {target}, строк: {count}")


def _as_values(found: FoundListings) -> dict[str, object]:
    kinds: dict[str, object] = {
        listing.kind: [
            {
                **{key: cell for (key, _), cell in zip(listing.columns, line.cells, strict=True)},
                "path": line.path,
            }
            for line in listing.lines
        ]
        for listing in found.listings
    }
    return {**kinds, "causes": list(found.causes), "unread": list(found.unread)}


def _as_text(found: FoundListings) -> list[str]:
    lines: list[str] = []
    for listing in found.listings:
        headings = [heading for _, heading in listing.columns]
        lines.append(click.style(f"{listing.title}: {len(listing.lines)}", fg="cyan"))
        lines += table(headings, [line.cells for line in listing.lines], indent=2)
        lines.append("")
    if not found.listings:
        lines += [click.style("Никого и ничего не нашлось.", fg="yellow"), *found.causes]
    if found.unread:
        files = count_files(len(found.unread))
        lines.append(
            f"Не прочитано: {files}, в них могло быть искомое. Что в них не так: papka check"
        )
    return lines if lines[-1] else lines[:-1]
