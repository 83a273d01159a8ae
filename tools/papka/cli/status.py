"""papka status: tell what is unsaved, draft, owed or due and how copies stand.

The exit code is for a timer: 1 when anything is overdue.
"""

from __future__ import annotations

from datetime import date, datetime

import click

from papka.cli.context import Context, in_archive
from papka.cli.options import DAY, FORMATS, KEYS, as_report
from papka.cli.report import (
    as_json,
    count_files,
    exit_code,
    finding_values,
    left_out_lines,
    place,
    report,
    shortened,
    table,
)
from papka.cli.russian_names import BilingualCommand
from papka.core.findings import Finding, Severity
from papka.core.phrases import count_phrase, printable
from papka.desk.edition import UPGRADE, EditionState
from papka.desk.status_report import CHANGES, Status, report_due, status
from papka.proof.memory import memory
from papka.repository.signing import request_file
from papka.repository.worktree import stands_on_main

_SHOWN = 20


@click.command(
    "status",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Что не сохранено, что не утверждено, задолженности и сроки, как стоят копии. Код возврата "
        "для расписания: 0 — просроченного нет, 1 — есть."
    ),
)
@click.option(
    "--due",
    "only_due",
    is_flag=True,
    help="Только то, чего требует календарь: копии за год, закрытие периодов, пломбы, зеркала, "
    "согласия, выдачи, хранение. Для работы по расписанию.",
)
@click.option(
    "--on",
    type=DAY,
    metavar="ДАТА",
    help="Сроки на этот день (год-месяц-день); по умолчанию сегодня.",
)
@click.option(
    "-q", "--quiet", is_flag=True, help="С --due: ничего не печатать, когда ничего не требуется."
)
@as_report
@in_archive
def command(here: Context, on: datetime | None, *, only_due: bool, quiet: bool) -> int:
    day = (on or here.now).date()
    if only_due:
        return _show_due(here, day, quiet=quiet)
    if here.style not in FORMATS[:2]:
        raise click.UsageError(f"Вид «{here.style}» есть только у сроков: papka status --due")
    if quiet:
        raise click.UsageError("Ключ --quiet — для расписания: papka status --due --quiet")
    found = status(here.root, on=day, memory=memory(), now=here.now)
    if stands_on_main(here.root):
        here.last_commit = found.last
    if here.style == "json":
        click.echo(as_json(_as_values(found)))
    else:
        click.echo("\n".join(_as_text(found)))
    demands = [demand for each in found.deadlines if (demand := each.demand())]
    return 1 if found.unread or found.unsendable else exit_code(demands, here.fail_on)


def _show_due(here: Context, on: date, *, quiet: bool) -> int:
    found = report_due(here.root, on=on, memory=memory())
    if found.findings or not quiet:
        title = f"Сроки на {on:%d.%m.%Y}"
        report(here.style, found.findings, {"on": f"{on}"}, found.source, title=title)
        if here.style == "text":
            click.echo(_due_verdict(found.findings, on))
    return exit_code(found.findings, here.fail_on)


def _due_verdict(findings: tuple[Finding, ...], on: date) -> str:
    if not findings:
        return f"На {on:%d.%m.%Y}: " + click.style("календарь ничего не требует", fg="green")
    late = sum(finding.severity >= Severity.ERROR for finding in findings)
    counts = f"требований {len(findings)}, просрочено {late}"
    return f"\nНа {on:%d.%m.%Y}: " + click.style(counts, fg="red" if late else "yellow")


def _as_text(found: Status) -> list[str]:
    return [
        _actor_line(found),
        *_edition_lines(found.edition),
        *_unsaved_lines(found),
        *shortened(left_out_lines(found.foreign), _SHOWN),
        *_draft_lines(found),
        *_deadline_lines(found),
        *_copy_lines(found),
        *_unsendable_lines(found),
        *_next_lines(found),
    ]


def _actor_line(found: Status) -> str:
    actor = found.actor
    if actor.staff is None:
        return "Кто сохраняет: не назначен. git config user.name s002"
    if actor.key is None:
        return f"Кто сохраняет: {actor.staff}, ключ не указан. git config user.signingKey ПУТЬ"
    if actor.waits:
        request = request_file(actor.staff)
        return f"Кто сохраняет: {actor.staff} — ждёт принятия ключа; заявка руководителю: {request}"
    lost = "" if actor.has_key else " — файла ключа нет: подключите носитель"
    return f"Кто сохраняет: {actor.staff}, ключ {actor.key}{lost}"


def _edition_lines(found: EditionState) -> list[str]:
    return [click.style(found.words, fg="yellow")] if found.words else []


def _unsaved_lines(found: Status) -> list[str]:
    lines = [
        f"Не читается: {printable(path)} — сроки в нём не видны, см. papka check"
        for path in found.unread
    ]
    if not found.unsaved:
        return [*lines, "Несохранённого нет"]
    files = count_files(len(found.unsaved))
    lines.append(click.style(f"Не сохранено: {files}", fg="yellow"))
    return lines + shortened(
        [f"  {CHANGES[state]:<8} {printable(path)}" for path, state in found.unsaved], _SHOWN
    )


def _draft_lines(found: Status) -> list[str]:
    if not found.drafts:
        return ["Все результаты утверждены"]
    return ["Руководителем не утверждены:"] + [
        f"  {draft.period}  {draft.title}: "
        f"{count_phrase(draft.entries, 'запись', 'записи', 'записей')}, "
        f"{count_phrase(draft.people, 'дело', 'дела', 'дел')}"
        f"{' — внесено после закрытия' if draft.closed else ''}"
        for draft in found.drafts
    ]


def _deadline_lines(found: Status) -> list[str]:
    limit = 60
    if not found.deadlines:
        return [f"Сроков и задолженностей на {found.on:%d.%m.%Y} нет"]
    late = sum(deadline.overdue for deadline in found.deadlines)
    head = f"Сроки на {found.on:%d.%m.%Y}: всего {len(found.deadlines)}, просрочено {late}"
    rows = [
        ("!" if each.overdue else "", each.about, each.address, each.text)
        for each in found.deadlines[:limit]
    ]
    lines = table(("", "Что", "Где", "Подробности"), rows, indent=2)
    if len(found.deadlines) > limit:
        lines.append(f"  … и ещё {len(found.deadlines) - limit}; все: --format json")
    return [click.style(head, fg="red" if late else "yellow"), *lines]


def _copy_lines(found: Status) -> list[str]:
    if not found.copies:
        return ["Зеркал нет: papka mirror add ИМЯ АДРЕС --country RU"]
    return ["Зеркала, по последнему подтверждению (сейчас не спрашивались):"] + [
        f"  {copy.name}{' (основное)' if copy.primary else ''}: {copy.words}"
        for copy in found.copies
    ]


def _unsendable_lines(found: Status) -> list[str]:
    """Tell what every mirror would refuse, while it can still be taken back."""
    if not found.unsendable:
        return []
    lines = [
        f"  {place(each.where)}: {each.code.name}: {printable(each.message)}"
        for each in found.unsendable
    ]
    from papka.copies.new_commits import UNSENDABLE  # judges history: only where it is wrong

    head = click.style("Не отправленное не примет ни одно зеркало:", fg="red")
    return [head, *shortened(lines, _SHOWN), f"  → {UNSENDABLE}"]


def _next_lines(found: Status) -> list[str]:
    about = {deadline.about for deadline in found.deadlines}
    steps = []
    if found.unsaved:
        steps.append("papka save")
    if found.edition.is_behind:
        steps.append(UPGRADE)
    if "период не закрыт" in about:
        steps.append("papka period status")
    if "нет пломбы" in about:
        steps.append("papka period seal")
    if "копии за год" in about:
        steps.append("papka backup")
    if any(copy.behind for copy in found.copies):
        steps.append("papka sync")
    return [f"Что дальше: {', '.join(steps)}"] if steps else []


def _as_values(found: Status) -> dict[str, object]:
    return {
        "on": found.on.isoformat(),
        "overdue": found.is_overdue,
        "staff": found.actor.staff,
        "key": found.actor.key,
        "key_present": found.actor.has_key,
        "key_waits": found.actor.waits,
        "unsaved": [{"path": path, "state": state} for path, state in found.unsaved],
        "foreign": list(found.foreign),
        "drafts": [
            {
                "period": draft.period,
                "entries": draft.entries,
                "people": draft.people,
                "closed": draft.closed,
            }
            for draft in found.drafts
        ],
        "deadlines": [
            {
                "about": each.about,
                "address": each.address,
                "text": each.text,
                "day": each.day.isoformat() if each.day else None,
                "overdue": each.overdue,
                "code": each.code.name if each.code else None,
            }
            for each in found.deadlines
        ],
        "mirrors": [
            {
                "name": copy.name,
                "primary": copy.primary,
                "confirmed": copy.confirmed,
                "behind": copy.behind,
                "heard": copy.seen.heard.isoformat() if copy.seen.heard else None,
                "looked": copy.seen.looked.isoformat() if copy.seen.looked else None,
            }
            for copy in found.copies
        ],
        "unread": list(found.unread),
        "edition": {
            "format": found.edition.format,
            "behind": found.edition.is_behind,
            "newer": found.edition.is_newer,
            "files": [each.path for each in found.edition.open],
        },
        "unsendable": [finding_values(each) for each in found.unsendable],
    }
