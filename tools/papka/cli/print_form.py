"""papka print FORM [ID]: make a printed form of one thing, or of everything it is made for.

What reads records and lays out pages is imported only when no page made before will do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from papka.cli.choosing_options import choosing
from papka.cli.context import Context, in_archive
from papka.cli.options import ADDRESS, KEYS, POINT, folder_named, on_option, out_option
from papka.cli.russian_names import FORMS, BilingualCommand, FormName
from papka.core.errors import PapkaError, Refused
from papka.core.phrases import count_phrase
from papka.core.places import STUDENTS, is_student_id, student_folder
from papka.paper.print_cache import PrintedDocument, PrintOptions
from papka.paper.print_saved import find_turn, print_saved
from papka.records.choosing import PeopleFilter
from papka.repository import worktree

if TYPE_CHECKING:
    from papka.paper.press import Press
    from papka.paper.print_all import PrintOutcome, PrintRun

_PAGES = ("страница", "страницы", "страниц")


def _complete_form(
    context: click.Context,
    parameter: click.Parameter,  # noqa: ARG001 - click's signature
    typed: str,
) -> list[CompletionItem]:
    """Return the program's forms alone without an archive."""
    from papka.paper.form_list import titles  # every form's words

    try:
        own = _open_press(Context(folder_named(context)).root, PrintOptions(), None).own
    except (PapkaError, OSError):
        own = {}
    return [
        CompletionItem(word, help=title)
        for name, title in titles(own).items()
        for word in filter(None, (name, FORMS.get(name)))
        if word.startswith(typed)
    ]


def _complete_address(
    context: click.Context,
    parameter: click.Parameter,  # noqa: ARG001 - as above
    typed: str,
) -> list[CompletionItem]:
    """Return nothing without an archive: an error would land in the line being typed."""
    try:
        press = _open_press(Context(folder_named(context)).root, PrintOptions(), None)
        found = press.targets(context.params.get("form") or "").addresses
    except (PapkaError, OSError):
        return []
    return [CompletionItem(address) for address in found if address.startswith(typed)]


@click.command(
    "print",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Сделать печатную форму из сохранённых записей: papka print personal-file 2026-0007. "
        "Без слов — список форм; с одним именем формы — чей номер ей нужен."
    ),
)
@click.argument(
    "form",
    metavar="[ФОРМА]",
    type=FormName(),
    required=False,
    shell_complete=_complete_form,
)
@click.argument(
    "address",
    metavar="[НОМЕР]",
    type=ADDRESS,
    required=False,
    shell_complete=_complete_address,
)
@click.option("--all", "every", is_flag=True, help="Для каждого, у кого есть такая форма.")
@choosing
@out_option
@on_option
@click.option(
    "--rev", metavar=POINT, help="Что было известно в этом сохранении: его записи и шаблоны."
)
@click.option("--duplex", is_flag=True, help="Личное дело для печати на обеих сторонах листа.")
@click.option(
    "--new-sheets", is_flag=True, help="Только листы, добавленные после прошитого тома дела."
)
@click.option("--rebind", is_flag=True, help="Прошитое дело целиком, чтобы перешить его заново.")
@click.option("--html", is_flag=True, help="Страница для печати из браузера, если нет Pango.")
@click.option("--no-cache", is_flag=True, help="Сверстать заново, даже если ничего не менялось.")
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    here: Context,
    form: str | None,
    address: str | None,
    out: Path | None,
    on: datetime | None,
    rev: str | None,
    wanted: PeopleFilter,
    *,
    every: bool,
    duplex: bool,
    new_sheets: bool,
    rebind: bool,
    html: bool,
    no_cache: bool,
) -> int:
    root = here.root
    place = worktree.place_for(root, out)
    day = on.date() if on else None
    folder = _folder_printed(address) if form == "personal-file" else ""
    turn = None if day or rev else find_turn(root, here.now.date(), folder)
    options = PrintOptions(
        day, duplex=duplex, new_sheets=new_sheets, html=html, rebind=rebind, turn=turn
    )
    every = every or bool(wanted)
    if every and (form is None or address):
        raise click.UsageError("Для всех: papka print ФОРМА --all, без номера.")
    if form is None:
        click.echo("\n".join(_form_lines(_open_press(root, options, rev))))
    elif every:
        from papka.paper.print_all import print_all  # processes, every form

        run = print_all(
            root, form, options, place,
            rev=rev, cache=not no_cache, wanted=wanted, day=day or here.now.date(),
        )  # fmt: skip
        return follow_run(run)
    elif address is None and not _is_of_the_archive(form):
        click.echo("\n".join(_need_lines(_open_press(root, options, rev), form)))
    else:
        done = print_saved(root, form, address or "", options, rev=rev, cache=not no_cache)
        for line in write_printed(done, place):
            click.echo(line)
        for path in done.unsaved:
            click.echo(f"Не сохранено и потому не напечатано: {path}")
        if form == "personal-file":
            click.echo(
                "Что дальше: напечатайте, прошейте, дайте подписать руководителю (п. 6.5 Порядка)"
            )
            if not html and rev is None and day is None:
                click.echo(_binding_line(address or "", options, done))
    return 0


def _folder_printed(address: str | None) -> str:
    """Return the folder of one personal file, or of all."""
    return student_folder(address) if address and is_student_id(address) else STUDENTS


def _binding_line(student: str, options: PrintOptions, done: PrintedDocument) -> str:
    """Return the command that records the binding of exactly these sheets, once all are counted."""
    if any(file.bound and not file.bound.sheets for file in done.files):
        return (
            "Прошитое пока не записать: у документа на бумаге не указано, сколько в нём листов. "
            f"Сосчитайте и впишите: papka fix {student}#ДОКУМЕНТ sheets=ЧИСЛО (номера: papka show "
            f"{student}), сохраните и напечатайте заново"
        )
    keys = [f"--rev {done.commit[:12]}"]
    keys += ["--duplex"] if options.duplex else []
    keys += ['--rebind --reason "…"'] if options.rebind else []
    return "Прошито — запишите: " + " ".join(["papka bind", student, *keys])


def _is_of_the_archive(form: str) -> bool:
    """Return whether the form is of the archive itself, so that it needs no address."""
    from papka.paper.form_list import names, target_of  # the form's words

    return form in names() and target_of(form) == "архив"


def write_printed(printed: PrintedDocument, out: Path) -> list[str]:
    """Write the files; return a line about each."""
    kind = printed.files[0].kind
    if out.suffix == f".{kind}" and len(printed.files) > 1:
        raise Refused(
            f"Томов {len(printed.files)}, а место названо одно: {out}",
            "Назовите папку: --out ПАПКА",
        )
    lines = []
    for file in printed.files:
        target = out if out.suffix == f".{kind}" else out / file.name
        worktree.write(target.parent, target.name, file.data)
        size = f" ({count_phrase(file.pages, *_PAGES)})" if file.pages else ""
        lines.append(f"{click.style('Готово', fg='green')}: {target}{size}")
    return lines


def print_orders(
    root: Path, orders: Iterable[str], out: Path | None = None, *, rev: str | None = None
) -> None:
    """Print these orders, saved as of `rev`; where there is no paper, say how to print later.

    What was saved stays saved, so a printer's trouble is told and raises nothing.
    """
    for key in orders:
        click.echo(f"Приказ {key}: прочтите, подпишите.")
        try:
            printed = print_saved(root, "order", key, rev=rev)
            for line in write_printed(printed, worktree.place_for(root, out)):
                click.echo(line)
        except (PapkaError, OSError) as error:
            said = error.message if isinstance(error, PapkaError) else str(error)
            click.echo(f"Не напечатан: {said}. Записан он уже: papka print order {key}")


def follow_run(run: PrintRun) -> int:
    """Show the progress of a run to its end, then what failed; return the exit code."""
    failed: list[PrintOutcome] = []
    pages = files = kept = 0
    with click.progressbar(
        run.outcomes(),
        length=len(run),
        label="Печать",
        show_pos=True,
        hidden=not sys.stderr.isatty(),
        file=sys.stderr,
    ) as outcomes:
        for outcome in outcomes:
            pages += outcome.pages
            files += len(outcome.files)
            kept += outcome.from_cache
            if outcome.trouble:
                failed.append(outcome)
    sheets = f", {count_phrase(pages, *_PAGES)}" if pages else ""
    unchanged = f"; без изменений: {kept}" if kept else ""
    click.echo(
        f"{click.style('Готово', fg='green')}: {run.out} "
        f"({count_phrase(files, 'файл', 'файла', 'файлов')}{sheets}{unchanged})"
    )
    if not failed:
        return 0
    click.echo(click.style(f"Не напечатано: {len(failed)}", fg="red", bold=True), err=True)
    for outcome in sorted(failed, key=lambda each: each.address):
        click.echo(f"  {outcome.address}: {outcome.trouble}", err=True)
        if outcome.next_step:
            click.echo(f"    Что делать: {outcome.next_step}", err=True)
    return 1


def _open_press(root: Path, options: PrintOptions, rev: str | None) -> Press:
    from papka.paper.press import Press
    from papka.repository.commit_snapshots import CommitTree
    from papka.repository.git_values import MAIN

    return Press(root, CommitTree(root, rev or MAIN), options)


def _form_lines(press: Press) -> list[str]:
    from papka.cli.report import table
    from papka.paper.form_list import NEEDED, target_of, titles

    used, known = press.forms(), titles(press.own)
    rows = [
        (
            name,
            FORMS.get(name, ""),
            title,
            *NEEDED[target_of(name, press.own)],
        )
        for name, title in known.items()
        if name in used
    ]
    lines = table(("Форма", "По-русски", "Что это", "Что указать", "Например"), rows)
    unused = [name for name in known if name not in used]
    if unused:
        lines += ["", f"В этой организации не применяются: {', '.join(unused)}"]
    for path, line, reason in press.flaws.values():
        lines += ["", f"Своя форма не печатается: {path}{f':{line}' if line else ''}: {reason}"]
    return [*lines, "", "Напечатать: papka print ФОРМА НОМЕР; для всех: papka print ФОРМА --all"]


def _need_lines(press: Press, form: str) -> list[str]:
    from papka.paper.form_list import NEEDED, target_of, titles

    press.require(form)
    what, example = NEEDED[target_of(form, press.own)]
    found = press.targets(form).addresses
    shown = ", ".join(found[:12]) + (f" … всего {len(found)}" if len(found) > 12 else "")
    return [
        f"{form} — «{titles(press.own)[form]}»; нужно указать {what}:",
        f"papka print {form} {found[0] if found else example}",
        f"Есть: {shown}" if found else "Сейчас печатать её не для чего: таких записей в архиве нет",
        f"Для всех: papka print {form} --all",
    ]
