"""papka fleet: many archives at once, each judged from its mirror; one table of outcomes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

import click

from papka.cli.context import mirror_access, read_clock
from papka.cli.options import DAY, KEYS
from papka.cli.report import as_json, finding_values, table
from papka.cli.russian_names import BilingualCommand
from papka.copies.fleet_list import (
    AWAY,
    FORMS,
    JOBS,
    FleetJob,
    FleetOutcome,
    FleetTask,
    read_fleet,
    sum_shown,
    worst_code,
)
from papka.copies.fleet_running import cluster, processes, run_fleet, work_with
from papka.core.findings import Severity
from papka.core.phrases import count_phrase, printable
from papka.repository.worktree import write

_WIDTH = 110
_UNSAFE = re.compile(r"[^\w-]+")


@click.command(
    "fleet",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help="Проверить сразу много архивов (района, сети школ) по списку: check — записи, verify — "
    "подписи и историю, due — сроки, report — численность, print ФОРМА — бумаги. Каждый архив "
    "берётся со своего зеркала, проверяется сам по себе и нигде не остаётся.",
)
@click.argument(
    "file",
    metavar="СПИСОК.yaml",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.argument("job", metavar="|".join(JOBS), type=click.Choice(JOBS))
@click.argument("form", metavar="[ФОРМА]", required=False, type=click.Choice(FORMS))
@click.argument("address", metavar="[ЧТО]", default="")
@click.option("--on", type=DAY, metavar="ДД.ММ.ГГГГ", help="На какой день; нет — на сегодня.")
@click.option(
    "--workers", type=click.IntRange(1, 1000), metavar="N",
    help="Сколько архивов сразу; нет — по числу процессоров.",
)  # fmt: skip
@click.option(
    "--scheduler", metavar="АДРЕС",
    help="Работать на кластере Dask: адрес его планировщика (tcp://host:8786).",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="ПАПКА",
    help="Куда положить бумаги; нужно для print.",
)  # fmt: skip
@click.option(
    "--format", "style", type=click.Choice(["text", "json", "csv"]), default="text",
    metavar="text|json|csv", help="Таблица для чтения, данные или таблица для Excel.",
)  # fmt: skip
def command(  # noqa: PLR0913 - one parameter an option
    file: Path,
    job: FleetJob,
    form: str | None,
    address: str,
    on: datetime | None,
    workers: int | None,
    scheduler: str | None,
    out: Path | None,
    style: str,
) -> int:
    if (job == "print") != (form is not None):
        raise click.UsageError(f"Форму называют для print, и только для него: {', '.join(FORMS)}")
    if (job == "print") != (out is not None):
        raise click.UsageError("Ключ --out нужен для print, и только для него")
    if scheduler and workers:
        raise click.UsageError("Сколько архивов сразу, у кластера решают его исполнители")
    members = read_fleet(file.read_bytes(), file.name, file.resolve().parent)
    now = read_clock()
    tasks = [
        FleetTask(number, member, job, now, on.date() if on else None, form or "", address)
        for number, member in enumerate(members)
    ]
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    done: list[FleetOutcome] = []
    joined = cluster(scheduler) if scheduler else nullcontext(processes(workers or 0))
    with joined as who:
        for outcome in run_fleet(tasks, who, work_with(mirror_access())):
            done.append(outcome)
            _show_progress(job, len(done), len(tasks), outcome)
            if out is not None:
                _write_papers(out, outcome)
    done.sort(key=lambda each: each.number)
    click.echo(_SHOWN[style](job, done), nl=False)
    return worst_code(done)


def _show_progress(job: FleetJob, count: int, of: int, outcome: FleetOutcome) -> None:
    """Tell on the error stream how far it is, so that a killed command has told all it knew."""
    line = f"{count} из {of}: {printable(outcome.title)} — {_verdict(job, outcome)}"
    click.echo(line, err=True)


def _write_papers(out: Path, outcome: FleetOutcome) -> None:
    title = _UNSAFE.sub("-", outcome.title).strip("-")[:60]
    for name, data in outcome.papers:
        write(out.resolve(), f"{outcome.number + 1:03}-{title}-{name}", data)


def _verdict(job: FleetJob, outcome: FleetOutcome) -> str:
    if outcome.trouble:
        return "недоступен" if outcome.code == AWAY else "не проверен"
    if outcome.counts or outcome.papers:
        return "готово"
    if not outcome.code:
        return "в порядке"
    return "есть просроченное" if job == "due" else "есть ошибки"


def _told(outcome: FleetOutcome) -> str:
    """Return what is told first of an archive."""
    if outcome.trouble:
        return f"{outcome.trouble}. {outcome.next_step}".rstrip(". ")
    first = outcome.worst
    return f"{first.code.name}: {first.message}" if first else ""


def _render_text(job: FleetJob, done: Sequence[FleetOutcome]) -> str:
    lines = [printable(line) if "\x1b" not in line else line for line in _text_lines(job, done)]
    return "".join(f"{line}\n" for line in lines)


def _text_lines(job: FleetJob, done: Sequence[FleetOutcome]) -> Iterator[str]:
    if job == "report":
        yield from _report_lines(done)
        trouble = [_row(each) for each in done if not each.counts]
        yield from table(("Архив", "Почему нет чисел"), trouble, width=_WIDTH)
    else:
        rows = [
            (
                printable(each.title),
                _verdict(job, each),
                str(each.count(Severity.ERROR)) if not each.trouble else "",
                str(each.count(Severity.INFO, Severity.WARNING)) if not each.trouble else "",
                printable(_told(each)),
            )
            for each in done
        ]
        yield from table(("Архив", "Итог", "Ошибок", "Замечаний", "Первое"), rows, width=_WIDTH)
    counts = Counter(_verdict(job, each) for each in done)
    archives = count_phrase(len(done), "архив", "архива", "архивов")
    yield f"{archives}: " + ", ".join(f"{word} — {count}" for word, count in counts.items())


def _row(outcome: FleetOutcome) -> tuple[str, str]:
    return printable(outcome.title), printable(_told(outcome))


def _report_lines(done: Sequence[FleetOutcome]) -> Iterator[str]:
    from papka.paper.forms.self_examination import EXPLAINED

    columns, *rows = _report_rows(done)
    yield from table(columns, rows)
    yield EXPLAINED


def _report_rows(done: Sequence[FleetOutcome]) -> Iterator[tuple[str, ...]]:
    """Yield the table of counts: its head, archives in the order of the list, and all together."""
    from papka.paper.forms.self_examination import HIDDEN

    told = [(each, each.counts) for each in done if each.counts]
    ages = _merge(counts.ages for _, counts in told)
    directions = _merge(counts.directions for _, counts in told)
    yield ("Архив", "Обучаются", *ages, *directions)
    rows = [
        (
            printable(each.title),
            counts.total,
            *(counts.ages.get(name, "0") for name in ages),
            *(counts.directions.get(name, "0") for name in directions),
        )
        for each, counts in told
    ]
    yield from rows
    if rows:
        columns = list(zip(*rows, strict=True))[1:]
        yield ("Вместе", *(sum_shown(cells, HIDDEN) for cells in columns))


def _merge(found: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(name for names in found for name in names))


def _render_json(job: FleetJob, done: Sequence[FleetOutcome]) -> str:
    archives = [
        {
            "title": each.title,
            "code": each.code,
            "trouble": each.trouble,
            "next_step": each.next_step,
            "findings": [finding_values(one) for one in each.findings],
            "papers": [name for name, _ in each.papers],
            "counts": {
                "total": each.counts.total,
                "ages": dict(each.counts.ages),
                "directions": dict(each.counts.directions),
            }
            if each.counts
            else None,
        }
        for each in done
    ]
    return as_json({"job": job, "archives": archives, "code": worst_code(done)}) + "\n"


def _render_csv(job: FleetJob, done: Sequence[FleetOutcome]) -> str:
    from papka.intake.sheet_writing import write_csv
    from papka.intake.tables import Sheet

    if job == "report":
        rows = tuple(_report_rows(done))
        trouble = tuple((each.title, _told(each)) for each in done if not each.counts)
        return write_csv(Sheet("", (*rows, *trouble)), encoding="utf-8").decode()
    found = [
        (each.title, str(each.code), one.code.name, one.severity.name.lower(), one.where.path,
         one.where.commit, one.message)
        for each in done
        for one in each.findings
    ]  # fmt: skip
    rest = [
        (each.title, str(each.code), "", "", "", "", _told(each))
        for each in done
        if not each.findings
    ]
    head = ("Архив", "Код выхода", "Замечание", "Тяжесть", "Файл", "Сохранение", "Что")
    return write_csv(Sheet("", (head, *found, *rest)), encoding="utf-8").decode()


_SHOWN = {"text": _render_text, "json": _render_json, "csv": _render_csv}
