"""Commands that fill in a record: fields as options, questions for missing ones, the outcome.

The options come from the archive's own schemas each time. A terminal is asked for what is due, a
script gets one error that names every missing option. Field names may be typed with dashes or
underscores.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from papka.cli.context import Context
from papka.cli.options import acting, folder_named
from papka.cli.report import count_bytes, exit_code, show_findings
from papka.cli.russian_names import (
    BilingualCommand,
    name_in_russian,
    split_option,
)
from papka.core.errors import PapkaError
from papka.core.phrases import as_one_word, hyphenated
from papka.core.places import read_address
from papka.desk.command_end import WriteStep, Written, list_differences, write
from papka.desk.filling import Filling
from papka.records.fields import BadAnswer, Trail, dotted_name

_FORM, _ANSWERS = "papka.filling", "papka.answers"
FOLDER = "papka.folder"
"""Where -C points, known before click comes to it: --help is first."""


def filling_of(ctx: click.Context) -> Filling:
    """Return the record that the command line began."""
    found: Filling = ctx.meta[_FORM]
    return found


def flag_of(name: str) -> str:
    """`ended.date` -> `--ended.date`, `assessed_by` -> `--assessed-by`."""
    return f"--{name.replace('_', '-')}"


def _russian_name(trail: Trail) -> str:
    """`ended.date` -> `--окончание.дата-окончания`: the titles of the fields."""
    return "--" + ".".join(hyphenated(field.title) for field in trail)


def _russian_flags(trail: Trail, *, short: bool, taken: set[str]) -> list[str]:
    """Return the names by title; a title that is taken is said of the record, or not at all."""
    name = _russian_name(trail)
    own = [_russian_name(trail[-1:])] if short else []
    free = [flag for flag in [*own, name] if as_one_word(flag) not in taken]
    if name not in free:
        free.append(f"--запись.{name[2:]}")
    return [flag for flag in free if as_one_word(flag) not in taken]


class _Answer(click.Option):
    """An option made from a field.

    The command reads its values itself: their order tells the items of a list apart.
    """

    def __init__(self, trail: Trail, *, short: bool, taken: set[str]) -> None:
        self.trail = trail
        name = dotted_name(trail)
        field = trail[-1]
        flags = [flag_of(name)]
        if flags[0] in taken:
            flags = [f"--record.{flags[0][2:]}"]
        if short and flag_of(field.name) not in taken:
            flags.insert(0, flag_of(field.name))
        flags += _russian_flags(trail, short=short, taken=taken)
        text = f"{field.title}. {field.description}".removesuffix(".") + "."
        if field.choices:
            text += f" Одно из: {', '.join(field.choices)}."
        super().__init__(
            [*flags, "answer_" + name.replace(".", "__")],
            multiple=True,
            expose_value=False,
            metavar="ДАТА" if field.is_date else "ЗНАЧЕНИЕ",
            help=text,
        )

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        field = self.trail[-1]
        words = dict(zip(field.choices, field.notes or field.choices, strict=False))
        if not words:
            words = filling_of(ctx).words(field)
        return [
            click.shell_completion.CompletionItem(word, help=note)
            for word, note in words.items()
            if word.startswith(incomplete)
        ]


class FormCommand(BilingualCommand):
    """A command that fills in a form; its first words say which."""

    @abstractmethod
    def begin(self, ctx: click.Context, words: Sequence[str], here: Context) -> Filling | None:
        """Return the form for these words; None when only general help can be given."""

    def may_begin(self, words: Sequence[str], args: Sequence[str]) -> bool:  # noqa: ARG002 - as below
        """Return whether the command line says enough to choose a form."""
        return bool(words)

    def besides(self, ctx: click.Context) -> list[click.Parameter]:  # noqa: ARG002 - for heirs
        """Return the options besides the fields."""
        return []

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        filling = ctx.meta.get(_FORM)
        if filling is None:
            return super().get_params(ctx)
        if _ANSWERS not in ctx.meta:
            extra = self.besides(ctx)
            name_in_russian(extra)
            common = [*self.params, *extra]
            taken = {as_one_word(flag) for param in common for flag in param.opts}
            trails = list(filling.fields())
            taken |= {flag_of(trail[0].name) for trail in trails}
            answers: list[_Answer] = []
            for trail in trails:
                is_short = len(trail) == 2 and trail[0].name in filling.form.required
                answer = _Answer(
                    trail,
                    short=is_short and not trail[0].is_list,
                    taken=taken - {flag_of(dotted_name(trail))},
                )
                taken |= {as_one_word(flag) for flag in answer.opts}
                answers.append(answer)
            ctx.meta[_ANSWERS] = [*extra, *answers]
        return [*super().get_params(ctx), *ctx.meta[_ANSWERS]]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words, common = _first_words(args)
        folder = Path(common["-C"]) if "-C" in common else folder_named(ctx)
        ctx.meta[FOLDER] = folder
        here = Context(folder, common.get("--as"))
        try:
            enough = folder.is_dir() and self.may_begin(words, args)
            ctx.meta[_FORM] = filling = self.begin(ctx, words, here) if enough else None
            if filling is not None:
                entry = next((word for word in map(read_address, words) if "#" in word), "")
                filling.called = f"{self.name} {filling.desk.student} {filling.form.word} {entry}"
        except PapkaError:
            if not ctx.resilient_parsing:  # the shell completes a word: no place for trouble
                raise
            ctx.meta[_FORM] = None
        if ctx.meta[_FORM] is not None:
            self._take_answers(ctx, args)
        return super().parse_args(ctx, args)

    def _take_answers(self, ctx: click.Context, args: list[str]) -> None:
        given, _, order = self.make_parser(ctx).parse_args(list(args))
        left = {name: list(values) for name, values in given.items() if isinstance(values, list)}
        for param in order:
            if isinstance(param, _Answer) and param.name:
                text = left[param.name].pop(0)
                try:
                    filling_of(ctx).answer(param.trail, str(text))
                except BadAnswer as bad:
                    if not ctx.resilient_parsing:
                        raise click.BadParameter(str(bad), ctx=ctx, param=param) from None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
        for param in self.get_params(ctx):
            row = param.get_help_record(ctx)
            if row is not None and isinstance(param, click.Option):
                rows[isinstance(param, _Answer)].append(row)
        for own, title in ((True, "Поля записи"), (False, "Ключи")):
            if rows[own]:
                with formatter.section(title):
                    formatter.write_dl(rows[own])


def _first_words(args: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return the words before a field's option, and the values of -C and --as wherever they are."""
    words: list[str] = []
    common: dict[str, str] = {}
    leading, skip = True, ""
    for arg in args:
        if skip:
            common[skip], skip = arg, ""
        elif (found := split_option(arg, ("-C", "--as"))) is not None:
            name, value = found
            if value is None:
                skip = name
            else:
                common[name] = value
        elif arg.startswith("-C") and not arg.startswith("--"):
            common["-C"] = arg[2:]
        elif arg.startswith("-"):
            alone = split_option(arg, ("-n", "--dry-run", "--save", "--help"))
            leading = leading and alone is not None
        elif leading:
            words.append(arg)
    return words, common


def writing(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--save`, `-n` and `--as` of a command that writes records."""
    command = click.option(
        "--save", is_flag=True, help="Сразу и сохранить: проверка и подписанное сохранение."
    )(command)
    command = click.option(
        "-n", "--dry-run", is_flag=True, help="Только показать, что было бы записано."
    )(command)
    return acting(command)


def write_step(here: Context, step: WriteStep, *, save: bool, dry_run: bool) -> Written:
    """Write what a command made, and save it when `--save` asks; only look on a dry run."""
    actor = here.actor if save else None
    return write(here.root, step, now=here.now, saving=actor, dry_run=dry_run)


def show_written(written: Written, *, dry_run: bool, hint: str = "") -> int:
    """Print the outcome and the next step; return the exit code."""
    show_findings(written.findings, written.source)
    what = ", ".join(written.step.names)
    if written.refused:
        click.echo(
            click.style("Не записано", fg="red")
            + ": исправьте замечания выше и повторите. Ваши файлы не тронуты."
        )
        return exit_code(written.findings)
    if dry_run:
        _show_difference(written.step)
        click.echo(f"Было бы записано: {what}")
        return 0
    paths = ", ".join(written.step.after)
    saved = written.saved
    if saved is not None and saved.commit is not None:
        click.echo(
            click.style("Сохранено", fg="green")
            + f": {what}, сохранение {saved.commit[:12]} — {saved.subject}"
        )
        click.echo(f"Что дальше: {hint or 'отправьте в зеркала: papka sync'}")
    elif written.done:
        click.echo(click.style("Записано", fg="green") + f": {what} ({paths})")
        click.echo(f"Что дальше: {hint + '; ' if hint else ''}сохраните: papka save")
    else:
        click.echo("Записывать нечего: всё уже так.")
    return 0


def _show_difference(step: WriteStep) -> None:
    """Print a unified diff of every file; of scans only their names."""
    colors = {"+": "green", "-": "red", "@": "cyan"}
    for each in list_differences(step):
        if Path(each.path).suffix != ".yaml":
            click.echo(f"новый файл {each.path} ({count_bytes(each.size)})")
        for line in each.lines:
            click.secho(line, fg=colors.get(line[:1]))
