"""papka check: are the records right?"""

from __future__ import annotations

from pathlib import Path

import click

from papka.cli.options import KEYS, as_report, in_archive
from papka.cli.report import exit_code, render
from papka.core.plural import counted
from papka.gates.worktree import find_root
from papka.tasks.check import Checked, check


@click.command(
    "check", options_metavar=KEYS, help="Проверить записи архива: что не так, где и как исправить."
)
@click.option("--since", metavar="REV", help="Только то, что изменилось с этой записи истории.")
@click.option("--rev", metavar="REV", help="Проверить запись истории, а не рабочую папку.")
@as_report
@in_archive
def command(folder: Path, since: str | None, rev: str | None, style: str, fail_on: str) -> int:
    checked = check(find_root(folder), since=since, rev=rev)
    summary = {"files": checked.files, "students": checked.students}
    click.echo(render(style, checked.findings, summary, checked.source), nl=False)
    if style == "text":
        click.echo(verdict(checked))
    return exit_code(checked.findings, fail_on)


def verdict(checked: Checked) -> str:
    """One line on success; on findings also the next step."""
    seen = ", ".join(
        (
            counted(checked.files, "файл", "файла", "файлов"),
            counted(checked.students, "личное дело", "личных дела", "личных дел"),
        )
    )
    if not checked.findings:
        return f"{seen}: " + click.style("замечаний нет", fg="green")
    count = counted(len(checked.findings), "замечание", "замечания", "замечаний")
    code = checked.findings[0].code.name
    return f"{seen}: {count}\nЧто дальше: исправьте и повторите; подробнее: papka explain {code}"
