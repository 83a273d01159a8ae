"""papka show ID[#ENTRY]: show a personal file, one entry of it or an issued document."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from papka.cli.context import Context, in_archive
from papka.cli.options import ADDRESS, KEYS, POINT, as_text_or_json, on_option
from papka.cli.report import table
from papka.cli.russian_names import BilingualCommand
from papka.core.places import is_student_id
from papka.desk.dossier import ShownFile, as_values, show
from papka.paper.sections import Section

if TYPE_CHECKING:
    from papka.desk.entry_history import EntryShown, Why


@click.command(
    "show",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Показать личное дело целиком (2026-0007), одну его запись (2026-0007#r12) или выданный "
        "документ (С-2026-0001): что записано, где и что из этого следует."
    ),
)
@click.argument("address", metavar="НОМЕР[#ЗАПИСЬ]", type=ADDRESS)
@on_option
@click.option("--rev", metavar=POINT, help="Что было известно в этом сохранении.")
@click.option(
    "--why",
    is_flag=True,
    help="Кто и когда вносил и менял дело; у записи — ещё и чем она подтверждается.",
)
@as_text_or_json
@in_archive
def command(
    here: Context, address: str, on: datetime | None, rev: str | None, *, why: bool
) -> None:
    root = here.root
    student, _, entry = address.partition("#")
    if entry or not is_student_id(student):
        # a file shown whole needs none of it
        from papka.desk.entry_history import show_document, show_entry

        document = None if entry else show_document(root, address, rev=rev, why=why)
        if entry or document:
            if on:
                raise click.UsageError("Ключ --on — для дела целиком: у одной записи даты видны.")
            _echo_entry(here, document or show_entry(root, student, entry, rev=rev, why=why))
            return
    shown = show(root, student, on=(on or here.now).date(), past=on is not None, rev=rev)
    lines, values = _file_text(shown), as_values(shown)
    if why:
        from papka.desk.file_history import list_file_steps, step_values, word_file_steps

        opened = shown.opened
        steps = tuple(
            list_file_steps(root, opened.archive, opened.schemas, shown.student.id, rev or "HEAD")
        )
        lines += ["", *_section_lines(word_file_steps(steps), _terminal_width())]
        values = {**values, "history": [step_values(step) for step in steps]}
    if here.style == "json":
        _echo_json(values)
    else:
        click.echo("\n".join(lines))


def _echo_entry(here: Context, found: EntryShown) -> None:
    from papka.desk.entry_history import entry_values

    if here.style == "json":
        _echo_json(entry_values(found))
    else:
        click.echo("\n".join(_entry_text(found)))


def _echo_json(values: object) -> None:
    click.echo(json.dumps(values, ensure_ascii=False, indent=2, default=str))


def _terminal_width() -> int:
    return shutil.get_terminal_size((110, 24)).columns


def _file_text(shown: ShownFile) -> list[str]:
    width = _terminal_width()
    lines = [click.style(shown.heading, bold=True), *shown.times, *shown.troubles]
    if shown.dossier.facts:
        lines += ["", *_fact_lines(shown.dossier.facts)]
    for section in shown.dossier.sections:
        lines += ["", *_section_lines(section, width)]
    return lines


def _fact_lines(facts: Sequence[tuple[str, str]]) -> list[str]:
    size = max((len(label) for label, _ in facts), default=0)
    return [f"  {label.ljust(size)}  {text}" for label, text in facts]


def _section_lines(section: Section, width: int) -> list[str]:
    lines = [click.style(section.title, fg="cyan")]
    rows = [
        tuple(
            f"{row[0]} ×" if at in section.struck and not column else cell
            for column, cell in enumerate(row)
        )
        for at, row in enumerate(section.rows)
    ]
    lines += table(section.columns, rows, indent=2, width=width)
    return [*lines, *(f"  {note}" for note in section.notes)]


def _entry_text(found: EntryShown) -> list[str]:
    where = f"{found.where.path}:{found.where.line}"
    lines = [click.style(f"{found.address} — {found.title}", bold=True), where]
    if found.commit:
        lines.append(f"Как было известно в сохранении {found.commit[:12]}")
    lines += ["", *_fact_lines(found.lines)]
    if found.cited:
        lines += ["", "На неё ссылаются:", *(f"  {line}" for line in found.cited)]
    if found.why:
        lines += ["", *_why_lines(found.why)]
    return lines


def _why_lines(why: Why) -> list[str]:
    width = _terminal_width()
    from papka.desk.entry_history import word_why

    lines: list[str] = []
    for table_ in word_why(why):
        lines += [""] if lines else []
        lines += [f"{table_.title}:"] if table_.title else []
        lines += table(table_.columns, table_.rows, indent=2, width=width) if table_.rows else []
        lines += table_.notes
    return lines
