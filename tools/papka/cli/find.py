"""papka find [WORDS]: people, programmes, papers."""

from __future__ import annotations

import json
from pathlib import Path

import click

from papka.cli.options import KEYS, as_text_or_json, in_archive
from papka.cli.report import table
from papka.core.phrases import counted
from papka.desk.finding import Found, find
from papka.repository.worktree import find_root


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
def command(folder: Path, words: tuple[str, ...], style: str) -> None:
    found = find(find_root(folder), words)
    if style == "json":
        click.echo(_as_json(found))
    else:
        click.echo("\n".join(_as_text(found)))


def _as_json(found: Found) -> str:
    report: dict[str, object] = {
        listing.kind: [
            {
                **{key: cell for (key, _), cell in zip(listing.columns, line.cells, strict=True)},
                "path": line.path,
            }
            for line in listing.lines
        ]
        for listing in found.listings
    }
    report |= {"causes": list(found.causes), "unread": list(found.unread)}
    return json.dumps(report, ensure_ascii=False, indent=2)


def _as_text(found: Found) -> list[str]:
    lines: list[str] = []
    for listing in found.listings:
        headings = [heading for _, heading in listing.columns]
        lines.append(click.style(f"{listing.title}: {len(listing.lines)}", fg="cyan"))
        lines += table(headings, [line.cells for line in listing.lines], indent=2)
        lines.append("")
    if not found.listings:
        lines += [click.style("Никого и ничего не нашлось.", fg="yellow"), *found.causes]
    if found.unread:
        files = counted(len(found.unread), "файл", "файла", "файлов")
        lines.append(
            f"Не прочитано: {files}, в них могло быть искомое. Что в них не так: papka check"
        )
    return lines if lines[-1] else lines[:-1]
