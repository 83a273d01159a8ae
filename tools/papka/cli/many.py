"""Options and outcome of an act on many people: `--group`, `--list`, the order that names them.

Such an act is saved at once, for its order is printed, and paper shows only what is saved.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from papka.cli.context import Context
from papka.cli.field_options import show_written
from papka.cli.questions import complete, finish
from papka.core.phrases import count_phrase
from papka.desk import command_end, for_many
from papka.desk.command_end import WriteStep, write
from papka.desk.filling import Filling
from papka.desk.for_many import ActOnMany, Chosen, choose_group, everybody
from papka.repository.files import read_plain


@dataclass(frozen=True, slots=True)
class Many:
    """What was said of whom an act is about, and of its order."""

    group_of: str | None = None
    people: Path | None = None
    order_number: str = ""
    no_order: bool = False
    out: Path | None = None


def many_options(*, besides: bool = True) -> list[click.Parameter]:
    """Return the options; without `besides` --group is a field of the entry itself."""
    found: list[click.Parameter] = [
        click.Option(
            ["--list", "people"],
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="ФАЙЛ",
            help="Кому: файл с номерами дел или ФИО, по одному в строке (XLSX, CSV, TXT).",
        ),
        click.Option(
            ["--order-number"], default="", metavar="НОМЕР",
            help="Номер приказа на бумаге; по умолчанию следующий.",
        ),
        click.Option(
            ["--no-order"], is_flag=True,
            help="Приказа не писать: основание — договор (273-ФЗ, ст. 53).",
        ),
        click.Option(
            ["--out"], type=click.Path(path_type=Path), metavar="ПУТЬ",
            help="Куда напечатать приказ; по умолчанию print/ в архиве.",
        ),
    ]  # fmt: skip
    if besides:
        text = "Кому: все, кто учится в этой группе."
        found.insert(0, click.Option(["--group", "group_of"], metavar="ГРУППА", help=text))
    return found


def act_on_many(  # noqa: PLR0913 - what the two commands say of an act
    here: Context,
    filling: Filling,
    many: Many,
    act: Callable[[ActOnMany], WriteStep],
    *,
    said: str,
    dry_run: bool,
) -> int:
    """Ask for what is due, do the `act`, tell what came of it; return the exit code.

    `said`: the words of the command, for who named nobody or whom twice.
    """
    if (many.group_of is None) == (many.people is None):
        raise click.UsageError(
            f"Скажите, кому: {said} --group ГРУППА или --list ФАЙЛ; одному — papka add НОМЕР ВИД."
        )
    complete(filling)
    # who was in the group on the day of the act is meant
    begun = _begin_act(here, many, for_many.day_of(filling.record, filling.today))
    code = _finish_act(here, begun, act(begun), dry_run=dry_run, out=many.out)
    return finish(filling, code, dry_run=dry_run)


def _begin_act(here: Context, many: Many, day: dt.date) -> ActOnMany:
    """Choose the people and open their files."""
    archive = everybody(here.root)
    if many.group_of is not None:
        people = choose_group(archive, many.group_of, day)
    else:
        from papka.intake.people_named import find_named  # only for --list

        assert many.people is not None, "one of the two is named"
        data = read_plain(many.people, follow=True)
        people = [Chosen(each) for each in find_named(data, many.people.name, archive)]
    return ActOnMany(
        here.root, people, order_number=many.order_number, writes_order=not many.no_order
    )


def _finish_act(
    here: Context, act: ActOnMany, step: WriteStep, *, dry_run: bool, out: Path | None
) -> int:
    """Save the act, tell what came of it and print its order; return the exit code."""
    if not step.after:
        click.echo("Записывать нечего: у всех это уже записано.")
        return 0
    actor = None if dry_run else here.actor
    written = write(here.root, step, now=here.now, saving=actor, dry_run=dry_run)
    code = show_written(written, dry_run=dry_run)
    people = count_phrase(len({name.partition("#")[0] for name in step.names}), *_PEOPLE)
    if act.draft is not None and act.order and not written.refused:
        click.echo(f"Приказ {act.order} № {act.draft.number} ({act.draft.kind}): {people}")
    if written.saved is not None and written.saved.commit is not None and act.order:
        from papka.cli.print_form import print_orders

        print_orders(here.root, [act.order], out, rev=written.saved.commit)
    if not dry_run:
        command_end.answered(here.root, step.request)
    return code


_PEOPLE = ("человек", "человека", "человек")
