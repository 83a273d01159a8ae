"""papka find [WORDS]: find people, programmes and documents."""

from __future__ import annotations

import click

from papka.cli.context import Context, in_archive
from papka.cli.options import KEYS, as_text_or_json
from papka.cli.report import as_json, count_files, table
from papka.desk.finding import FoundListings, find


@click.command(
    "find",
    options_metavar=KEYS,
    help=(
        "Найти людей, программы и документы по словам: номер, имя (и прежнее), программа, группа, "
        "номер документа. Без слов — все люди. Слово можно не дописывать, ё и е — одно."
    ),
)
@click.argument("words", nargs=-1, metavar="[СЛОВА]...")
@as_text_or_json
@in_archive
def command(here: Context, words: tuple[str, ...]) -> None:
    found = find(here.root, words)
    if here.style == "json":
        click.echo(as_json(_as_values(found)))
    else:
        click.echo("\n".join(_as_text(found)))


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
