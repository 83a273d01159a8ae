"""Commands that fill in a record: fields as options, questions for missing ones, the outcome.

The options come from the archive's own schemas each time. A terminal is asked for what is due, a
script gets one error that names every missing option. Field names may be typed with dashes or
underscores.
"""

from __future__ import annotations

import difflib
import shutil
import sys
from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from papka.cli.context import Context
from papka.cli.options import acting, ask_yes, folder_named
from papka.cli.report import count_bytes, exit_code, show_findings
from papka.cli.russian_names import (
    BilingualCommand,
    name_in_russian,
    split_option,
)
from papka.core.cells import folded
from papka.core.errors import PapkaError
from papka.core.phrases import as_one_word, hyphenated, read_day, suggest
from papka.desk.edition import name_parts
from papka.desk.filling import Filling, Question
from papka.desk.writing import WriteStep, Written, write
from papka.records.fields import BadAnswer, Trail, dotted_name

_FORM, _ANSWERS = "papka.filling", "papka.answers"
FOLDER = "papka.folder"
"""Where -C points, known before click comes to it: --help is first."""


def filling_of(ctx: click.Context) -> Filling:
    """Return the record that the command line began."""
    found: Filling = ctx.meta[_FORM]
    return found


def _flag(name: str) -> str:
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
        flags = [_flag(name)]
        if flags[0] in taken:
            flags = [f"--record.{flags[0][2:]}"]
        if short and _flag(field.name) not in taken:
            flags.insert(0, _flag(field.name))
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
            taken |= {_flag(trail[0].name) for trail in trails}
            answers: list[_Answer] = []
            for trail in trails:
                is_short = len(trail) == 2 and trail[0].name in filling.form.required
                answer = _Answer(
                    trail,
                    short=is_short and not trail[0].is_list,
                    taken=taken - {_flag(dotted_name(trail))},
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
            ctx.meta[_FORM] = self.begin(ctx, words, here) if enough else None
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


def complete(filling: Filling) -> None:
    """Ask for everything that is due, then tell what was filled in without being asked.

    Raises UsageError, naming all that is missing, where nobody can be asked.
    """
    _ask_due(filling)
    given = {trail[0].name for trail, _ in filling.answers}
    suggested = [
        _suggestion(filling, name, value)
        for name, value in filling.filled.items()
        if name not in given and name not in filling.own
    ]
    if suggested:
        click.echo("Подставлено: " + ", ".join(suggested))


def _ask_due(filling: Filling) -> None:
    due = filling.due()
    if not due:
        return
    if not sys.stdin.isatty():
        missing = "; ".join(f"{_flag(each.name)} ({each.field.title})" for each in due)
        reasons = sorted({each.reason for each in due if each.reason})
        raise click.UsageError(". ".join([f"Не указано: {missing}", *reasons]))
    offered = False
    while True:
        asked = filling.asked()
        if asked:
            _ask(filling, asked[0])
        elif not _offer_more(filling, listed=not offered):
            return
        else:
            offered = True


def _offer_more(filling: Filling, *, listed: bool) -> bool:
    """Offer the fields that need not be answered; return whether the person took one."""
    known = filling.optional()
    titles = {name: trail[name.count(".")].title for name, trail in known.items()}
    offer = "Можно добавить: " + ", ".join(f"{name} ({title})" for name, title in titles.items())
    click.echo()
    if listed:
        click.echo(_wrap(offer))

    def read_name(text: str) -> str:
        word = text.strip().replace("-", "_")
        called = [name for name, title in titles.items() if folded(title) == folded(word)]
        if word == "?":
            raise click.BadParameter(offer)
        if word not in known and len(called) > 1:
            raise click.BadParameter(f"Так называются {', '.join(called)}: напишите одно из них")
        if word and word not in known and not called:
            raise click.BadParameter(
                f"«{text}» здесь нет.{suggest(text, [*known, *titles.values()])}"
            )
        return word if word in known or not word else called[0]

    name = click.prompt(
        "Ещё поле (пусто — достаточно)", default="", show_default=False, value_proc=read_name
    )
    if name:
        trail = known[name]
        _ask(filling, Question(trail, "", filling.words(trail[-1])))
    return bool(name)


def _wrap(text: str, indent: str = "") -> str:
    """Return the text in lines that fit the terminal, words whole."""
    width = min(shutil.get_terminal_size().columns, 100)
    return click.wrap_text(text, width, indent, indent)


def _suggestion(filling: Filling, name: str, value: object) -> str:
    """«Дата 28.05.2026»."""
    field = filling.form.field(name)
    day = read_day(str(value)) if field is not None and field.is_date else None
    return f"{field.title if field else name} {f'{day:%d.%m.%Y}' if day else value}"


def _ask(filling: Filling, question: Question) -> None:
    """Ask until there is an answer that fits; a list is asked until it is enough."""
    words = _show_question(question)
    numbers = {str(number): word for number, word in enumerate(words, 1)}

    def read_answer(text: str) -> None:
        if not text.strip() and question.waived:
            filling.waived.add(question.waived)
        elif question.field.name != _SURNAME or not _take_full_name(filling, question, text):
            take(text)

    def take(text: str) -> None:
        is_number = {"integer", "number"} & {*question.field.types}
        word = text if is_number else numbers.get(text.strip(), text)
        if question.words and word not in words:
            raise click.BadParameter(f"«{text}» здесь нет.{suggest(text, words)}")
        try:
            filling.answer(question.trail, word)
        except BadAnswer as bad:
            raise click.BadParameter(str(bad)) from None

    def read_more(text: str) -> bool:
        if text.strip():
            take(text)
        return bool(text.strip())

    default = "" if question.waived else None
    click.prompt(
        "", prompt_suffix="> ", default=default, show_default=False, value_proc=read_answer
    )
    more = question.field.is_list and question.waived not in filling.waived
    while more:
        more = click.prompt(
            "ещё (пусто — достаточно)",
            prompt_suffix="> ",
            default="",
            show_default=False,
            value_proc=read_more,
        )


def _show_question(question: Question) -> dict[str, str]:
    """Print what is asked, with the known answers numbered; return those with their meanings."""
    field = question.field
    click.echo()
    above = question.trail[-2:-1]
    within = f"{above[0].title}: " if above and above[0].is_list else ""
    click.echo(click.style(within + field.title, bold=True) + f" ({_flag(question.name)})")
    hint = "Можно оставить пустым." if question.waived else ""
    for line in (field.description, question.reason, hint):
        if line:
            click.echo(_wrap(line, "  "))
    leaf = field.item or field
    words = dict(zip(leaf.choices, leaf.notes or [""] * len(leaf.choices), strict=False))
    words = words or dict(question.words)
    for number, (word, meaning) in enumerate(words.items(), 1):
        click.echo(f"  {number}. {word}" + (f" — {meaning}" if meaning else ""))
    return words


_SURNAME, _GIVEN, _PATRONYMIC = "surname", "given", "patronymic"


def _take_full_name(filling: Filling, question: Question, text: str) -> bool:
    """Return whether the answer was a whole name in one line, and is now its parts.

    Raise BadParameter when the person says that it was split wrongly.
    """
    box = question.trail[-2].form if len(question.trail) > 1 else filling.form
    parts = name_parts(text)
    if box is None or _SURNAME not in parts or any(box.field(key) is None for key in parts):
        return False
    titles = {_SURNAME: "фамилия", _GIVEN: "имя", _PATRONYMIC: "отчество"}
    said = ", ".join(f"{titles[key]} — {word}" for key, word in parts.items())
    if not ask_yes(f"{said}. Верно?", default=True):
        raise click.BadParameter("Напишите одну фамилию; имя и отчество спрошу отдельно")
    for key, word in parts.items():
        part = box.field(key)
        assert part is not None
        filling.answer((*question.trail[:-1], part), word)
    if _PATRONYMIC not in parts and (part := box.field(_PATRONYMIC)) is not None:
        filling.waived.add(dotted_name((*question.trail[:-1], part)))
    return True


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
        "--save", is_flag=True, help="Сразу и сохранить: проверка и подписанная запись истории."
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
            + f": {what}, запись {saved.commit[:12]} — {saved.subject}"
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
    for path, after in step.after.items():
        before = step.before.get(path) or b""
        if Path(path).suffix != ".yaml":
            click.echo(f"новый файл {path} ({count_bytes(len(after))})")
            continue
        for line in difflib.unified_diff(
            before.decode("utf-8", "replace").splitlines(),
            after.decode("utf-8", "replace").splitlines(),
            path if before else "(нового файла не было)",
            path,
            lineterm="",
        ):
            click.secho(line, fg=colors.get(line[:1]))
