"""papka verify --since OLD --rev NEW: may this change be accepted? The question of every door."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from papka.cli.report import exit_code, report
from papka.core.plural import counted
from papka.tasks.hosting.paper import read_paper
from papka.tasks.proof.change import Judged, judge_between


def verify_change(  # noqa: PLR0913 - what is judged, by what paper, and how it is told
    place: Path,
    since: str,
    rev: str,
    anchors: tuple[str, ...],
    refounding: tuple[str, ...],
    style: str,
    fail_on: str,
    *,
    now: datetime,
    alone: bool,
) -> int:
    """Judges what lies between two points and nothing else: no branch, no folder, no memory.

    `alone`: whether nothing more was asked for, as must be.
    """
    if not alone:
        raise click.UsageError("Ключ --rev — для одного изменения, без зеркал и протокола")
    paper = read_paper(anchors, refounding)
    found = judge_between(place, since, rev, now=now, anchors=paper.anchors, acts=paper.acts)
    summary = {"since": found.old, "rev": found.new, "commits": found.commits}
    report(style, found.findings, summary, found.source, title=_about(found))
    code = exit_code(found.findings, fail_on)
    if style == "text":
        told = "принять нельзя, причины выше" if code else "можно принять"
        click.echo(f"{_about(found)}: " + click.style(told, fg="red" if code else "green"))
        if not paper.anchors:
            click.echo("Чей это архив, скажет бумага: --anchor …")
    return code


def _about(found: Judged) -> str:
    new = counted(found.commits, "запись истории", "записи истории", "записей истории")
    start = f"После записи {found.old[:12]}" if found.old else "От начала архива"
    return f"{start} до записи {found.new[:12]}: {new}"
