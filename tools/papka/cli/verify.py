"""papka verify [ARCHIVE|MIRROR]: can this be trusted?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from papka.cli.options import KEYS, as_report, in_archive
from papka.cli.report import exit_code, render
from papka.core.findings import in_order
from papka.core.plural import counted
from papka.gates.worktree import WorktreeSnapshot, find_root
from papka.tasks.check import snapshot_source
from papka.tasks.verify import Verified, verify


@click.command(
    "verify", options_metavar=KEYS, help="Проверить хранилище, историю и каждую подпись."
)
@click.argument(
    "store",
    metavar="[АРХИВ|ЗЕРКАЛО]",
    required=False,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="SHA256:…",
    help="Отпечаток ключа руководителя с бумаги; можно дважды.",
)
@as_report
@in_archive
def command(
    store: Path | None, folder: Path, anchors: tuple[str, ...], style: str, fail_on: str
) -> int:
    place = store or find_root(folder)
    verified = verify(place, now=datetime.now().astimezone(), anchors=anchors)
    findings = in_order(verified.findings)
    summary = {
        "commits": verified.commits,
        "objects": verified.objects,
        "files": verified.files,
        "head": verified.head,
        "root_key": verified.root_key,
    }
    source = snapshot_source(WorktreeSnapshot(place))
    click.echo(render(style, findings, summary, source), nl=False)
    code = exit_code(findings, fail_on)
    if style == "text":
        click.echo(verdict(verified, bad=bool(code)))
    return code


def verdict(verified: Verified, *, bad: bool) -> str:
    """What was looked at, and whether it holds."""
    seen = ", ".join(
        (
            counted(verified.commits, "запись истории", "записи истории", "записей истории"),
            counted(verified.objects, "объект", "объекта", "объектов"),
            counted(verified.files, "файл", "файла", "файлов"),
        )
    )
    if bad:
        return f"{seen}: " + click.style("доверять нельзя, причины выше", fg="red", bold=True)
    return (
        f"{seen}: "
        + click.style("целостность и подписи подтверждены", fg="green")
        + f"\nВершина: {verified.head}\nКлюч первой записи: {verified.root_key}"
    )
