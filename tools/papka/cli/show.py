"""papka show ID[#ENTRY]: a personal file or one entry on the screen."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import click

from papka.cli.options import DAY, KEYS, POINT, as_text_or_json, in_archive
from papka.cli.report import table
from papka.core.places import is_student_id
from papka.desk.dossier import Shown, as_values, show
from papka.desk.entry_history import EntryShown, Step, Why, show_document, show_entry
from papka.paper.sections import Section
from papka.repository.worktree import find_root

_WIDTH = 110


@click.command(
    "show",
    options_metavar=KEYS,
    help=(
        "Показать личное дело целиком (2026-0007), одну его запись (2026-0007#r12) или выданный "
        "документ (С-2026-0001): что записано, где и что из этого следует."
    ),
)
@click.argument("address", metavar="НОМЕР[#ЗАПИСЬ]")
@click.option(
    "--on",
    type=DAY,
    metavar="ДАТА",
    help="Что действовало в этот день (год-месяц-день), по датам в записях.",
)
@click.option("--rev", metavar=POINT, help="Что было известно в этой записи истории.")
@click.option(
    "--why", is_flag=True, help="Кто и когда внёс и менял запись, чем она подтверждается."
)
@as_text_or_json
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path, address: str, on: datetime | None, rev: str | None, style: str, *, why: bool
) -> None:
    root = find_root(folder)
    student, _, entry = address.partition("#")
    document = (
        None if entry or is_student_id(student) else show_document(root, address, rev=rev, why=why)
    )
    if entry or document:
        if on:
            raise click.UsageError("Ключ --on — для дела целиком: у одной записи даты видны.")
        found = document or show_entry(root, student, entry, rev=rev, why=why)
        click.echo(_entry_json(found) if style == "json" else "\n".join(_entry_text(found)))
        return
    if why:
        raise click.UsageError(f"Ключу --why нужна запись: papka show {student}#r1 --why")
    day = on.date() if on else datetime.now().astimezone().date()
    shown = show(root, student, on=day, past=on is not None, rev=rev)
    if style == "json":
        click.echo(json.dumps(as_values(shown), ensure_ascii=False, indent=2, default=str))
    else:
        click.echo("\n".join(_text(shown, past=on)))


def _text(shown: Shown, *, past: datetime | None) -> list[str]:
    width = shutil.get_terminal_size((_WIDTH, 24)).columns
    person = shown.student.person
    name = f" — {person.name.full}" if person else ""
    lines = [click.style(f"Дело {shown.student.id}{name}", bold=True)]
    if past:
        lines.append(f"Как было на {past:%d.%m.%Y} по датам в записях")
    if commit := shown.opened.commit:
        moment = datetime.fromtimestamp(commit.committer.time).astimezone()
        lines.append(f"Как было известно {moment:%d.%m.%Y %H:%M} (запись истории {commit.id[:12]})")
    lines += [f"Не читается: {path} — что не так, скажет papka check" for path in shown.unread]
    lines.append("")
    size = max((len(label) for label, _ in shown.dossier.facts), default=0)
    lines += [f"  {label.ljust(size)}  {text}" for label, text in shown.dossier.facts]
    for section in shown.dossier.sections:
        lines += ["", *_section(section, width)]
    return lines


def _section(section: Section, width: int) -> list[str]:
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
        lines.append(f"Как было известно в записи истории {found.commit[:12]}")
    lines.append("")
    size = max(len(label) for label, _ in found.lines)
    lines += [f"  {label.ljust(size)}  {text}" for label, text in found.lines]
    if found.cited:
        lines += ["", "На неё ссылаются:", *(f"  {line}" for line in found.cited)]
    if found.why:
        lines += ["", *_why(found.why)]
    return lines


def _why(why: Why) -> list[str]:
    width = shutil.get_terminal_size((_WIDTH, 24)).columns
    lines = ["Эта запись ещё не сохранена: в истории её нет. Сохранить: papka save"]
    if why.steps:
        rows = [
            (
                step.touch.commit[:12],
                f"{step.touch.time:%d.%m.%Y %H:%M}",
                f"{step.name} ({step.touch.staff})\n{step.post}\nключ {step.touch.key or '?'}",
                "\n".join([step.touch.what, *(_change(*change) for change in step.changes)]),
            )
            for step in why.steps
        ]
        lines = [
            "Кто и когда (последнее сверху):",
            *table(
                ("Запись истории", "Когда", "Кто подписал", "Что сделано"),
                rows, indent=2, width=width,
            ),
            "Подлинность подписей проверяет papka verify",
        ]  # fmt: skip
    if why.grounds:
        lines += ["", "Чем подтверждается:"]
        lines += table(("Что", "Чем"), why.grounds, indent=2, width=width)
    return lines


def _change(label: str, old: str, new: str) -> str:
    return f"{label}: {old or 'не было'} → {new or 'убрано'}"


def _entry_json(found: EntryShown) -> str:
    report = {
        "address": found.address,
        "path": found.where.path,
        "line": found.where.line,
        "pointer": found.where.pointer,
        "commit": found.commit,
        "entry": found.value,
        "cited": list(found.cited),
        "history": [_step_json(step) for step in found.why.steps] if found.why else [],
        "grounds": [list(pair) for pair in found.why.grounds] if found.why else [],
    }
    return json.dumps(report, ensure_ascii=False, indent=2, default=str)


def _step_json(step: Step) -> dict[str, object]:
    return {
        "commit": step.touch.commit,
        "time": step.touch.time.isoformat(),
        "staff": step.touch.staff,
        "name": step.name,
        "post": step.post,
        "key": step.touch.key,
        "what": step.touch.what,
        "fields": list(step.touch.fields),
        "changes": [{"label": label, "old": old, "new": new} for label, old, new in step.changes],
    }
