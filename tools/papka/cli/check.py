"""papka check: are the records right?"""

from __future__ import annotations

from pathlib import Path

import click

from papka.checks.checking import Checked, check
from papka.cli.options import KEYS, POINT, as_report, in_archive
from papka.cli.report import exit_code, report
from papka.core.phrases import counted
from papka.repository.worktree import find_root


@click.command(
    "check", options_metavar=KEYS, help="Проверить записи архива: что не так, где и как исправить."
)
@click.option("--since", metavar=POINT, help="Только то, что изменилось с этой записи истории.")
@click.option("--rev", metavar=POINT, help="Проверить запись истории, а не рабочую папку.")
@as_report
@in_archive
def command(folder: Path, since: str | None, rev: str | None, style: str, fail_on: str) -> int:
    checked = check(find_root(folder), since=since, rev=rev)
    summary = {"files": checked.files, "students": checked.students}
    seen = _seen(checked)
    report(style, checked.findings, summary, checked.source, title=f"Проверка записей: {seen}")
    if style == "text":
        click.echo(verdict(checked))
    return exit_code(checked.findings, fail_on)


def verdict(checked: Checked) -> str:
    """One line on success; on findings also the next step."""
    seen = _seen(checked)
    if not checked.findings:
        return f"{seen}: " + click.style("замечаний нет", fg="green")
    count = counted(len(checked.findings), "замечание", "замечания", "замечаний")
    code = checked.findings[0].code.name
    return f"{seen}: {count}\nЧто дальше: исправьте и повторите; подробнее: papka explain {code}"


def _seen(checked: Checked) -> str:
    files = counted(checked.files, "файл", "файла", "файлов")
    return f"{files}, {counted(checked.students, 'личное дело', 'личных дела', 'личных дел')}"
