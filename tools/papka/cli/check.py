"""papka check: are the records right? With --fix put right what has one meaning."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click

from papka.checks.checking import Checked, check, check_commit
from papka.cli.context import Context, in_archive, read_clock
from papka.cli.options import KEYS, POINT, as_report, require_yes, yes_option
from papka.cli.report import count_files, exit_code, place, report, show_difference
from papka.cli.russian_names import BilingualCommand
from papka.core.errors import PapkaError
from papka.core.findings import Finding
from papka.core.phrases import count_phrase, enumerated, printable
from papka.repository.derived_store import DerivedStore


@click.command(
    "check",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help="Проверить записи архива: что не так, где и как исправить.",
)
@click.option("--since", metavar=POINT, help="Только то, что изменилось с этого сохранения.")
@click.option("--rev", metavar=POINT, help="Проверить сохранение, а не рабочую папку.")
@click.option(
    "--fix",
    is_flag=True,
    help="Показать и после подтверждения исправить описки, у которых один смысл.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Проверять снова после каждого изменения файлов; закончить — Ctrl+C.",
)
@click.option(
    "--no-cache",
    is_flag=True,
    help="Прочитать всё заново, не спрашивая того, что запомнено о проверенном раньше.",
)
@yes_option
@as_report
@in_archive
def command(  # noqa: PLR0913 - the keys of the command
    here: Context,
    since: str | None,
    rev: str | None,
    *,
    fix: bool,
    watch: bool,
    no_cache: bool,
    yes: bool,
) -> int:
    if fix and (since is not None or rev is not None):
        raise click.UsageError("Ключ --fix исправляет рабочую папку: без --since и --rev")
    if watch and (fix or rev is not None):
        raise click.UsageError("Ключ --watch следит за рабочей папкой: без --fix и --rev")
    if watch:
        return watch_folder(here, since, no_cache=no_cache)
    if fix:
        _fix(here.root, yes=yes)
    return show_checked(here, _check(here, since, rev, no_cache=no_cache))


def _check(here: Context, since: str | None, rev: str | None, *, no_cache: bool) -> Checked:
    root, day = here.root, here.now.date()
    is_of_folder = since is None and rev is None
    if is_of_folder:
        return check(root, day, None if no_cache else DerivedStore(root))
    return check_commit(root, since=since, rev=rev, day=day)


_PAUSE = 1.0
"""Seconds between two looks at the folder."""


def watch_folder(
    here: Context,
    since: str | None,
    wait: Callable[[float], None] = time.sleep,
    *,
    no_cache: bool = False,
) -> int:
    """Check, and check again whenever a file changed, until the person has enough."""
    seen, code = None, 0
    with suppress(KeyboardInterrupt):
        while True:
            state = _look(here.root)
            if state != seen:
                seen = state
                if here.style == "text":
                    click.echo(click.style(f"— {read_clock():%H:%M:%S}", dim=True))
                try:
                    code = show_checked(here, _check(here, since, None, no_cache=no_cache))
                except PapkaError as error:
                    click.echo(f"{error.message}\n{error.next_step}")
            wait(_PAUSE)
    return code


def _look(root: Path) -> frozenset[tuple[str, int, int]]:
    """Return the names, sizes and times of the files that a check reads."""
    found = set()
    for name in ("records", "schema"):
        for folder, _, files in os.walk(root / name):
            for file in files:
                path = Path(folder) / file
                with suppress(OSError):
                    about = path.stat()
                    found.add((str(path), about.st_size, about.st_mtime_ns))
    return frozenset(found)


def show_checked(here: Context, checked: Checked) -> int:
    """Print the outcome of a check; return the exit code."""
    summary = {"files": checked.files, "students": checked.students}
    files = count_files(checked.files)
    people = count_phrase(checked.students, "личное дело", "личных дела", "личных дел")
    seen = f"{files}, {people}"
    title = f"Проверка записей: {seen}"
    report(here.style, checked.findings, summary, checked.source, title=title)
    if here.style == "text":
        click.echo(_verdict(checked, seen))
    return exit_code(checked.findings, here.fail_on)


_NAMED = 5


def _can_fix(checked: Checked) -> bool:
    """Tell whether anything found has one meaning."""
    explained = checked.explained
    if explained is None:
        return False
    mends = (mend for mended in explained.mends.values() for mend in mended.mends)
    return any(mend.sure for mend in mends) or any(one.sure for one in explained.accidents)


def _verdict(checked: Checked, seen: str) -> str:
    """Return one line on success; on findings also what was not judged and the next step."""
    if not checked.findings:
        return f"{seen}: " + click.style("замечаний нет", fg="green")
    count = count_phrase(len(checked.findings), "замечание", "замечания", "замечаний")
    code = checked.findings[0].code.name
    lines = [f"{seen}: {count}"]
    if checked.explained and checked.explained.unjudged:
        paths = enumerated([printable(one) for one in checked.explained.unjudged], _NAMED)
        lines.append(f"Не проверено, пока не исправлено: записи в {paths} и ссылки на них")
    if _can_fix(checked):
        lines.append("Описки с одним смыслом исправит: papka check --fix")
    lines.append(f"Что дальше: исправьте и повторите; подробнее: papka explain {code}")
    return "\n".join(lines)


def _fix(root: Path, *, yes: bool) -> None:
    """Show what would be put right, and put it right when that is confirmed."""
    from papka.desk.file_mends import plan_mends, write_changes  # a check alone writes nothing

    is_asked = not yes and sys.stdin.isatty()
    changes = plan_mends(root, _ask if is_asked else lambda *_: None)
    if not changes.after:
        click.echo("Исправить само нечего: у остального не один смысл")
        return
    show_difference(changes.show())
    if not yes:
        require_yes("Записать эти исправления?")
    write_changes(root, changes)
    files = count_files(len(changes.after))
    click.echo(
        click.style("Исправлено", fg="green")
        + f": {files}. Передумали — papka undo ФАЙЛ вернёт файл, каким он был сохранён"
    )


def _ask(finding: Finding, choices: tuple[str, ...]) -> int | None:
    """Ask which of several things was meant; None: leave it as it is."""
    click.echo(f"{click.style(place(finding.where), bold=True)}: {printable(finding.message)}")
    for number, line in enumerate(choices, 1):
        click.echo(f"  {number}) {printable(line)}")
    click.echo("  0) оставить как есть")
    answer: int = click.prompt(
        "Что имелось в виду", type=click.IntRange(0, len(choices)), default=0
    )
    return answer - 1 if answer else None
