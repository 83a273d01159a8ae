"""papka issue FORM ID: issue a numbered document, in the register and on paper."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date as date_type
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from papka.cli.choosing_options import choosing
from papka.cli.context import Context, in_archive, mirror_access
from papka.cli.options import (
    ADDRESS,
    DAY,
    KEYS,
    acting,
    agree,
    out_option,
    require_past,
    yes_option,
)
from papka.cli.print_form import follow_run, write_printed
from papka.cli.progress import watcher
from papka.cli.report import exit_code, shortened, show_findings
from papka.cli.russian_names import BilingualCommand, FormName
from papka.core.errors import PapkaError
from papka.core.findings import has_errors
from papka.core.phrases import count_phrase
from papka.desk.saving import Saved
from papka.paper import issuing, issuing_many
from papka.paper.issued_contents import SERIES, Request
from papka.paper.issuing import request_again
from papka.paper.print_saved import print_saved
from papka.records.acts import RegisterEntry
from papka.records.choosing import PeopleFilter
from papka.records.student import to_mapping
from papka.repository.worktree import place_for

_HELP = """Выдать документ: следующий номер серии, запись в книге регистрации и PDF — одним
сохранением. Формы: certificate, сертификат; transcript, справка — об обучении (о периоде
обучения); progress, успеваемость — справка об успеваемости.

\b
papka issue certificate 2026-0007#e1
papka issue --duplicate С-2026-0003             дубликат взамен утраченного
papka issue --replace С-2026-0003 --reason "…"  новый вместо выданного с ошибкой
papka issue --annul С-2026-0003 --reason "…" --order 2026/0016
papka issue certificate --group Г-26-1          всей группе; --all — всем, кому положен
papka issue certificate --program П --graduated 2026-2   условия те же, что у papka find
papka issue --handed С-2026-0001…С-2026-0030    вручены

Многим выдают одним сохранением: если хоть одного документа выдать нельзя, не занимают ни одного
номера. Номер занимают на основном зеркале раньше, чем что-либо напечатано; выданный номер не
повторяется. Без связи запрос останется черновиком без номера. Подписывает документ руководитель:
--as s001.
"""
_WHEN_CONNECTED = "Что дальше: когда связь будет, papka sync (ключ руководителя: --as)"
_SHOWN = 20
_TITLES = {
    "certificate": "Сертификат",
    "transcript": "Справка об обучении",
    "progress": "Справка об успеваемости",
}


@click.command("issue", cls=BilingualCommand, options_metavar=KEYS, help=_HELP)
@click.argument("form", metavar="[ФОРМА]", required=False, type=FormName(list(SERIES)))
@click.argument("address", metavar="[НОМЕР#ЗАПИСЬ]", type=ADDRESS, required=False)
@click.option("--all", "every", is_flag=True, help="Всем, кому он положен и ещё не выдан.")
@choosing
@click.option(
    "--handed",
    metavar="НОМЕР",
    multiple=True,
    help="Вручён: номер или ряд номеров С-2026-0001…С-2026-0030.",
)
@click.option("--to", metavar="p1", help="Кому вручён; по умолчанию решает возраст.")
@click.option("--duplicate", metavar="НОМЕР", help="Дубликат утраченного документа.")
@click.option("--replace", metavar="НОМЕР", help="Новый документ вместо этого.")
@click.option("--annul", metavar="НОМЕР", help="Этот документ недействителен, замены нет.")
@click.option("--spoiled", is_flag=True, help="Прежний испорчен и не выдан (--replace, --annul).")
@click.option("--reason", metavar="ТЕКСТ", help="Почему прежний недействителен.")
@click.option("--order", metavar="ПРИКАЗ", help="Приказ-основание: 2026/0011.")
@click.option("--protocol", metavar="ТЕКСТ", help="Протокол: № 3 от 10.06.2026.")
@click.option("--blank", metavar="НОМЕР", help="Типографский номер бланка.")
@click.option("--period", metavar="ПЕРИОД", help="Период справки об успеваемости: 2026-1.")
@click.option("--date", type=DAY, metavar="ДАТА", help="Дата документа; по умолчанию сегодня.")
@out_option
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что было бы выдано.")
@yes_option
@acting
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    here: Context,
    form: str | None,
    address: str | None,
    wanted: PeopleFilter,
    handed: tuple[str, ...],
    to: str | None,
    duplicate: str | None,
    replace: str | None,
    annul: str | None,
    reason: str | None,
    order: str | None,
    protocol: str | None,
    blank: str | None,
    period: str | None,
    date: datetime | None,
    out: Path | None,
    *,
    every: bool,
    spoiled: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    day = date.date() if date else here.now.date()
    if handed:
        if form or wanted or every:
            raise click.UsageError("О вручении: papka issue --handed НОМЕР, без формы.")
        return _hand_over(here, handed, to=to, day=day, dry_run=dry_run)
    if wanted or every:
        if form is None or address:
            raise click.UsageError("Многим: papka issue ФОРМА --group ГРУППА или --all.")
        place_for(here.root, out)  # refused before a number is taken
        addresses = issuing_many.choose_studies(here.root, form, wanted, day)
        requests = [
            Request(
                form, each, day,
                period=period, order=order, protocol=protocol, is_dated=date is not None,
            )
            for each in addresses
        ]  # fmt: skip
        return _issue_many(here, requests, out, dry_run=dry_run, yes=yes)
    earlier = [number for number in (duplicate, replace, annul) if number]
    _require_sense(form, address, earlier, reason=reason, spoiled=spoiled, duplicate=duplicate)
    root = here.root
    place_for(root, out)  # refused before a number is taken
    actor, now = here.actor, here.now
    require_past(day, now)
    if annul:
        end = partial(
            issuing.annul, root, actor, annul,
            reason=reason, order=order, spoiled=spoiled, now=now, date=day,
        )  # fmt: skip
        saved = end(dry_run=True)
        if saved.commit is None and not has_errors(saved.findings) and not dry_run:
            agree(
                f"Документ № {annul} станет недействительным навсегда, это увидит каждый, кто его "
                "проверит. Записать?",
                yes=yes,
            )
            saved = end()
        return _show_annulled(saved, f"Документ № {annul} недействителен", dry_run=dry_run)
    if earlier:
        form, address = request_again(root, earlier[0], form, address)
    assert form is not None
    assert address is not None
    request = Request(
        form, address, day,
        period=period, order=order, protocol=protocol, blank=blank, duplicate=duplicate,
        replace=replace, reason=reason, spoiled=spoiled, is_dated=date is not None,
    )  # fmt: skip
    if dry_run:
        click.echo(_preview(issuing.preview(root, actor, request)), nl=False)
        click.echo(f"Было бы выдано: {_TITLES[form]}, {address}; номер даётся при выдаче")
        return 0
    done = issuing.issue(
        root, actor, request,
        now=now, access=mirror_access(watcher()), agree=partial(_agree_to, request, yes=yes),
    )  # fmt: skip
    return finish_issue(root, done, out)


def _agree_to(request: Request, entry: RegisterEntry, *, yes: bool) -> None:
    """Show a person what will be issued and ask; a script is shown nothing more."""
    if not yes and sys.stdin.isatty():
        click.echo(_preview(entry), nl=False)
        if request.replace:
            click.echo(f"Документ № {request.replace} станет недействительным.")
    agree(
        f"Выдать: {_TITLES[request.form]}, {request.address}? Номер будет занят навсегда, "
        "испорченный документ только заменяют.",
        yes=yes,
    )


def _issue_many(
    here: Context, requests: list[Request], out: Path | None, *, dry_run: bool, yes: bool
) -> int:
    """Issue to many, print every document; return the exit code."""
    root, form = here.root, requests[0].form
    documents = count_phrase(len(requests), "документ", "документа", "документов")
    if dry_run:
        for request in requests:
            issuing.preview(root, here.actor, request)
            click.echo(f"  {request.address}")
        click.echo(f"Было бы выдано: {_TITLES[form]}, {documents}; номера даются при выдаче")
        return 0

    def ask() -> None:
        if not yes and sys.stdin.isatty():
            click.echo("\n".join(shortened([f"  {each.address}" for each in requests], _SHOWN)))
        agree(f"Выдать: {_TITLES[form]}, {documents}? Номера будут заняты навсегда.", yes=yes)

    done = issuing_many.issue_many(
        root, here.actor, requests, now=here.now, access=mirror_access(), agree=ask
    )
    saved = done.reserved.saved
    if saved is not None:
        show_findings(saved.findings, saved.source)
    if done.drafts:
        click.echo(f"Номеров пока нет: {done.reserved.reason}")
        waiting = count_phrase(len(done.drafts), "запрос", "запроса", "запросов")
        click.echo(f"Отложено черновиками: {waiting}, ничего не напечатано.")
        click.echo(_WHEN_CONNECTED)
        return 0
    if not done.entries:
        if saved is not None:
            click.echo(click.style("Не выдано", fg="red") + ": исправьте замечания выше.")
            return exit_code(saved.findings)
        click.echo(
            "Номера не заняты: обмен с основным зеркалом остановлен. " + done.reserved.reason
        )
        click.echo("Что дальше: papka sync")
        return PapkaError.exit_code
    first, last = done.entries[0].number, done.entries[-1].number
    numbers = f"№ {first}" + (f" … № {last}" if last != first else "")
    click.echo(click.style("Выдано", fg="green") + f": {_TITLES[form]}, {documents}, {numbers}")
    commit = saved.commit if saved else None
    from papka.paper.print_all import print_some  # processes, every form

    run = print_some(
        root, form, (entry.number for entry in done.entries), place_for(root, out), rev=commit
    )
    code = follow_run(run)
    issuing_many.forget_many(root, requests)
    if code:
        click.echo("Номера заняты, второй раз не выдавайте: papka print ФОРМА НОМЕР")
    click.echo(f"Что дальше: подпишите и вручите; вручённые — papka issue --handed {first}…{last}")
    return code


def _hand_over(
    here: Context, words: tuple[str, ...], *, to: str | None, day: date_type, dry_run: bool
) -> int:
    saved, done = issuing_many.hand_over(
        here.root, here.actor, words, to=to, date=day, now=here.now, dry_run=dry_run
    )
    show_findings(saved.findings, saved.source)
    documents = count_phrase(len(done), "документ", "документа", "документов")
    if not done:
        click.echo("Записывать нечего: эти документы уже вручены.")
    elif dry_run:
        click.echo(f"Было бы записано: вручены, {documents}")
        click.echo("\n".join(_receiver_lines(done)))
    elif saved.commit is None:
        click.echo(click.style("Не записано", fg="red") + ": исправьте замечания выше.")
    else:
        click.echo(
            click.style("Записано", fg="green")
            + f": вручены {day:%d.%m.%Y}, {documents}, сохранение {saved.commit[:12]}"
        )
        click.echo("\n".join(_receiver_lines(done)))
        click.echo("Что дальше: отправьте в зеркала: papka sync")
    return exit_code(saved.findings)


def _receiver_lines(done: Mapping[str, str]) -> list[str]:
    """Tell number by number to whom the book will say that a document was handed."""
    return shortened([f"  № {number} — {name}" for number, name in done.items()], _SHOWN)


def finish_issue(root: Path, done: issuing.Issued, out: Path | None = None) -> int:
    """Print the document once its number is certain, and say what came of it.

    Returns the exit code; a document whose number is taken and which cannot be printed raises.
    """
    reserved, form = done.reserved, done.entry.form.partition("@")[0]
    if reserved.saved is not None:
        show_findings(reserved.saved.findings, reserved.saved.source)
    if reserved.draft is not None:
        click.echo(f"Номера пока нет: {reserved.reason}")
        click.echo(f"Запрос отложен как черновик {reserved.draft}, ничего не напечатано.")
        click.echo(_WHEN_CONNECTED)
        return 0
    if done.number is None:
        if reserved.saved is not None:
            click.echo(click.style("Не выдано", fg="red") + ": исправьте замечания выше.")
            return exit_code(reserved.saved.findings)
        click.echo("Номер не занят: обмен с основным зеркалом остановлен. " + reserved.reason)
        click.echo("Что дальше: papka sync")
        return PapkaError.exit_code
    commit = reserved.saved.commit if reserved.saved else None
    place = f"сохранение {commit[:12]}" if commit else "записано прерванной командой"
    click.echo(click.style("Выдано", fg="green") + f": {_TITLES[form]} № {done.number}, {place}")
    if done.entry.duplicate_of:
        click.echo(f"Дубликат документа № {done.entry.duplicate_of}")
    try:
        printed = print_saved(root, form, done.number, rev=commit)
        for line in write_printed(printed, place_for(root, out)):
            click.echo(line)
    except (PapkaError, OSError):
        click.echo(
            "Номер занят, документ записан в книгу, но не напечатан. Второй раз не выдавайте: "
            f"papka print {form} {done.number}"
        )
        raise
    issuing.forget_outcome(root, done.request)
    if reserved.synced is not None and reserved.synced.is_stopped:
        click.echo("Номер занят на основном зеркале, но здесь сохранения ещё нет: papka sync")
    click.echo(
        "Что дальше: напечатайте, подпишите и вручите; вручение запишите: "
        f"papka issue --handed {done.number}"
    )
    return 0


def _require_sense(  # noqa: PLR0913 - the options that depend on one another
    form: str | None,
    address: str | None,
    earlier: list[str],
    *,
    reason: str | None,
    spoiled: bool,
    duplicate: str | None,
) -> None:
    if len(earlier) > 1:
        raise click.UsageError("Нужно что-то одно: --duplicate, --replace или --annul.")
    if not earlier and (form is None or address is None):
        raise click.UsageError(
            "Назовите форму и обучение: papka issue certificate 2026-0007#e1. "
            f"Формы: {', '.join(SERIES)}."
        )
    if (reason or spoiled) and (not earlier or duplicate):
        raise click.UsageError("Ключи --reason и --spoiled — для --replace и --annul.")


def _show_annulled(saved: Saved, what: str, *, dry_run: bool) -> int:
    show_findings(saved.findings, saved.source)
    if dry_run:
        click.echo(f"Было бы записано: {what}")
    elif saved.commit is None:
        click.echo(click.style("Не записано", fg="red") + ": исправьте замечания выше.")
    else:
        click.echo(
            click.style("Записано", fg="green") + f": {what}, сохранение {saved.commit[:12]}"
        )
        click.echo("Что дальше: отправьте в зеркала: papka sync")
    return exit_code(saved.findings)


def _preview(entry: RegisterEntry) -> str:
    """Return the entry of the register without what is known only when it is issued."""
    from papka.desk.entry_history import word_document  # reads exports too
    from papka.records.schemas import shipped

    hidden = ("number", "series", "salt", "signature", "key")
    shown = {key: value for key, value in to_mapping(entry).items() if key not in hidden}
    return "".join(f"{label}: {text}\n" for label, text in word_document(shipped(), shown, {}))
