"""papka check: are the records right?"""

from __future__ import annotations

import click

from papka.checks.checking import Checked, check, check_commit
from papka.cli.context import Context, in_archive
from papka.cli.options import KEYS, POINT, as_report
from papka.cli.report import count_files, exit_code, report
from papka.core.phrases import count_phrase


@click.command(
    "check", options_metavar=KEYS, help="Проверить записи архива: что не так, где и как исправить."
)
@click.option("--since", metavar=POINT, help="Только то, что изменилось с этой записи истории.")
@click.option("--rev", metavar=POINT, help="Проверить запись истории, а не рабочую папку.")
@as_report
@in_archive
def command(here: Context, since: str | None, rev: str | None) -> int:
    is_of_folder = since is None and rev is None
    checked = check(here.root) if is_of_folder else check_commit(here.root, since=since, rev=rev)
    summary = {"files": checked.files, "students": checked.students}
    files = count_files(checked.files)
    people = count_phrase(checked.students, "личное дело", "личных дела", "личных дел")
    seen = f"{files}, {people}"
    title = f"Проверка записей: {seen}"
    report(here.style, checked.findings, summary, checked.source, title=title)
    if here.style == "text":
        click.echo(_verdict(checked, seen))
    return exit_code(checked.findings, here.fail_on)


def _verdict(checked: Checked, seen: str) -> str:
    """Return one line on success; on findings also the next step."""
    if not checked.findings:
        return f"{seen}: " + click.style("замечаний нет", fg="green")
    count = count_phrase(len(checked.findings), "замечание", "замечания", "замечаний")
    code = checked.findings[0].code.name
    return f"{seen}: {count}\nЧто дальше: исправьте и повторите; подробнее: papka explain {code}"
