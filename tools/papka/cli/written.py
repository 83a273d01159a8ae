"""What a writing command says: findings, what was written or would be, the next step."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from papka.cli.options import acting
from papka.cli.report import exit_code, render
from papka.tasks.write import Step, Written

_COLORS = {"+": "green", "-": "red", "@": "cyan"}


def writing(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--save`, `-n` and `--as` of a command that writes records."""
    command = click.option(
        "--save", is_flag=True, help="Сразу и сохранить: проверка и подписанная запись истории."
    )(command)
    command = click.option(
        "-n", "--dry-run", is_flag=True, help="Только показать, что было бы записано."
    )(command)
    return acting(command)


def show(written: Written, *, dry_run: bool, hint: str = "") -> int:
    """Prints the outcome; the exit code."""
    click.echo(render("text", written.findings, {}, written.source), nl=False)
    what = ", ".join(written.step.names)
    if written.refused:
        click.echo(
            click.style("Не записано", fg="red")
            + ": исправьте замечания выше и повторите. Ваши файлы не тронуты."
        )
        return exit_code(written.findings, "error")
    if dry_run:
        click.echo("".join(difference(written.step)), nl=False)
        click.echo(f"Было бы записано: {what}")
        return 0
    paths = ", ".join(written.step.after)
    saved = written.saved
    if saved is not None and saved.commit is not None:
        click.echo(
            click.style("Сохранено", fg="green")
            + f": {what}, запись {saved.commit[:12]} — {saved.subject}"
        )
        click.echo(f"Что дальше: {hint or 'отправьте в зеркала: papka sync'}")
    elif written.done:
        click.echo(click.style("Записано", fg="green") + f": {what} ({paths})")
        click.echo(f"Что дальше: {hint + '; ' if hint else ''}сохраните: papka save")
    else:
        click.echo("Записывать нечего: всё уже так.")
    return 0


def difference(step: Step) -> Iterator[str]:
    """Unified diff of every file; of scans only their names."""
    for path, after in step.after.items():
        before = step.before.get(path) or b""
        if Path(path).suffix != ".yaml":
            yield f"новый файл {path} ({len(after)} байт)\n"
            continue
        for line in difflib.unified_diff(
            before.decode("utf-8", "replace").splitlines(),
            after.decode("utf-8", "replace").splitlines(),
            path if before else "(нового файла не было)",
            path,
            lineterm="",
        ):
            yield click.style(line, fg=_COLORS.get(line[:1])) + "\n"
